"""What is shown of a kept line cannot break a page or a terminal (LOG-4, LOG-8)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs.chunks import Block
from ferryman.logs.lines import LINE_LIMIT
from ferryman.logs.shown import CUT_MARK, lines_of, text_of


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("grüße 漢字\tok".encode(), "grüße 漢字\tok", id="text and tabs stay"),
        pytest.param(b"\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m", id="colors stay"),
        pytest.param(b"windows\r", "windows", id="a carriage return before the newline goes"),
        pytest.param(b"10%\r50%\r100%\r", "100%", id="of a progress bar the last state is shown"),
        pytest.param(b"\xff\xfe\x80text", "\ufffd\ufffd\ufffdtext", id="what is no UTF-8 is replaced"),
        pytest.param(b"a\x00b\x07c\x7f", "a\u2400b\u2407c\u2421", id="control characters become pictures"),
        pytest.param(b"\x1b[2J\x1b[10;1Hgone", "gone", id="orders to the terminal go"),
        pytest.param(b"\x1b]0;title\x07text", "text", id="a title goes"),
        pytest.param(b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", id="a link's frame goes"),
        pytest.param(
            b"\x1b]0;never ended", "\u241b]0;never ended", id="an order that never ends hides nothing"
        ),
        pytest.param(b"\x1bc\x1b(Btext", "text", id="a reset goes"),
        pytest.param(
            "a\u0085b\u009bc\u2028d".encode(), "a\ufffdb\ufffdc d", id="other separators break no line"
        ),
    ],
)
def test_a_line_is_shown_harmless(raw: bytes, shown: str) -> None:
    assert text_of(raw) == shown


@given(
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b""))
    | st.text("\x1b[];m0\x07\\\r\x9b(cA").map(str.encode)
)
def test_no_line_holds_an_order(raw: bytes) -> None:
    text = text_of(raw)
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029]", text)
    assert not re.sub("\x1b\\[[0-9;:]*m", "", text).count("\x1b")


def test_a_cut_line_says_so_and_an_unended_one_does_not() -> None:
    long = b"x" * LINE_LIMIT
    first, second = lines_of(Block(first=7, lines=[long, b"end"], at=5, unended=(0, 1)))
    assert first.text == "x" * LINE_LIMIT + CUT_MARK
    assert (second.number, second.text, second.at, second.kind) == (8, "end", 5, "out")
