"""`ferryman people`: who may come in at all, and why somebody may do something or not."""

import sys

import click

from ferryman.cli import made, options, session, shown, texts
from ferryman.cli.exits import Exit, Stop


@click.group(short_help="Make people known, and ask what they may do.")
def people() -> None:
    """Make people and programs known, and ask what they may do and why.

    \b
    Examples:
      ferryman people create ann
      ferryman people why ann ferryman:StartRun --project demo
    """


@people.command("list", short_help="List people.")
@options.data
@options.table_output
@options.color
def list_people(data: str | None, output: str) -> None:
    """List everybody who is known, with roles and policies.

    \b
    Examples:
      ferryman people list --output yaml
    """
    found = session.read(data, lambda client: client.access.people())
    if shown.as_form(found, output):
        return
    shown.table(
        ("NAME", "USER ID", "ROLES", "POLICIES", "STATE"),
        (
            (
                one.name,
                one.user_id,
                "everything"
                if one.account
                else ", ".join(f"{role} of {project}" for project, role in one.roles.items()),
                made.listed(one.policies),
                "disabled" if one.disabled else "enabled",
            )
            for one in found
        ),
    )


@people.command("create", short_help="Make somebody known.")
@click.argument("name", metavar="NAME")
@click.option("--account", is_flag=True, help="Everything is allowed to them.")
@click.option(
    "--user-id",
    metavar="DIGITS",
    default=None,
    show_default="drawn",
    help="Their number for other systems' clients.",
)
@click.option("--domain", metavar="NAME", default="", show_default=False, help="The domain they belong to.")
@options.data
@options.color
def create_person(name: str, account: bool, user_id: str | None, domain: str, data: str | None) -> None:
    """Make a person or a program known; what they may do is said by `ferryman roles grant`.

    \b
    Examples:
      ferryman people create ann
      ferryman people create root --account
    """
    found = session.change(
        data,
        lambda client: client.access.create_person(name, account=account, user_id=user_id, domain=domain),
    )
    number = f", user id {found.user_id}" if found.user_id else ""
    click.echo(f"{texts.plain(found.name)} is known{number}")


@people.command("disable", short_help="Let somebody in no more.")
@click.argument("name", metavar="NAME")
@made.again
@options.data
@options.color
def disable_person(name: str, undo: bool, data: str | None) -> None:
    """Let somebody in no more, whatever they bring along; from the next request on.

    \b
    Examples:
      ferryman people disable ann
      ferryman people disable ann --undo
    """
    session.change(data, lambda client: client.access.disable_person(name, disabled=not undo))
    click.echo(f"{texts.plain(name)} is {'enabled' if undo else 'disabled'}")


@people.command("password", short_help="Give somebody a password.")
@click.argument("name", metavar="NAME")
@click.option(
    "--from-file",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    show_default="asked at the terminal",
    help="Take it from this file, whole but for a last line end; `-` is the standard input.",
)
@options.data
@options.color
def set_password(name: str, from_file: str | None, data: str | None) -> None:
    """Give somebody a password, in place of the one before.

    It is asked for, unseen, or read from a file.

    \b
    Examples:
      ferryman people password ann
    """
    if from_file is not None:
        try:
            password = texts.read(from_file).decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise Stop(f"{texts.shown(from_file)} is not text (UTF-8)", Exit.FAILED) from error
    elif not sys.stdin.isatty():
        raise Stop("there is no terminal to ask at: use --from-file FILE, or --from-file -", Exit.USAGE)
    else:
        password = click.prompt(f"password of {name}", hide_input=True, confirmation_prompt=True)
    session.change(data, lambda client: client.access.set_password(name, password))
    click.echo(f"{texts.plain(name)} has a new password")


@people.command("why", short_help="Tell why somebody may do something, or may not.")
@click.argument("name", metavar="NAME")
@click.argument("action", metavar="ACTION")
@options.project
@click.option(
    "--environment", metavar="NAME", default="", show_default=False, help="In this environment of it."
)
@click.option("--resource", metavar="NAME", default="*", help="With this, such as pipeline/shop.")
@click.option(
    "--called",
    metavar="ACTION",
    multiple=True,
    help="What another API calls it, such as dataworks:GetPipelineRun; may be repeated.",
)
@options.data
@options.output("text", "json", "yaml")
@options.color
def why_person(
    name: str,
    action: str,
    environment: str,
    resource: str,
    called: tuple[str, ...],
    data: str | None,
    output: str,
) -> None:
    """Tell whether somebody may do something, and which role or policy says so.

    \b
    Examples:
      ferryman people why ann ferryman:StartRun --project demo
    """
    verdict = session.read(
        data,
        lambda client: client.access.why(
            name, action, resource=resource, environment=environment, names=called
        ),
    )
    if not shown.as_form(verdict, output):
        click.echo(f"{'yes' if verdict.allowed else 'no'}: {texts.plain(verdict.because)}")
