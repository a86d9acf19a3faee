"""The data folder: one process drives it, others may read beside it, nobody else sees it."""

import asyncio
import os
import stat
from pathlib import Path

import msgspec
import pytest

from ferryman.domain.errors import NotFound, Refused, Unavailable
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.folder import Folder
from ferryman.testing.stores.sample import define, run_row, unit
from tests.stores.processes import child, next_line


async def _open_and_close(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    await store.close()


def _rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_process_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    """START-3: one clear sentence that names the process."""
    with child("hold", tmp_path) as process:
        assert next_line(process) == "held"
        with pytest.raises(Unavailable) as refusal:
            asyncio.run(_open_and_close(tmp_path))
    said = str(refusal.value)
    assert str(tmp_path) in said
    assert f"process {process.pid} (`" in said
    assert "tests.stores.child hold" in said
    assert "UTC) holds it; " in said


def test_a_killed_process_lets_the_folder_go(tmp_path: Path) -> None:
    with child("hold", tmp_path) as process:
        assert next_line(process) == "held"
        process.kill()
        process.wait()
        asyncio.run(_open_and_close(tmp_path))


def test_a_second_store_of_the_same_process_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        store = SqliteStore(tmp_path)
        await store.open()
        with pytest.raises(Unavailable, match=f"process {os.getpid()} "):
            await SqliteStore(tmp_path).open()
        await define(store)
        await store.close()
        await _open_and_close(tmp_path)

    asyncio.run(story())


def test_a_holder_that_has_not_said_who_it_is_still_holds(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    held = folder.take()
    folder.lock.write_bytes(b"")
    with pytest.raises(Unavailable, match="another process holds it"):
        folder.take()
    folder.leave(held)
    assert folder.holder() is None


def test_a_holder_lives_though_the_clock_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines without a battery begin with a clock of long ago, which is set once there is a network: the process that
    had taken the folder before was said to be gone, and changes beside it were refused."""
    folder = Folder(tmp_path)
    with monkeypatch.context() as earlier:
        earlier.setattr("time.time", lambda: 1_000_000.0)
        held = folder.take()
    holder = folder.holder()
    assert holder is not None
    assert holder.since == 1_000_000
    assert holder.lives
    folder.leave(held)


def test_a_number_that_another_process_got_since_is_no_holder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    held = folder.take()
    holder = folder.holder()
    folder.leave(held)
    assert holder is not None
    assert not msgspec.structs.replace(holder, began=holder.began + 1).lives
    with child("hold", tmp_path) as process:
        assert next_line(process) == "held"
        holder = folder.holder()
        assert holder is not None
        assert holder.lives
        process.kill()
        # It was not asked after yet: the system still knows it.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not holder.lives
        process.wait()
        assert not holder.lives


def test_a_holder_that_does_not_say_when_it_began_lives_as_long_as_its_process(tmp_path: Path) -> None:
    """A server of an earlier Ferryman that still runs: commands beside it were refused."""
    folder = Folder(tmp_path)
    said = {"pid": os.getpid(), "since": 1, "command": ["ferryman", "up"]}
    folder.lock.write_bytes(msgspec.json.encode(said))
    holder = folder.holder()
    assert holder is not None
    assert holder.lives


def test_a_lock_that_is_no_file_is_told_and_read_by_nobody(tmp_path: Path) -> None:
    """Whoever read the pipe waited for ever."""
    folder = Folder(tmp_path)
    os.mkfifo(folder.lock)
    assert folder.holder() is None
    with pytest.raises(Unavailable, match="is a named pipe, not a file; move it away"):
        folder.take()


def test_readers_beside_the_driving_process_see_what_it_writes(tmp_path: Path) -> None:
    """RULINGS 25: reading words open the store read-only beside the process that holds it."""

    async def story() -> None:
        with child("hold", tmp_path) as process:
            assert process.stdin is not None
            assert next_line(process) == "held"
            store = SqliteStore(tmp_path)
            await store.open(read_only=True)
            for seq in range(1, 6):
                assert (await store.load("held")).seq == seq
                process.stdin.write("\n")
                process.stdin.flush()
                assert next_line(process) == "more"
            with pytest.raises(Refused):
                await store.next_number("local", "shop")
            await store.close()
            # The reader left no trace on the driver's locks: it still writes, and still holds.
            process.stdin.write("\n")
            process.stdin.flush()
            assert next_line(process) == "more"
            with pytest.raises(Unavailable):
                await SqliteStore(tmp_path).open()

    asyncio.run(story())


def test_reading_works_when_nobody_drives(tmp_path: Path) -> None:
    async def story() -> None:
        store = SqliteStore(tmp_path)
        await store.open()
        await define(store)
        await store.append(unit(run_row("r")))
        await store.close()
        await store.open(read_only=True)
        assert [row.id for row in await store.unfinished()] == ["r"]
        await store.close()

    asyncio.run(story())


def test_reading_a_folder_without_a_database_makes_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotFound, match="there is no database"):
            asyncio.run(SqliteStore(folder).open(read_only=True))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_nobody_else_may_look_in(tmp_path: Path, mask: int) -> None:
    """Folder 0700, files 0600, whatever the user's mask says; the log's files too."""

    async def story() -> None:
        store = SqliteStore(tmp_path / "a" / "folder")
        await store.open()
        await define(store)
        files = sorted(store.folder.path.iterdir())
        assert [path.name for path in files] == ["ferryman.db", "ferryman.db-shm", "ferryman.db-wal", "lock"]
        assert {_rights(path) for path in files} == {0o600}
        assert _rights(store.folder.path) == 0o700
        await store.close()

    before = os.umask(mask)
    try:
        asyncio.run(story())
    finally:
        os.umask(before)


def test_an_empty_folder_is_closed_to_others_and_a_full_one_left_alone(tmp_path: Path) -> None:
    """A data folder named by mistake, such as the user's own, keeps its rights."""
    for name, rights in (("empty", 0o700), ("full", 0o755)):
        folder = tmp_path / name
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        if name == "full":
            (folder / "letters.txt").write_text("dear ada")
        asyncio.run(_open_and_close(folder))
        assert _rights(folder) == rights


def test_programs_that_are_started_do_not_hold_the_folder(tmp_path: Path) -> None:
    """Else a step that outlives the server would keep the next one out."""
    held = Folder(tmp_path).take()
    assert not os.get_inheritable(held)
    Folder(tmp_path).leave(held)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot use the data folder"):
        asyncio.run(_open_and_close(tmp_path / place))


def test_a_folder_made_under_a_lax_mask_can_be_changed_by_its_owner_only(tmp_path: Path) -> None:
    """Whoever could write beside the private part could put another in its place."""
    before = os.umask(0)
    try:
        asyncio.run(_open_and_close(tmp_path / "data" / "private"))
    finally:
        os.umask(before)
    assert _rights(tmp_path / "data") == 0o755
    assert _rights(tmp_path / "data" / "private") == 0o700


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner could read every key in it, also where the rights of this process are above all."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(Unavailable, match=rf"belongs to user {os.getuid()}, .* chown it, or name another"):
        asyncio.run(_open_and_close(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_path_that_is_too_long_is_told_as_that(tmp_path: Path) -> None:
    """SQLite takes 512 bytes."""
    folder = tmp_path.joinpath(*["x" * 100] * 6)
    with pytest.raises(Unavailable, match="its path is too long: name a data folder with a shorter one"):
        asyncio.run(_open_and_close(folder))
