"""Both transports do the same, each verb goes where it belongs, and the socket is its owner's alone (RULINGS 25)."""

import asyncio
import os
import socket
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ferryman.app.bindings import client_of, transport_of, user
from ferryman.app.serving import serve_socket
from ferryman.client import Beside, Client, OverSocket, wire
from ferryman.client.transport import CHANGES, SOCKET, HolderGone, address, listen
from ferryman.domain.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from ferryman.executors.scripted import Fail
from ferryman.services import Caller
from tests.services.stand import ANN, stand
from tests.services.test_services import GATED, TWO


def test_what_changes_goes_to_the_holder_and_nothing_else() -> None:
    """Every verb that a desk without a driver lacks is a change; so are those that write."""

    async def story() -> None:
        async with stand() as at:
            verbs = at.desk.verbs
        assert verbs >= CHANGES
        reads = {verb for verb in verbs if verb.partition(".")[2] in ("read", "list", "tail", "attempts")}
        others = {"runs.unfinished", "runs.journal", "runs.why", "runs.seen", "people.why"}
        assert verbs - CHANGES == reads | others

    asyncio.run(story())


@pytest.mark.parametrize("over_socket", [False, True], ids=["in-process", "over the socket"])
def test_a_story_is_the_same_whatever_carries_it(over_socket: bool, tmp_path: Path) -> None:
    async def story() -> None:
        async with stand({"*/put": (Fail(),)}) as at, serve_socket(tmp_path, at.desk):
            reading = transport_of(at.desk, Caller(name=user()))
            beside = Client(Beside(reading=reading, changing=OverSocket(tmp_path)))
            client = beside if over_socket else client_of(at.desk, Caller(name=user()))
            saved = await client.save(text=TWO, name="two.yaml")
            run = await client.start(saved.pipeline, values={"who": "ann"}, reason="try")
            assert (run.started_by, run.values["who"]) == (user(), "ann")
            end = [view async for view in client.watch(run.id)][-1]
            assert end == await client.run("latest")
            assert end.outcome == "failed"
            assert [one.id for one in await client.runs(phase="finished")] == [run.id]
            assert await client.unfinished() == []
            assert len(await client.why(run.id)) == 8
            assert (await client.journal(run.id))[0].sentence.startswith("run #1 was started by")
            with pytest.raises(Refused) as refused:
                await client.cancel(run.id)
            assert refused.value.reason == "ended"
            with pytest.raises(NotFound):
                await client.skip(run.id, "nowhere")
            with pytest.raises(Invalid):
                await client.save(text="version: v3.0\nstages: 3\n")
            assert (await client.note(run.id, "looked at")).note == "looked at"
            again = await client.restart(run.id)
            assert (again.number, again.values["who"]) == (2, "ann")
            assert [view async for view in client.watch(again.id)][-1].outcome == "failed"
            gated = await client.start((await client.save(text=GATED)).pipeline)
            with pytest.raises(Refused, match="cannot decide"):
                await client.answer(gated.id, "ship", yes=True, name="nobody")
            answered = await client.answer(gated.id, "ship", yes=False, name="ann", comment="no")
            assert answered.phase == "finished"
            assert (await client.write_secret("key", {"value": "x"})).remarks == ("key is short",)
            assert await client.secrets() == []
            await client.remove_secret("key")

    asyncio.run(story())


def test_the_socket_is_for_its_owner_in_a_folder_of_any_length(tmp_path: Path) -> None:
    """0600; the address of a socket is short, the name of a folder need not be."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    async def story() -> None:
        async with stand() as at, serve_socket(deep, at.desk):
            mode = (deep / SOCKET).stat().st_mode
            assert stat.S_ISSOCK(mode)
            assert stat.S_IMODE(mode) == 0o600
            assert await OverSocket(deep).ask("runs.list", {}) == []
        assert not (deep / SOCKET).exists()

    asyncio.run(story())


def test_a_socket_that_a_dead_process_left_is_replaced(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand() as at:
            async with serve_socket(tmp_path, at.desk):
                os.link(tmp_path / SOCKET, tmp_path / "left")
            (tmp_path / "left").rename(tmp_path / SOCKET)
            async with serve_socket(tmp_path, at.desk):
                assert await OverSocket(tmp_path).ask("runs.list", {}) == []

    asyncio.run(story())


async def _say(folder: Path, text: bytes) -> wire.Answer:
    with address(folder) as place:
        reader, writer = await asyncio.open_unix_connection(place)
    writer.write(text)
    writer.write_eof()
    answer = wire.answer(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"nonsense\n", "Invalid"),
        (b"{}\n", "Invalid"),
        (b'{"verb": "runs.fly"}\n', "Refused"),
        (b'{"verb": "fly"}\n', "NotFound"),
        (b'{"verb": "runs.watch", "arguments": {"run": "latest"}}\n', "Refused"),
        (b'{"verb": "runs.read", "arguments": {"run": {}}}\n', "Invalid"),
        (b'{"verb": "runs.read", "arguments": []}\n', "Invalid"),
    ],
)
def test_nonsense_over_the_socket_is_refused_and_harms_nobody(text: bytes, kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with stand() as at, serve_socket(tmp_path, at.desk):
            answer = await _say(tmp_path, text)
            assert answer.error is not None
            assert answer.error.kind == kind
            assert await OverSocket(tmp_path).ask("runs.list", {}) == []

    asyncio.run(story())


def test_a_fault_of_the_holder_is_told_without_its_text(tmp_path: Path) -> None:
    """ERR-1, promise 8."""

    class Broken:
        async def ask(self, caller: Caller, verb: str, arguments: Any) -> Any:
            raise RuntimeError("secret detail")

    async def story() -> None:
        async with serve_socket(tmp_path, Broken()):  # type: ignore[arg-type]
            with pytest.raises(Unavailable) as told:
                await OverSocket(tmp_path).ask("runs.list", {})
            assert "RuntimeError" in str(told.value)
            assert "secret detail" not in str(told.value)

    asyncio.run(story())


def test_a_holder_that_ends_in_the_middle_is_told(tmp_path: Path) -> None:
    """What was asked may have been done: the caller is told to look."""

    async def story() -> None:
        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.close()

        with address(tmp_path) as place:
            server = await asyncio.start_unix_server(deaf, place)
        with pytest.raises(Unavailable, match=r"look whether runs\.retry was done"):
            await OverSocket(tmp_path).ask("runs.retry", {"run": "x"})
        server.close()

    asyncio.run(story())


@pytest.mark.parametrize("text", ["x", "x" * 4_000_000], ids=["read", "not even read"])
def test_a_holder_that_does_not_answer_is_not_waited_for_for_ever(text: str, tmp_path: Path) -> None:
    """A process that was stopped (Ctrl-Z) still takes connections."""

    async def story() -> None:
        with pytest.raises(
            Unavailable, match=r"has not answered for 0\.2 s; .* whether runs\.start was done"
        ):
            await OverSocket(tmp_path, patience=0.2).ask("runs.start", {"reason": text})

    with closing(listen(tmp_path)) as stopped:
        stopped.listen()
        asyncio.run(asyncio.wait_for(story(), 30))


def test_answers_under_way_are_given_before_the_socket_closes(tmp_path: Path) -> None:
    async def story() -> None:
        begun, go = asyncio.Event(), asyncio.Event()

        class Slow:
            async def ask(self, caller: Caller, verb: str, arguments: Any) -> Any:
                begun.set()
                await go.wait()
                raise Conflict("too late")

        async with serve_socket(tmp_path, Slow()):  # type: ignore[arg-type]
            asking = asyncio.create_task(OverSocket(tmp_path).ask("runs.list", {}))
            await begun.wait()
            go.set()
        with pytest.raises(Conflict, match="too late"):
            await asking

    asyncio.run(story())


def test_whoever_came_before_the_socket_closed_is_answered(tmp_path: Path) -> None:
    """Two terminals on one folder: what the one asked just as the other's run had ended was left without an answer."""

    async def story() -> bytes:
        async with stand() as at:
            with socket.socket(socket.AF_UNIX) as link:
                async with serve_socket(tmp_path, at.desk):
                    # Nobody has accepted it yet when the folder is let go.
                    with address(tmp_path) as place:
                        link.connect(place)
                    link.sendall(wire.line(wire.Request("runs.list", {}, "")))
                return link.recv(65_536)

    assert wire.answer(asyncio.run(story())).result == []


def test_a_holder_that_is_gone_is_told_as_that(tmp_path: Path) -> None:
    """It was said to be waited for, or to be stopped."""
    with pytest.raises(HolderGone, match="has ended; ask again"):
        asyncio.run(OverSocket(tmp_path, held=lambda: False).ask("runs.list", {}))


def test_views_are_the_same_after_the_wire() -> None:
    """CLI-2: what programs read is what the services say."""

    async def story() -> None:
        async with stand() as at:
            run = await at.start(TWO)
            view = await at.until(run.id)
            assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(view)), type(view)) == view
            assert ANN.project == view.project

    asyncio.run(story())
