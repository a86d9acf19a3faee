"""Words of a scenario's lines: positional ones, flags, `key=value` options, and sections of pairs.

    vote release yes by=ann why="looks good" set tag=2.0

`vote` is the verb; `release` and `yes` are positional; `by` and `why` are options; what follows `set` is a section
of pairs and runs to the next section or the end of the line. A word nobody asked for is an error, never ignored.
"""

import re
import shlex
from collections.abc import Collection

OPTION = re.compile(r"([A-Za-z_][\w-]*)=(.*)", re.DOTALL)
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Unreadable(Exception):
    """A line of a scenario means nothing; the text says why."""


class Words:
    """The words of one line. Each is taken once; `done` complains of what is left."""

    def __init__(self, line: str, sections: Collection[str] = ()) -> None:
        """Split a line as a shell would."""
        self.line = line.strip()
        lexer = shlex.shlex(self.line, posix=True, punctuation_chars=False)
        lexer.whitespace_split = True
        lexer.commenters = ""
        lexer.escape = ""
        self.plain: list[str] = []
        self.options: dict[str, str] = {}
        self.sections: dict[str, dict[str, str]] = {name: {} for name in sections}
        section: dict[str, str] | None = None
        for word in lexer:
            if word in self.sections:
                section = self.sections[word]
            elif section is not None:
                name, _, value = word.partition("=")
                section[name] = value
            elif found := OPTION.fullmatch(word):
                self.options[found[1]] = found[2]
            else:
                self.plain.append(word)

    def next(self, what: str = "a word", default: str | None = None) -> str:
        """The next positional word."""
        if self.plain:
            return self.plain.pop(0)
        if default is None:
            raise Unreadable(f"{what} is missing")
        return default

    def flag(self, name: str) -> bool:
        """Whether a bare word stands on the line."""
        if name in self.plain:
            self.plain.remove(name)
            return True
        return False

    def option(self, name: str, default: str = "") -> str:
        """The value of an option."""
        return self.options.pop(name, default)

    def has(self, name: str) -> bool:
        """Whether an option was given."""
        return name in self.options

    def number(self, name: str, default: int) -> int:
        """The value of an option that is a number."""
        return int(self.options.pop(name, default))

    def listed(self, name: str) -> tuple[str, ...]:
        """The value of an option that is a list with commas."""
        return tuple(part for part in self.options.pop(name, "").split(",") if part)

    def done(self) -> None:
        """Complain of words that mean nothing here."""
        left = [*self.plain, *self.options]
        if left:
            raise Unreadable(f"nobody understands {', '.join(left)}")


def milliseconds(text: str) -> int:
    """A length of time: `90s`, `30m`, `1h`, `29d`."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if not found:
        raise Unreadable(f"{text} is no length of time")
    return int(found[1]) * UNITS[found[2]]


BEGINNING = 1_700_000_000_000
"""When scenarios begin, in milliseconds since 1970: no time is 0 by chance."""


def clock(at: int) -> str:
    """A time since the scenario's beginning: `1:30:00`, and milliseconds only where there are any."""
    return length(at - BEGINNING)


def length(took: int) -> str:
    """A length of time in the same form."""
    seconds, rest = divmod(took, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" + (f".{rest:03}" if rest else "")
