"""What a start may and what scripts know of it, against a real server (bkci-v3 3.3, 4.4, 9, 12)."""

import asyncio
from pathlib import Path

from ferryman.settings import File, Runs
from tests.dialects.bkci.v3.test_builds_over_http import Client, box, model, script, told


def test_a_pipeline_is_not_started_too_often(tmp_path: Path) -> None:
    """2101020 (12, row 14), while one start is all that may be under way."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}))
        came = await asyncio.gather(*(asked.call("POST", f"{builds}/start", {}) for _ in range(10)))
        refused = [(http, code) for http, code, _ in came if code]
        assert set(refused) == {(400, 2101020)}
        numbers = sorted(data["num"] for _, code, data in came if not code)
        assert numbers == list(range(1, len(numbers) + 1))
        for _, code, data in came:
            if not code:
                await asked.end(f"{builds}/{data['id']}")

    told(tmp_path, story, file=File(runs=Runs(starts_at_once=1)))
