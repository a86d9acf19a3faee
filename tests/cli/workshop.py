"""A folder to work in: pipeline files, a data folder, and real processes of the command line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
"""How long a process may take before a test gives up; nothing is asserted about time."""


class Workshop:
    """Runs `ferryman` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT / "src")}
        self.environment = {**kept, "TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "120"}

    def write(self, name: str, text: str) -> None:
        """A file in the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def steps(self, name: str, *scripts: str, more: str = "") -> None:
        """A pipeline file `NAME.yaml` of one job whose steps `s1`, `s2` … are these scripts."""
        steps = "".join(
            f"          - id: s{number}\n            run: |\n"
            + "".join(f"              {line}\n" for line in script.splitlines())
            for number, script in enumerate(scripts, 1)
        )
        self.write(
            f"{name}.yaml",
            f"version: v3.0\nname: {name}\nstages:\n  - name: main\n    id: main\n{more}    jobs:\n"
            f"      task:\n        steps:\n{steps}",
        )

    def ran(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "ferryman", *words],
            cwd=self.folder,
            env=self.environment,
            input=text,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    def json(self, *words: str) -> Any:
        """What a command says as JSON."""
        told = self.ran(*words, "--output", "json")
        assert told.returncode == 0, told.stderr
        return msgspec.json.decode(told.stdout)

    @contextmanager
    def begun(self, *words: str, **more: Any) -> Iterator["Process"]:
        """One command while it runs; it is ended with the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", "ferryman", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=more.pop("stdin", subprocess.DEVNULL),
            stdout=more.pop("stdout", subprocess.PIPE),
            stderr=subprocess.STDOUT,
            **more,
        )
        try:
            yield Process(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def pipe(self, name: str) -> Path:
        """A named pipe: a step that reads it waits until the test writes."""
        os.mkfifo(self.folder / name)
        return self.folder / name

    def lines(self, name: str) -> list[str]:
        """The lines of a file in the folder."""
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class Process:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.said = ""

    def until(self, text: str) -> str:
        """Read its lines up to the first that holds this text."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline().decode():
            self.said += line
            if text in line:
                return line
        raise AssertionError(f"it ended without saying {text!r}:\n{self.said}")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """TERM."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """KILL, and wait until it is gone."""
        self._process.kill()
        self._process.wait(SECONDS)

    def kill_unseen(self) -> None:
        """KILL by a parent that does not ask after it, as some do that hold everything in a container."""
        self._process.send_signal(signal.SIGKILL)

    def end(self) -> int:
        """Read to its end; the exit code."""
        if self._process.stdout is not None:
            self.said += self._process.stdout.read().decode()
        return self._process.wait(SECONDS)
