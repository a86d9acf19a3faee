"""Masking: secrets are taken out of a stream of bytes before anything of it is kept or shown.

Every place where any form of any secret stands is covered, overlapping ones too, and each covered stretch becomes one
mask. What is covered depends on the stream alone, never on how it was cut: bytes that might be the beginning of a
secret are held back until that is decided (never more than the longest form), and nothing else is.

How it is found in linear time: of each form four neighboring bytes near its beginning are its *anchor*, chosen to begin
with a byte that is rare in logs. All anchors together make one tree, written as one regular expression with nothing to
go back for; only where an anchor is met are the few forms that have it compared.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ferryman.domain.words import HIDDEN
from ferryman.logs.forms import SHORTEST, forms

MASK = HIDDEN.encode()

Part = tuple[int, bytes, bool]
"""Where it begins in the stream, the bytes to keep, and whether they are a mask (which is never cut)."""

COMMONNESS = (
    b"ZQXJKWVYHUGBFPMDCLONISATRE~^|`\\{}<>$#@!?&*+;%zqxjkvwybgfpmuhdclnisrota9786354201e'()[],_-\":=/.\t\r\n "
)
"""Bytes from rare to common in logs. Anchors begin with rare ones, so that most of a log is passed over quickly."""
REACH = 12
"""How many places near its beginning a form's anchor may begin at."""


class Sought(NamedTuple):
    """What is looked for of one secret."""

    forms: tuple[tuple[int, bytes], ...]
    """Each with the place of its anchor."""
    beginnings: frozenset[bytes]
    """Of each form what is too short to hold its anchor."""


class Masks:
    """What to look for, made once for a set of secrets and shared by all that mask with it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Make the masks of these secrets; those that cannot be masked safely are left out."""
        self._anchored: dict[bytes, list[tuple[int, bytes]]] = {}
        sought = [_sought(secret) for secret in secrets]
        for offset, form in set().union(*(each.forms for each in sought)):
            self._anchored.setdefault(form[offset : offset + SHORTEST], []).append((offset, form))
        self._beginnings = frozenset().union(*(each.beginnings for each in sought))
        self._anchors = re.compile(_tree(self._anchored)) if self._anchored else None

    def __bool__(self) -> bool:
        """Whether there is anything to mask."""
        return self._anchors is not None

    def look(self, seen: bytes) -> tuple[list[tuple[int, int]], int]:
        """Where forms stand, as sorted (begin, end), and the first place that may begin one that goes on behind the
        end (the end itself where there is none)."""
        found: list[tuple[int, int]] = []
        undecided = self._unfinished(seen)
        for at in self._met(seen):
            for offset, form in self._anchored[seen[at : at + SHORTEST]]:
                begin = at - offset
                if begin < 0:
                    continue
                if seen.startswith(form, begin):
                    found.append((begin, begin + len(form)))
                elif begin + len(form) > len(seen) and begin < undecided and form.startswith(seen[begin:]):
                    undecided = begin
        return sorted(found), undecided

    def _met(self, seen: bytes) -> Iterator[int]:
        """Every place of an anchor, overlapping ones too."""
        at = -1
        while self._anchors and (met := self._anchors.search(seen, at + 1)):
            at = met.start()
            yield at

    def _unfinished(self, seen: bytes) -> int:
        """The first place from which on there is only the beginning of a form, too short to hold its anchor."""
        end = len(seen)
        for begin in range(max(0, end - REACH - SHORTEST + 2), end):
            if seen[begin:] in self._beginnings:
                return begin
        return end


class Masker:
    """Masks one stream. `feed` it pieces, then `flush` once."""

    def __init__(self, masks: Masks, *, at: int = 0) -> None:
        """Begin at this place of the stream, which must be one that a `Part` began or a line ended at."""
        self._masks = masks
        self._held = b""
        self._at = at
        """Where `_held` begins in the stream."""
        self._covered = 0
        """How many bytes of `_held` belong to a mask that was given out already."""

    def mask_with(self, masks: Masks) -> None:
        """From now on look for these."""
        self._masks = masks

    def feed(self, raw: bytes) -> list[Part]:
        """Take in the next bytes; what is now safe to keep."""
        seen = self._held + raw if self._held else raw
        found, undecided = self._masks.look(seen)
        return self._give(seen, found, undecided)

    def flush(self) -> list[Part]:
        """The stream has ended: what was held back is kept, save what is a secret."""
        found, _ = self._masks.look(self._held)
        return self._give(self._held, found, len(self._held))

    def _give(self, seen: bytes, found: list[tuple[int, int]], end: int) -> list[Part]:
        """Give out what lies before `end`, and hold the rest."""
        parts: list[Part] = []
        done = self._covered
        for begin, behind in found:
            if begin >= end:
                break
            if begin >= done:
                if begin > done:
                    parts.append((self._at + done, seen[done:begin], False))
                parts.append((self._at + begin, MASK, True))
            done = max(done, behind)
        if done < end:
            parts.append((self._at + done, seen[done:end], False))
        self._held, self._at, self._covered = seen[end:], self._at + end, max(0, done - end)
        return parts


def mask(text: str, masks: Masks) -> str:
    """A whole text, masked."""
    masker = Masker(masks)
    parts = masker.feed(text.encode("utf-8", "surrogatepass")) + masker.flush()
    return b"".join(kept for _, kept, _ in parts).decode("utf-8", "replace")


def mask_values(text: str, secrets: Iterable[str]) -> str:
    """A whole text without these values, in whatever form they stand in it."""
    return mask(text, _masks_of(frozenset(secrets)))


@lru_cache(maxsize=16)
def _masks_of(secrets: frozenset[str]) -> Masks:
    return Masks(secrets)


@lru_cache(1_000)
def _sought(secret: str) -> Sought:
    """Runs differ by a value or two in what they mask: the rest is made once."""
    placed = tuple((_rarest(form[: REACH + SHORTEST - 1]), form) for form in forms(secret))
    beginnings = {form[:size] for offset, form in placed for size in range(1, offset + SHORTEST)}
    return Sought(placed, frozenset(beginnings))


@lru_cache(maxsize=1024)
def _rarest(beginning: bytes) -> int:
    """Where near its beginning a form has its rarest byte (with room for an anchor). Unlisted bytes are rarest."""
    places = range(len(beginning) - SHORTEST + 1)
    return min(places, key=lambda place: (COMMONNESS.find(beginning[place]), place))


def _tree(words: Iterable[bytes]) -> bytes:
    """One expression for all of these, with common beginnings written once."""
    branches: dict[int, list[bytes]] = {}
    for word in words:
        if word:
            branches.setdefault(word[0], []).append(word[1:])
    written = [re.escape(bytes((first,))) + _tree(rests) for first, rests in sorted(branches.items())]
    return written[0] if len(written) == 1 else b"(?:" + b"|".join(written) + b")" if written else b""
