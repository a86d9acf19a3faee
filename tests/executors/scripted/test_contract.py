"""The contract of executors, held to by the scripted one."""

import asyncio
from collections.abc import Sequence

import pytest

from ferryman.domain.work import Action, Nothing
from ferryman.executors.scripted import Fail, Hang, Lose, ScriptedExecutor, Succeed, World
from ferryman.logs.book import Logs
from ferryman.testing.executors import EXECUTOR_CHECKS, Check, Deed
from ferryman.testing.logs import MemoryPieces
from tests.executors.local.stage import Tock

LINES = "one\ntwo\nthree\nfour\nfive\n"
TABLE = {
    "*/fail-*": (Fail(code=3),),
    "*/speak-*": (Succeed(output=LINES, variables={"COLOR": "blue"}, outputs={"SIZE": "7"}),),
    "*/hang-*": (Hang(),),
    "*/stubborn-*": (Hang(output="ready\n", stubborn=True),),
}


class ScriptedStage:
    """Scripted executors in one world."""

    def __init__(self) -> None:
        self.world = World()
        self.logs = Logs(MemoryPieces())

    def executor(self) -> ScriptedExecutor:
        return ScriptedExecutor(TABLE, logs=self.logs, clock=Tock(), world=self.world)

    def action(self, deed: Deed) -> Action:
        return Nothing()

    async def said(self, run: str, key: str) -> Sequence[str]:
        return [line.text for line in await self.logs.read(run, key)]

    async def cut(self) -> None:
        for name in self.world.begun.keys() - self.world.ended.keys():
            self.world.begun[name] = Lose()

    def living(self) -> int:
        return sum(
            1
            for name, act in self.world.begun.items()
            if name not in self.world.ended and isinstance(act, Hang)
        )

    def folders(self) -> int:
        return len({(run, folder) for (run, _), folder in self.world.folders.items()})


@pytest.mark.parametrize("check", EXECUTOR_CHECKS, ids=lambda check: check.__name__)
def test_scripted_executor_keeps_the_contract(check: Check) -> None:
    async def perform() -> None:
        stage = ScriptedStage()
        await stage.logs.open()
        try:
            await check(stage)
        finally:
            await stage.logs.close()

    asyncio.run(perform())
