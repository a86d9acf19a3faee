"""Masking: secrets are taken out of a stream of bytes before anything of it is kept or shown.

Every place where any form of any secret stands is covered, overlapping ones too, and each covered stretch becomes
one mask. What is covered depends on the stream alone, never on how it was cut: bytes that might be the beginning
of a secret are held back until that is decided (never more than the longest form), and nothing else is.

How it is found in linear time: the first four bytes of every form (its *start*) make one tree, written as one regular
expression with nothing to go back for; where a start is met, the few forms with that start are compared.
"""

import re
from collections.abc import Iterable

from ferryman.domain.words import HIDDEN
from ferryman.logs.forms import SHORTEST, forms

MASK = HIDDEN.encode()

Part = tuple[int, bytes, bool]
"""Where it begins in the stream, the bytes to keep, and whether they are a mask (which is never cut)."""


class Masks:
    """What to look for, made once for a set of secrets and shared by all that mask with it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Make the masks of these secrets; those that cannot be masked safely are left out."""
        self._forms: dict[bytes, tuple[bytes, ...]] = {}
        found = sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True)
        for form in found:
            start = form[:SHORTEST]
            self._forms[start] = (*self._forms.get(start, ()), form)
        self._beginnings = frozenset(start[:size] for start in self._forms for size in range(1, SHORTEST))
        self._starts = re.compile(_tree(self._forms)) if found else None
        self.longest = len(found[0]) if found else 0

    def __bool__(self) -> bool:
        """Whether there is anything to mask."""
        return self._starts is not None

    def start(self, seen: bytes, at: int) -> int:
        """Where a form may start next, from `at` on; the end of what is seen if nowhere."""
        found = self._starts.search(seen, at) if self._starts else None
        return found.start() if found else len(seen)

    def longest_at(self, seen: bytes, at: int, *, last: bool) -> int | None:
        """How long the longest form here is, 0 for none; None where only what follows can tell."""
        rest = len(seen) - at
        for form in self._forms[seen[at : at + SHORTEST]]:
            if len(form) <= rest:
                if seen.startswith(form, at):
                    return len(form)
            elif not last and form.startswith(seen[at:]):
                return None
        return 0

    def unfinished(self, seen: bytes, at: int) -> int:
        """Where the last few bytes, from `at` on, begin what may become a form; the end if nowhere."""
        end = len(seen)
        for begin in range(max(at, end - SHORTEST + 1), end):
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
        if not self._masks and not self._held:
            part = (self._at, raw, False)
            self._at += len(raw)
            return [part] if raw else []
        return self._take(self._held + raw, last=False)

    def flush(self) -> list[Part]:
        """The stream has ended: what was held back is kept, save what is a secret."""
        return self._take(self._held, last=True)

    def _take(self, seen: bytes, *, last: bool) -> list[Part]:
        parts: list[Part] = []
        masks, end = self._masks, len(seen)
        # Before `done` all was given out or covered; before `at` no form starts that is not accounted for.
        done, at = self._covered, masks.start(seen, 0)
        scanned = 0
        while at < end:
            length = masks.longest_at(seen, at, last=last)
            if length is None:
                break
            if length:
                if at >= done:
                    self._give(parts, seen, done, at)
                    parts.append((self._at + at, MASK, True))
                done = max(done, at + length)
            scanned = at + 1
            at = masks.start(seen, scanned)
        if at == end and not last:
            at = masks.unfinished(seen, scanned)
        self._give(parts, seen, done, at)
        self._held, self._at, self._covered = seen[at:], self._at + at, max(0, done - at)
        return parts

    def _give(self, parts: list[Part], seen: bytes, begin: int, end: int) -> None:
        if begin < end:
            parts.append((self._at + begin, seen[begin:end], False))


def mask(text: str, masks: Masks) -> str:
    """A whole text, masked."""
    masker = Masker(masks)
    parts = masker.feed(text.encode("utf-8", "surrogatepass")) + masker.flush()
    return b"".join(kept for _, kept, _ in parts).decode("utf-8", "replace")


def _tree(starts: Iterable[bytes]) -> bytes:
    """One expression for all of these, with common beginnings written once."""
    branches: dict[int, list[bytes]] = {}
    for start in starts:
        if start:
            branches.setdefault(start[0], []).append(start[1:])
    written = [re.escape(bytes((first,))) + _tree(rests) for first, rests in sorted(branches.items())]
    return written[0] if len(written) == 1 else b"(?:" + b"|".join(written) + b")" if written else b""
