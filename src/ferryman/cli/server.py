"""Words about the server itself: `config show`, `doctor`, `backup`, `restore`, `connect`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ferryman.cli import options, problems, session, shown, texts
from ferryman.cli.exits import Exit

if TYPE_CHECKING:
    from ferryman.app.backups import Backup

COLORS = {"ok": "green", "warning": "yellow", "failed": "red"}


@click.group(short_help="Show what is set, and where it comes from.")
def config() -> None:
    """Show what is set, and where it comes from.

    \b
    Examples:
      ferryman config show
    """


@config.command("show", short_help="Show every setting with its value and source.")
@options.data
@options.config
@options.table_output
@options.color
def show_config(data: str | None, config: str | None, output: str) -> None:
    """Show every setting with its value and where it came from; secrets are hidden.

    A flag counts before the environment, the environment before the file. All are read when a process starts: one that
    is changed counts from the next start on.

    \b
    Examples:
      ferryman config show
      FERRYMAN_SERVER_PORT=9000 ferryman config show --output json
    """
    from ferryman import settings
    from ferryman.app import beside

    known = session.settings(data, config=config)
    if holder := beside.holder_of(known):
        note = f"note: {holder} goes by what was set when it started; what has changed counts from its next start"
        click.echo(texts.plain(note), err=True)
    found = list(settings.shown(known))
    if shown.as_form(found, output):
        return
    shown.table(
        ("SETTING", "VALUE", "SOURCE"),
        ((one.name, texts.plain(_value(one.value)), texts.plain(one.source)) for one in found),
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


@click.command(short_help="Look whether all is well, and say what to do.")
@options.data
@options.config
@options.table_output
@options.color
def doctor(data: str | None, config: str | None, output: str) -> None:
    """Look at everything a server needs on this machine, and say what to do for each fault.

    Looks at the versions, the data folder, the databases, the key file, the engine, the clock, the disk, the time
    zones, and programs that steps commonly need. Changes nothing, and can be asked while a server runs. Exits with 1
    when something is broken.

    \b
    Examples:
      ferryman doctor
      ferryman doctor --data /srv/ferryman --output json
    """
    from ferryman.app import doctor as room

    found = asyncio.run(room.examine(session.settings(data, config=config)))
    if not shown.as_form(found, output):
        for one in found:
            state = click.style(f"{one.state:<8}", fg=COLORS[one.state])
            click.echo(f"{state} {one.part:<12} {texts.plain(one.said)}")
            if one.help:
                click.echo(f"{'':<21} → {texts.plain(one.help)}")
    broken = any(one.state == "failed" for one in found)
    click.get_current_context().exit(Exit.FAILED if broken else Exit.DONE)


@click.command(short_help="Copy the data folder while it is in use.")
@click.argument("target", metavar="TARGET", type=click.Path())
@options.data
@click.option("--with-key", is_flag=True, help="Put the key that opens secrets into the backup too.")
@options.color
def backup(target: str, data: str | None, with_key: bool) -> None:
    """Copy the data folder into a new folder, also while a server runs on it.

    The copy is whole in itself: databases, logs and artifacts. The key that opens secrets and access keys is left out
    unless it is asked for; keep it in another place. Working folders of jobs are left out.

    \b
    Examples:
      ferryman backup /backups/monday
      ferryman backup /backups/monday --data /srv/ferryman --with-key
    """
    from ferryman.app import backups

    known = session.settings(data)
    told = backups.make(known, Path(target).absolute(), with_key=with_key)
    click.echo(f"{texts.shown(target)}: {problems.count(len(told.files), 'file')}, {_cost(told)}")
    if not told.has_key:
        place = texts.plain(str(known.private / "secrets.key"))
        click.echo(f"warning: the key is not in it; without {place} secrets cannot be opened", err=True)


@click.command(short_help="Bring a backup back into a new data folder.")
@click.argument("source", metavar="BACKUP", type=click.Path())
@options.data
@click.option("--key", metavar="FILE", type=click.Path(), help="The key file, where it is not in the backup.")
@options.color
def restore(source: str, data: str | None, key: str | None) -> None:
    """Bring a backup back into a data folder that has no data yet.

    Every file is compared with what the backup says of it first. Refused where a process uses the folder, or where
    there is data in it: nothing is written over.

    \b
    Examples:
      ferryman restore /backups/monday --data /srv/ferryman
      ferryman restore /backups/monday --data /srv/ferryman --key secrets.key
    """
    from ferryman.app import backups

    known = session.settings(data)
    if key is not None:
        texts.read(key)
    told = backups.restore(known, Path(source).absolute(), key=None if key is None else Path(key))
    restored = f"{problems.count(len(told.files), 'file')} restored, {_cost(told)}"
    click.echo(f"{restored}; `ferryman up` takes up what had not ended")
    if key is None and not told.has_key:
        place = texts.plain(str(known.private / "secrets.key"))
        click.echo(f"warning: put the key file to {place}; without it secrets cannot be opened", err=True)


def _cost(told: "Backup") -> str:
    """How much it was, and how long it took (OPS-4)."""
    return f"{told.size / 1024**2:.1f} MiB, in {told.took_ms / 1000:.1f} s"


@click.group(short_help="Print a client that works against this server.")
def connect() -> None:
    """Print a client that works against the running server.

    \b
    Examples:
      ferryman connect bkci
    """


@connect.command("bkci", short_help="Print a client of BK-CI's API.")
@options.data
@options.project
@options.color
def connect_bkci(data: str | None) -> None:
    """Print a client of BK-CI's API in ten lines of Python, which needs no package.

    It acts as a member of the project, whose name is believed on this machine; elsewhere, put a token into
    FERRYMAN_TOKEN.

    \b
    Examples:
      ferryman connect bkci
      ferryman connect bkci --project demo | tee client.py
    """
    from ferryman.app import connecting

    click.echo(asyncio.run(connecting.bkci(session.settings(data))), nl=False)
