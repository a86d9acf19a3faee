"""Texts in and out of the command line: files, the standard streams, and what is safe to print."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ferryman.cli.exits import Exit, Stop, of_error

LONGEST_WORD = 400
"""Characters of one word in a message; longer than any name that is taken, and than most paths."""
STANDARD_INPUT = "-"
MOST_BYTES = 64 * 1024 * 1024
"""More is not even looked at; the limits of a definition are far below, and are told with a place."""

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that move the cursor, color the terminal or turn the text around, instead of being seen."""


def read(name: str) -> bytes:
    """The content of a file, or of the standard input for `-`. Raises `Stop` with one sentence."""
    with sentences(name):
        if name == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with open(name, "rb") as file:
                content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Stop(f"{shown(name)} is larger than {MOST_BYTES // 1024 // 1024} MiB", Exit.FAILED)
    return content


def write(text: str, name: str | None) -> None:
    """Print a text, or write it to a file. Raises `Stop` with one sentence."""
    if name is None:
        # A reader that went away is no fault of a file.
        click.echo(text, nl=not text.endswith("\n"))
        return
    with sentences(name), open(name, "w", encoding="utf-8", newline="\n") as file:
        file.write(text if text.endswith("\n") else text + "\n")


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Turn what the system says about a file into one sentence that names it, with its exit code."""
    try:
        yield
    except (OSError, ValueError) as error:
        code = of_error(error) if isinstance(error, OSError) else Exit.USAGE
        raise Stop(f"{shown(name)}: {said(error)}", code) from error


def said(error: Exception) -> str:
    """What an error says, without its number and without the place in Ferryman where it came up."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)


def shown(name: str) -> str:
    """The name of a file as people and programs read it; names may hold bytes that are no text."""
    if name == STANDARD_INPUT:
        return "<stdin>"
    return plain(os.fsencode(name).decode("utf-8", "replace"))


def plain(text: str) -> str:
    """A text on one line, with nothing in it that acts on a terminal."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}" if found[0] not in "\n\r\t" else " ", text)


def clipped(text: str) -> str:
    """A message in which words that nobody would read to their end are cut, with their length (ERR-1)."""
    long = rf"\S{{{LONGEST_WORD + 1},}}"
    return re.sub(
        long, lambda found: f"{found[0][: LONGEST_WORD // 4]}… ({len(found[0]):,} characters)", text
    )


def block(text: str) -> str:
    """A text on as many lines as it has, with nothing else in it that acts on a terminal."""
    return "\n".join(plain(line) for line in text.split("\n"))


def as_yaml(value: Any) -> str:
    """Plain values as YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.compat import StringIO

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # typed as None only
    writer.width = 110
    stream = StringIO()
    writer.dump(value, stream)
    return str(stream.getvalue())


def as_json(value: Any) -> str:
    """Plain values as JSON, indented, letters of all languages as they are."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
