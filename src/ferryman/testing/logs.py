"""The contract of a store of log pieces, and one in memory that keeps it.

Implement `ferryman.ports.logs.PieceStore` and call `check_piece_store`, or each of `PIECE_CHECKS`. Every check is given
`make`, which makes a store over an empty place of its own; opened again it stands over the same place.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from ferryman.ports.logs import LogState, LogWrite, Piece, PieceStore

Make = Callable[[], PieceStore]

STATE = LogState(run="r", key="build#1.1", lines=3, raw=30, size=28)


class MemoryPieces:
    """A store of pieces that lives as long as the object."""

    def __init__(self) -> None:
        """Empty."""
        self._states: dict[tuple[str, str], LogState] = {}
        self._pieces: dict[tuple[str, str], dict[int, Piece]] = {}

    def open(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """What was kept stays, for who opens it again."""

    def write(self, writes: Sequence[LogWrite], *, durable: bool) -> None:
        """Keep all of it."""
        for write in writes:
            log = write.state.run, write.state.key
            before = self._states.get(log, write.state)
            self._states[log] = replace(write.state, removed_at=before.removed_at)
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

    def pieces(self, run: str, key: str, *, after: int, limit: int) -> Sequence[Piece]:
        """The pieces that hold the lines behind `after`, as many as cover `limit` lines."""
        return [
            piece
            for first, piece in sorted(self._pieces.get((run, key), {}).items())
            if first <= after + limit and first + piece.lines > after + 1
        ]


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


PIECE_CHECKS = (
    check_a_state_and_its_pieces_are_kept_together,
    check_a_piece_that_grew_replaces_the_one_before,
    check_a_page_is_the_pieces_that_hold_it,
    check_states_are_listed_by_run,
    check_a_removed_log_keeps_its_state,
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
