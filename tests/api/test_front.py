"""The front page, health and version of a real server (OPS-1)."""

import asyncio
import re
from pathlib import Path

import pytest

from ferryman import __version__, definition
from ferryman.api.health import Part, examined
from ferryman.app import parts
from ferryman.testing.server import serving

PIPELINE = """
version: v3.0
name: <b>
stages:
  - name: main
    jobs:
      task:
        steps:
          - run: 'true'
"""


def test_what_a_browser_finds(tmp_path: Path) -> None:
    """Version, health, newest runs, API documents; nothing is loaded from elsewhere, no script runs."""

    async def story() -> None:
        async with serving(data=tmp_path) as server:
            page = await server.ask("GET", "/")
            text = page.body.decode()
            assert page.status == 200
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert f"Version {__version__}, ready" in text
            assert "None yet." in text
            assert "<script" not in text
            assert "style=" not in text
            for link in re.findall(r'href="([^"]+)"', text):
                assert (await server.ask("GET", link)).status == 200, link
            assert (await server.ask("GET", "/documents/none")).status == 404
            assert (await server.ask("HEAD", "/")).body == b""
            assert (await server.ask("POST", "/", json={})).status == 405

    asyncio.run(story())


def test_the_schema_of_pipeline_files_has_an_address(tmp_path: Path) -> None:
    """CFG-1: a fixed one, that editors can be pointed at; what the command prints."""

    async def story() -> None:
        async with serving(data=tmp_path) as server:
            told = await server.ask("GET", "/schemas/pipeline-v3.0.json")
            assert (told.status, told.headers["content-type"]) == (200, "application/schema+json")
            assert told.json == definition.schema()
            assert "/schemas/pipeline-v3.0.json" in (await server.ask("GET", "/")).body.decode()
            assert (await server.ask("GET", "/schemas/none.json")).status == 404

    asyncio.run(story())


def test_runs_are_shown_here_and_not_to_strangers(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(data=tmp_path) as server:
            client = server.house.client()
            saved = await client.save(
                text=PIPELINE,
                name="x",
            )
            run = await client.start(saved.pipeline)
            page = (await server.ask("GET", "/")).body.decode()
            assert run.id in page
            assert "<b>" not in page
            for headers in ({"X-Forwarded-For": "192.0.2.1"}, {"Host": "evil.example"}):
                assert run.id not in (await server.ask("GET", "/", headers=headers)).body.decode()

    asyncio.run(story())


def test_version_and_health(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(data=tmp_path) as server:
            assert (await server.ask("GET", "/version")).json == {"name": "ferryman", "version": __version__}
            health = await server.ask("GET", "/health")
            assert (health.status, health.json["alive"], health.json["ready"]) == (200, True, True)
            assert list(health.json["parts"]) == ["database", "supervisor", "disk", "clock"]
            await server.house.store.close()
            health = await server.ask("GET", "/health")
            assert (health.status, health.json["alive"], health.json["ready"]) == (503, True, False)
            assert health.json["parts"]["database"]["state"] == "failed"
            assert str(tmp_path) not in health.body.decode()
            await server.house.store.open()

    asyncio.run(story())


def test_a_part_that_hangs_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ferryman.api.health.SECONDS", 0.01)

    async def hangs() -> Part:
        await asyncio.Event().wait()
        return Part()

    async def well() -> Part:
        return Part("warning", "nearly")

    health = asyncio.run(examined({"slow": hangs, "well": well}))
    assert not health.ready
    assert health.parts["slow"].state == "failed"
    assert asyncio.run(examined({"well": well})).ready


@pytest.mark.parametrize(
    ("free", "state"),
    [(10 * 1024**2, "failed"), (500 * 1024**2, "warning"), (50 * 1024**3, "ok")],
)
def test_a_disk_that_is_nearly_full_is_told_before_it_hurts(
    free: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPS-7."""
    monkeypatch.setattr("shutil.disk_usage", lambda folder: (100 * 1024**3, 0, free))
    assert parts.disk_of(tmp_path).state == state


def test_a_folder_that_is_not_there_is_not_well(tmp_path: Path) -> None:
    assert parts.disk_of(tmp_path / "none").state == "failed"
