"""What a step tells us: commands that it prints, and files of names and values that it writes.

Commands stand alone on a line, from its first column; one double quote may stand before and after (pipeline-yaml 11):

    ::set-output name=KEY::VALUE        an output
    ::set-variable name=KEY::VALUE      a variable
    ::set-gate-value name=KEY::VALUE    a figure for a quality rule
    ::set-remark TEXT                   the remark of the run
    ::set-error TEXT                    what went wrong, in the step's own words (semantics 15.2)

Exactly one blank follows the word; the value is the rest of the line, may hold `::` and may be empty. Files hold lines
NAME=VALUE, or several lines between `NAME<<END` and `END` (RULINGS 19).
"""

import re
from collections.abc import Iterable

LONGEST_LINE = 65_536
"""Bytes; a longer line is plain output, and `left_out` says so."""
MOST = 10_000
"""Values that are kept of each kind; `left_out` tells of more."""

_COMMAND = re.compile(
    r"::set-(?:(output|variable|gate-value) name=(.+?)::(.*)|(remark|error) (.*))", re.DOTALL
)
_STARTS = (b"::set-", b'"::set-')
_WORD = re.compile(rb'"?::set-(?:(?:output|variable|gate-value) name=|(?:remark|error) )')
"""With what a line begins that is meant as a command, however it goes on."""
_BEGIN = re.compile(rb'(?:^|\n)(?="?::set-)')


class Sayings:
    """Collects the commands out of a stream of output, however it is cut; memory stays bounded."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.values: dict[str, dict[str, str]] = {"output": {}, "variable": {}, "gate-value": {}}
        self.remark = ""
        self.error = ""
        self._too_long = 0
        self._too_many = 0
        self._rest = b"\n"
        """A line's beginning with the line feed before it, or a blank in place of one that can be no command."""

    def feed(self, piece: bytes) -> None:
        """Take in more output."""
        text = self._rest + piece
        end = text.rfind(b"\n")
        for found in _BEGIN.finditer(text, 0, end + 1):
            start = found.end()
            if start <= end:
                self._line(text[start : text.find(b"\n", start)])
        rest = text[max(0, end) :]
        # A line that can be no command is not worth keeping; its line feed is still to come.
        hopeful = rest.startswith(b"\n") and any(
            rest[1:].startswith(start) or start.startswith(rest[1:]) for start in _STARTS
        )
        if hopeful and len(rest) > LONGEST_LINE + 1:
            self._line(rest[1:])
            hopeful = False
        self._rest = rest if hopeful else b" "

    def close(self) -> None:
        """The output has ended: its last line counts without a line feed."""
        self.feed(b"\n")

    def left_out(self) -> tuple[str, ...]:
        """What to say of commands that nothing was taken from."""
        said: list[str] = []
        if self._too_long:
            lines = "line is" if self._too_long == 1 else "lines are"
            said.append(
                f"{self._too_long} ::set- {lines} longer than {LONGEST_LINE:,} bytes: nothing is taken from there; "
                "hand long values over in $FERRYMAN_OUTPUT or $FERRYMAN_ENV"
            )
        if self._too_many:
            said.append(
                f"{self._too_many:,} ::set- lines are left out: a step sets at most {MOST:,} values of a kind"
            )
        return tuple(said)

    def _line(self, raw: bytes) -> None:
        if len(raw) > LONGEST_LINE:
            self._too_long += _WORD.match(raw) is not None
            return
        line = raw.removesuffix(b"\r").decode(errors="replace")
        if line.startswith('"'):
            line = line[1:].removesuffix('"')
        found = _COMMAND.fullmatch(line)
        if found is None:
            return
        kind, name, value, word, text = found.groups()
        if word == "remark":
            self.remark = text
        elif word == "error":
            self.error = text
        elif name in self.values[kind] or len(self.values[kind]) < MOST:
            self.values[kind][name] = value
        else:
            self._too_many += 1


def pairs(
    lines: Iterable[str], odd: list[int] | None = None, unended: list[str] | None = None
) -> dict[str, str]:
    """Names and values out of a file of a step; lines of another form are passed over, and their numbers put into `odd`
    unless they are blank or begin with a `#`. The last of a name counts. A value whose END never comes goes on to the
    end of the file, and its name is put into `unended`. A carriage return before a line feed is part
    of a value only between NAME<<END and END, where NAME's line has none."""
    found: dict[str, str] = {}
    numbered = enumerate((line.removesuffix("\n") for line in lines), 1)
    rows = (line for _, line in numbered)
    for number, line in numbered:
        row = line.removesuffix("\r")
        name, mark, end = row.partition("<<")
        if mark and name and "=" not in name and end:
            value: list[str] = []
            for each in rows:
                bare = each.removesuffix("\r")
                if bare == end:
                    break
                value.append(each if row == line else bare)
            else:
                if unended is not None:
                    unended.append(name)
            found[name] = "\n".join(value)
        else:
            name, equals, text = row.partition("=")
            if equals and name:
                found[name] = text
            elif odd is not None and row.strip() and not row.startswith("#"):
                odd.append(number)
    return found
