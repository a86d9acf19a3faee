"""The supervisor by itself: found by many, hidden from steps, small, and honest about memory and its record."""

import asyncio
import fcntl
import gc
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.errors import Unavailable
from ferryman.supervisor.client import SupervisedProcesses
from ferryman.supervisor.process import book as books
from ferryman.supervisor.process.book import Book
from ferryman.supervisor.process.outputs import BEGINS, Outputs
from ferryman.supervisor.process.wire import Frames, pack
from tests.executors.local.stage import groups_of, kill_all, remove_groups, supervisors
from tests.house.source import ROOT
from tests.supervisor.family import rooms
from tests.supervisor.post import Post, in_folder, printed


def test_a_step_cannot_read_the_private_folder(tmp_path: Path) -> None:
    """RULINGS 18: not by its path, not through another process, not by taking the cover away."""

    async def story(data: Path) -> None:
        key = data / "private" / "key"
        key.parent.mkdir(parents=True)
        key.write_text("hush")
        post = await Post(data).open()
        ways = (
            f"for pid in 1 $$ $PPID {os.getpid()}; do cat /proc/$pid/root'{key}'; done\n"
            f"cat '{key}'; ls '{key.parent}'; umount '{key.parent}' && cat '{key}'\n"
            f"unshare -Urm sh -c \"umount '{key.parent}'; cat '{key}'\"; nsenter -t 1 -m cat '{key}'\n"
            f"nsenter -t {os.getpid()} -m cat '{key}'; cat /proc/$PPID/fd/*/../key /proc/$PPID/cwd'{key}'"
        )
        seen, said = await post.run("a", f"exec 2>&1\n{ways}")
        # Where the kernel refuses namespaces, that is said instead of promised.
        assert "hush" not in said or post.processes.hiding
        assert seen.state == "ended"
        await post.processes.close()

    in_folder(tmp_path, story)


def test_many_servers_that_begin_at_once_share_one_supervisor(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        posts = await asyncio.gather(*(Post(data).open() for _ in range(6)))
        parents = {(await post.run(f"a{number}", "echo $PPID"))[1] for number, post in enumerate(posts)}
        assert len(parents) == 1
        await asyncio.gather(*(post.processes.close() for post in posts))

    in_folder(tmp_path, story)


def test_one_that_does_not_stay_is_told_once(tmp_path: Path) -> None:
    """Beside the sentence, the trace of a task that nobody had waited for was printed."""

    async def story() -> None:
        unheard: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: unheard.append(str(told["message"])))
        processes = SupervisedProcesses(tmp_path)
        (tmp_path / "supervisor").mkdir()
        (tmp_path / "supervisor" / "output").touch()
        with pytest.raises(Unavailable, match="the supervisor does not stay; its log is"):
            await processes.open(lambda sighting: None)
        await processes.close()
        gc.collect()
        assert unheard == []

    asyncio.run(story())


@pytest.mark.parametrize("name", ["book", "book.new", "lock", "log"])
def test_a_pipe_in_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    """The supervisor waited for somebody at its other end, and everybody for the supervisor."""

    async def story() -> None:
        processes = SupervisedProcesses(tmp_path)
        (tmp_path / "supervisor").mkdir()
        os.mkfifo(tmp_path / "supervisor" / name)
        with pytest.raises(Unavailable, match=f"supervisor/{name} is no plain file"):
            processes.has_records()
        with pytest.raises(Unavailable, match=f"supervisor/{name} is no plain file"):
            await processes.open(lambda sighting: None)
        await processes.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"", True),
        (b'["start","a",{}]\n["forget","a"]\n\n' + bytes(99), True),
        (b'["start","a",{}]\n["exit","a",{"at":1' + bytes(99), True),
        (b'["st\0\0\0\0\0\0\0",{}]\n["passed",["a"]]\n' + bytes(99), False),
        (bytes(99) + b'"a",{}]\n["passed",["a"]]\n' + bytes(99), False),
        (b'["start","a",{}]\n\xff\xfe\n', False),
        (b"7\n", False),
    ],
)
def test_a_record_with_a_line_that_cannot_be_read_is_not_whole(
    tmp_path: Path, text: bytes, whole: bool
) -> None:
    """It may have been a start: what a run wants and nobody knows of counts as lost then, and is not started. What a
    power cut left behind without its end never passed its gate."""
    assert not SupervisedProcesses(tmp_path).has_records()
    (tmp_path / "supervisor").mkdir()
    (tmp_path / "supervisor" / "book").write_bytes(text)
    assert SupervisedProcesses(tmp_path).has_records() is whole


def test_it_ends_when_nobody_needs_it_and_leaves_no_group(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        post = await Post(data).open()
        await post.run("a", "true")
        await post.processes.close()
        async with asyncio.timeout(60):
            while supervisors(data):
                await asyncio.sleep(0.05)
        assert groups_of(data) == []

    in_folder(tmp_path, story)


def test_an_output_is_used_again_and_holds_nothing_of_the_last(tmp_path: Path) -> None:
    """RULINGS 19."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        seen, said = await post.run("a", "echo of a")
        assert (said, Path(seen.output).stat().st_mode & 0o777) == ("of a\n", 0o600)
        await post.processes.conclude("a", "it was fine")
        assert printed(seen) == ""
        again, said = await post.run("b", "echo of b")
        assert (again.output, said) == (seen.output, "of b\n")
        known = await post.processes.follow(["a", "b", "c"])
        assert {name: each.result for name, each in known.items()} == {"a": "it was fine", "b": None}
        await post.processes.forget("g")
        assert await post.processes.follow(["a", "b"]) == {}
        await post.processes.close()

    in_folder(tmp_path, story)


def test_how_the_last_one_set_an_output_does_not_matter_to_the_next(place: int) -> None:
    """They share the descriptor: a step may have set it to write to the beginning, or past the system's memory."""
    outputs = Outputs(place, ())
    name = outputs.take()
    for said in (b"of the first one", b"of the last one"):
        with outputs.opened(name) as fd:
            os.write(fd, said)
            fcntl.fcntl(fd, fcntl.F_SETFL, os.O_DIRECT | os.O_NONBLOCK)
        outputs.give(name, again=True)
        assert outputs.take() == name
    with outputs.opened(name) as fd:
        assert fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_APPEND | os.O_DIRECT | os.O_NONBLOCK) == os.O_APPEND
        os.write(fd, b"fresh")
    with open(f"output/{name}", "rb", opener=lambda path, flags: os.open(path, flags, dir_fd=place)) as file:
        assert file.read() == bytes(BEGINS) + b"fresh"


def test_an_output_that_a_step_has_emptied_is_told_from_one_that_nobody_printed_to(place: int) -> None:
    """Promise 7: what was printed before may be missing, so somebody has to look."""
    outputs = Outputs(place, ())
    name = outputs.take()
    for said, size in ((b"", 0), (b"ten bytes!", 10)):
        with outputs.opened(name) as fd:
            os.write(fd, said)
        assert outputs.size(name) == size
        outputs.give(name, again=True)
        assert outputs.take() == name
    for said in (b"", b"less", bytes(BEGINS)):
        with outputs.opened(name) as fd:
            os.ftruncate(fd, 0)
            os.write(fd, said)
        assert outputs.size(name) == -1
        outputs.give(name, again=True)
        assert (outputs.take(), outputs.size(name)) == (name, 0)


def test_a_step_that_printed_nothing_leaves_nothing_open(tmp_path: Path) -> None:
    """Each start copies and closes what the supervisor holds open: that must not grow with what runs at once."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        await post.run("first", "true")
        (room,) = rooms(supervisors(data))
        before = len(os.listdir(f"/proc/{room}/fd"))
        names = [f"a{number}" for number in range(20)]
        async with asyncio.timeout(60):
            await asyncio.gather(*(post.run(name, "true") for name in names))
        assert len(os.listdir(f"/proc/{room}/fd")) == before
        await post.processes.close()

    in_folder(tmp_path, story)


def test_what_may_be_left_is_left(tmp_path: Path) -> None:
    """A deployed program is started by a step and lives on."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        seen, said = await post.run("a", "sleep 600 >/dev/null & echo $!", leaves=True)
        assert seen.exit is not None
        assert seen.exit.swept == 0
        os.kill(int(said), 9)
        await post.processes.close()

    in_folder(tmp_path, story)


@pytest.mark.parametrize("groups", [True, False], ids=["groups", "no groups"])
def test_what_one_supervisor_ends_is_its_own(groups: bool, tmp_path: Path) -> None:
    """Two data folders on one machine may hold attempts of the same name: a copy of a folder does."""

    async def story(data: Path) -> None:
        post, other = await Post(data).open(), await Post(tmp_path / "other", groups=groups).open()
        os.mkfifo(tmp_path / "go")
        # Open for both, for opening would wait for a reader that may have been killed.
        go = os.open(tmp_path / "go", os.O_RDWR)
        await post.launch("a", f"read line <'{tmp_path}/go'; exit 7")
        seen, _ = await other.run("a", "setsid sleep 600 & exit 0")
        assert seen.exit is not None
        assert seen.exit.swept > 0
        await other.launch("b", "sleep 600")
        await post.launch("b", "sleep 600")
        await other.processes.stop("b", patience_ms=1000, force=False)
        await other.end("b")
        os.write(go, b"\n")
        seen = await post.end("a")
        assert seen.exit is not None
        assert seen.exit.code == 7
        assert not post.told["b"].done()
        os.close(go)
        await other.processes.close()
        await post.processes.close()

    try:
        in_folder(tmp_path, story)
    finally:
        kill_all(tmp_path / "other")
        remove_groups(tmp_path / "other")


def test_a_step_stands_in_a_group_of_its_own_and_the_supervisor_in_none(tmp_path: Path) -> None:
    """RULINGS 18. Who starts a step may go into its group for that, and must be out again."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        look = "cat /proc/self/cgroup; echo; cat /proc/$PPID/cgroup"
        places = []
        for name in ("a", "b"):
            _, said = await post.run(name, look)
            step, supervisor = said.split("\n\n")
            assert "/ferryman-" not in supervisor
            places.append([line for line in step.splitlines() if "/ferryman-" in line])
        # Where the machine has groups, each stood in one, and the second in that of the first, which was empty again.
        assert places[0] == places[1]
        assert len(places[0]) == bool(groups_of(data))
        await post.processes.close()

    in_folder(tmp_path, story)


@pytest.mark.parametrize(
    "gated", [True, False], ids=["waits at the gate itself", "does not know of the gate"]
)
def test_a_step_is_scheduled_like_any_other_program(gated: bool, tmp_path: Path) -> None:
    """Though whoever starts it is scheduled before all others."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        ask = "cut -d' ' -f19,41 /proc/self/stat"
        gate = "read -r FERRYMAN_GATE <&3; " if gated else ""
        names = [f"a{number}" for number in range(8)]
        said = await asyncio.gather(
            *(post.run(name, f"{gate}{ask}; {ask} & wait", gated=gated) for name in names)
        )
        usual = f"{os.getpriority(os.PRIO_PROCESS, 0)} 0\n"
        assert [text for _, text in said] == [2 * usual] * 8
        await post.processes.close()

    in_folder(tmp_path, story)


def test_a_signal_is_told_by_its_name_also_one_in_real_time(tmp_path: Path) -> None:
    """ERR-5."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        for number, name in ((signal.SIGUSR1, "SIGUSR1"), (signal.SIGRTMIN + 6, "SIGRTMIN+6")):
            seen, _ = await post.run(name, f"kill -{int(number)} $$")
            assert seen.exit is not None
            assert seen.exit.signal == name
        await post.processes.close()

    in_folder(tmp_path, story)


def test_killed_for_memory_is_said_on_evidence(tmp_path: Path) -> None:
    """ERR-5. Where the machine lets us bound a group's memory, the kernel kills; a kill by somebody else is no such."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        seen, _ = await post.run("a", "kill -9 $$")
        assert seen.exit is not None
        assert (seen.exit.signal, seen.exit.memory) == ("SIGKILL", False)
        limits = [
            limit
            for group in groups_of(data)
            for name in ("memory.limit_in_bytes", "memory.max")
            for limit in group.glob(f"*/{name}")
        ]
        for limit in limits:
            limit.write_text(str(40 * 1024 * 1024))
        if limits:
            eater = f"exec {shlex.quote(sys.executable)} -S -c 'x = bytearray(400_000_000)'"
            seen, _ = await post.run("b", eater)
            assert seen.exit is not None
            assert (seen.exit.signal, seen.exit.memory) == ("SIGKILL", True)
        await post.processes.close()

    in_folder(tmp_path, story)


def test_orders_that_make_no_sense_harm_nobody(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        post = await Post(data).open()
        frames = Frames()
        # By way of the descriptor: the path of a folder may be longer than an address may be.
        place = os.open(data / "private" / "supervisor", os.O_RDONLY)
        reader, writer = await asyncio.open_unix_connection(f"/proc/self/fd/{place}/socket")
        os.close(place)
        writer.write(pack({"id": 1, "do": "start", "attempt": 7}))
        (answer,) = frames.feed(await reader.read(1000))
        assert "refused" in answer
        writer.write(b"\xff\xff\xff\xff nonsense")
        assert await reader.read() == b""
        writer.close()
        seen, _ = await post.run("a", "exit 5")
        assert seen.exit is not None
        assert seen.exit.code == 5
        await post.processes.close()

    in_folder(tmp_path, story)


def test_it_imports_the_standard_library_alone_and_little_of_it() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1])\n"
    program += "import ferryman.supervisor.process.guard; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", program, str(ROOT / "src")]
    loaded = subprocess.check_output(command, text=True).split()
    strangers = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"ferryman"}
    assert {name for name in strangers if not name.startswith("_")} <= {"__main__", "sitecustomize"}
    assert {name for name in loaded if name.startswith("ferryman.")} <= {
        "ferryman.supervisor",
        "ferryman.supervisor.process",
    } | {name for name in loaded if name.startswith("ferryman.supervisor.process.")}
    assert not {"asyncio", "hashlib", "subprocess", "traceback", "msgspec"} & set(loaded)


@pytest.fixture
def place(tmp_path: Path) -> Any:
    """A folder for a book, as a descriptor."""
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


def start(name: str, group: str = "g") -> list[Any]:
    """The line of a start."""
    facts = {"mark": name, "tag": "", "group": group, "boot": "b", "at": 1, "output": "1"}
    return ["start", name, facts | {"pid": 5, "ticks": [6, 6], "slot": 1}]


def test_the_book_keeps_what_was_added_and_forgets_by_group(place: int) -> None:
    book = Book(place)
    book.add([start("a"), start("b", "h"), ["passed", ["a"]], ["exit", "a", {"code": 0}]], flush=True)
    book.add([["result", "a", "fine"], ["passed", ["unknown"]], ["never", "nobody"]])
    before, book = book, Book(place)
    assert book.entries == before.entries
    assert book.entries["a"] | {"pid": 5, "passed": True, "result": "fine"} == book.entries["a"]
    book.add([["forget", "g"]])
    assert set(Book(place).entries) == {"b"}


@pytest.mark.parametrize("torn", [b'["exit","a",{"co', b"\x00\x01garbage\n", b'{"no":"list"}\n', b"[1]\n"])
def test_a_torn_line_does_not_count(torn: bytes, place: int, tmp_path: Path) -> None:
    book = Book(place)
    book.add([start("a")])
    text = (tmp_path / "book").read_bytes().rstrip(b"\0")
    (tmp_path / "book").write_bytes(text + torn)
    again = Book(place)
    assert again.entries == book.entries
    again.add([["exit", "a", {"code": 1}]])
    assert Book(place).entries["a"]["exit"] == {"code": 1}


def test_the_book_is_written_anew_when_it_grows(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "LINES_TO_REWRITE", 10)
    book = Book(place)
    for number in range(100):
        book.add([start(f"a{number}", str(number)), ["forget", str(number)]])
    lines = (tmp_path / "book").read_bytes().rstrip(b"\0").splitlines()
    assert len([line for line in lines if line and isinstance(json.loads(line), list)]) < 20


FILLING = """
import os, resource, signal, sys
sys.path.insert(0, sys.argv[1])
from ferryman.supervisor.process import book as books
book = books.Book(os.open(sys.argv[2], os.O_RDONLY))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (books.AHEAD, resource.RLIM_INFINITY))
facts = {"mark": "m", "tag": "t" * 100, "group": "g", "boot": "b", "at": 1, "output": "1"}
names = []
while True:
    try:
        book.add([["start", str(len(names)), facts]], flush=True)
    except OSError:
        break
    names.append(str(len(names)))
if sys.argv[3] == "short":
    books.LINES_TO_REWRITE, books.AHEAD = -4 * len(book.entries), 2 * books.AHEAD
    book.add([["pid", names[0], 1, 2, 3]])
book.add(["exit", name, {"code": 0}] for name in names)
print(len(names))
"""


@pytest.mark.parametrize("rewriting", ["", "short"], ids=["as it is", "a shorter one cannot be written"])
def test_what_was_recorded_on_a_disk_that_is_full_now_can_be_said_to_have_ended(
    rewriting: str, tmp_path: Path
) -> None:
    """A start is refused while there is room for its line and none for its end."""
    command = [sys.executable, "-I", "-c", FILLING, str(ROOT / "src"), str(tmp_path), rewriting]
    count = int(subprocess.check_output(command, text=True))
    assert count > 1000
    place = os.open(tmp_path, os.O_RDONLY)
    entries = Book(place).entries
    os.close(place)
    assert len(entries) == count
    assert all(entry["exit"] == {"code": 0} for entry in entries.values())
