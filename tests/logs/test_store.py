"""The store of pieces: its contract, its file, its troubles, its size and its kills."""

import asyncio
import gc
import os
import random
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import apsw
import pytest

from ferryman.domain.errors import Unavailable
from ferryman.logs import Logs
from ferryman.logs.chunks import PIECE_LINES, Block, pack
from ferryman.ports.logs import LogState, LogWrite, Piece
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.testing.logs import PIECE_CHECKS, Make, MemoryPieces, check_piece_store
from tests.logs.books import KEY, RUN, all_lines, database, opened, raw_of, run


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes stores of one kind, each over a place of its own."""
    numbers = count()
    return MemoryPieces if request.param == "memory" else lambda: SqliteLogs(tmp_path / f"{next(numbers)}.db")


@pytest.mark.parametrize("check", PIECE_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_a_store_of_pieces_keeps_its_promises(check: Callable[[Make], None], make: Make) -> None:
    check(make)


def test_the_whole_contract_is_one_call() -> None:
    check_piece_store(MemoryPieces)


def test_a_newer_a_foreign_and_a_damaged_file_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    store = SqliteLogs(path)
    store.open()
    store.close()
    newer = apsw.Connection(str(path))
    newer.pragma("user_version", 99)
    newer.close()
    with pytest.raises(Unavailable, match=r"a newer Ferryman wrote it \(version 99, this one knows 2\)"):
        SqliteLogs(path).open()
    foreign = apsw.Connection(str(tmp_path / "foreign.db"))
    foreign.execute("CREATE TABLE mine (x)")
    foreign.close()
    with pytest.raises(Unavailable, match="not Ferryman's logs; move it away"):
        SqliteLogs(tmp_path / "foreign.db").open()
    (tmp_path / "text.db").write_text("no database at all" * 100)
    with pytest.raises(Unavailable, match="damaged"):
        SqliteLogs(tmp_path / "text.db").open()
    with pytest.raises(Unavailable, match="cannot open"):
        SqliteLogs(tmp_path / "nowhere.db", read_only=True).open()


class Counting(SqliteLogs):
    """Counts the pieces that are read."""

    read = 0

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """As it is, and counted."""
        found = super().pieces(run, key, after=after, limit=limit, room=room)
        self.read += len(found)
        return found


@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path, read_only: bool) -> None:
    """A named pipe was opened, and waited for ever, by whoever read beside a server."""
    os.mkfifo(tmp_path / "logs.db")
    with pytest.raises(Unavailable, match="it is a named pipe, not a file; move it away"):
        SqliteLogs(tmp_path / "logs.db", read_only=read_only).open()


def test_what_an_earlier_version_left_open_to_others_becomes_its_owners_alone(tmp_path: Path) -> None:
    """One that is not ours keeps its rights, as does one that is only read."""
    store = SqliteLogs(tmp_path / "logs.db")
    store.open()
    store.write([LogWrite(state=LogState(run="r", key="k"))], durable=False)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["logs.db", "logs.db-shm", "logs.db-wal"]
    for path in files:
        path.chmod(0o644)
    reader = SqliteLogs(tmp_path / "logs.db", read_only=True)
    reader.open()
    assert {_rights(path) for path in files} == {0o644}
    again = SqliteLogs(tmp_path / "logs.db")
    again.open()
    assert {_rights(path) for path in files} == {0o600}
    for each in (again, reader, store):
        each.close()
    foreign = apsw.Connection(str(tmp_path / "foreign.db"))
    foreign.execute("CREATE TABLE mine (x)")
    foreign.close()
    (tmp_path / "foreign.db").chmod(0o644)
    with pytest.raises(Unavailable, match="not Ferryman's logs"):
        SqliteLogs(tmp_path / "foreign.db").open()
    assert _rights(tmp_path / "foreign.db") == 0o644


def _rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_million_lines_open_at_their_end_and_anywhere_without_touching_the_rest(tmp_path: Path) -> None:
    """LOG-3: what is read does not depend on how much there is."""
    store = Counting(tmp_path / "logs.db")
    store.open()
    million = 1_000_000
    pieces = tuple(
        pack([Block(first=first, lines=[b"line %d" % (first + place) for place in range(PIECE_LINES)], at=1)])
        for first in range(1, million, PIECE_LINES)
    )
    store.write(
        [LogWrite(state=LogState(run=RUN, key=KEY, lines=million, ended_at=1), pieces=pieces)], durable=True
    )
    plan = [
        row[3]
        for row in store._reading.execute(
            "EXPLAIN QUERY PLAN SELECT body FROM piece WHERE log = 1 AND first >= 7 ORDER BY first"
        )
    ]
    assert plan == ["SEARCH piece USING INDEX sqlite_autoindex_piece_1 (log=? AND first>?)"]
    store.close()

    async def scenario(book: Logs) -> None:
        lines = await book.tail(RUN, KEY, 1000)
        assert (lines[0].text, lines[-1].text) == ("line 999001", "line 1000000")
        assert store.read == 1
        lines = await book.read(RUN, KEY, after=123_456, limit=1000)
        assert (lines[0].number, lines[-1].number) == (123_457, 124_456)
        assert store.read == 3

    run(scenario, store)


def test_a_removed_log_gives_its_room_back(tmp_path: Path) -> None:
    store = SqliteLogs(tmp_path / "logs.db")
    store.open()
    before = store._writing.pragma("page_count")
    state = LogState(run=RUN, key=KEY, lines=1, ended_at=1)
    store.write(
        [LogWrite(state=state, pieces=(Piece(first=1, lines=1, body=bytes(1_000_000)),))], durable=True
    )
    assert store._writing.pragma("page_count") > before + 200
    store.remove([(RUN, KEY)], at=2)
    assert store._writing.pragma("page_count") <= before + 1
    store.close()


def test_a_full_disk_is_told_and_nothing_is_lost_when_it_has_room_again(tmp_path: Path) -> None:
    store = database(tmp_path)
    stream = random.Random(1).randbytes(400_000).replace(b"\r", b"").replace(b"\0", b"\n") + b"\n"

    async def scenario(book: Logs) -> None:
        store._writing.pragma("max_page_count", 20)
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, stream, at=1)
        closing = asyncio.create_task(book.close_attempt(RUN, KEY))
        while not book.trouble:
            await asyncio.sleep(0.01)
        assert "the disk is full" in book.trouble
        assert len(await all_lines(book)) > 1000, "readable meanwhile"
        store._writing.pragma("max_page_count", 1_000_000)
        await closing
        assert book.trouble == ""
        assert await raw_of(book) == stream

    run(scenario, store)


def test_nothing_is_said_of_an_end_that_nobody_waits_for_any_more(tmp_path: Path) -> None:
    """ERR-1: who is stopped while the disk is full hears of the disk, and of no exception besides."""
    store = database(tmp_path)
    said: list[object] = []

    async def scenario(book: Logs) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        store._writing.pragma("max_page_count", 1)
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, random.Random(1).randbytes(100_000), at=1)
        closing = asyncio.create_task(book.close_attempt(RUN, KEY))
        while not book.trouble:
            await asyncio.sleep(0.01)
        closing.cancel()
        await asyncio.wait((closing,))
        await book.close()
        del closing
        gc.collect()

    run(scenario, store)
    assert said == []


def test_a_locked_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ferryman.stores.logs_sqlite.store.PATIENCE_MS", 1)
    store = database(tmp_path)

    async def scenario(book: Logs) -> None:
        other = apsw.Connection(str(tmp_path / "ferryman-logs.db"))
        other.execute("BEGIN IMMEDIATE")
        await book.open_attempt(RUN, KEY)
        book.append(RUN, KEY, b"x\n", at=1)
        closing = asyncio.create_task(book.close_attempt(RUN, KEY))
        while not book.trouble:
            await asyncio.sleep(0.01)
        assert "another program holds it locked" in book.trouble
        other.execute("ROLLBACK")
        assert await closing == 1
        other.close()

    run(scenario, store)


SCRIPT = """
import asyncio, sys
from pathlib import Path
from ferryman.logs import Logs
from ferryman.stores.logs_sqlite import SqliteLogs

async def main(database, stream):
    book = Logs(SqliteLogs(Path(database)))
    await book.open()
    begin = await book.open_attempt("run-1", "build#1.1", secrets=["hunter-2/x"])
    with open(stream, "rb") as file:
        file.seek(begin)
        while raw := file.read(700):
            await book.ready()
            book.append("run-1", "build#1.1", raw, at=1)
            await book.flush()
            print(flush=True)
    await book.close_attempt("run-1", "build#1.1")
    await book.close()

asyncio.run(main(*sys.argv[1:]))
"""


def kills(folder: Path, times: int) -> None:
    """A reader of a step's file is killed again and again, at any moment; its log comes out whole."""
    count = 1200 * times
    stream = b"".join(b"line %d, password hunter-2/x\r\n" % number for number in range(count)) + b"end"
    (folder / "stream").write_bytes(stream)
    command = [sys.executable, "-c", SCRIPT, str(folder / "ferryman-logs.db"), str(folder / "stream")]
    chance = random.Random()
    cut_short = 0
    for _ in range(times):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
            assert reader.stdout is not None
            for _ in range(chance.randrange(1, 40)):
                reader.stdout.readline()
            cut_short += reader.poll() is None
            reader.kill()
    assert cut_short >= times / 2, "at least half were killed in their work"
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    async def scenario(book: Logs) -> None:
        assert await raw_of(book) == stream.replace(b"hunter-2/x", b"******")
        state = await book.state(RUN, KEY)
        assert state is not None
        assert (state.lines, state.raw, state.missing) == (count + 1, len(stream), "")
        numbers = [line.number for line in await book.read(RUN, KEY, limit=count + 9)]
        assert numbers == list(range(1, count + 2))
        page = await book.read_run(RUN, limit=count + 9)
        assert [(line.number, line.line.number) for line in page.lines] == [(at, at) for at in numbers]

    run(scenario, database(folder))
    checked = apsw.Connection(str(folder / "ferryman-logs.db"))
    assert checked.pragma("quick_check") == "ok"
    checked.close()


def test_a_killed_reader_leaves_no_gap_and_no_repeat(tmp_path: Path) -> None:
    """Promise 7, with real kills."""
    kills(tmp_path, 5)


@pytest.mark.soak
def test_a_hundred_killed_readers_leave_no_gap_and_no_repeat(tmp_path: Path) -> None:
    kills(tmp_path, 100)


async def _flood(folder: Path, megabytes: int) -> None:
    block = b"".join(
        b"%d the same line again and again, with number %d\n" % (n, n * 7919) for n in range(20_000)
    )
    async with opened(database(folder)) as book:
        await book.open_attempt(RUN, KEY, secrets=["hunter-2/x"])
        for _ in range(megabytes * 1_000_000 // len(block) + 1):
            await book.ready()
            book.append(RUN, KEY, block, at=1)
            await asyncio.sleep(0)
        lines = await book.close_attempt(RUN, KEY)
        assert (await book.tail(RUN, KEY, 1))[0].number == lines


def flood(folder: Path, megabytes: int) -> int:
    """How much the memory of a process of its own grew, in MB, while a step wrote so many megabytes."""
    script = f"from pathlib import Path; from tests.logs.test_store import grown; print(grown(Path.cwd(), {megabytes}))"
    roots = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": roots},
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(told.stdout)


def grown(folder: Path, megabytes: int) -> int:
    """The same, of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asyncio.run(_flood(folder, megabytes))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


def test_a_hundred_megabytes_from_one_step_take_little_memory(tmp_path: Path) -> None:
    """What waits to be written is bounded by 16 MB, and the newest lines by 1 MB."""
    assert flood(tmp_path, 100) < 120


@pytest.mark.soak
def test_a_gigabyte_from_one_step_takes_no_more(tmp_path: Path) -> None:
    assert flood(tmp_path, 1000) < 120
