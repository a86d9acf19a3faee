"""Lines: what ends one, where a long one is cut, and where reading goes on after a crash."""

from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs.lines import LineCutter
from ferryman.logs.masking import Masker, Masks
from tests.logs.streams import cuts, in_lines, masked, secrets, streams

NO_MASKS = Masks([])


def test_only_a_newline_ends_a_line() -> None:
    """LOG-4: a progress bar is one line."""
    assert in_lines([b"10%\r20%\r", b"30%\r\n\nend"], NO_MASKS, limit=100) == [
        b"10%\r20%\r30%\r\n",
        b"\n",
        b"end",
    ]


def test_a_long_line_is_cut_and_goes_on() -> None:
    """LOG-8; the parts without a newline make it whole again."""
    assert in_lines([b"0123456789", b"abc\nx\n"], NO_MASKS, limit=4) == [
        b"0123",
        b"4567",
        b"89ab",
        b"c\n",
        b"x\n",
    ]
    assert in_lines([b"0123\n"], NO_MASKS, limit=4) == [b"0123\n"], "as long as the limit is not too long"


def test_a_mask_is_never_cut() -> None:
    assert in_lines([b"0123456hunter2-9\n"], Masks(["hunter2"]), limit=10) == [b"0123456", b"******-9\n"]


@given(st.data())
def test_lines_do_not_depend_on_how_the_stream_was_cut(data: st.DataObject) -> None:
    words = data.draw(st.lists(secrets, max_size=2))
    stream, masks = data.draw(streams(words)), Masks(words)
    limit = data.draw(st.integers(6, 40))
    lines = in_lines(data.draw(cuts(stream)), masks, limit=limit)
    assert lines == in_lines([stream], masks, limit=limit)
    assert b"".join(lines) == masked([stream], masks), "nothing is lost and nothing is added"
    assert all(len(line.removesuffix(b"\n")) <= limit for line in lines)
    assert not any(b"\n" in line[:-1] for line in lines)


@given(st.data())
def test_reading_goes_on_behind_the_last_line_as_if_nothing_had_happened(data: st.DataObject) -> None:
    """Promise 7 after a kill: no gap and no repeat, wherever the first reader was stopped."""
    words = data.draw(st.lists(secrets, max_size=2))
    stream, masks = data.draw(streams(words)), Masks(words)
    limit = data.draw(st.integers(6, 40))
    pieces = data.draw(cuts(stream))
    masker, cutter = Masker(masks), LineCutter(limit=limit)
    before: list[bytes] = []
    for piece in pieces[: data.draw(st.integers(0, len(pieces)))]:
        lines, unended = cutter.feed(masker.feed(piece))
        before += [line if place in unended else line + b"\n" for place, line in enumerate(lines)]
    behind = in_lines([stream[cutter.raw :]], masks, limit=limit, at=cutter.raw)
    assert before + behind == in_lines([stream], masks, limit=limit)
