"""Reading a run: one page over all of its attempts, by the numbers that lines have in their run.

Whatever else speaks in between, the lines of one attempt in one page follow each other without a gap. So each attempt
is asked once for all its lines of the page, and the spans say in which order they stand.
"""

from collections.abc import Collection, Iterable, Iterator

from ferryman.logs.chunks import Block, unpack
from ferryman.logs.shown import lines_of
from ferryman.ports.logs import LogLine, PieceStore, RunLine, RunLines, Span

ROOM = 4 * 1024 * 1024
"""Bytes of lines in one page: it ends with the piece that fills it."""
STRIDE = 1_000
"""How many lines a page that begins with the newest tries for; it has to be read from its older end."""


def read_run(
    store: PieceStore,
    run: str,
    *,
    after: int,
    until: int,
    limit: int,
    keys: Collection[str] | None,
    newest_first: bool,
) -> RunLines:
    """One page: lines behind `after` and up to `until`, at most `limit`, fewer where they would take too much room."""
    if limit <= 0:
        return RunLines(reached=after)
    if newest_first:
        return _read_down(store, run, after=after, until=until, limit=min(limit, STRIDE), keys=keys)
    return _read_up(store, run, after=after, until=until, limit=limit, keys=keys)


def _read_up(
    store: PieceStore, run: str, *, after: int, until: int, limit: int, keys: Collection[str] | None
) -> RunLines:
    asked = store.spans(run, after=after, until=until, limit=limit + 1, keys=keys)
    spans = [_clipped(span, after, until) for span in asked]
    more = sum(span.lines for span in spans) > limit
    wanted = list(_first(spans, limit))
    held = _Held(store, run, wanted)
    lines: list[RunLine] = []
    reached = after
    for span in wanted:
        for place in range(span.lines):
            if held.is_cut(span.key, span.first + place):
                return RunLines(lines=tuple(lines), reached=reached, more=True)
            reached = span.number + place
            if line := held.line(span.key, span.first + place):
                lines.append(RunLine(number=reached, key=span.key, line=line))
    return RunLines(lines=tuple(lines), reached=reached, more=more)


def _read_down(
    store: PieceStore, run: str, *, after: int, until: int, limit: int, keys: Collection[str] | None
) -> RunLines:
    """The same from the newest on: read upwards from where the page will end, less at a time if that was too much."""
    while True:
        asked = store.spans(run, after=after, until=until, limit=limit, keys=keys, newest_first=True)
        if not asked:
            return RunLines(reached=after)
        spans = [_clipped(span, after, until) for span in asked]
        # The last one is the oldest: only its newest lines may belong to the page.
        begin = spans[-1].number + max(0, sum(span.lines for span in spans) - limit)
        page = _read_up(store, run, after=begin - 1, until=until, limit=limit, keys=keys)
        if not page.more:
            older = store.spans(run, after=after, until=begin - 1, limit=1, keys=keys)
            return RunLines(lines=page.lines[::-1], reached=begin, more=bool(older))
        limit = max(1, limit // 4)


class _Held:
    """The lines of a page by attempt, as far as there was room."""

    def __init__(self, store: PieceStore, run: str, spans: Iterable[Span]) -> None:
        wanted: dict[str, tuple[int, int]] = {}
        for span in spans:
            first, lines = wanted.get(span.key, (span.first, 0))
            wanted[span.key] = first, lines + span.lines
        self._lines: dict[tuple[str, int], LogLine] = {}
        self._cut: dict[str, int] = {}
        room = ROOM
        for key, (first, count) in wanted.items():
            self._cut[key] = first + count
            for block in _blocks(store, run, key, first, count):
                if room <= 0:
                    self._cut[key] = block.first
                    break
                self._lines.update(((key, line.number), line) for line in lines_of(block))
                room -= block.size()

    def is_cut(self, key: str, number: int) -> bool:
        """Whether there was no room for this line."""
        return number >= self._cut[key]

    def line(self, key: str, number: int) -> LogLine | None:
        """A line by its number in its attempt; None where it is no longer kept."""
        return self._lines.get((key, number))


def _blocks(store: PieceStore, run: str, key: str, first: int, count: int) -> Iterator[Block]:
    """The lines of an attempt from `first` on, block by block; unpacked one piece at a time."""
    last = first + count - 1
    while first <= last:
        pieces = store.pieces(run, key, after=first - 1, limit=last - first + 1, room=ROOM)
        for piece in pieces:
            for block in unpack(piece):
                if block.last >= first and block.first <= last:
                    yield block.part(first - block.first, last - block.first + 1)
            first = piece.first + piece.lines
        if not pieces:
            return


def _clipped(span: Span, after: int, until: int) -> Span:
    """What of a span lies behind `after` and up to `until`."""
    begin, end = max(span.number, after + 1), min(span.last, until)
    return Span(
        number=begin, key=span.key, first=span.first + begin - span.number, lines=max(0, end - begin + 1)
    )


def _first(spans: Iterable[Span], limit: int) -> Iterator[Span]:
    """The first `limit` lines of spans."""
    for span in spans:
        if limit > 0:
            yield _clipped(span, 0, span.number + min(limit, span.lines) - 1)
        limit -= span.lines
