"""A data folder held: who may hold it, what is said when steps are not kept out (START-3; RULINGS 18, 25)."""

import asyncio
import os
from pathlib import Path

import pytest

from ferryman.app import beside
from ferryman.app.backups import make
from ferryman.app.beside import is_held, reach, visit
from ferryman.app.doctor import examine
from ferryman.app.house import hold
from ferryman.client.transport import answers
from ferryman.domain.errors import NotFound, Refused, Unavailable
from ferryman.settings import Settings
from ferryman.stores.sqlite.folder import Folder
from ferryman.supervisor.client import SupervisedProcesses


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    """START-3; whoever only visits has changes made by the holder."""
    settings = Settings(data=tmp_path)

    async def story() -> None:
        assert not is_held(settings)
        with pytest.raises(NotFound, match="there is no data folder"):
            async with visit(settings):
                pass
        async with hold(settings, driving=False) as house:
            assert is_held(settings)
            with pytest.raises(Unavailable, match="holds it"):
                async with hold(settings, driving=False):
                    pass
            async with reach(settings) as reached:
                assert not reached.holds
                await reached.client.write_secret("key", {"value": "long enough a value"})
            assert [one.name for one in await house.client().secrets()] == ["key"]
        assert not is_held(settings)
        async with reach(settings, driving=False) as reached:
            assert reached.holds
            assert [one.name for one in await reached.client.secrets()] == ["key"]

    asyncio.run(story())


@pytest.mark.parametrize(("left", "what"), [(None, "gone"), (b"", "empty")])
def test_a_database_that_was_lost_is_refused(tmp_path: Path, left: bytes | None, what: str) -> None:
    """A new history began in its place, with run 1, and nobody was told."""
    settings = Settings(data=tmp_path)
    database = Folder(settings.private).database

    async def story() -> None:
        async with hold(settings, driving=False):
            pass
        for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
            (settings.private / name).unlink(missing_ok=True)
        if left is not None:
            database.write_bytes(left)
        for way in (hold(settings, driving=False), hold(settings), visit(settings)):
            with pytest.raises(
                Refused, match=f"damaged .it is {what}, and logs.db beside it .* put a backup"
            ):
                async with way:
                    pass
        with pytest.raises(Refused, match=f"it is {what}"):
            make(settings, tmp_path / "copy")
        (told,) = [one for one in await examine(settings) if one.part == "database"]
        assert told.state == "failed"
        assert f"it is {what}" in told.said
        assert (database.read_bytes() if database.exists() else None) == left

    asyncio.run(story())


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    """The number of a dead process may have been given to another one since."""
    settings = Settings(data=tmp_path)

    async def story() -> None:
        async with hold(settings, driving=False):
            pass
        ours = f'{{"pid": {os.getpid()}, "since": 0, "command": [], "began": 1}}'
        for left in (ours, '{"pid": 4194305, "since": 0, "command": []}', "nonsense"):
            (settings.private / "lock").write_text(left)
            assert not is_held(settings)

    asyncio.run(story())


def test_a_holder_that_does_not_answer_yet_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two starts at the same moment: the second was told that there was no database yet, or an older one."""
    settings = Settings(data=tmp_path)
    looked = asyncio.Event()

    async def looks(folder: Path) -> bool:
        looked.set()
        return await answers(folder)

    async def holds() -> bool:
        async with reach(settings, driving=False) as reached:
            return reached.holds

    async def story() -> None:
        folder = Folder(settings.private)
        folder.make()
        held = folder.take()
        asking = asyncio.create_task(holds())
        await looked.wait()
        folder.leave(held)
        assert await asking

    monkeypatch.setattr(beside, "answers", looks)
    asyncio.run(story())


def test_it_is_said_when_steps_could_read_what_they_must_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RULINGS 18: start says so plainly."""
    monkeypatch.setattr(SupervisedProcesses, "hiding", property(lambda self: "no namespaces here"))

    async def story() -> None:
        async with reach(Settings(data=tmp_path)) as reached:
            assert reached.exposed == "no namespaces here"

    asyncio.run(story())


def test_what_the_supervisor_says_of_hiding_is_what_is_told(tmp_path: Path) -> None:
    """It was asked of a supervisor that nobody had spoken to once, and warned on every machine."""

    async def look() -> None:
        async with hold(Settings(data=tmp_path), driving=True) as house:
            assert "no supervisor was asked" not in house.exposed

    asyncio.run(look())
