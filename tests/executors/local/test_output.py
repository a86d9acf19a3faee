"""The output of one attempt on its way into the log."""

import asyncio
from pathlib import Path

from ferryman.executors.local.output import About, Output
from ferryman.logs import Logs
from ferryman.ports.processes import Sighting
from ferryman.testing.logs import MemoryPieces
from tests.executors.local.stage import Tock


def test_an_output_that_is_read_to_its_end_lets_others_have_their_turn(tmp_path: Path) -> None:
    """LOG-2, OPS-9: short lines cost us more than the disk. Nobody else was heard before the last of them, not even
    the writer's word that they are kept, so all of them stayed in memory."""
    (tmp_path / "output").write_bytes(b"y\n" * (1 << 21))
    about = About(run="r", key="s/j/t#1.1", project="p", folder="s/j", patience_ms=0)

    async def story() -> None:
        logs, turns = Logs(MemoryPieces()), 0
        await logs.open()
        output = Output(about, logs=logs, secrets=None, clock=Tock())
        output.found(Sighting(attempt="a", state="alive", output=str(tmp_path / "output")))

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        await output.pull(pieces=1)
        waiting = asyncio.create_task(others())
        await output.pull()
        assert turns > 3
        waiting.cancel()
        output.close()
        await logs.close()

    asyncio.run(story())


EMPTIED = "the step has emptied its own output, as > /dev/stderr and > /dev/stdout do: >&2 and >> /dev/stderr do not"
MISSING = "missing: what it had printed shortly before it emptied its own output, nobody can tell how much"
BEGINS = 100


class Reading:
    """An attempt's file that is written, emptied and read by turns; a new reader is what a restart makes."""

    def __init__(self, file: Path) -> None:
        self.file, self.logs = file, Logs(MemoryPieces())
        file.write_bytes(bytes(BEGINS))
        self.output = self.reader()

    def reader(self) -> Output:
        about = About(run="r", key="k", project="p", folder="f", patience_ms=0)
        output = Output(about, logs=self.logs, secrets=None, clock=Tock())
        output.found(Sighting(attempt="a", state="alive", output=str(self.file), begins=BEGINS))
        return output

    async def told(self, words: bytes = b"", *, emptied: bool = False) -> None:
        """These words are printed, into the file or in place of what stood there; then it is read."""
        with self.file.open("wb" if emptied else "ab") as file:
            file.write(words)
        if self.output.has_more():
            await self.output.pull()

    async def said(self) -> list[str]:
        """The step has ended: all that its log holds."""
        await self.output.pull()
        await self.output.keep()
        self.output.close()
        said = [line.text async for line in self.logs.follow("r", "k")]
        await self.logs.close()
        return said


def test_a_step_that_empties_its_own_output_is_read_on_and_its_log_says_what_is_missing(
    tmp_path: Path,
) -> None:
    """Promise 7, LOG-2: all behind `> /dev/stderr` was left out, without a word."""

    async def story() -> None:
        reading = Reading(tmp_path / "output")
        await reading.logs.open()
        await reading.told(b"one\n")
        await reading.told(b"2\n", emptied=True)
        await reading.told(b"three\n")
        # Longer than what was there, so that the length alone tells nothing.
        await reading.told(b"four\n" * 50, emptied=True)
        await reading.told(emptied=True)
        await reading.told(b"five\n")
        assert reading.output.size == len(b"one\n2\nthree\nfive\n" + b"four\n" * 50)
        assert await reading.said() == ["one", EMPTIED, "2", "three", *["four"] * 50, "five", MISSING]

    asyncio.run(story())


def test_an_output_that_was_emptied_before_anybody_has_read_it_says_so(tmp_path: Path) -> None:
    """What a script of some milliseconds prints is read at its end for the first time."""

    async def story() -> None:
        reading = Reading(tmp_path / "output")
        await reading.logs.open()
        await reading.told(b"warning\n", emptied=True)
        assert await reading.said() == [EMPTIED, "warning", MISSING]

    asyncio.run(story())


def test_an_output_that_was_emptied_is_read_whole_after_a_restart(tmp_path: Path) -> None:
    """What is there follows what the log has: better twice than not at all."""

    async def story() -> None:
        reading = Reading(tmp_path / "output")
        await reading.logs.open()
        await reading.told(b"a line that is longer than all of the others\n")
        reading.output = reading.reader()
        await reading.told(b"two\n", emptied=True)
        assert await reading.said() == [
            "a line that is longer than all of the others",
            EMPTIED,
            "two",
            MISSING,
        ]

    asyncio.run(story())
