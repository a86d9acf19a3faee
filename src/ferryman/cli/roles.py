"""`ferryman roles`: what people are in a project."""

import click

from ferryman.cli import options, session, shown, texts
from ferryman.domain.access import Role

environment = click.option(
    "--environment", metavar="NAME", default="", show_default=False, help="Only in this environment of it."
)


@click.group(short_help="Give people roles in projects.")
def roles() -> None:
    """Give people roles in a project, or in one environment of it.

    \b
    Examples:
      ferryman roles grant ann developer --project demo
      ferryman roles list --project demo
    """


@roles.command("list", short_help="List the members of a project.")
@options.project
@options.data
@options.table_output
@options.color
def list_roles(data: str | None, output: str) -> None:
    """List who is what in a project.

    \b
    Examples:
      ferryman roles list --project demo --output json
    """
    found = session.read(data, lambda client: client.access.members())
    if shown.as_form(found, output):
        return
    shown.table(
        ("NAME", "ROLE", "IN SINGLE ENVIRONMENTS"),
        (
            (
                one.name,
                one.role or "",
                ", ".join(f"{role} of {name}" for name, role in one.environments.items()),
            )
            for one in found
        ),
    )


@roles.command("grant", short_help="Give somebody a role.")
@click.argument("name", metavar="NAME")
@click.argument("role", metavar="ROLE", type=click.Choice([role.value for role in Role]))
@options.project
@environment
@options.reason("Why, for the audit.")
@options.data
@options.color
def grant_role(name: str, role: str, environment: str, reason: str, data: str | None) -> None:
    """Give somebody a role, in place of the one before: admin, developer, deployer, operator or visitor.

    \b
    Examples:
      ferryman roles grant ann developer --project demo
      ferryman roles grant ann deployer --project demo --environment production
    """
    session.change(
        data,
        lambda client: client.access.grant(name, Role(role), environment=environment, reason=reason),
    )
    click.echo(f"{texts.plain(name)} is {role}{_in(environment)}")


@roles.command("revoke", short_help="Take a role away.")
@click.argument("name", metavar="NAME")
@options.project
@environment
@options.reason("Why, for the audit.")
@options.data
@options.color
def revoke_role(name: str, environment: str, reason: str, data: str | None) -> None:
    """Take somebody's role away: in one environment, or every one in the project.

    \b
    Examples:
      ferryman roles revoke ann --project demo
    """
    session.change(data, lambda client: client.access.revoke(name, environment=environment, reason=reason))
    click.echo(f"{texts.plain(name)} has no role{_in(environment)} any more")


def _in(environment: str) -> str:
    return f" in environment {texts.plain(environment)}" if environment else ""
