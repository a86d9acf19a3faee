"""Files that are right: every key of the format that works or is kept is read without an error."""

import re
from pathlib import Path
from typing import Any

import pytest

from ferryman.definition.file import read
from ferryman.definition.file.shapes import Forms, Key, Keys, Listing, Shape
from ferryman.definition.file.tables import PIPELINE

GOOD = sorted(Path(__file__).parent.glob("good/*.yaml"))


def _inner(shape: Shape) -> list[Shape]:
    match shape:
        case Listing(item=item):
            return [item]
        case Forms(scalar=scalar, listing=listing, mapping=mapping):
            return [form for form in (scalar, listing, mapping) if form is not None]
        case Keys(keys=keys, rest=rest):
            return [*(key.shape for key in keys), *([rest] if rest else [])]
    return []


def _keys(shape: Shape, path: str = "") -> dict[str, Key]:
    """Every key of the tables under a path of table names; X keys and what is below them are left out."""
    found: dict[str, Key] = {}
    if isinstance(shape, Keys):
        for key in shape.keys:
            if key.standing != "X":
                found[f"{path}.{key.name}"] = key
                found |= _keys(key.shape, f"{path}.{key.name}")
        if shape.rest is not None:
            found |= _keys(shape.rest, f"{path}.*")
    else:
        for inner in _inner(shape):
            found |= _keys(inner, path)
    return found


def _written(value: Any, shape: Shape, path: str = "") -> set[str]:
    """The same paths, of what a file holds."""
    found: set[str] = set()
    match shape:
        case Listing(item=item) if isinstance(value, list):
            for one in value:
                found |= _written(one, item, path)
        case Forms():
            for inner in _inner(shape):
                found |= _written(value, inner, path)
        case Keys(keys=keys, rest=rest) if isinstance(value, dict):
            known = {key.name: key for key in keys}
            for name, one in value.items():
                if name in known:
                    found |= {f"{path}.{name}"} | _written(one, known[name].shape, f"{path}.{name}")
                elif rest is not None:
                    found |= _written(one, rest, f"{path}.*")
    return found


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_has_no_error(path: Path) -> None:
    tree = read(path.read_bytes(), name=path.name)
    assert tree.errors == ()
    assert tree.value["version"] == "v3.0"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_line_ends_and_a_byte_order_mark_change_nothing(path: Path) -> None:
    """pipeline-yaml 2: CRLF and a leading BOM are accepted."""
    plain = read(path.read_text())
    windows = read(b"\xef\xbb\xbf" + path.read_text().replace("\n", "\r\n").encode())
    assert windows.value == plain.value
    assert windows.marks == plain.marks
    assert windows.problems == plain.problems


def _place_alone(path: str) -> str:
    """A path without where the job or step stands: jobs have one table for three places, steps for four."""
    return re.sub(r"^(JOB)?\.steps", "STEP", re.sub(r"^\.(stages\.jobs|jobs|finally)\.\*", "JOB", path))


def test_the_good_files_hold_every_key_that_is_not_refused() -> None:
    """pipeline-yaml 3 to 9: each C and N key stands in some good file."""
    written: set[str] = set()
    for path in GOOD:
        written |= _written(read(path.read_text()).value, PIPELINE)
    missing = {_place_alone(path) for path in _keys(PIPELINE)} - {_place_alone(path) for path in written}
    assert sorted(missing) == []
