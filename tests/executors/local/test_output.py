"""The output of one attempt on its way into the log."""

import asyncio
from pathlib import Path

from ferryman.executors.local.output import About, Output
from ferryman.logs import Logs
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
        output = Output(about, str(tmp_path / "output"), logs=logs, secrets=None, clock=Tock())

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
