"""What is kept of the status of pipelines: when nothing is read, how much is kept, who is still asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ferryman.dialects.bkci.v3.detail import SHOWN_FOR_MS
from ferryman.dialects.bkci.v3.hot import (
    CLOCK,
    FOREVER,
    LONGEST_PATH,
    OVERHEAD,
    STATUS,
    HotStatus,
    Place,
    asked,
    same_until,
    status_place,
)
from ferryman.domain.access import Role
from ferryman.domain.errors import NotFound
from ferryman.services import Caller
from ferryman.services.catalog import Catalog, Shown
from ferryman.testing.server import InProcess, serving
from ferryman.testing.told import ToldExecutor
from tests.dialects.bkci.v3.story import Story, stage
from tests.dialects.bkci.v3.test_pipelines_http import API, P3, Client

OWNER = Caller(name="owner")


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/ms/openapi/api/apigw/v3/projects/a/pipelines/p/status", (), Place("apigw", "a", "p")),
        ("/openapi/api/apigw-user/v3/projects/a/pipelines/p/status/", (), Place("apigw-user", "a", "p")),
        ("/api/apigw-app/v3/projects/a/pipelines/p/status", (), Place("apigw-app", "a", "p")),
        ("/prod/v3/apigw/projects/a/pipelines/p%2Fq/status", (), Place("apigw", "a", "p/q")),
        (
            "/v4/apigw/projects/a/pipelines/pipeline_status",
            (("pipelineId", "p"), ("pipelineId", "q")),
            Place("apigw", "a", "p"),
        ),
        (
            "/ms/openapi/api/apigw/v3/projects/a/pipelines/p/status",
            (("pipelineId", "q"),),
            Place("apigw", "a", "p"),
        ),
        ("/v4/apigw/projects/a/pipelines/pipeline_status", (), None),
        ("/v4/apigw/projects/a/pipelines/pipeline_status", (("pipelineId", " "),), None),
        ("/api/apigw/v3/projects/%20/pipelines/p/status", (), None),
        ("/api/apigw/v3/projects/a/pipelines//status", (), None),
        ("/api/apigw/v3/projects/a/pipelines/p", (), None),
        ("/api/apigw/v3/projects/a/pipelines/p/builds/b/status", (), None),
        ("/api/other/v3/projects/a/pipelines/p/status", (), None),
        (f"/api/apigw/v3/projects/a/pipelines/{'p' * LONGEST_PATH}/status", (), None),
    ],
)
def test_which_requests_are_meant(path: str, query: tuple[tuple[str, str], ...], found: Place | None) -> None:
    """1.1: every alias, both versions; what is blank or unusual is for the general path to answer."""
    assert asked(path, query) == found


def test_how_long_an_answer_stays_as_it_is() -> None:
    """Figures of a run that goes on grow with time; marks end 21 days after it (semantics 7.4)."""
    story = Story(stage("a"))
    assert same_until(None, 5) == FOREVER
    assert same_until(story.run, 5_000) == 5_000
    story.end("a/j/1#1.1", "failed")
    last = story.run.ended_at + SHOWN_FOR_MS
    assert [same_until(story.run, now) for now in (story.run.ended_at, last, last + 1)] == [
        last,
        last,
        FOREVER,
    ]


class Watched(Catalog):
    """A catalog that counts how often it is read."""

    reads = 0

    async def status(self, caller: Caller, *, pipeline: str) -> Shown | None:
        """Count it."""
        self.reads += 1
        return await super().status(caller, pipeline=pipeline)


@asynccontextmanager
async def watched(
    executor: ToldExecutor | None = None,
) -> AsyncIterator[tuple[InProcess, Client, Watched]]:
    """A server whose time stands still, and a catalog of its own over the same store."""
    async with serving(virtual=True, executor=executor) as server:
        house = server.house
        assert house.services is not None
        catalog = Watched(
            store=house.store,
            clock=house.clock,
            pipelines=house.services.pipelines,
            standings=house.services.runs.latest,
            changes=house.store.changes.count,
        )
        yield server, Client(server.address), catalog


def caller(server: InProcess, name: str) -> Caller:
    """Somebody in the project."""
    found = server.house.access.asking.by_name(name, project="demo")
    return msgspec.structs.replace(found, actions=STATUS.actions)


def test_what_has_not_changed_is_not_read_again() -> None:
    """One answer for all who may do the same; the time in it is that of the request."""

    async def story() -> None:
        async with watched() as (server, ci, catalog):
            made = await ci.made()
            hot = HotStatus(catalog)
            first = await hot.body(caller(server, "operator"), made)
            for _ in range(5):
                assert await hot.body(caller(server, "operator"), made) == first
            assert catalog.reads == 1
            await hot.body(caller(server, "visitor"), made)
            await hot.body(caller(server, "visitor"), made)
            assert catalog.reads == 2
            await server.pass_time(1_000)
            later = await hot.body(caller(server, "operator"), made)
            assert catalog.reads == 2
            one, other = (msgspec.json.decode(each)["data"] for each in (first, later))
            assert other == {**one, "currentTimestamp": one["currentTimestamp"] + 1_000}
            await ci.do("POST", f"{P3}/{made}/rename", {"name": "other"})
            assert b'"other"' in await hot.body(caller(server, "operator"), made)
            assert catalog.reads == 3

    asyncio.run(story())


async def is_running(ci: Client, pipeline: str) -> bool:
    """Whether its step runs; nothing happens to it from then on."""
    status = await ci.do("GET", f"{P3}/{pipeline}/status")
    (element,) = status["model"]["stages"][1]["containers"][0]["elements"]
    return bool(element.get("status") == "RUNNING")


def test_figures_of_a_run_go_on_without_reading() -> None:
    """A run that goes on is made anew of what was read; only a change of it is read."""

    async def story() -> None:
        async with watched(ToldExecutor()) as (server, ci, catalog):
            made = await ci.made()
            hot = HotStatus(catalog)
            await ci.do("POST", f"{P3}/{made}/builds/start", {})
            while not await is_running(ci, made):
                await server.pass_time(1)
            who, seen = caller(server, "operator"), []
            for _ in range(3):
                body = msgspec.json.decode(await hot.body(who, made))["data"]
                seen.append(body["currentTimestamp"] - body["model"]["stages"][1]["startEpoch"])
                assert body["model"]["stages"][1]["elapsed"] == seen[-1]
                await server.pass_time(1_000)
                who = caller(server, "operator")
            assert seen == [seen[0], seen[0] + 1_000, seen[0] + 2_000]
            assert catalog.reads == 1

    asyncio.run(story())


def test_it_keeps_no_more_bytes_than_it_may() -> None:
    """What nobody asked for the longest goes first; one answer that is too large by itself is not kept."""

    async def story() -> None:
        async with watched() as (server, ci, catalog):
            pipelines = [await ci.made(f"shop-{number}") for number in range(3)]
            who = caller(server, "operator")
            whole = HotStatus(catalog)
            await whole.body(who, pipelines[0])
            each = whole.size
            assert each > OVERHEAD
            two = HotStatus(catalog, most_bytes=2 * each + each // 2)
            for pipeline in (*pipelines[:2], pipelines[0], pipelines[2]):
                await two.body(who, pipeline)
                assert two.size <= 2 * each + each // 2
            catalog.reads = 0
            await two.body(who, pipelines[0])
            await two.body(who, pipelines[2])
            assert catalog.reads == 0
            await two.body(who, pipelines[1])
            assert catalog.reads == 1
            none = HotStatus(catalog, most_bytes=each // 2)
            for _ in range(2):
                await none.body(who, pipelines[0])
            assert (none.size, catalog.reads) == (0, 3)

    asyncio.run(story())


def test_while_a_change_is_under_way_nothing_is_kept() -> None:
    """Whether it will be kept is not known yet; so what is read then is given once, and what was kept not at all."""

    async def story() -> None:
        async with watched() as (server, ci, catalog):
            made = await ci.made()
            hot, who, store = HotStatus(catalog), caller(server, "operator"), server.house.store
            await hot.body(who, made)
            writing = asyncio.ensure_future(store.changes.write(lambda connection: None))
            await asyncio.sleep(0)
            assert store.changes.count() is None
            await hot.body(who, made)
            assert catalog.reads == 2
            await writing
            await hot.body(who, made)
            await hot.body(who, made)
            assert catalog.reads == 3

    asyncio.run(story())


def test_an_unknown_pipeline_has_no_data_and_is_not_kept() -> None:
    """11, 1."""

    async def story() -> None:
        async with watched() as (server, _, catalog):
            hot = HotStatus(catalog)
            assert await hot.body(caller(server, "operator"), "p-none") == b'{"status":0}'
            assert hot.size == 0
            with pytest.raises(NotFound):
                await hot.body(caller(server, "stranger"), "p-none")

    asyncio.run(story())


def test_credentials_are_looked_at_every_time() -> None:
    """RULINGS 32: a token that was revoked or has expired, a role that was taken, a person or a project that was
    disabled: the very next request is refused, whatever is kept."""

    async def story() -> None:
        async with serving(virtual=True) as server:
            ci, access = Client(server.address), server.house.access
            path = f"{API}{P3}/{await ci.made()}/status"
            short = await access.keys.make_token(OWNER, owner="operator", expires_at=server.now + 60_000)
            tokens = [await access.keys.make_token(OWNER, owner="operator") for _ in range(100)]

            async def status(token: str = "", user: str = "") -> int:
                headers = {"X-DEVOPS-UID": user} if user else {}
                query = f"?access_token={token}" if token else ""
                for _ in range(2):
                    answer = await server.ask("GET", path + query, headers=headers)
                if answer.status == 200:
                    assert answer.body.startswith(CLOCK)
                return answer.status

            assert {await status(token.text) for token in (short, *tokens)} == {200}
            for token in tokens[::20]:
                await access.keys.revoke_token(OWNER, id=token.id)
                assert await status(token.text) == 400
            assert await status(tokens[1].text) == 200
            await server.pass_time(60_000)
            assert await status(short.text) == 400
            assert await status(user="visitor") == 200
            await access.people.revoke(OWNER, name="visitor", project="demo")
            assert await status(user="visitor") == 404
            await access.people.grant(OWNER, name="visitor", role=Role.VISITOR, project="demo")
            assert await status(user="visitor") == 200
            await access.people.disable(OWNER, name="visitor")
            assert await status(user="visitor") == 401
            assert await status() == 400
            await access.projects.disable(OWNER, name="demo")
            assert await status(tokens[1].text) == 404

    asyncio.run(story())


def test_every_alias_gives_the_same_answer() -> None:
    """1.1, 2.2; with a length, a request id and a line in the log, as every other answer."""

    async def story() -> None:
        async with serving(virtual=True) as server:
            made = await Client(server.address).made()
            own: dict[str, Any] = {"headers": {"X-DEVOPS-UID": "operator"}}
            app = {
                "headers": {**own["headers"], "X-DEVOPS-APP-CODE": "app", "X-DEVOPS-APP-SECRET": "app-secret"}
            }
            old, new = (
                f"/v3/projects/demo/pipelines/{made}/status",
                "/v4/projects/demo/pipelines/pipeline_status",
            )
            first = await server.ask("GET", API + old, **own)
            for path in (
                f"/openapi/api/apigw{old}",
                f"/api/apigw{old}/",
                f"/prod/v3/apigw/projects/demo/pipelines/{made}/status",
                f"/v4/apigw/projects/demo/pipelines/pipeline_status?pipelineId={made}",
                f"{API}{new}?pipelineId={made}",
            ):
                assert (await server.ask("GET", path, **own)).body == first.body
            assert (await server.ask("GET", f"/api/apigw-app{old}", **app)).body == first.body
            user = f"/api/apigw-user{old}?access_token=operator-token"
            answer = await server.ask("GET", user, **app)
            assert answer.body == first.body
            assert int(answer.headers["content-length"]) == len(answer.body)
            assert answer.headers["content-type"] == "application/json; charset=utf-8"
            (line,) = [each for each in server.lines if each.get("request") == answer.headers["x-request-id"]]
            assert (line["operation"], line["project"], line["actor"]) == (
                "pipeline-status",
                "demo",
                "operator",
            )
            assert status_place(f"{API}{old}") == Place("apigw", "demo", made)

    asyncio.run(story())
