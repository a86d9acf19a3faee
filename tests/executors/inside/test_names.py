"""Names of files are data: no name and no pattern leads out of a folder (laws and tables)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.executors.inside.names import BadName, Patterns, is_file_name, parts

PIECES = st.sampled_from(["..", ".", "", "a", "b c", "*", "\0", "\n", "\ud800", "...", "ä", "x" * 300])
NAMES = st.lists(PIECES | st.text(max_size=6), max_size=6).map("/".join)


@given(NAMES)
def test_what_passes_stays_below(name: str) -> None:
    """The parts of any name that is let through, joined below any folder, are below it."""
    try:
        found = parts(name)
    except BadName:
        return
    assert all(part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in found)
    assert all(len(part.encode()) <= 255 for part in found)


@given(NAMES)
def test_a_plain_name_is_its_own_parts(name: str) -> None:
    if is_file_name(name):
        assert parts(name) == tuple(name.split("/"))


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "/etc/passwd", "//x", "a/..", "\0", "a\0b", "\ud800", "x" * 256]
)
def test_these_are_refused(name: str) -> None:
    with pytest.raises(BadName):
        parts(name)


@pytest.mark.parametrize(
    ("name", "found"), [("", ()), (".", ()), ("./a/./b/", ("a", "b")), ("...", ("...",)), ("a b", ("a b",))]
)
def test_these_are_read(name: str, found: tuple[str, ...]) -> None:
    assert parts(name) == found


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.tgz", "a.tgz", True),
        ("a.tgz", "b/a.tgz", False),
        ("*.tgz", "a.tgz", True),
        ("*.tgz", "b/a.tgz", False),
        ("*/a.tgz", "b/a.tgz", True),
        ("**/*.tgz", "a.tgz", True),
        ("**/*.tgz", "b/c/a.tgz", True),
        ("dist", "dist/a", True),
        ("dist", "dist/b/a", True),
        ("dist/", "dist/a", True),
        ("dist", "distant/a", False),
        ("dist/**", "dist/b/a", True),
        ("dist/**/a", "dist/a", True),
        ("dist/**/a", "dist/b/c/a", True),
        ("dist/**/a", "dist/b/c", False),
        ("**", "a/b", True),
        (".", "a/b", True),
        ("", "a", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[ab].txt", "b.txt", True),
        ("[ab].txt", "c.txt", False),
        ("*", ".hidden", True),
        ("A", "a", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert Patterns([pattern]).fit(name.split("/")) is fits


def test_any_of_several_patterns_is_enough() -> None:
    patterns = Patterns(["a", "b"])
    assert [patterns.fit((name,)) for name in "abc"] == [True, True, False]


def test_a_pattern_made_to_be_slow_is_not() -> None:
    pattern = "/".join(["**", "*a*a*a*a*a*a*a*a*a*b"] * 20)
    assert not Patterns([pattern]).fit(("a" * 200,) * 40)
