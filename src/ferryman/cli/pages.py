"""The generated part of the page about the command line, and the writer that puts it in place.

`docs/cli.md` is written by hand around two marks; what stands between them is made from the commands themselves.
`python -m ferryman.cli.pages docs/cli` writes that part anew.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ferryman.cli.exits import MEANINGS
from ferryman.cli.main import words

BEGIN = "<!-- generated from the commands; `make docs` writes it anew -->"
END = "<!-- end of the generated part -->"


def reference() -> str:
    """The generated part: every command with its options, then the exit codes."""
    return "\n\n".join([*(_command(name, command) for name, command in words()), _exits()])


def renew(text: str, generated: str) -> str:
    """The page with its generated part replaced. Raises ValueError when the two marks are not there."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{generated}\n\n{END}{tail}"


def write(page: Path) -> None:
    """Renew the generated part of the page; it must be there."""
    page.write_text(renew(page.read_text(encoding="utf-8"), reference()), encoding="utf-8")


def _command(name: str, command: click.Command) -> str:
    prose, _, examples = inspect.cleandoc(command.help or "").partition("\b\n")
    purpose, _, more = prose.strip().partition("\n\n")
    arguments = " ".join(
        param.metavar or param.human_readable_name
        for param in command.params
        if isinstance(param, click.Argument)
    )
    usage = " ".join(part for part in ("ferryman", name, "[OPTIONS]", arguments) if part)
    commands = [line.strip() for line in examples.splitlines()[1:]]
    parts = [
        f"## `ferryman {name}`",
        purpose.replace("\n", " "),
        more.replace("\n", " "),
        "```\n" + "\n".join([usage, "", *commands]) + "\n```",
        _table(("option", "default", "meaning"), _options(command)) if any(_options(command)) else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _options(command: click.Command) -> Iterator[tuple[str, ...]]:
    for option in command.params:
        if isinstance(option, click.Option):
            names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len, reverse=True))
            kind = option.type
            allowed = (
                " ".join(f"`{choice}`" for choice in kind.choices) if isinstance(kind, click.Choice) else ""
            )
            value = allowed or (f"`{option.metavar}`" if option.metavar else "")
            yield f"{names} {value}".strip(), _default(option), option.help or ""


def _default(option: click.Option) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    given = option.default
    # A switch is off, and no text is no value.
    told = isinstance(given, str | int | float) and not isinstance(given, bool) and given != ""
    return f"`{given}`" if told else ""


def _exits() -> str:
    rows = ((str(int(code)), meaning) for code, meaning in MEANINGS.items())
    return "## Exit codes\n\n" + _table(("code", "meaning"), rows)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    write(Path(sys.argv[1]).with_suffix(".md"))
