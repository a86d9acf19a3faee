"""A process that holds a data folder until its input ends, for W6: says when it is ready, and what it has imported."""

import asyncio
import sys
from pathlib import Path

from _body import tell
from ferryman.app.house import hold
from ferryman.settings import Settings


async def main(folder: Path, *, driving: bool) -> None:
    """Hold the folder; without `driving` there are no executors and no supervisor."""
    async with hold(Settings(data=folder), driving=driving):
        tell(["ready", len(sys.modules)])
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), driving=sys.argv[2:] == ["driving"]))
