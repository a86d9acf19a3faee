"""One open attempt: the way of its bytes from raw output to blocks in memory, ready to be written."""

from collections.abc import Sequence

from ferryman.logs.chunks import Block, Filling
from ferryman.logs.lines import LineCutter, Lines
from ferryman.logs.masking import Masker, Masks, Part, mask
from ferryman.logs.tail import Tail
from ferryman.ports.logs import LogState

SLICE = 256 * 1024
"""Raw bytes taken in at a time, so that a limit is passed by no more than this."""


class OpenAttempt:
    """What is known of an attempt while its output comes in. Pure but for its tail's followers."""

    def __init__(self, state: LogState, masks: Masks, *, limit: int) -> None:
        """Go on where this state stands."""
        self.run, self.key = state.run, state.key
        self.masks = masks
        self.secrets: frozenset[str] = frozenset()
        self.tail = Tail(newest=state.lines)
        self.taken = state.raw
        """Raw bytes taken in so far, whether or not they have become lines."""
        self.unsent = 0
        """Bytes that the writer has not been given yet."""
        self._masker = Masker(masks, at=state.raw)
        self._cutter = LineCutter(at=state.raw)
        self._filling = Filling()
        self._full: list[tuple[Block, ...]] = []
        self._size = state.size
        self._raw = state.raw
        self._limit = limit
        self._last_at = 0
        self._clean = True

    def mask_with(self, masks: Masks) -> None:
        """From now on look for these."""
        self.masks = masks
        self._masker.mask_with(masks)

    @property
    def is_full(self) -> bool:
        """Whether the limit was reached: what comes is counted and left out."""
        return self._size >= self._limit

    @property
    def is_clean(self) -> bool:
        """Whether the writer was given everything."""
        return self._clean

    def append(self, raw: bytes, *, at: int) -> None:
        """Take in output; a note says it when the limit is reached."""
        for begin in range(0, len(raw), SLICE):
            if self.is_full:
                break
            self._take(self._masker.feed(raw[begin : begin + SLICE]), at=at)
        self.taken += len(raw)

    def note(self, text: str, *, at: int) -> None:
        """Add lines of Ferryman's own, masked."""
        lines = mask(text, self.masks).encode("utf-8", "replace").split(b"\n")
        self._add(Block(first=self.tail.newest + 1, lines=lines, at=at, note=True))

    def end(self, *, missing: str, at: int) -> LogState:
        """No output will follow: keep what is left and say what is missing; the state to keep for ever."""
        if not self.is_full:
            self._take(self._masker.flush(), at=at or self._last_at)
            self._keep(self._cutter.flush(), at=at or self._last_at)
        elif self.taken > self._raw:
            left_out = (
                f"{self.taken - self._raw:,} bytes were left out behind the limit of {self._limit:,} bytes"
            )
            missing = f"{missing}; {left_out}" if missing else left_out
        if missing:
            self.note(f"missing: {missing}", at=at or self._last_at)
        self._raw = self.taken
        ended_at = max(1, at, self._last_at)
        return LogState(
            run=self.run,
            key=self.key,
            lines=self.tail.newest,
            raw=self._raw,
            size=self._size,
            ended_at=ended_at,
            missing=mask(missing, self.masks),
        )

    def state(self) -> LogState:
        """How much there is by now."""
        return LogState(run=self.run, key=self.key, lines=self.tail.newest, raw=self._raw, size=self._size)

    def take_drafts(self) -> Sequence[Sequence[Block]]:
        """The pieces to write now: those that became full, and the one that is being filled as it stands."""
        drafts = [*self._full, *((tuple(self._filling.blocks),) if self._filling.blocks else ())]
        self._full.clear()
        self.unsent = 0
        self._clean = True
        return drafts

    def _take(self, parts: list[Part], *, at: int) -> None:
        self._keep(self._cutter.feed(parts), at=at)
        self._raw = self._cutter.raw
        if self.is_full:
            self.note(
                f"the log is full: the limit of {self._limit:,} bytes was reached, what follows is left out",
                at=at,
            )

    def _keep(self, cut: Lines, *, at: int) -> None:
        lines, unended = cut
        if lines:
            block = Block(first=self.tail.newest + 1, lines=lines, at=at, unended=tuple(unended))
            self._size += block.size()
            self._add(block)

    def _add(self, block: Block) -> None:
        self._last_at = max(self._last_at, block.at)
        self.tail.push(block)
        self._full += self._filling.add(block)
        self.unsent += block.size()
        self._clean = False
