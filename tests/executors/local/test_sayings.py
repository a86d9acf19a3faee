"""Commands on standard output and files of names and values (pipeline-yaml 11, semantics 15.2, RULINGS 19)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.executors.local.sayings import LONGEST_LINE, MOST, Sayings, pairs


def heard(*pieces: bytes) -> Sayings:
    """What is collected from output that comes in these pieces."""
    sayings = Sayings()
    for piece in pieces:
        sayings.feed(piece)
    sayings.close()
    return sayings


@pytest.mark.parametrize(
    ("line", "kind", "name", "value"),
    [
        pytest.param("::set-output name=K::V", "output", "K", "V", id="an output"),
        pytest.param("::set-variable name=K::V", "variable", "K", "V", id="a variable"),
        pytest.param("::set-gate-value name=K::7", "gate-value", "K", "7", id="a figure for a quality rule"),
        pytest.param(
            "::set-output name=K::a::b", "output", "K", "a::b", id="the value is the rest of the line"
        ),
        pytest.param("::set-output name=K::", "output", "K", "", id="an empty value"),
        pytest.param("::set-output name=K:: v ", "output", "K", " v ", id="blanks of the value stay"),
        pytest.param('"::set-output name=K::V"', "output", "K", "V", id="one quote before and after"),
        pytest.param('::set-output name=K::V"', "output", "K", 'V"', id="a quote only after is the value's"),
        pytest.param(
            "::set-output name=K::V\r", "output", "K", "V", id="a carriage return is none of the value"
        ),
    ],
)
def test_a_line_that_is_a_command(line: str, kind: str, name: str, value: str) -> None:
    assert heard(line.encode() + b"\n").values[kind] == {name: value}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(" ::set-output name=K::V", id="not from the first column"),
        pytest.param("x::set-output name=K::V", id="another prefix"),
        pytest.param("::set-output  name=K::V", id="two blanks"),
        pytest.param("::set-output name=::V", id="no name"),
        pytest.param("::set-output K::V", id="no word name"),
        pytest.param("::set-outputs name=K::V", id="another word"),
        pytest.param("::set-output name=K::" + "v" * LONGEST_LINE, id="a line too long to be one"),
    ],
)
def test_a_line_that_is_plain_output(line: str) -> None:
    assert not any(heard(line.encode() + b"\n").values.values())


def test_remark_and_error() -> None:
    said = heard(b"::set-remark to production\n::set-error disk is full")
    assert (said.remark, said.error) == ("to production", "disk is full")


def test_a_line_that_is_none_stays_none_however_often_it_is_cut() -> None:
    said = heard(b"x", b"y :", b":set-output name=no::1\n", b"x", b"\n", b"::set-output name=a::1")
    assert said.values["output"] == {"a": "1"}


@given(st.data())
def test_output_may_be_cut_anywhere(data: st.DataObject) -> None:
    text = (
        b"x\n::set-output name=a::1\nyy ::set-output name=no::1\n\n::set-variable name=b::2\n::set-remark r"
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    said = heard(*(text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)))
    assert (said.values["output"], said.values["variable"], said.remark) == ({"a": "1"}, {"b": "2"}, "r")


def test_memory_stays_bounded() -> None:
    sayings = Sayings()
    for _ in range(50):
        sayings.feed(b"x" * 100_000)
    assert len(sayings._rest) < LONGEST_LINE
    sayings.feed(b"\n" + b"".join(b"::set-output name=%d::v\n" % number for number in range(MOST + 50)))
    assert len(sayings.values["output"]) == MOST


def test_what_is_too_long_for_a_command_is_told_and_plain_output_is_not() -> None:
    long = b"v" * LONGEST_LINE
    sayings = heard(b"::set-output name=A::" + long + b"\n", long + b"\n", b"::set-nothing " + long)
    assert sayings.values["output"] == {}
    assert sayings.left_out() == (
        "1 ::set- line is longer than 65,536 bytes: nothing is taken from there; hand long values over in "
        "$FERRYMAN_OUTPUT or $FERRYMAN_ENV",
    )


@pytest.mark.parametrize("size", [1, 1000, LONGEST_LINE, LONGEST_LINE + 1, 1_000_000])
def test_a_line_too_long_is_told_once_however_it_is_cut(size: int) -> None:
    line = b'"::set-variable name=A::' + b"v" * 200_000 + b"\n::set-output name=B::1\n"
    pieces = [line[at : at + size] for at in range(0, len(line), size)] if size > 1 else [line[:1], line[1:]]
    sayings = heard(*pieces)
    assert sayings.values["output"] == {"B": "1"}
    assert [text.split()[0] for text in sayings.left_out()] == ["1"]


def test_the_longest_line_that_counts_does_so_whether_its_line_feed_comes_or_not() -> None:
    line = b"::set-output name=A::"
    line += b"v" * (LONGEST_LINE - len(line))
    for ended in (b"", b"\n"):
        for cut in (5, LONGEST_LINE):
            sayings = heard(line[:cut], line[cut:] + ended)
            assert len(sayings.values["output"]["A"]) == LONGEST_LINE - len("::set-output name=A::")
            assert sayings.left_out() == ()


def test_more_values_than_are_kept_are_told() -> None:
    sayings = heard(b"".join(b"::set-output name=%d::v\n" % number for number in range(MOST + 50)))
    assert sayings.left_out() == (
        "50 ::set- lines are left out: a step sets at most 10,000 values of a kind",
    )


def test_a_value_that_is_never_ended_is_named() -> None:
    unended: list[str] = []
    assert pairs(["A<<END", "one", "END", "B<<END", "two", "C=3"], None, unended) == {
        "A": "one",
        "B": "two\nC=3",
    }
    assert unended == ["B"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("A=1\nB=x=y\n", {"A": "1", "B": "x=y"}, id="a line each"),
        pytest.param("A=\n", {"A": ""}, id="an empty value"),
        pytest.param("A<<END\none\ntwo\nEND\nB=1\n", {"A": "one\ntwo", "B": "1"}, id="several lines"),
        pytest.param("A=b<<c\n", {"A": "b<<c"}, id="two signs in a value are nothing"),
        pytest.param("A=1\nA=2\n", {"A": "2"}, id="the last counts"),
        pytest.param("noise\n=x\n", {}, id="other lines are passed over"),
        pytest.param("A<<END\none", {"A": "one"}, id="an end that is missing is the file's"),
        pytest.param(
            "A=x\r\nB<<E\r\none\r\nE\r\n", {"A": "x", "B": "one"}, id="lines that end as on Windows"
        ),
        pytest.param("A<<E\none\r\ntwo\nE\n", {"A": "one\r\ntwo"}, id="a carriage return in a value"),
    ],
)
def test_files_of_names_and_values(text: str, found: dict[str, str]) -> None:
    assert pairs(text.split("\n")) == found
