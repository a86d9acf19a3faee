"""A server that is killed while it sends requests: each of them was sent once, and none is sent again unseen.

The witness is the receiving server, which lives on. A real process, real kill -9 (RULINGS 17, 29).
"""

import asyncio
import collections
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web

from ferryman.domain.work import CallHttp
from tests.executors.inside.world import World, lived, served, work

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("after", [1, 7, 30, 31, 64])
def test_after_a_kill_every_request_is_known(tmp_path: Path, after: int) -> None:
    """`unknown` was never sent, `ended` was answered, `lost` may be either: and nothing that was sent is unknown."""

    async def story() -> None:
        seen: collections.Counter[str] = collections.Counter()
        enough, killed = asyncio.Event(), asyncio.Event()

        async def witness(request: web.Request) -> web.Response:
            seen[request.path.strip("/")] += 1
            if seen.total() >= after:
                enough.set()
                # The kill comes while this request is under way.
                await killed.wait()
            return web.Response()

        async with served(witness) as url:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.executors.inside.sender",
                str(tmp_path),
                url,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                stdout=asyncio.subprocess.PIPE,
            )
            async with asyncio.timeout(60):
                await enough.wait()
            child.kill()
            output, _ = await child.communicate()
            killed.set()
            keys = output.decode().split("\n")[:-1]

            world = World(tmp_path)
            executor = world.executor()
            await executor.open(world.hear)
            found = await executor.find([("shop-12", key) for key in keys])
            for one in found:
                if one.state == "lost":
                    # Nobody asked for it again; even a start that comes all the same sends nothing.
                    await executor.start(work(CallHttp(url=f"{url}/{number(one.key)}"), key=one.key))
            await executor.close()
        states = collections.Counter(one.state for one in found)
        assert states["lost"] > 0, f"nothing was under way: {states}"
        assert max(seen.values()) == 1, "a lost request was sent again"
        for one in found:
            assert one.state in ("unknown", "ended", "lost")
            if one.state == "unknown":
                assert not seen[number(one.key)], f"{one.key} was sent, and nobody knows"
            if one.state == "ended":
                assert seen[number(one.key)] == 1

    lived(story())


def number(key: str) -> str:
    """The number of a request, from its attempt."""
    return key.removeprefix("s/j/t").removesuffix("#1.1")
