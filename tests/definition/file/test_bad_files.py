"""Files that are wrong: each problem with its place, code and hint, as written beside the file.

After a change, run with FERRYMAN_REWRITE=1 and read the difference as carefully as code. Sources: pipeline-yaml 13;
expectations CLI-11, ERR-2, ERR-3.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from ferryman.definition.file import codes, read
from ferryman.domain.errors import Problem

BAD = sorted(Path(__file__).parent.glob("bad/*.yaml"))


def _told(problems: Iterable[Problem]) -> str:
    return "".join(
        f"{problem.line}:{problem.column} {problem.severity} {problem.code} {problem.path or '(file)'}\n"
        f"    {problem.message}\n" + (f"    hint: {problem.hint}\n" if problem.hint else "")
        for problem in problems
    )


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_gets_the_problems_written_beside_it(path: Path) -> None:
    told = _told(read(path.read_bytes(), name=path.name).problems)
    expected = path.with_suffix(".txt")
    if os.environ.get("FERRYMAN_REWRITE"):
        expected.write_text(told)
    assert told == expected.read_text()
    assert told


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_problems_stand_in_the_order_of_the_file(path: Path) -> None:
    """pipeline-yaml 13: all problems of a file, at most 50, in file order."""
    places = [(problem.line, problem.column) for problem in read(path.read_bytes()).problems]
    assert places == sorted(places)
    assert len(places) <= 50


def test_every_code_has_a_bad_file() -> None:
    """pipeline-yaml 13: the table of codes."""
    told = {problem.code for path in BAD for problem in read(path.read_bytes()).problems}
    known = {number for name, number in vars(codes).items() if name.isupper()}
    assert known - told == set()
