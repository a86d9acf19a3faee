"""The contract of executors, held to by real processes, with control groups and without."""

import asyncio
from pathlib import Path

import pytest

from ferryman.testing.executors import EXECUTOR_CHECKS, Check
from tests.executors.local.stage import LocalStage


@pytest.mark.parametrize("groups", [True, False], ids=["groups", "no groups"])
@pytest.mark.parametrize("check", EXECUTOR_CHECKS, ids=lambda check: check.__name__)
def test_local_executor_keeps_the_contract(check: Check, groups: bool, tmp_path: Path) -> None:
    async def perform() -> None:
        stage = LocalStage(tmp_path / "data", groups=groups)
        try:
            await check(stage)
        finally:
            await stage.close()

    asyncio.run(perform())
