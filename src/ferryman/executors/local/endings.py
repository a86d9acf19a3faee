"""What attempts that have ended came to: their output read to its end, then what they handed over.

Nothing is told of an end before the log has all that was printed (promise 7). The supervisor keeps a result before raw
output goes, so that it can be told again when the server dies before it is recorded. The report does not wait for that:
while raw output is there a result can be made again.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial

from ferryman.domain.errors import Unavailable
from ferryman.domain.values import LONGEST_VALUE
from ferryman.domain.work import WorkResult
from ferryman.executors.local import results
from ferryman.executors.local.hiding import Mask, hidden, says_something
from ferryman.executors.local.output import About, Output
from ferryman.executors.local.surroundings import Surroundings
from ferryman.ports.executor import Found
from ferryman.ports.processes import Exit, Processes, Sighting
from ferryman.ports.secrets import Secrets

Fault = Callable[[str, BaseException], None]
"""Hears of what must not happen: the run it concerns, and what was raised."""

_READ_AT_ONCE = 64
"""Outputs that are read to their end at a time: each is an open file."""
_TRY_EVERY = 1.0
"""Seconds between tries to read what cannot be read, or kept, just now."""


class Endings:
    """Reads the ends of one executor's attempts."""

    def __init__(
        self,
        processes: Processes,
        surroundings: Surroundings,
        *,
        secrets: Secrets | None,
        mask: Mask,
        fault: Fault,
    ) -> None:
        """What steps hand over is in their surroundings; `mask` takes secrets out of it."""
        self._processes, self._surroundings = processes, surroundings
        self._secrets, self._mask, self._fault = secrets, mask, fault
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)

    def silent(self, output: Output, sighting: Sighting) -> WorkResult | None:
        """The result of a step that has said nothing at all, if it is one. Nothing has to be read, and nothing kept in
        place of what was read: the same result comes of its exit again."""
        exit, about = sighting.exit, output.about
        if exit is None or exit.lost or exit.printed or exit.swept or not output.is_silent:
            return None
        handed = self._handed(about)
        result = results.ended(about.run, about.key, exit, output.sayings, handed)
        if handed.left_out or (self._secrets is not None and says_something(result)):
            return None
        output.close()
        return result

    async def conclude(self, output: Output, sighting: Sighting) -> Found:
        """Read an ended attempt to its end, for as long as it takes; what it came to. One whose end we fail to read is
        lost: nobody may be left waiting for an end that nobody will tell."""
        output.ended = True
        about, exit = output.about, sighting.exit
        if sighting.result:
            return _ended(about, results.unpacked(sighting.result))
        try:
            async with self._reading:
                handed = await self._read_to_the_end(output, exit)
            if exit is None or exit.lost:
                return _lost(about, exit.lost if exit else "its record says nothing of its end")
            result = results.ended(about.run, about.key, exit, output.sayings, handed)
            return _ended(about, await self._without_secrets(result, about.project))
        except Exception as fault:
            self._fault(about.run, fault)
            how = f"ended with {results.how(exit)}" if exit is not None and not exit.lost else "ended"
            return _lost(about, f"it {how}, and the server failed ({type(fault).__name__}) to read its end")

    async def hand_back(self, output: Output, sighting: Sighting, found: Found) -> None:
        """Let the supervisor keep a result in place of the raw output, which is stored."""
        if found.result is not None and not sighting.result:
            with contextlib.suppress(Unavailable):
                await self._processes.conclude(sighting.attempt, results.packed(found.result))
        # Only now: whoever closes a file that was emptied before and is full again has it written to the disk.
        output.close()

    def _handed(self, about: About) -> results.Handed:
        path = self._surroundings.handed(about.run, about.folder, about.key)
        return results.handed(path, answers=not about.script)

    async def _read_to_the_end(self, output: Output, exit: Exit | None) -> results.Handed:
        """Have the log keep everything, and read what was handed over."""
        printed = exit.printed if exit is not None else -1
        noted = 0
        while True:
            try:
                await output.pull(until=printed)
                output.sayings.close()
                handed = self._handed(output.about)
                for sentence in list(_remarks(output, handed, exit))[noted:]:
                    await output.note(sentence)
                    noted += 1
                await output.keep()
            except Unavailable:
                # The log takes nothing just now, and says so itself.
                await asyncio.sleep(_TRY_EVERY)
            except OSError as error:
                # No more files may be opened, say; or the disk fails, and it lasts until somebody hears of it.
                why = error.strerror or str(error)
                self._fault(output.about.run, Unavailable(f"cannot read what a step printed: {why}"))
                await asyncio.sleep(_TRY_EVERY)
            else:
                return handed

    async def _without_secrets(self, result: WorkResult, project: str) -> WorkResult:
        if self._secrets is None or not says_something(result):
            return result
        while True:
            with contextlib.suppress(Unavailable):
                values = await self._secrets.values(project)
                break
            await asyncio.sleep(_TRY_EVERY)
        return hidden(result, partial(self._mask, secrets=values)) if values else result


def is_settled(sighting: Sighting) -> bool:
    """Whether nothing is left to be read of an attempt: it was concluded, or has ended without a word."""
    if sighting.result is not None or sighting.state == "alive":
        return sighting.result is not None
    return not os.path.exists(sighting.output) or os.path.getsize(sighting.output) == sighting.begins


def _ended(about: About, result: WorkResult) -> Found:
    return Found(run=about.run, key=about.key, state="ended", result=result)


def _lost(about: About, known: str) -> Found:
    return Found(run=about.run, key=about.key, state="lost", known=known)


def _remarks(output: Output, handed: results.Handed, exit: Exit | None) -> Iterator[str]:
    """What the log of an attempt says, at its end, of what is not kept and what was left running."""
    # The rules leave it out (RULINGS 13); the log says so beside what the step printed.
    for name, text in results.variables(output.sayings, handed).items():
        if len(text) > LONGEST_VALUE:
            yield (
                f"{name} is not kept: it has {len(text):,} characters, and a variable holds at most "
                f"{LONGEST_VALUE:,}"
            )
    yield from output.sayings.left_out()
    yield from handed.left_out
    if swept := exit.swept if exit is not None else 0:
        left = "a process" if swept == 1 else f"{swept} processes"
        yield f"the step had left {left} running; ended with it"
