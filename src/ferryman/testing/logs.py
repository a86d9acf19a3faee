"""The contract of a store of log pieces, and one in memory that keeps it.

Implement `ferryman.ports.logs.PieceStore` and call `check_piece_store`, or each of `PIECE_CHECKS`. Every check is given
`make`, which makes a store over an empty place of its own; opened again it stands over the same place.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from ferryman.ports.logs import ENDLESS, LogState, LogWrite, Piece, PieceStore, Span

Make = Callable[[], PieceStore]

STATE = LogState(run="r", key="build#1.1", lines=3, raw=30, size=28)


class MemoryPieces:
    """A store of pieces that lives as long as the object."""

    def __init__(self) -> None:
        """Empty."""
        self._states: dict[tuple[str, str], LogState] = {}
        self._pieces: dict[tuple[str, str], dict[int, Piece]] = {}
        self._spans: dict[str, list[Span]] = {}

    def open(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """What was kept stays, for who opens it again."""

    def write(self, writes: Sequence[LogWrite], *, durable: bool) -> None:
        """Keep all of it."""
        for write in writes:
            log = write.state.run, write.state.key
            before = self._states.get(log, replace(write.state, lines=0))
            self._states[log] = replace(write.state, removed_at=before.removed_at)
            if write.state.lines > before.lines:
                self._spans.setdefault(log[0], []).append(
                    Span(
                        number=self.last_line(log[0]) + 1,
                        key=log[1],
                        first=before.lines + 1,
                        lines=write.state.lines - before.lines,
                    )
                )
            self._pieces.setdefault(log, {}).update((piece.first, piece) for piece in write.pieces)

    def remove(self, logs: Sequence[tuple[str, str]], *, at: int) -> None:
        """Take away the lines of these (run, key)."""
        for log in logs:
            if state := self._states.get(log):
                self._states[log] = replace(state, removed_at=state.removed_at or at)
                self._pieces[log] = {}

    def state(self, run: str, key: str) -> LogState | None:
        """What is kept of one attempt, or None."""
        return self._states.get((run, key))

    def states(self, run: str = "") -> Sequence[LogState]:
        """What is kept of a run's attempts, or of all."""
        return [state for state in self._states.values() if run in ("", state.run)]

    def oldest(self, *, limit: int, besides: Collection[str]) -> Sequence[LogState]:
        """Logs that were closed and are still there, oldest end first."""
        found = [
            state
            for state in self._states.values()
            if state.ended_at and not state.removed_at and state.run not in besides
        ]
        return sorted(found, key=lambda state: (state.ended_at, state.run, state.key))[:limit]

    def size(self) -> int:
        """Bytes of masked output of all logs that are still there."""
        return sum(state.size for state in self._states.values() if not state.removed_at)

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """The pieces that hold the lines behind `after`, as many as cover `limit` lines or fill the room."""
        found: list[Piece] = []
        for first, piece in sorted(self._pieces.get((run, key), {}).items()):
            full = room and sum(len(one.body) for one in found) >= room
            if not full and first <= after + limit and first + piece.lines > after + 1:
                found.append(piece)
        return found

    def spans(
        self,
        run: str,
        *,
        after: int,
        until: int,
        limit: int,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> Sequence[Span]:
        """Where the run's lines behind `after` and up to `until` stand, as many as cover `limit` lines."""
        found: list[Span] = []
        spans = self._spans.get(run, [])
        for span in reversed(spans) if newest_first else spans:
            held = min(span.last, until) - max(span.number, after + 1) + 1
            chosen = keys is None or span.key in keys
            if limit > 0 and held > 0 and chosen and not self._states[run, span.key].removed_at:
                found.append(span)
                limit -= held
        return found

    def last_line(self, run: str) -> int:
        """The number of the run's last line."""
        spans = self._spans.get(run)
        return spans[-1].last if spans else 0


def check_a_state_and_its_pieces_are_kept_together(make: Make) -> None:
    """What was written is there, also when the place is opened again."""
    with _opened(make) as store:
        assert store.state("r", "build#1.1") is None
        assert store.pieces("r", "build#1.1", after=0, limit=10) == []
        store.write([LogWrite(state=STATE, pieces=(_piece(1, 2), _piece(3, 1)))], durable=True)
        store.close()
        store.open()
        assert store.state("r", "build#1.1") == STATE
        assert store.pieces("r", "build#1.1", after=0, limit=10) == [_piece(1, 2), _piece(3, 1)]


def check_a_piece_that_grew_replaces_the_one_before(make: Make) -> None:
    """The first line tells a piece, and the newest state counts."""
    with _opened(make) as store:
        store.write([LogWrite(state=STATE, pieces=(_piece(1, 2),))], durable=False)
        grown = replace(STATE, lines=5, raw=50, ended_at=7, missing="a byte")
        store.write([LogWrite(state=grown, pieces=(_piece(1, 5),))], durable=False)
        assert store.pieces("r", "build#1.1", after=0, limit=10) == [_piece(1, 5)]
        assert store.state("r", "build#1.1") == grown


def check_a_page_is_the_pieces_that_hold_it(make: Make) -> None:
    """Neither more nor less, wherever it begins."""
    pieces = tuple(_piece(first, 10) for first in range(1, 100, 10))
    with _opened(make) as store:
        store.write([LogWrite(state=replace(STATE, lines=100), pieces=pieces)], durable=False)
        store.write([LogWrite(state=replace(STATE, key="other"), pieces=(_piece(1, 500),))], durable=False)
        for after, limit, firsts in (
            (0, 1, [1]),
            (0, 10, [1]),
            (0, 11, [1, 11]),
            (9, 1, [1]),
            (10, 1, [11]),
            (55, 10, [51, 61]),
            (95, 1000, [91]),
            (100, 10, []),
            (0, 0, []),
        ):
            found = store.pieces("r", "build#1.1", after=after, limit=limit)
            assert [piece.first for piece in found] == firsts, (after, limit)


def check_states_are_listed_by_run(make: Make) -> None:
    """In the order in which their attempts began."""
    other = replace(STATE, run="s")
    second = replace(STATE, key="a")
    with _opened(make) as store:
        store.write([LogWrite(state=state) for state in (STATE, other, second)], durable=False)
        store.write([LogWrite(state=STATE)], durable=False)
        assert list(store.states("r")) == [STATE, second]
        assert list(store.states()) == [STATE, other, second]
        assert list(store.states("nobody")) == []


def check_a_removed_log_keeps_its_state(make: Make) -> None:
    """Its lines are gone, its numbers tell what there was, and when it went is told once."""
    with _opened(make) as store:
        store.write([LogWrite(state=STATE, pieces=(_piece(1, 3),))], durable=True)
        store.write([LogWrite(state=replace(STATE, run="s"), pieces=(_piece(1, 3),))], durable=True)
        store.remove([("r", "build#1.1"), ("nobody", "x")], at=99)
        store.remove([("r", "build#1.1")], at=100)
        assert store.state("r", "build#1.1") == replace(STATE, removed_at=99)
        assert store.pieces("r", "build#1.1", after=0, limit=10) == []
        assert store.pieces("s", "build#1.1", after=0, limit=10) == [_piece(1, 3)]


def check_the_oldest_logs_are_found_and_all_are_measured(make: Make) -> None:
    """Those that ended first; not those that are open, gone, or of a run that is named."""
    ends = {"a": 3, "b": 1, "c": 2, "open": 0, "gone": 1, "running": 1}
    with _opened(make) as store:
        states = [replace(STATE, run=run, ended_at=end, size=10) for run, end in ends.items()]
        store.write([LogWrite(state=state) for state in states], durable=False)
        store.remove([("gone", STATE.key)], at=99)
        found = store.oldest(limit=2, besides=("running",))
        assert [state.run for state in found] == ["b", "c"]
        assert [state.run for state in store.oldest(limit=9, besides=())] == ["b", "running", "c", "a"]
        assert store.size() == 50


def check_a_page_has_room_for_one_piece_at_least(make: Make) -> None:
    """Room is filled, never left unused."""
    pieces = tuple(_piece(first, 1) for first in range(1, 6))
    size = len(pieces[0].body)
    with _opened(make) as store:
        store.write([LogWrite(state=replace(STATE, lines=5), pieces=pieces)], durable=False)
        for room, count in ((1, 1), (size, 1), (size + 1, 2), (100 * size, 4), (0, 4)):
            assert len(store.pieces("r", "build#1.1", after=1, limit=9, room=room)) == count, room


def check_lines_are_numbered_over_their_run(make: Make) -> None:
    """From 1, in the order of the writes, also for a piece that grows while other attempts speak; opening the place
    again changes nothing, and each run counts for itself."""
    with _opened(make) as store:
        assert store.last_line("r") == 0
        _say(store, "a", 2)
        _say(store, "b", 3)
        _say(store, "a", 4)
        _say(store, "a", 5)
        store.write([LogWrite(state=LogState(run="s", key="a", lines=7))], durable=False)
        numbered = {1: "a1", 2: "a2", 3: "b1", 4: "b2", 5: "b3", 6: "a3", 7: "a4", 8: "a5"}
        assert _numbered(store) == numbered
        store.close()
        store.open()
        _say(store, "b", 3)
        _say(store, "b", 4)
        assert _numbered(store) == numbered | {9: "b4"}
        assert (store.last_line("r"), store.last_line("s")) == (9, 7)


def check_spans_are_found_from_either_end_and_by_attempt(make: Make) -> None:
    """Only those that hold what is asked for."""
    with _opened(make) as store:
        for at in range(1, 6):
            _say(store, "a", at * 10)
            _say(store, "b", at * 10)
        for after, until, limit, keys, newest_first, numbers in (
            (0, ENDLESS, 1, None, False, [1]),
            (0, ENDLESS, 11, None, False, [1, 11]),
            (10, ENDLESS, 10, None, False, [11]),
            (15, 25, 99, None, False, [11, 21]),
            (0, ENDLESS, 11, ("b",), False, [11, 31]),
            (11, ENDLESS, 1, ("a",), False, [21]),
            (0, ENDLESS, 11, None, True, [91, 81]),
            (0, 25, 6, None, True, [21, 11]),
            (0, 25, 6, ("b",), True, [11]),
            (15, 25, 99, ("a", "b", "c"), True, [21, 11]),
            (100, ENDLESS, 9, None, False, []),
            (0, ENDLESS, 9, (), False, []),
            (0, ENDLESS, 0, None, False, []),
        ):
            found = store.spans(
                "r", after=after, until=until, limit=limit, keys=keys, newest_first=newest_first
            )
            assert [span.number for span in found] == numbers, (after, until, limit, keys, newest_first)


def check_a_removed_log_keeps_its_numbers(make: Make) -> None:
    """Its lines are no longer found, and no others get their numbers."""
    with _opened(make) as store:
        _say(store, "a", 2)
        _say(store, "b", 3)
        store.remove([("r", "b")], at=99)
        assert (_numbered(store), store.last_line("r")) == ({1: "a1", 2: "a2"}, 5)
        _say(store, "a", 3)
        assert _numbered(store) == {1: "a1", 2: "a2", 6: "a3"}


PIECE_CHECKS = (
    check_a_state_and_its_pieces_are_kept_together,
    check_a_piece_that_grew_replaces_the_one_before,
    check_a_page_is_the_pieces_that_hold_it,
    check_states_are_listed_by_run,
    check_a_removed_log_keeps_its_state,
    check_the_oldest_logs_are_found_and_all_are_measured,
    check_a_page_has_room_for_one_piece_at_least,
    check_lines_are_numbered_over_their_run,
    check_spans_are_found_from_either_end_and_by_attempt,
    check_a_removed_log_keeps_its_numbers,
)
"""Each a promise, by its name."""


def check_piece_store(make: Make) -> None:
    """All of the contract, one promise after another."""
    for check in PIECE_CHECKS:
        check(make)


@contextmanager
def _opened(make: Make) -> Iterator[PieceStore]:
    store = make()
    store.open()
    try:
        yield store
    finally:
        store.close()


def _piece(first: int, lines: int) -> Piece:
    return Piece(first=first, lines=lines, body=b"%d+%d" % (first, lines))


def _say(store: PieceStore, key: str, lines: int) -> None:
    """Let an attempt of run r have so many lines by now."""
    store.write(
        [LogWrite(state=LogState(run="r", key=key, lines=lines), pieces=(_piece(1, lines),))], durable=False
    )


def _numbered(store: PieceStore) -> dict[int, str]:
    """Number → attempt and line, of all that run r said."""
    return {
        span.number + place: f"{span.key}{span.first + place}"
        for span in store.spans("r", after=0, until=ENDLESS, limit=ENDLESS)
        for place in range(span.lines)
    }
