"""Logs: which there are, and their lines. Masked long before they come here."""

from collections.abc import AsyncIterator, Sequence

from ferryman.domain import views
from ferryman.domain.ids import split_key
from ferryman.ports.logs import LogBook, LogLine, LogState
from ferryman.services import paths
from ferryman.services.caller import Caller
from ferryman.services.runs import Runs


class RunLogs:
    """What can be read of what steps said."""

    def __init__(self, *, book: LogBook, runs: Runs) -> None:
        """Over this log book."""
        self._book = book
        self._runs = runs

    async def attempts(self, caller: Caller, *, run: str, step: str = "") -> Sequence[views.AttemptLog]:
        """The attempts of a run that have said something, in the order of their beginning. `step` picks a stage, job or
        step by path or name, or one attempt by its key."""
        row = await self._runs.find(caller, run)
        states = await self._book.states(row.id)
        if step:
            path, execution, _ = split_key(step)
            wanted = path if execution else paths.found(await self._runs.load(row), step)
            states = [
                state
                for state in states
                if state.key == step or (not execution and _below(split_key(state.key)[0], wanted))
            ]
        return [_of_state(state) for state in states]

    async def read(
        self, caller: Caller, *, run: str, key: str, after: int = 0, limit: int = 1000
    ) -> Sequence[views.Line]:
        """Lines of an attempt behind `after`, in order."""
        row = await self._runs.find(caller, run)
        return [_of_line(key, line) for line in await self._book.read(row.id, key, after=after, limit=limit)]

    async def tail(self, caller: Caller, *, run: str, key: str, lines: int) -> Sequence[views.Line]:
        """The last lines of an attempt."""
        row = await self._runs.find(caller, run)
        return [_of_line(key, line) for line in await self._book.tail(row.id, key, lines)]

    async def follow(
        self, caller: Caller, *, run: str, key: str, after: int = 0
    ) -> AsyncIterator[views.Line]:
        """Every line of an attempt once and in order, until it has ended."""
        row = await self._runs.find(caller, run)
        async for line in self._book.follow(row.id, key, after=after):
            yield _of_line(key, line)

    async def raw(self, caller: Caller, *, run: str, key: str) -> AsyncIterator[bytes]:
        """What an attempt wrote, byte for byte except for masks."""
        row = await self._runs.find(caller, run)
        async for piece in self._book.raw(row.id, key):
            yield piece


def _below(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith((f"{wanted}/", f"{wanted}."))


def _of_state(state: LogState) -> views.AttemptLog:
    return views.AttemptLog(
        key=state.key,
        path=split_key(state.key)[0],
        lines=state.lines,
        size=state.size,
        ended_at=state.ended_at,
        missing=state.missing,
    )


def _of_line(key: str, line: LogLine) -> views.Line:
    return views.Line(key=key, number=line.number, at=line.at, text=line.text, kind=line.kind)
