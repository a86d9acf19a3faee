"""The log book, as executors and readers use it (promise 7; LOG-1, 2, 5, 6, 9)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ferryman.domain.errors import Refused
from ferryman.logs import Logs
from ferryman.logs.retention import DAY, Retention
from ferryman.ports.logs import LogState, PieceStore
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.testing.leaks import scan
from ferryman.testing.logs import MemoryPieces
from tests.logs.books import KEY, RUN, all_lines, database, opened, raw_of, run, texts

SECRET = "hunter-2/ö&x"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PieceStore:
    """Each kind of store."""
    return MemoryPieces() if request.param == "memory" else database(tmp_path)


def test_lines_are_numbered_timed_and_kept(store: PieceStore) -> None:
    async def scenario(book: Logs) -> None:
        assert await book.open_attempt(RUN, KEY) == 0
        await book.ready()
        book.append(RUN, KEY, b"one\ntw", at=10)
        book.append(RUN, KEY, b"o\n", at=20)
        book.note(RUN, KEY, "asked to stop", at=30)
        book.append(RUN, KEY, b"last words", at=40)
        wanted = ["1 one", "2 two", "3 # asked to stop"]
        assert await all_lines(book) == wanted, "readable at once, before anything is written"
        assert await book.close_attempt(RUN, KEY, at=50) == 4
        assert await all_lines(book) == [*wanted, "4 last words"]
        assert [line.at for line in await book.read(RUN, KEY)] == [10, 20, 30, 50]
        assert texts(list(await book.tail(RUN, KEY, 2))) == ["3 # asked to stop", "4 last words"]
        assert texts(list(await book.read(RUN, KEY, after=1, limit=1))) == ["2 two"]
        assert await raw_of(book) == b"one\ntwo\nlast words"
        assert await book.state(RUN, KEY) == LogState(run=RUN, key=KEY, lines=4, raw=18, size=18, ended_at=50)

    run(scenario, store)


def test_closing_again_changes_nothing_and_nothing_comes_behind_the_end(store: PieceStore) -> None:
    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"x\n", at=1)
        both = await asyncio.gather(book.close_attempt(RUN, KEY, at=2), book.close_attempt(RUN, KEY, at=3))
        assert [*both, await book.close_attempt(RUN, KEY, at=4)] == [1, 1, 1]
        assert await book.open_attempt(RUN, KEY) == 2, "the raw file was read to its end"
        with pytest.raises(Refused, match="not open"):
            book.append(RUN, KEY, b"late\n", at=5)
        book.note(RUN, KEY, "late", at=5)
        await book.flush()
        assert await all_lines(book) == ["1 x"]

    run(scenario, store)


def test_output_of_an_attempt_that_is_not_open_is_refused() -> None:
    """Its secrets are not known then."""

    async def scenario(book: Logs) -> None:
        with pytest.raises(Refused, match="not open"):
            book.append(RUN, KEY, b"x\n", at=1)

    run(scenario, MemoryPieces())


def test_a_note_opens_the_log_and_stands_first(store: PieceStore) -> None:
    async def scenario(book: Logs) -> None:
        book.note(RUN, KEY, "waits for a machine", at=1)
        book.note(RUN, KEY, "still\nwaits", at=2)
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"out\n", at=3)
        await book.close_attempt(RUN, KEY)
        assert await all_lines(book) == ["1 # waits for a machine", "2 # still", "3 # waits", "4 out"]
        book.note(RUN, "skipped#1.1", "never ran", at=4)
        assert await book.close_attempt(RUN, "skipped#1.1", at=5) == 1
        assert [state.key for state in await book.states(RUN)] == [KEY, "skipped#1.1"]

    run(scenario, store)


def test_what_is_missing_is_the_last_line_and_stays_told(store: PieceStore) -> None:
    """LOG-2: the log says what and how much."""

    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"x\n", at=1)
        await book.close_attempt(RUN, KEY, missing="the output file is gone", at=2)
        assert await all_lines(book) == ["1 x", "2 # missing: the output file is gone"]
        state = await book.state(RUN, KEY)
        assert state is not None
        assert state.missing == "the output file is gone"

    run(scenario, store)


def test_a_log_that_is_full_says_so_and_counts_what_is_left_out(store: PieceStore) -> None:
    """LOG-9; and closing tells how much it was."""

    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"0123456789\n", at=1)
        book.append(RUN, KEY, b"more\n" * 10, at=2)
        book.append(RUN, KEY, b"and more\n", at=2)
        assert await all_lines(book, after=11) == [
            "12 # the log is full: the limit of 20 bytes was reached, what follows is left out"
        ]
        await book.close_attempt(RUN, KEY)
        assert await all_lines(book, after=12) == [
            "13 # missing: 9 bytes were left out behind the limit of 20 bytes"
        ]
        assert await raw_of(book) == b"0123456789\n" + b"more\n" * 10

    run(scenario, store, limit=20)


def test_followers_see_every_line_once_and_in_order(store: PieceStore) -> None:
    """One that was there before the attempt, one that comes in its middle, one that comes after its end."""

    async def collect(book: Logs, after: int = 0) -> list[str]:
        return [f"{line.number} {line.text}" async for line in book.follow(RUN, KEY, after=after)]

    async def scenario(book: Logs) -> None:
        early = asyncio.create_task(collect(book))
        await asyncio.sleep(0)
        await book.open_attempt(RUN, KEY)
        middle = None
        for number in range(1, 5001):
            book.append(RUN, KEY, b"line %d\n" % number, at=number)
            if number % 100 == 0:
                await book.flush()
            if number == 3000:
                middle = asyncio.create_task(collect(book, after=100))
        await book.close_attempt(RUN, KEY)
        wanted = [f"{number} line {number}" for number in range(1, 5001)]
        assert middle is not None
        assert await early == wanted
        assert await middle == wanted[100:]
        assert await collect(book, after=4990) == wanted[4990:]

    run(scenario, store)


def test_a_follower_in_another_process_sees_what_is_written(tmp_path: Path) -> None:
    """It reads beside the writer, from the same file."""

    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"one\n", at=1)
        await book.flush()
        beside = type(database(tmp_path))(tmp_path / "ferryman-logs.db", read_only=True)
        async with opened(beside, read_only=True) as other:
            lines = other.follow(RUN, KEY)
            assert (await anext(lines)).text == "one"
            book.append(RUN, KEY, b"two\n", at=2)
            await book.close_attempt(RUN, KEY)
            assert [line.text async for line in lines] == ["two"]

    run(scenario, database(tmp_path))


def test_secrets_are_in_no_file_also_while_they_are_cut_in_two(tmp_path: Path) -> None:
    """LOG-6, promise 8; secrets that become known later are masked from then on."""

    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY, secrets=[SECRET])
        book.append(RUN, KEY, b"a hunter-", at=1)
        await book.flush()
        book.append(RUN, KEY, "2/ö&x b\n".encode(), at=2)
        await book.open_attempt(RUN, KEY, secrets=["second-secret"])
        book.append(RUN, KEY, f"{SECRET} second-secret\n".encode(), at=3)
        book.note(RUN, KEY, f"called with {SECRET}", at=4)
        await book.close_attempt(RUN, KEY, missing=f"what {SECRET} did")
        assert await all_lines(book) == [
            "1 a ****** b",
            "2 ****** ******",
            "3 # called with ******",
            "4 # missing: what ****** did",
        ]

    run(scenario, database(tmp_path))
    assert scan(tmp_path, [SECRET, "second-secret"]) == []


def test_the_raw_download_is_exact_but_for_masks(store: PieceStore) -> None:
    """LOG-5: bytes that are no text, carriage returns, empty lines, a long line, no newline at the end."""
    stream = b"\xff\xfe\x00\r\n\n\n" + b"x" * 2_500_000 + b"\n\r10%\rend"

    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY, secrets=[SECRET])
        for begin in range(0, len(stream), 300_000):
            book.append(RUN, KEY, stream[begin : begin + 300_000], at=1)
            book.note(RUN, KEY, "between", at=1)
        book.append(RUN, KEY, SECRET.encode(), at=2)
        await book.close_attempt(RUN, KEY)
        assert await raw_of(book) == stream + b"******"
        state = await book.state(RUN, KEY)
        assert state is not None
        assert state.size == len(stream) + 6, "the size is known before"

    run(scenario, store)


def test_a_new_book_goes_on_where_the_old_one_had_written(tmp_path: Path) -> None:
    """LOG-2 after a restart: the step's own file is read from the place that was kept."""
    stream = b"".join(b"line %d with hunter-2/\xc3\xb6&x\n" % number for number in range(1, 400)) + b"end"

    async def first(book: Logs) -> None:
        assert await book.open_attempt(RUN, KEY, secrets=[SECRET]) == 0
        book.append(RUN, KEY, stream[:3333], at=1)
        await book.flush()
        book.append(RUN, KEY, stream[3333:5000], at=1)

    async def second(book: Logs) -> None:
        begin = await book.open_attempt(RUN, KEY, secrets=[SECRET])
        assert 3000 < begin <= 5000
        assert stream[begin - 1 : begin] == b"\n"
        book.append(RUN, KEY, stream[begin:], at=2)
        assert await book.close_attempt(RUN, KEY) == 400
        assert await raw_of(book) == stream.replace(SECRET.encode(), b"******")
        assert [line.number for line in await book.read(RUN, KEY)] == list(range(1, 401))

    run(first, database(tmp_path))
    run(second, database(tmp_path))


def test_the_store_is_asked_once_for_a_run_and_what_it_has_is_not_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOG-2. What is remembered of a run may be forgotten at any time."""
    monkeypatch.setattr("ferryman.logs.book.KNOWN", 1)
    asked: list[str] = []

    class Asked(SqliteLogs):
        def state(self, run: str, key: str) -> LogState | None:
            asked.append(key)
            return super().state(run, key)

        def states(self, run: str = "") -> Sequence[LogState]:
            asked.append(run)
            return super().states(run)

    async def say(book: Logs, run: str, key: str) -> int:
        begin = await book.open_attempt(run, key)
        book.append(run, key, b"x\n", at=1)
        await book.close_attempt(run, key, at=2)
        return begin

    async def first(book: Logs) -> None:
        assert [await say(book, RUN, str(number)) for number in range(5)] == [0] * 5
        assert asked == [RUN]
        await say(book, "another", "0")
        assert await book.open_attempt(RUN, "0") == 2
        assert await book.open_attempt(RUN, "1") == 2
        assert asked == [RUN, "another", RUN, "1"]

    async def second(book: Logs) -> None:
        await say(book, RUN, "5")
        assert await book.open_attempt(RUN, "4") == 2

    run(first, Asked(tmp_path / "logs.db"))
    run(second, Asked(tmp_path / "logs.db"))


def test_logs_that_may_go_are_removed_and_say_so(store: PieceStore) -> None:
    async def scenario(book: Logs) -> None:
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"x\n", at=1)
        await book.close_attempt(RUN, KEY, at=DAY)
        assert await book.tidy(Retention(days=1), running=[], now=2 * DAY) == []
        assert await book.tidy(Retention(days=1), running=[], now=3 * DAY) == [(RUN, KEY)]
        assert await all_lines(book) == []
        assert [line async for line in book.follow(RUN, KEY)] == []
        state = await book.state(RUN, KEY)
        assert state is not None
        assert (state.lines, state.removed_at) == (1, 3 * DAY)

    run(scenario, store)
