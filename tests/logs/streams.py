"""Streams, cut anywhere, and what they should come to: shared by the tests of logs."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from ferryman.logs.forms import forms, too_common, too_short
from ferryman.logs.lines import LineCutter
from ferryman.logs.masking import MASK, Masker, Masks

ALPHABET = "abAB01 \n\r\t+/=&<>\"'\\%$`!-_é漢😀"

secrets = st.text(ALPHABET, min_size=4, max_size=24).filter(
    lambda text: (
        all(not too_short(part) and not too_common(part) for part in text.splitlines() if part.strip())
        and not too_short(text)
        and not too_common(text)
    )
)
"""Values that can be masked, all of their lines too."""


@st.composite
def streams(draw: st.DrawFn, words: Sequence[str]) -> bytes:
    """Bytes in which the forms of these words stand, whole, cut and overlapping, between other bytes."""
    known = sorted(form for word in words for form in forms(word))
    piece = st.sampled_from(known or [b"x"])
    part = st.one_of(
        piece,
        piece.map(lambda form: form[:-1]),
        piece.map(lambda form: form[1:]),
        piece.map(lambda form: form[: len(form) // 2]),
        st.sampled_from([b"\n", b" ", b"ok\n", b"\xff", b"aaaa", b"-----"]),
        st.text(ALPHABET, max_size=6).map(str.encode),
    )
    return b"".join(draw(st.lists(part, max_size=12)))


@st.composite
def cuts(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    """A stream in pieces."""
    places = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[begin:end] for begin, end in zip([0, *places], [*places, len(stream)], strict=True)]


def covered(stream: bytes, known: Iterable[bytes]) -> bytes:
    """What masking should come to, by the plainest means: every byte of every form, found one by one."""
    stretches = sorted(
        (at, at + len(form)) for form in known for at in range(len(stream)) if stream.startswith(form, at)
    )
    out, done = b"", 0
    for begin, end in stretches:
        if begin >= done:
            out += stream[done:begin] + MASK
        done = max(done, end)
    return out + stream[done:]


def masked(pieces: Iterable[bytes], masks: Masks) -> bytes:
    """What the masker gives for a stream in pieces."""
    masker = Masker(masks)
    parts = [part for piece in pieces for part in masker.feed(piece)] + masker.flush()
    return b"".join(kept for _, kept, _ in parts)


def in_lines(pieces: Iterable[bytes], masks: Masks, *, limit: int, at: int = 0) -> list[bytes]:
    """The lines of a stream in pieces, each with its own newline if it has one."""
    masker, cutter = Masker(masks, at=at), LineCutter(at=at, limit=limit)
    cut = [cutter.feed(masker.feed(piece)) for piece in pieces]
    cut += [cutter.feed(masker.flush()), cutter.flush()]
    return [
        line if place in unended else line + b"\n"
        for lines, unended in cut
        for place, line in enumerate(lines)
    ]
