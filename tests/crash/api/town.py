"""The server's lives: `ferryman up` as a process on one data folder, killed and started again, and what clients have
under way with it.

Clients run in threads of their own. A request counts as under way from before it is sent until its answer is read, and
as lost where its connection ends first; one that finds nobody listening was never sent, and is sent to the next life.
"""

import http.client
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from ferryman.testing.http import Answered, asking
from tests.crash.api.pipelines import SEED, Attempt, Witness
from tests.executors.local.stage import kill_all, remove_groups

ROOT = Path(__file__).parents[3]
PATIENCE = 120
"""Seconds after which whatever is waited for is held to be stuck."""


class Hit(NamedTuple):
    """What a kill hit."""

    changes: int
    """Requests for a change that were sent, and not answered."""
    reads: int
    steps: frozenset[Attempt]
    ready: bool
    """Whether the server had served already."""

    @property
    def something(self) -> bool:
        """Whether anything of weight was in flight."""
        return bool(self.changes or self.steps)


class Town:
    """One data folder and its server."""

    def __init__(self, folder: Path) -> None:
        """No server has been started yet."""
        self.data = folder / "data"
        self.ready = folder / "ready.json"
        self.witness = Witness(folder / "witness")
        self._seed = folder / "seed.toml"
        self._seed.write_text(SEED)
        self._log = folder / "log"
        self._moved = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._address = ""
        self._life = 0
        self._begun = 0
        self._flying: Counter[int] = Counter()
        self._lost: Counter[tuple[int, bool]] = Counter()
        self.broken = threading.Event()
        """Set where anybody has failed: nobody waits any longer."""
        self.fault: BaseException | None = None
        """What failed first."""

    def __enter__(self) -> Self:
        """Nothing is begun by this; afterwards every process is gone."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End whatever there still is."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        kill_all(self.data)
        remove_groups(self.data)

    def fail(self, fault: BaseException) -> None:
        """Something has failed; whoever waits fails too."""
        with self._moved:
            self.fault = self.fault or fault
            self.broken.set()
            self._moved.notify_all()

    # The server

    @property
    def process(self) -> "subprocess.Popen[str]":
        """The server's process."""
        assert self._process is not None
        return self._process

    def start(self, *, killed_after: float = 0) -> bool:
        """Start the server; whether it serves: with `killed_after` it is killed after so many seconds if it does not
        until then."""
        words = ["up", "--data", str(self.data), "--port", "0", "--seed", str(self._seed)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ferryman", *words, "--ready-file", str(self.ready)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        watchdog = threading.Timer(killed_after or PATIENCE, self._process.kill)
        watchdog.start()
        assert self._process.stdout is not None
        said = any(line.startswith("Stop it with") for line in self._process.stdout)
        watchdog.cancel()
        if not said:
            self._process.communicate()
            assert killed_after, f"the server did not start:\n{self._log.read_text()}"
            return False
        told = msgspec.json.decode(self.ready.read_bytes())
        assert told["pid"] == self._process.pid, "the ready file tells of another server"
        with self._moved:
            self._address = told["address"]
            self._life += 1
            self._moved.notify_all()
        return True

    def end(self, *, after: int, delay: float, gently: bool = False) -> Hit:
        """Kill it, or `gently` ask it to end, once so many more requests have begun, and `delay` seconds later; what
        that hit."""
        with self._moved:
            begun, life = self._begun + after, self._life
            self._wait(lambda: self._begun >= begun)
        self.broken.wait(delay)
        steps = self.witness.under_way()
        if gently:
            self.stop()
        else:
            self.process.kill()
            self.process.communicate()
        with self._moved:
            self._wait(lambda: not self._flying[life])
            return Hit(self._lost[life, True], self._lost[life, False], frozenset(steps), ready=True)

    def stop(self) -> None:
        """Ask it to end, which it does well; where it takes longer than it may, it ends itself with another code."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, "it did not stop in time"

    def faults(self) -> list[Any]:
        """What the servers of all lives had not foreseen."""
        lines = (line for line in self._log.read_text().splitlines() if line.startswith("{"))
        return [told for line in lines if (told := msgspec.json.decode(line))["level"] == "error"]

    # Its clients

    def ask(
        self, user: str, method: str, path: str, body: Any = None, *, changes: bool = False
    ) -> Answered | None:
        """Ask, now or as soon as a server is there; None where the answer did not come. `changes` says what it was."""
        while True:
            with self._moved:
                self._wait(lambda: self._address)
                address, life = self._address, self._life
                self._begun += 1
                self._flying[life] += 1
                self._moved.notify_all()
            answered: Answered | None = None
            lost: Exception | None = None
            try:
                answered = asking(address, method, path, json=body, headers={"X-DEVOPS-UID": user})
            except (OSError, http.client.HTTPException) as error:
                lost = error
            with self._moved:
                if lost is not None and self._life == life:
                    self._address = ""
                sent = not isinstance(lost, ConnectionRefusedError)
                self._lost[life, changes] += lost is not None and sent
                self._flying[life] -= 1
                self._moved.notify_all()
            if sent:
                return answered

    def _wait(self, true: Any) -> None:
        """Wait until this is so; the condition is held."""
        assert self._moved.wait_for(lambda: true() or self.broken.is_set(), PATIENCE), "stuck"
        assert not self.broken.is_set(), "somebody has failed"
