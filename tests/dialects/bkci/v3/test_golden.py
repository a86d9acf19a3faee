"""Golden pairs: every answer is, byte for byte, the one that is kept (placeholders stand for ids and times)."""

import asyncio
import os
from pathlib import Path

import pytest

from ferryman.dialects.bkci.paths import place_of
from ferryman.dialects.bkci.v3.operations import builds, labels, logs, pipelines, projects
from ferryman.dialects.rest import Routes
from ferryman.testing.server import serving
from tests.dialects.bkci.v3 import golden

STORIES = tuple(sorted(golden.FOLDER.glob("*.http")))
ROWS = {
    noun.__name__.rpartition(".")[2]: noun.OPERATIONS for noun in (builds, labels, logs, pipelines, projects)
}
"""Story → the operations that it tells of."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_every_answer_is_the_one_that_is_kept(story: Path, tmp_path: Path) -> None:
    kept = golden.read(story.read_text(encoding="utf-8"))

    async def told() -> list[golden.Pair]:
        async with serving(data=tmp_path) as server:
            return await golden.replayed(server, kept)

    now = asyncio.run(told())
    if os.environ.get(golden.REWRITE):
        story.write_text(golden.written(now), encoding="utf-8")
        return
    for before, after in zip(kept, now, strict=True):
        assert after == before, before.title


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_file_is_written_as_it_is_read(story: Path) -> None:
    text = story.read_text(encoding="utf-8")
    assert golden.written(golden.read(text)) == text


def test_a_story_has_a_pair_for_each_operation_of_its_noun_in_both_versions() -> None:
    """`logs.http` tells of the rows of `operations/logs.py`, and so on."""
    assert {story.stem for story in STORIES} == set(ROWS)
    for story in STORIES:
        routes = Routes(ROWS[story.stem])
        asked: set[tuple[str, str]] = set()
        for pair in golden.read(story.read_text(encoding="utf-8")):
            method, path, _ = pair.request.partition("\n")[0].split(" ")
            place = place_of(path.partition("?")[0])
            found = routes.find(method, place.path) if place else frozenset()
            if place and not isinstance(found, frozenset):
                asked.add((found.operation.name, place.path.split("/")[1]))
        there = {(row.name, route.split("/")[1]) for row in ROWS[story.stem] for route in row.routes}
        assert not there - asked, story.stem


def test_names_stand_for_what_is_made_anew() -> None:
    known = golden.Placeholders()
    first, second = f"b-{'0' * 32}", f"b-{'1' * 32}"
    known.name("build", second)
    shown = (
        f'{{"id":"{first}","of":"{second}","startTime":1790000000123,"createTime":1790000000,"systemElapsed":17,'
        f'"totalTime":5,"message":"no [request {"a" * 32}]","at":"2026-01-02 03:04:05:678 : x"}}'
    )
    hidden = (
        '{"id":"{build-2}","of":"{build-1}","startTime":{ms},"createTime":{seconds},"systemElapsed":{duration},'
        '"totalTime":{duration},"message":"no [request {id}]","at":"{moment} : x"}'
    )
    assert known.hidden(shown) == hidden
    assert known.shown("?buildId={build-2}") == f"?buildId={first}"


def test_what_nobody_knows_how_to_do_is_said() -> None:
    pair = golden.Pair("odd", ("paint it blue",), "GET / HTTP/1.1", "")

    async def told() -> None:
        async with serving() as server:
            with pytest.raises(AssertionError, match="paint it blue"):
                await golden.replayed(server, [pair])

    asyncio.run(told())
