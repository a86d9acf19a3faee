"""Options and arguments that several commands share."""

import os
from collections.abc import Callable
from typing import Any

import click

from ferryman.cli import completion

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _color(context: click.Context, _: click.Parameter, when: str) -> None:
    dumb = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    # None leaves it to the terminal.
    context.color = {"always": True, "never": False}.get(when, False if dumb else None)


color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    callback=_color,
    expose_value=False,
    help="Color the text; auto follows the terminal and NO_COLOR.",
)
"""CLI-13: color follows the terminal, NO_COLOR and this option."""

accept_vendor_keys = click.option(
    "--accept-vendor-keys",
    is_flag=True,
    help="Warn of keys that only make sense on another server, instead of refusing them.",
)

strict_scripts = click.option(
    "--strict-scripts",
    is_flag=True,
    help="Refuse values that are pasted into scripts, instead of warning.",
)

file = click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
"""One pipeline file or model; `-` is the standard input."""

output_file = click.option(
    "--output-file",
    metavar="FILE",
    type=click.Path(),
    help="Write to this file instead of the standard output.",
)


def output(*forms: str) -> Decorator:
    """`--output` with these forms; the first is the default."""
    return click.option("--output", "-o", type=click.Choice(forms), default=forms[0], help="How to print it.")


def _pairs(_: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE", param=option)
        values[name.strip()] = value
    return values


def values(meaning: str, *, name: str = "--with") -> Decorator:
    """`--with NAME=VALUE`, as often as wanted; the last value of a name counts."""
    return click.option("values", name, metavar="NAME=VALUE", multiple=True, callback=_pairs, help=meaning)


data = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False),
    show_default="$FERRYMAN_DATA, else .ferryman",
    help="The data folder.",
)


def _project(context: click.Context, _: click.Parameter, name: str | None) -> None:
    context.meta[completion.PROJECT] = name


project = click.option(
    "--project",
    metavar="NAME",
    callback=_project,
    expose_value=False,
    show_default="$FERRYMAN_PROJECT, else the only one there is, else local",
    help="The project.",
)
"""Read by the session of the command."""

config = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    show_default="$FERRYMAN_SETTINGS, else private/ferryman.toml in the data folder",
    help="The settings file.",
)

run = click.argument("run", metavar="RUN", shell_complete=completion.runs)
"""A run: its id, `#number`, `pipeline#number` or `latest`."""

path = click.argument("path", metavar="PATH", shell_complete=completion.paths)
"""A stage, job or step: its path, or its name where only one has it."""

part = click.argument("path", metavar="[PATH]", default="", shell_complete=completion.paths)
"""The same, where it may be left out."""

wait = click.option(
    "--wait",
    is_flag=True,
    help="Follow the run to its end; exit with its result. Where another process moves it, Ctrl-C only stops looking.",
)


def reason(meaning: str) -> Decorator:
    """`--reason TEXT`: why, for the journal."""
    return click.option("--reason", metavar="TEXT", default="", show_default=False, help=meaning)


key = click.option(
    "--key",
    metavar="TEXT",
    default="",
    show_default=False,
    help="Asked for again with the same key, the change is not made twice.",
)
"""A stable key of a change (CLI-8)."""

table_output = output("table", "json", "yaml")
"""Of every command that reads (CLI-2)."""
