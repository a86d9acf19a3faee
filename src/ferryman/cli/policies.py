"""`ferryman policies`: documents that limit what roles allow."""

import click

from ferryman.cli import made, options, session, shown, texts
from ferryman.cli.exits import Exit, Stop


@click.group(short_help="Keep policies, and give them to people.")
def policies() -> None:
    """Keep policies and give them to people: whoever has any needs one that allows, and none that denies.

    A document is JSON with Version "1", "1.1" or "5.0".

    \b
    Examples:
      ferryman policies set read-only read-only.json
      ferryman policies attach ann read-only
    """


@policies.command("list", short_help="List policies.")
@options.data
@options.table_output
@options.color
def list_policies(data: str | None, output: str) -> None:
    """List all policies and who has them.

    \b
    Examples:
      ferryman policies list
    """
    found = session.read(data, lambda client: client.access.policies())
    if shown.as_form(found, output):
        return
    shown.table(("NAME", "PEOPLE"), ((one.name, made.listed(one.people)) for one in found))


@policies.command("show", short_help="Show one policy.")
@click.argument("name", metavar="NAME")
@options.data
@options.output("text", "json", "yaml")
@options.color
def show_policy(name: str, data: str | None, output: str) -> None:
    """Show the document of a policy as it was written.

    \b
    Examples:
      ferryman policies show read-only
    """
    found = session.read(data, lambda client: client.access.policy(name))
    if not shown.as_form(found, output):
        for line in found.document.splitlines():
            click.echo(texts.plain(line))


@policies.command("set", short_help="Keep a policy.")
@click.argument("name", metavar="NAME")
@options.file
@options.data
@options.color
def set_policy(name: str, file: str, data: str | None) -> None:
    """Keep a policy, in place of one of the same name; it counts from the next request on.

    \b
    Examples:
      ferryman policies set read-only read-only.json
    """
    try:
        document = texts.read(file).decode()
    except UnicodeDecodeError as error:
        raise Stop(f"{texts.shown(file)} is not text (UTF-8)", Exit.FAILED) from error
    found = session.change(data, lambda client: client.access.write_policy(name, document))
    for remark in found.remarks:
        click.echo(f"warning: {texts.plain(remark)}", err=True)
    click.echo(f"{texts.plain(name)} is kept")


@policies.command("attach", short_help="Give somebody exactly these policies.")
@click.argument("person", metavar="PERSON")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.data
@options.color
def attach_policies(person: str, names: tuple[str, ...], data: str | None) -> None:
    """Give somebody exactly these policies; without any name, none: only their roles count then.

    \b
    Examples:
      ferryman policies attach ann read-only
      ferryman policies attach ann
    """
    session.change(data, lambda client: client.access.attach(person, names))
    click.echo(f"{texts.plain(person)} has {texts.plain(made.listed(names, 'no policy'))}")


@policies.command("remove", short_help="Remove a policy.")
@click.argument("name", metavar="NAME")
@options.data
@options.color
def remove_policy(name: str, data: str | None) -> None:
    """Remove a policy that nobody has any more.

    \b
    Examples:
      ferryman policies remove read-only
    """
    session.change(data, lambda client: client.access.remove_policy(name))
    click.echo(f"{texts.plain(name)} is removed")
