"""The group of all commands, and the one place where an error becomes a sentence and an exit code (ERR-1)."""

import io
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import NoReturn

import click

from ferryman import __version__
from ferryman.cli.audit import audit
from ferryman.cli.changes import cancel, halt, resume, retry, settle, skip
from ferryman.cli.completion import VARIABLE, completion
from ferryman.cli.convert import convert
from ferryman.cli.evaluate import evaluate
from ferryman.cli.exits import Exit, of_error
from ferryman.cli.explain import explain
from ferryman.cli.keys import keys
from ferryman.cli.logs import logs
from ferryman.cli.people import people
from ferryman.cli.policies import policies
from ferryman.cli.projects import projects
from ferryman.cli.recover import recover
from ferryman.cli.reviews import approve, reject
from ferryman.cli.roles import roles
from ferryman.cli.run import run as run_pipeline
from ferryman.cli.runs import events, runs, show, watch, why
from ferryman.cli.schema import schema
from ferryman.cli.secrets import secrets
from ferryman.cli.server import backup, config, connect, doctor, restore
from ferryman.cli.texts import block, clipped, said, shown
from ferryman.cli.up import up
from ferryman.cli.validate import validate

SETTINGS = {"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 120}


@click.group(context_settings=SETTINGS)
@click.version_option(__version__, message="%(prog)s %(version)s")
def ferryman() -> None:
    """Carry a change from development to production, stage by stage.

    \b
    Examples:
      ferryman validate release.yaml
      ferryman run release.yaml --param target=production
      ferryman logs latest --follow
    """


COMMANDS: tuple[click.Command, ...] = (
    validate,
    explain,
    evaluate,
    convert,
    schema,
    up,
    run_pipeline,
    recover,
    runs,
    show,
    watch,
    logs,
    events,
    why,
    approve,
    reject,
    cancel,
    retry,
    skip,
    resume,
    halt,
    settle,
    secrets,
    projects,
    people,
    roles,
    keys,
    policies,
    audit,
    config,
    doctor,
    backup,
    restore,
    connect,
    completion,
)
"""All commands, in the order the page lists them."""


def words() -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that call it, also those of groups."""
    for command in COMMANDS:
        yield str(command.name), command
        if isinstance(command, click.Group):
            yield from ((f"{command.name} {name}", each) for name, each in command.commands.items())


for _command in COMMANDS:
    ferryman.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process; no error leaves as a stack trace."""
    _fill_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show is written as its number, instead of ending the command.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def _fill_closed() -> None:
    """Put something in the place of streams that the caller has closed: whatever is opened next, as a database, would
    get their numbers, and what is printed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The system gives the lowest number that is free, which is the stream's.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # it stays open


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    if odd := _no_text(sys.argv[1:] if arguments is None else arguments):
        click.echo(
            f"Error: {clipped(repr(odd))} is no text in UTF-8, and there is no file of that name", err=True
        )
        return Exit.USAGE
    try:
        code = ferryman.main(arguments, prog_name="ferryman", standalone_mode=False)
    except SystemExit:
        # Told to leave the exit to us, click ends the process by itself for two things only: a shell that asked has its
        # words, or nobody reads any more.
        return Exit.DONE if os.environ.get(VARIABLE) else Exit.PIPE_CLOSED
    except click.Abort:
        click.echo("interrupted", err=True)
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.message = clipped(block(error.message))  # type: ignore[misc]  # click shows it itself
        error.show()
        return error.exit_code
    except Exception as error:
        return _tell(error)
    return code if isinstance(code, int) else Exit.DONE


def _no_text(arguments: Sequence[str]) -> str:
    """The first argument that cannot be sent to anybody, and is not the name of a file either; empty without one."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            if not os.path.exists(argument):
                return argument
    return ""


def _tell(error: Exception) -> Exit:
    code = of_error(error)
    if code is not Exit.INTERNAL:
        place = error.filename if isinstance(error, OSError) else None
        where = f"{shown(os.fsdecode(place))}: " if isinstance(place, str | bytes) else ""
        click.echo(f"Error: {clipped(where + block(said(error)))}", err=True)
    elif os.environ.get("FERRYMAN_DEBUG"):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    else:
        click.echo(
            f"Error: this is a fault of Ferryman, not of what you asked ({type(error).__name__}); "
            "run the same again with FERRYMAN_DEBUG=1 and report what it shows",
            err=True,
        )
    return code
