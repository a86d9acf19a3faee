"""`ferryman projects`: projects of an installation."""

import click

from ferryman.cli import made, options, session, shown, texts
from ferryman.domain.access import Mode


@click.group(short_help="Make and list projects.")
def projects() -> None:
    """Make, list and disable projects: what pipelines belong to, and people have roles in.

    \b
    Examples:
      ferryman projects create demo
      ferryman projects list
    """


@projects.command("list", short_help="List projects.")
@options.data
@options.table_output
@options.color
def list_projects(data: str | None, output: str) -> None:
    """List all projects with the names, numbers and ids that other systems' clients know them by.

    \b
    Examples:
      ferryman projects list --output json
    """
    found = session.read(data, lambda client: client.access.projects())
    if shown.as_form(found, output):
        return
    shown.table(
        ("NAME", "NUMBER", "ID", "MODE", "STATE"),
        (
            (one.name, str(one.number), one.id, one.mode, "disabled" if one.disabled else "enabled")
            for one in found
        ),
    )


@projects.command("create", short_help="Make a project.")
@click.argument("name", metavar="NAME")
@click.option(
    "--number",
    type=click.IntRange(1),
    default=None,
    show_default="the next that is free",
    help="Its number, for clients of DataWorks.",
)
@click.option(
    "--id",
    "hex_id",
    metavar="HEX",
    default="",
    show_default="drawn",
    help="Its id, for clients of ServiceStage.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.STANDARD.value,
    help="Simple projects have no development environment.",
)
@options.data
@options.color
def create_project(name: str, number: int | None, hex_id: str, mode: str, data: str | None) -> None:
    """Make a project.

    \b
    Examples:
      ferryman projects create demo
      ferryman projects create demo --number 10000 --mode simple
    """
    found = session.change(
        data,
        lambda client: client.access.create_project(name, number=number or 0, id=hex_id, mode=Mode(mode)),
    )
    click.echo(f"{texts.plain(found.name)} is made: number {found.number}, id {found.id}")


@projects.command("disable", short_help="Let nobody do anything in a project.")
@click.argument("name", metavar="NAME")
@made.again
@options.data
@options.color
def disable_project(name: str, undo: bool, data: str | None) -> None:
    """Let nobody do anything in a project any more; to its members it is as if it were not there.

    The owner of the data folder, who may do everything on this machine, still can: look into it, and run pipelines.

    \b
    Examples:
      ferryman projects disable demo
      ferryman projects disable demo --undo
    """
    session.change(data, lambda client: client.access.disable_project(name, disabled=not undo))
    click.echo(f"{texts.plain(name)} is {'enabled' if undo else 'disabled'}")
