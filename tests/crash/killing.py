"""A data folder whose processes are killed, and what an outside witness saw of it."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import psutil  # type: ignore[import-untyped]  # it has no types of its own

from ferryman.settings import Settings
from tests.crash.server import SLOTS, STEPS

ROOT = Path(__file__).parents[2]
PATIENCE = 300
"""Seconds after which a driving process is held to be stuck."""

Heard = Callable[[list[str]], None]
"""Hears each line that the driving process says, in words."""


class Scene:
    """One data folder, and all that its driving processes said before they were killed."""

    def __init__(self, folder: Path) -> None:
        """A folder without anything in it."""
        self.settings = Settings(data=folder / "data")
        self.witness = folder / "witness"
        self.rounds = [0] * SLOTS
        self.started: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.recovered: list[int] = []
        self._asked: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._seen: dict[str, Counter[tuple[str, str]]] = {"begin": Counter(), "end": Counter()}
        self._read = 0
        """Bytes of the witness's file that are counted there: a long history is not read anew at every kill."""

    @contextmanager
    def driven(self, word: str = "") -> Iterator["subprocess.Popen[str]"]:
        """A driving process; killed at the end, and anyway when it takes too long."""
        words = [str(self.settings.data), str(self.witness), ",".join(map(str, self.rounds)), word]
        with subprocess.Popen(
            [sys.executable, "-m", "tests.crash.server", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            watchdog = threading.Timer(PATIENCE, process.kill)
            watchdog.start()
            try:
                yield process
            finally:
                watchdog.cancel()
                process.kill()

    def hear(self, line: str) -> list[str]:
        """Take in one line of a driving process; its words."""
        words = line.split()
        match words:
            case ["holding", number]:
                self.recovered.append(int(number))
            case [">", run, seq]:
                self._asked[run] = int(seq)
            case ["=", run, seq]:
                self._kept[run] = int(seq)
            case ["started", key, run]:
                self.started[key] = run
            case ["ended", slot, run, outcome]:
                self.rounds[int(slot)] += run not in self.ended
                self.ended[run] = outcome
        return words

    def commits_in_flight(self) -> int:
        """Runs of which a unit was to be kept, and nobody heard that it was. Each is counted once."""
        flying = [run for run, seq in self._asked.items() if seq > self._kept.get(run, 0)]
        for run in flying:
            del self._asked[run]
        return len(flying)

    def seen(self, word: str) -> Counter[tuple[str, str]]:
        """How often the witness saw each attempt (run, key) begin, or end."""
        if self.witness.exists():
            with self.witness.open("rb") as file:
                file.seek(self._read)
                whole, _, _ = file.read().rpartition(b"\n")
            for line in whole.splitlines():
                run, key, said = line.decode().split()
                self._seen[said][run, key] += 1
            self._read += len(whole) + bool(whole)
        return self._seen[word]

    def steps_in_flight(self) -> set[tuple[str, str]]:
        """Attempts that have begun and not ended."""
        return self.seen("begin").keys() - self.seen("end").keys()

    def finish(self, heard: Heard = lambda words: None) -> None:
        """A last driving process brings every run to its end, or is stuck."""
        with self.driven("finish") as process:
            assert process.stdout is not None
            for line in process.stdout:
                heard(self.hear(line))
            assert process.wait() == 0, f"stuck, or broken: ended {len(self.ended)} of {len(self.started)}"

    def check(self, never_began: Collection[tuple[str, str]] = ()) -> None:
        """Nothing is lost, nothing repeated, nothing stuck, nothing spoiled. Attempts that `never_began` were given
        up, and another one was made in place of each."""
        expected = {(run, f"{path}#1.1") for run in self.started.values() for path in STEPS}
        for run, key in sorted(never_began):
            path, _, number = key.rpartition(".")
            expected = expected - {(run, key)} | {(run, f"{path}.{int(number) + 1}")}
        assert self.ended.keys() == set(self.started.values()), "a run was lost, or never ended"
        assert set(self.ended.values()) == {"succeeded"}
        for word in ("begin", "end"):
            seen = self.seen(word)
            assert seen.keys() == expected, f"{word}: {set(seen) ^ expected}"
            repeated = [each for each, count in seen.items() if count > 1]
            assert not repeated, f"{word} more than once: {repeated}"
        for name in ("ferryman.db", "logs.db"):
            database = apsw.Connection(str(self.settings.private / name), flags=apsw.SQLITE_OPEN_READONLY)
            assert database.pragma("quick_check") == "ok", name
            database.close()

    def supervisor(self) -> tuple[int, int] | None:
        """The process ids of guard and room, as far as they live (0 where one does not); None when neither does."""
        ours = {
            each.pid: each.ppid()
            for each in psutil.process_iter(["cmdline"])
            if str(self.settings.private) in (each.info["cmdline"] or ())
        }
        room = next((pid for pid, parent in ours.items() if parent in ours), 0)
        guard = ours[room] if room else 0
        alone = next(iter(ours.keys() - {room, guard}), 0)
        return (guard, room or alone) if ours else None


def seed() -> int:
    """The seed of this test: FERRYMAN_SEED repeats one."""
    return int(os.environ.get("FERRYMAN_SEED", int.from_bytes(os.urandom(4))))
