"""Where a text stopped being YAML, as opposed to where its parser noticed.

A colon left out, or a line moved to one side, is often noticed only on the lines that follow. So small repairs are
tried on the noticed line, on a few before it and on the one that holds it: the line whose repair lets the whole text be
read is to blame. Lines that begin at a rare column are tried first, because a line moved by accident stands where no
other does.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

_LARGEST = 64 * 1024
"""Characters up to which repairs are tried; each one reads the whole text again."""
_LINES_TRIED = 4

_WORD_WITHOUT_COLON = re.compile(r"^(\s*(?:- )*[\w.<-]+)(?:$|\s+([^\s:].*)?$|(:\S.*)$)")

Repair = Callable[[list[str], int], Iterator[str]]


def blamed(text: str, noticed: int) -> int:
    """The line to blame for a fault noticed at a line; that line itself if no repair helps. Lines count from 1."""
    if len(text) > _LARGEST:
        return noticed
    lines = text.split("\n")
    near = [at for at in range(min(noticed, len(lines)) - 1, -1, -1) if _holds_something(lines[at])]
    columns = Counter(_blanks(line) for line in lines)
    holder = next((at for at in near if _blanks(lines[at]) < _blanks(lines[near[0]])), None)
    suspects = {*near[:_LINES_TRIED], *([] if holder is None else [holder])}
    rarest_first = sorted(suspects, key=lambda at: (columns[_blanks(lines[at])], -at))
    for repair in _REPAIRS:
        for at in rarest_first:
            for repaired in repair(lines, at):
                if repaired != lines[at] and _is_yaml([*lines[:at], repaired, *lines[at + 1 :]]):
                    return at + 1
    return noticed


def _holds_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _is_yaml(lines: list[str]) -> bool:
    # Only who has read a text asks: the parser is there already.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        for _ in YAML(typ="safe", pure=False).parse("\n".join(lines)):
            pass
    except (YAMLError, ValueError):
        return False
    return True


def _moved(lines: list[str], at: int) -> Iterator[str]:
    """The line moved below the one before it, or above the one behind it."""
    content = lines[at].lstrip()
    before = next((lines[one] for one in range(at - 1, -1, -1) if _holds_something(lines[one])), "")
    behind = next((lines[one] for one in range(at + 1, len(lines)) if _holds_something(lines[one])), "")
    columns = (_blanks(before), _column(before), _blanks(behind), _blanks(before) + 2, _blanks(behind) - 2)
    for column in dict.fromkeys(columns):
        yield " " * column + content


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _column(line: str) -> int:
    """Where the content of a line begins, behind the dashes of a list."""
    return len(line) - len(re.sub(r"^\s*(- )*", "", line))


def _with_colon(lines: list[str], at: int) -> Iterator[str]:
    """The line with a colon and a blank behind its first word."""
    if found := _WORD_WITHOUT_COLON.match(lines[at]):
        yield f"{found[1]}: {(found[2] or found[3] or '').lstrip(':')}"


def _without_bracket(lines: list[str], at: int) -> Iterator[str]:
    for bracket in "[{":
        yield lines[at].replace(bracket, "", 1)


def _removed(lines: list[str], at: int) -> Iterator[str]:
    yield ""


_REPAIRS: tuple[Repair, ...] = (_without_bracket, _with_colon, _removed, _moved)
