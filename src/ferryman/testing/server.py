"""A server to test against: in this process, or in one of its own. All listen on a free port of loopback.

async with serving(seed=SEED, data=tmp_path) as server:
    answer = await server.ask("GET", "/api/apigw/v3/projects/demo/…", headers={"X-DEVOPS-UID": "operator"})

with started(data=tmp_path, seed=SEED) as server:
    answer = asking(server.address, "GET", "/health")
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec

from ferryman.app.house import House
from ferryman.app.up import serve
from ferryman.drivers.embedded.clock import VirtualClock
from ferryman.ports.executor import Executor
from ferryman.services.access import SignIn
from ferryman.settings import File, Settings
from ferryman.testing.http import Answered, ask, asking

Result = TypeVar("Result")

SEED = """
[[project]]
name = "demo"
number = 10000
id = "0605767f2e00d5762fb7c00f9fd4d3e1"
[[project]]
name = "other"
[[principal]]
name = "owner"
account = true
tokens = [ { value = "owner-token" } ]
[[principal]]
name = "operator"
roles = { demo = "admin" }
tokens = [ { value = "operator-token" } ]
[[principal]]
name = "visitor"
roles = { demo = "visitor" }
tokens = [ { value = "visitor-token" } ]
[[principal]]
name = "stranger"
roles = { other = "admin" }
[[bkci_app]]
code = "app"
secret = "app-secret"
projects = ["demo"]
"""
"""Enough for most tests: a project, its admin, a visitor, somebody from elsewhere, an application."""


class InProcess:
    """A server in this process."""

    def __init__(
        self,
        address: str,
        house: House,
        *,
        sign_in: SignIn | None,
        clock: VirtualClock | None,
        faults: list[BaseException],
        lines: list[dict[str, Any]],
    ) -> None:
        """Made by `serving`."""
        self.address = address
        self.house = house
        self.sign_in = sign_in
        self.faults = faults
        """What nobody had foreseen; a test that leaves one here fails."""
        self.lines = lines
        """The server's log."""
        self._clock = clock

    async def ask(self, method: str, path: str, **given: Any) -> Answered:
        """Ask it; what is given is as `ferryman.testing.http.ask` takes it."""
        return await ask(self.address, method, path, **given)

    @property
    def now(self) -> int:
        """Its time, in milliseconds since 1970."""
        return self.house.clock.now()

    async def pass_time(self, ms: int) -> None:
        """Move its time on, where it was made with `virtual`."""
        assert self._clock is not None, "this server has the system's clock"
        await self._clock.move_to(self._clock.now() + ms)


@asynccontextmanager
async def serving(
    *,
    data: Path | None = None,
    seed: str | None = SEED,
    file: File | None = None,
    virtual: bool = False,
    executor: Executor | None = None,
) -> AsyncIterator[InProcess]:
    """Serve a data folder, by default one that is gone afterwards. `seed` None is a first start; `file` are settings
    as a file has them; an `executor` takes the place of all that do actions. Raises the first fault at the end, where
    nobody took it out of `faults`."""
    faults: list[BaseException] = []
    lines: list[dict[str, Any]] = []

    def log(level: str, event: str, /, **facts: Any) -> None:
        lines.append({"level": level, "event": event, **facts})

    given = file or File()
    own = msgspec.structs.replace(given.server, host="127.0.0.1", port=0)
    with ExitStack() as opened:
        folder = data or Path(opened.enter_context(TemporaryDirectory(prefix="ferryman-")))
        async with serve(
            Settings(data=folder, file=msgspec.structs.replace(given, server=own)),
            seed=seed,
            log=log,
            fault=faults.append,
            virtual=virtual,
            executor=executor,
        ) as served:
            yield InProcess(
                served.listening.address,
                served.house,
                sign_in=served.sign_in,
                clock=served.clock,
                faults=faults,
                lines=lines,
            )
    if faults:
        raise AssertionError("the server had a fault") from faults[0]


class Threaded:
    """A server in a thread of this process, for tests that have no loop: laws above all."""

    def __init__(self, server: InProcess, loop: asyncio.AbstractEventLoop) -> None:
        """Made by `threaded`."""
        self.address = server.address
        self.faults = server.faults
        self.lines = server.lines
        self._server = server
        self._loop = loop

    def ask(self, method: str, path: str, **given: Any) -> Answered:
        """Ask it."""
        return asking(self.address, method, path, **given)

    def have(self, work: Callable[[InProcess], Coroutine[Any, Any, Result]]) -> Result:
        """Have something done where the server runs."""
        return asyncio.run_coroutine_threadsafe(work(self._server), self._loop).result(60)


@contextmanager
def threaded(**given: Any) -> Iterator[Threaded]:
    """Serve in a thread of its own; what is given is as `serving` takes it."""
    begun: Future[tuple[InProcess, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve_here() -> None:
        async with serving(**given) as server:
            stop = asyncio.Event()
            begun.set_result((server, asyncio.get_running_loop(), stop))
            await stop.wait()

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(asyncio.run, serve_here())
        both: list[Future[Any]] = [begun, ended]
        wait(both, return_when="FIRST_COMPLETED")
        if ended.done():
            ended.result()
        server, loop, stop = begun.result()
        try:
            yield Threaded(server, loop)
        finally:
            loop.call_soon_threadsafe(stop.set)
            wait([ended])
        ended.result()


class Started:
    """A server in a process of its own."""

    def __init__(self, address: str, process: "subprocess.Popen[str]", said: list[str]) -> None:
        """Made by `started`."""
        self.address = address
        self.process = process
        self.said = said
        """What it said before it served, line by line."""

    def ask(self, method: str, path: str, **given: Any) -> Answered:
        """Ask it."""
        return asking(self.address, method, path, **given)

    def kill(self) -> None:
        """End it as a crash would: with nothing put in order."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, as the system does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def started(
    *arguments: str,
    data: Path,
    seed: str | None = SEED,
    environ: dict[str, str] | None = None,
) -> Iterator[Started]:
    """Start `ferryman up` on a data folder, with more arguments if wanted, and wait until it serves. It is ended
    afterwards, if the test has not."""
    ready, log = data.parent / f"{data.name}.ready", data.parent / f"{data.name}.log"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "ferryman", "up", "--data", str(data), "--port", "0"]
    if seed is not None:
        place = data.parent / f"{data.name}.seed.toml"
        place.write_text(seed, encoding="utf-8")
        command += ["--seed", str(place)]
    command += ["--ready-file", str(ready), *arguments]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | (environ or {}),
        )
    said: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            if line.startswith("Stop it with"):
                break
        if not ready.exists():
            process.wait(60)
            raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
        yield Started(msgspec.json.decode(ready.read_bytes())["address"], process, said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
