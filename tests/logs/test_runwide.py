"""Numbers over a whole run: 1 to n without gap or repeat, the same for ever (bkci-v3 3.4; LOG-3)."""

import asyncio
import tracemalloc
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs import Logs, runwide
from ferryman.logs.chunks import PIECE_LINES, Block, pack
from ferryman.ports.logs import ENDLESS, LogState, LogWrite, Piece, PieceStore, RunLines
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.logs_sqlite import statements as sql
from ferryman.testing.logs import MemoryPieces
from tests.logs.books import RUN, opened

KEYS = ("build#1.1", "test#1.1", "build#2.1")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PieceStore:
    """An empty store of each kind."""
    return MemoryPieces() if request.param == "memory" else SqliteLogs(tmp_path / "logs.db")


def said(page: RunLines) -> list[tuple[int, str, int, str]]:
    """Number in the run, attempt, number there, text."""
    return [(line.number, line.key, line.line.number, line.line.text) for line in page.lines]


async def whole(
    book: Logs, *, keys: Sequence[str] | None = None, limit: int = 3
) -> list[tuple[int, str, int, str]]:
    """All of a run, page by page."""
    lines: list[tuple[int, str, int, str]] = []
    page = RunLines(more=True)
    while page.more:
        page = await book.read_run(RUN, after=page.reached, limit=limit, keys=keys)
        lines += said(page)
    return lines


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(KEYS), st.integers(1, 3)),
            st.sampled_from(["kept", "killed", "closed", "opened again"]),
        ),
        max_size=25,
    ),
    st.integers(1, 7),
)
def test_however_attempts_speak_and_the_process_ends_numbers_have_no_gap_and_stay(
    story: list[tuple[str, int] | str], limit: int
) -> None:
    """Attempts speak in turns, a piece is kept while it is filled, the process is killed or ended in between; each
    attempt then says again what was not kept, as a step's own file does."""
    store = MemoryPieces()
    spoken = dict.fromkeys(KEYS, 0)
    shown: list[tuple[int, str, int, str]] = []

    async def open_all(book: Logs) -> None:
        for key in KEYS:
            kept = await book.open_attempt(RUN, key)
            said_again = b"".join(b"%03d\n" % number for number in range(1, spoken[key] + 1))[kept:]
            if said_again:
                book.append(RUN, key, said_again, at=1)

    async def look(book: Logs) -> None:
        nonlocal shown
        now = await whole(book, limit=limit)
        assert now[: len(shown)] == shown, "what was shown stays as it was"
        assert [number for number, *_ in now] == list(range(1, len(now) + 1))
        assert await book.last_line(RUN) == len(now)
        for key in KEYS:
            own = [line for line in now if line[1] == key]
            assert [at for _, _, at, _ in own] == list(range(1, len(own) + 1)), "each attempt's order holds"
            assert all(text == f"{at:03}" for _, _, at, text in own)
            assert await whole(book, keys=[key], limit=limit) == own
        shown = now

    async def play() -> None:
        book = Logs(store)
        await book.open()
        await open_all(book)
        for event in story:
            match event:
                case (str(key), int(lines)):
                    first = spoken[key] + 1
                    spoken[key] += lines
                    book.append(RUN, key, b"".join(b"%03d\n" % n for n in range(first, first + lines)), at=1)
                case "kept":
                    await book.flush()
                    await look(book)
                case "killed":
                    book._attempts.clear()
                    await book.close()
                    book = Logs(store)
                    await book.open()
                    await look(book)
                    await open_all(book)
                case "closed":
                    await book.flush()
                    await book.close()
                    book = Logs(store)
                    await book.open()
                    await open_all(book)
                case _:
                    await open_all_again(book)
        for key in KEYS:
            await book.close_attempt(RUN, key)
        await look(book)
        assert len(shown) == sum(spoken.values()), "nothing is lost"
        await book.close()

    async def open_all_again(book: Logs) -> None:
        for key in KEYS:
            await book.open_attempt(RUN, key)

    asyncio.run(play())


@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, 4)), max_size=12),
    st.integers(0, 20),
    st.integers(0, 30),
    st.integers(1, 9),
    st.one_of(st.none(), st.lists(st.sampled_from(KEYS), unique=True)),
    st.sampled_from([1, 30, 10_000]),
)
def test_a_window_is_the_same_from_either_end_with_little_room_too(
    writes: list[tuple[str, int]], after: int, until: int, limit: int, keys: list[str] | None, room: int
) -> None:
    store = MemoryPieces()
    lines = dict.fromkeys(KEYS, 0)
    model: list[tuple[int, str, int]] = []
    number = count(1)
    for key, more in writes:
        blocks = [Block(first=lines[key] + 1, lines=[b"0123456789"] * more, at=1)]
        model += [(next(number), key, lines[key] + place) for place in range(1, more + 1)]
        lines[key] += more
        store.write(
            [LogWrite(state=LogState(run=RUN, key=key, lines=lines[key]), pieces=(pack(blocks),))],
            durable=False,
        )
    wanted = [line for line in model if after < line[0] <= until and (keys is None or line[1] in keys)]

    def read(newest_first: bool) -> list[tuple[int, str, int]]:
        found: list[tuple[int, str, int]] = []
        begin, end = after, until
        for _ in range(100):
            page = runwide.read_run(
                store, RUN, after=begin, until=end, limit=limit, keys=keys, newest_first=newest_first
            )
            assert len(page.lines) <= limit
            assert page.lines or not page.more
            found += [(line.number, line.key, line.line.number) for line in page.lines]
            if not page.more:
                return found
            begin, end = (begin, page.reached - 1) if newest_first else (page.reached, end)
        raise AssertionError("it does not come to an end")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runwide, "ROOM", room)
        assert read(newest_first=False) == wanted
        assert read(newest_first=True) == wanted[::-1]


def test_lines_of_a_removed_attempt_are_passed_by(store: PieceStore) -> None:
    async def play() -> None:
        async with opened(store) as book:
            for key in KEYS:
                await book.open_attempt(RUN, key)
                book.append(RUN, key, f"{key} says\n".encode(), at=5)
                await book.close_attempt(RUN, key, at=6)
            await asyncio.to_thread(store.remove, [(RUN, KEYS[1])], at=7)
            assert await whole(book) == [(1, KEYS[0], 1, "build#1.1 says"), (3, KEYS[2], 1, "build#2.1 says")]
            assert await book.last_line(RUN) == 3
            assert said(await book.read_run(RUN, newest_first=True))[0][0] == 3

    asyncio.run(play())


def test_nothing_said_is_an_empty_page(store: PieceStore) -> None:
    async def play() -> None:
        async with opened(store) as book:
            assert await book.read_run(RUN) == RunLines()
            assert await book.read_run(RUN, newest_first=True, after=3) == RunLines(reached=3)
            assert await book.read_run(RUN, limit=0) == RunLines()
            assert await book.last_line(RUN) == 0

    asyncio.run(play())


def test_an_older_file_gets_its_numbers_when_it_is_opened(tmp_path: Path) -> None:
    """In the order in which the attempts began; what comes later goes on behind them."""
    old = apsw.Connection(str(tmp_path / "logs.db"))
    old.pragma("application_id", 0x46724C67)
    old.execute(sql.MIGRATIONS[0])
    old.pragma("user_version", 1)
    for number, (run, key, lines) in enumerate(
        [(RUN, "a", 3), ("other", "a", 9), (RUN, "b", 2), (RUN, "silent", 0)], start=1
    ):
        old.execute("INSERT INTO log VALUES (?, ?, ?, ?, 0, 0, 1, '', 0)", (number, run, key, lines))
        old.execute("INSERT INTO piece VALUES (?, 1, ?, x'')", (number, lines))
    old.close()
    store = SqliteLogs(tmp_path / "logs.db")
    store.open()
    spans = store.spans(RUN, after=0, until=ENDLESS, limit=99)
    assert [(span.number, span.key, span.first, span.lines) for span in spans] == [
        (1, "a", 1, 3),
        (4, "b", 1, 2),
    ]
    store.write([LogWrite(state=LogState(run=RUN, key="c", lines=1))], durable=False)
    assert (store.last_line(RUN), store.last_line("other")) == (6, 9)
    store.close()


class Counting(SqliteLogs):
    """Counts the pieces that are read."""

    read = 0

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """As it is, and counted."""
        found = super().pieces(run, key, after=after, limit=limit, room=room)
        self.read += len(found)
        return found


def test_a_million_lines_of_a_run_are_read_anywhere_without_touching_the_rest(tmp_path: Path) -> None:
    """Two attempts side by side; the first 5,000, those behind a line, and the newest cost their pieces alone."""
    store = Counting(tmp_path / "logs.db")
    store.open()
    writes = [
        LogWrite(
            state=LogState(run=RUN, key=key, lines=first + PIECE_LINES - 1),
            pieces=(
                pack([Block(first=first, lines=[b"%d" % (first + at) for at in range(PIECE_LINES)], at=1)]),
            ),
        )
        for first in range(1, 500_001, PIECE_LINES)
        for key in KEYS[:2]
    ]
    store.write(writes, durable=False)

    def read(**window: object) -> RunLines:
        store.read = 0
        words = {"after": 0, "until": ENDLESS, "limit": 1000, "keys": None, "newest_first": False} | window
        return runwide.read_run(store, RUN, **words)

    page = read(limit=5000)
    assert (page.lines[0].number, page.lines[-1].number, page.more, store.read) == (1, 5000, True, 5)
    page = read(after=777_500)
    assert (page.lines[0].number, page.lines[-1].number, store.read) == (777_501, 778_500, 2)
    page = read(newest_first=True)
    assert (page.lines[0].number, page.lines[-1].number, page.more, store.read) == (
        1_000_000,
        999_001,
        True,
        1,
    )
    page = read(after=777_500, keys=KEYS[1:2])
    assert {line.key for line in page.lines} == {KEYS[1]}
    assert (page.lines[0].number, store.read) == (777_501, 2)
    for named, wanted in (
        (False, "SEARCH span USING PRIMARY KEY (run=? AND number>? AND number<?)"),
        (True, "SEARCH span USING INDEX span_of_log (log=? AND number>? AND number<?)"),
    ):
        words = {"run": RUN, "after": 7, "until": 9, "limit": 1, "keys": "[]"}
        plan = store._reading.execute("EXPLAIN QUERY PLAN " + sql.SPANS[named, False], words)
        assert wanted in [row[3] for row in plan]
    store.close()


def test_a_page_of_enormous_lines_is_short(store: PieceStore) -> None:
    """What is held at once is bounded by the room, not by the number of lines."""

    async def play() -> None:
        async with opened(store) as book:
            for key in KEYS[:2]:
                await book.open_attempt(RUN, key)
                book.append(RUN, key, (b"x" * 999_999 + b"\n") * 20, at=1)
                await book.flush()
            tracemalloc.start()
            page = await book.read_run(RUN, limit=5000)
            assert (len(page.lines), page.more) == (5, True)
            page = await book.read_run(RUN, limit=5000, newest_first=True)
            assert page.more
            assert page.lines[0].number == 40
            assert tracemalloc.get_traced_memory()[1] < 8 * runwide.ROOM
            tracemalloc.stop()
            assert len(await whole(book, limit=5000)) == 40

    asyncio.run(play())
