"""Reading what a step prints while it grows, in bounded memory: once for the log, once for its commands.

The log says up to where it has everything; the commands are collected from the beginning. So after a restart neither
misses or repeats anything. The raw file goes as soon as the log has all of it durably.
"""

import contextlib
import os
from pathlib import Path

from ferryman.executors.local.sayings import Sayings
from ferryman.ports.clock import Clock
from ferryman.ports.logs import LogBook
from ferryman.ports.secrets import Secrets

_PIECE = 1 << 18


class Output:
    """The output of one attempt on its way into the log."""

    def __init__(
        self,
        path: Path,
        run: str,
        key: str,
        project: str,
        *,
        logs: LogBook,
        secrets: Secrets | None,
        clock: Clock,
    ) -> None:
        """Read the file at this path; the log masks the secrets of this project."""
        self.run, self.key, self.project = run, key, project
        self._path, self._logs, self._secrets, self._clock = path, logs, secrets, clock
        self._fd = -1
        self._at = 0
        self._stored = -1
        """Bytes that the log has; -1 while the log is not open."""
        self.sayings = Sayings()
        self.busy = False
        """Somebody is reading: two at once would mix up the order."""

    async def pull(self) -> None:
        """Take in all there is now. Raises what the log raises; then the same is tried again at the next call."""
        self.busy = True
        try:
            while (self._fd >= 0 or self._open()) and (piece := os.pread(self._fd, _PIECE, self._at)):
                await self._log(piece)
                self.sayings.feed(piece)
                self._at += len(piece)
        finally:
            self.busy = False

    def has_more(self) -> bool:
        """Whether something was added since the last look."""
        return (self._fd >= 0 or self._open()) and os.fstat(self._fd).st_size > self._at

    def is_gone(self) -> bool:
        """Whether the raw file was let go: the attempt was read to its end before."""
        return self._fd < 0 and not self._path.exists()

    async def note(self, text: str) -> None:
        """Add a line of Ferryman's own."""
        await self._open_log()
        self._logs.note(self.run, self.key, text, at=self._clock.now())

    async def keep(self) -> None:
        """The attempt has ended: have the log keep all of it, durably."""
        self.sayings.close()
        if self._stored >= 0:
            await self._logs.close_attempt(self.run, self.key, at=self._clock.now())

    def remove(self) -> None:
        """The log has everything: let the raw file go."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def close(self) -> None:
        """Stop reading."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def _log(self, piece: bytes) -> None:
        await self._open_log()
        if fresh := piece[max(0, self._stored - self._at) :]:
            await self._logs.ready()
            self._logs.append(self.run, self.key, fresh, at=self._clock.now())

    async def _open_log(self) -> None:
        if self._stored < 0:
            values = await self._secrets.values(self.project) if self._secrets is not None else ()
            self._stored = await self._logs.open_attempt(self.run, self.key, secrets=values)

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True
