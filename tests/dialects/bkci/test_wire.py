"""The wire around the operations, over real HTTP: paths, types of callers, bodies, envelopes, refusals (bkci-v3 1, 2).

The rows here say what they were asked, so that nothing but the wire is tested.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from ferryman.app.front import Front
from ferryman.app.server import answering, listen
from ferryman.asgi import BodyLimits
from ferryman.dialects.bkci.app import LIMITS, TRUST, BkCi
from ferryman.dialects.bkci.credentials import Trust
from ferryman.dialects.operation import Download, Operation
from ferryman.domain.errors import (
    Conflict,
    FerrymanError,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unavailable,
)
from ferryman.drivers.embedded.clock import SystemClock, VirtualClock
from ferryman.secrets import KeyFile
from ferryman.services import Caller, Services
from ferryman.services.access import Access, read_seed
from ferryman.services.access.brake import WRONG_A_MINUTE
from ferryman.stores.memory.store import MemoryStore
from ferryman.testing.http import Answered, ask

UID = {"X-DEVOPS-UID": "operator"}
STATUS = "/ms/openapi/api/apigw/v3/projects/demo/pipelines/p-1/status"


SEED = """
[[project]]
name = "demo"
[[project]]
name = "other"
[[principal]]
name = "operator"
roles = { demo = "admin" }
[[principal]]
name = "owner"
roles = { demo = "developer" }
tokens = [ { value = "good" }, { value = "late", expires = 2020-01-01T00:00:00Z } ]
[[bkci_app]]
code = "app"
secret = "hidden"
projects = ["demo"]
"""


class Asked(msgspec.Struct):
    """What a row was asked."""

    projectId: str
    pipelineId: str = ""
    page: int = 1
    tag: list[str] | UnsetType = UNSET
    pageSizeNotLimit: str | UnsetType = UNSET


class Body(msgspec.Struct):
    """What is in a body."""

    name: str
    labels: list[str] | UnsetType = UNSET


class WithBody(msgspec.Struct):
    """What a row with a body was asked."""

    projectId: str
    body: Body


class Why(msgspec.Struct):
    """What is to be raised."""

    projectId: str
    why: str


RAISED: dict[str, FerrymanError | Exception] = {
    "invalid": Invalid([Problem(path="a", message="is wrong", code=0)]),
    "coded": Invalid([Problem(path="stages", message="too few", code=2101025)]),
    "circle": Invalid([Problem(path="jobs", message="circle", code=2101145)]),
    "refused": Refused("not now", reason="no-row-has-this"),
    "not-found": NotFound("no such thing"),
    "conflict": Conflict("it is there already"),
    "forbidden": Forbidden("you may not"),
    "unavailable": Unavailable("later"),
    "fault": KeyError("password=opensesame"),
}


async def _say(services: Services, caller: Caller, asked: Any) -> dict[str, Any]:
    return {"caller": msgspec.to_builtins(caller), "asked": msgspec.to_builtins(asked), "nothing": None}


async def _nothing(services: Services, caller: Caller, asked: Any) -> None:
    return None


async def _raise(services: Services, caller: Caller, asked: Why) -> None:
    raise RAISED[asked.why]


async def _download(services: Services, caller: Caller, asked: Any) -> Download:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"line %d\n" % number

    return Download(pieces(), "p-1 log.txt")


ROWS = (
    Operation(
        "status",
        (
            "GET /v3/projects/{projectId}/pipelines/{pipelineId}/status",
            "GET /v4/projects/{projectId}/pipeline_status",
        ),
        Asked,
        exceptional=_say,
        actions=("bkci:Status",),
    ),
    Operation("unknown", ("GET /v3/projects/{projectId}/unknown",), Asked, exceptional=_nothing),
    Operation("create", ("POST /v3/projects/{projectId}/pipelines",), WithBody, exceptional=_say),
    Operation("raise", ("POST /v3/projects/{projectId}/raise",), Why, exceptional=_raise),
    Operation("download", ("GET /v3/projects/{projectId}/download",), Asked, exceptional=_download),
)


class Place(NamedTuple):
    """A server that answers these rows."""

    address: str
    faults: list[BaseException]
    lines: list[dict[str, Any]]

    async def ask(self, method: str, path: str, **given: Any) -> Answered:
        """Ask it."""
        return await ask(self.address, method, path, **given)


@asynccontextmanager
async def serving(
    *, trust: Trust = TRUST, limits: BodyLimits = LIMITS, more: str = "", clock: VirtualClock | None = None
) -> AsyncIterator[Place]:
    """Answer the rows; `more` is added to the seed."""
    faults: list[BaseException] = []
    lines: list[dict[str, Any]] = []

    def log(level: str, event: str, /, **facts: Any) -> None:
        lines.append({"level": level, "event": event, **facts})

    with TemporaryDirectory() as folder:
        keys = KeyFile(Path(folder) / "keys")
        keys.open()
    store = MemoryStore()
    await store.open()
    access = Access(rows=store.access, audit=store.audit, keys=keys, clock=clock or SystemClock())
    await access.open()
    await access.furnishing.apply(read_seed(SEED + more))
    bkci = BkCi(cast(Services, None), access, trust=trust, limits=limits, operations=ROWS)
    async with answering(Front([bkci], log=log, fault=faults.append), listen("127.0.0.1", 0)) as listening:
        yield Place(listening.address, faults, lines)


def told(story: Callable[[Place], Awaitable[None]], **given: Any) -> None:
    """Tell a story to a server."""

    async def run() -> None:
        async with serving(**given) as place:
            await story(place)

    asyncio.run(run())


def test_every_form_of_a_path_leads_to_the_same_operation() -> None:
    """bkci-v3 1.1: the public form, both forms without a gateway's prefix, both of the old gateway; a slash or none."""
    v3 = "projects/demo/pipelines/p-1/status"
    v4 = "projects/demo/pipeline_status?pipelineId=p-1"

    async def story(place: Place) -> None:
        for path in (
            f"/ms/openapi/api/apigw/v3/{v3}",
            f"/ms/openapi/api/apigw/v3/{v3}/",
            f"/openapi/api/apigw/v3/{v3}",
            f"/api/apigw/v3/{v3}",
            f"/prod/v3/apigw/{v3}",
            f"/ms/openapi/api/apigw/v4/{v4}",
            f"/openapi/api/apigw/v4/{v4}",
            f"/api/apigw/v4/{v4}",
            f"/prod/v4/apigw/{v4}",
            f"/v4/apigw/{v4}",
        ):
            answer = await place.ask("GET", path, headers=UID)
            assert (answer.status, answer.json["status"]) == (200, 0), path
            asked = answer.json["data"]["asked"]
            assert (asked["projectId"], asked["pipelineId"]) == ("demo", "p-1"), path

    told(story)


def test_what_is_not_a_path_of_this_api() -> None:
    """bkci-v3 1.1, 1.5: no type of caller 400, no route 404, another method 405; other families' paths are not ours."""

    async def story(place: Place) -> None:
        for method, path, http in (
            ("GET", "/ms/openapi/v3/projects/demo/pipelines", 400),
            ("GET", "/ms/openapi/api/apigw-other/v3/projects/demo/pipelines", 400),
            ("GET", "/ms/openapi/api/apigw/v5/projects/demo/pipelines", 404),
            ("GET", "/ms/openapi/api/apigw/v3/nowhere", 404),
            ("DELETE", STATUS, 405),
            ("OPTIONS", STATUS, 405),
        ):
            answer = await place.ask(method, path, headers=UID)
            assert answer.status == http, path
            assert answer.json["status"] == http
            assert answer.json["data"], "technical text"
            assert answer.headers["content-type"] == "application/json; charset=utf-8"
            assert answer.headers.get("allow") == ("GET, HEAD" if http == 405 else None)
        assert (await place.ask("GET", "/v3/demo/cas/applications", headers=UID)).json.keys() == {
            "message",
            "request",
        }

    told(story)


def test_head_is_answered_as_get_without_its_body() -> None:
    async def story(place: Place) -> None:
        answer = await place.ask("HEAD", STATUS, headers=UID)
        whole = await place.ask("GET", STATUS, headers=UID)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["content-length"] == whole.headers["content-length"]

    told(story)


def test_an_answer_is_an_envelope_without_nulls() -> None:
    """bkci-v3 1.2; every answer has a request id, also in an error's body and in the log (API-6)."""

    async def story(place: Place) -> None:
        answer = await place.ask("GET", STATUS, headers=UID)
        assert answer.json.keys() == {"status", "data"}
        assert "nothing" not in answer.json["data"]
        assert answer.json["data"]["caller"]["actions"] == ["bkci:Status"]
        assert answer.json["data"]["caller"]["request"] == answer.headers["x-request-id"]
        assert answer.json["data"]["caller"]["address"] == "127.0.0.1"
        line = place.lines[-1]
        assert (line["request"], line["actor"], line["project"], line["operation"], line["status"]) == (
            answer.headers["x-request-id"],
            "operator",
            "demo",
            "status",
            200,
        )
        unknown = await place.ask("GET", "/api/apigw/v3/projects/demo/unknown", headers=UID)
        assert (unknown.status, unknown.json) == (200, {"status": 0})
        refused = await place.ask("GET", "/api/apigw/v3/nowhere", headers=UID)
        assert refused.headers["x-request-id"] in refused.json["message"]

    told(story)


def gateway(**given: str) -> dict[str, str]:
    """The gateway's header."""
    return {"X-Bkapi-Authorization": json.dumps(given)}


APP = {"bk_app_code": "app", "bk_app_secret": "hidden"}
APP_HEADERS = {"X-DEVOPS-APP-CODE": "app", "X-DEVOPS-APP-SECRET": "hidden"}


@pytest.mark.parametrize(
    ("kind", "headers", "query", "actor"),
    [
        ("apigw", UID, "", "operator"),
        ("apigw", {}, "?access_token=good", "owner"),
        ("apigw", UID, "?access_token=good", "owner"),
        ("apigw", gateway(access_token="good"), "", "owner"),
        ("apigw", UID | gateway(**APP), "", "operator"),
        ("apigw-app", UID | gateway(**APP), "", "operator"),
        ("apigw-app", UID | APP_HEADERS, "", "operator"),
        ("apigw-app", gateway(**APP, bk_username="operator"), "", "operator"),
        ("apigw-user", gateway(**APP, access_token="good"), "", "owner"),
        ("apigw-user", gateway(**APP, bk_token="good"), "", "owner"),
        ("apigw-user", gateway(**APP, bk_ticket="good"), "", "owner"),
        ("apigw-user", APP_HEADERS, "?access_token=good", "owner"),
        ("apigw-user", UID | gateway(**APP, access_token="good"), "", "owner"),
    ],
)
def test_who_asks(kind: str, headers: dict[str, str], query: str, actor: str) -> None:
    """bkci-v3 2.2: the acting user of each type."""

    async def story(place: Place) -> None:
        answer = await place.ask("GET", STATUS.replace("apigw", kind) + query, headers=headers)
        assert answer.json["data"]["caller"]["name"] == actor

    told(story)


REFUSED_CREDENTIALS = [
    pytest.param("apigw", {}, "", 400, id="the user header is missing"),
    pytest.param("apigw", UID, "?access_token=bad", 400, id="an unknown token"),
    pytest.param("apigw", UID, "?access_token=late", 400, id="an expired token"),
    pytest.param("apigw", {"X-DEVOPS-UID": "stranger"}, "", 401, id="nobody of that name"),
    pytest.param(
        "apigw", UID | {"X-Forwarded-For": "192.0.2.1"}, "", 401, id="a name by itself through a proxy"
    ),
    pytest.param(
        "apigw", UID | {"Host": "evil.example"}, "", 401, id="a name by itself, from a page's own host"
    ),
    pytest.param("apigw", {"X-Bkapi-Authorization": "{"}, "", 400, id="a gateway header that is no JSON"),
    pytest.param("apigw", {"X-Bkapi-Authorization": "[]"}, "", 400, id="a gateway header that is no object"),
    pytest.param("apigw-app", UID, "", 403, id="no application at all"),
    pytest.param(
        "apigw-app", UID | gateway(bk_app_code="app", bk_app_secret="x"), "", 400, id="a wrong secret"
    ),
    pytest.param("apigw-app", gateway(**APP), "", 400, id="an application that names nobody"),
    pytest.param("apigw-user", UID, "", 403, id="a user without an application"),
    pytest.param("apigw-user", UID | gateway(**APP), "", 400, id="an application without the user's token"),
    pytest.param(
        "apigw-user", gateway(**APP, access_token="bad"), "", 400, id="an application, an unknown token"
    ),
    pytest.param(
        "apigw-user",
        gateway(bk_app_code="app", bk_app_secret="x", access_token="good"),
        "",
        400,
        id="the other way",
    ),
]


@pytest.mark.parametrize(("kind", "headers", "query", "http"), REFUSED_CREDENTIALS)
def test_who_is_not_let_in(kind: str, headers: dict[str, str], query: str, http: int) -> None:
    """bkci-v3 2.2, RULINGS 22."""

    async def story(place: Place) -> None:
        answer = await place.ask("GET", STATUS.replace("apigw", kind) + query, headers=headers)
        assert (answer.status, answer.json["status"]) == (http, http)
        assert "data" not in answer.json

    told(story)


def test_projects() -> None:
    """bkci-v3 2.2, 12.19: unknown 404 with status 404; an application that is not registered for it 403."""

    async def story(place: Place) -> None:
        unknown = await place.ask("GET", STATUS.replace("demo", "nowhere"), headers=UID)
        assert (unknown.status, unknown.json["status"]) == (404, 404)
        unknown_to_app = await place.ask(
            "GET", STATUS.replace("apigw", "apigw-app").replace("demo", "nowhere"), headers=UID | APP_HEADERS
        )
        assert (unknown_to_app.status, unknown_to_app.json["status"]) == (404, 404)
        foreign = await place.ask(
            "GET", STATUS.replace("apigw", "apigw-app").replace("demo", "other"), headers=UID | APP_HEADERS
        )
        assert (foreign.status, foreign.json["status"]) == (403, 403)

    told(story)


def test_a_name_by_itself_is_believed_from_trusted_addresses_only() -> None:
    """RULINGS 22."""

    async def story(place: Place) -> None:
        assert (await place.ask("GET", STATUS, headers=UID)).status == 401
        assert (await place.ask("GET", STATUS + "?access_token=good")).status == 200
        assert (await place.ask("GET", STATUS, headers=UID | APP_HEADERS)).status == 200

    told(story, trust=Trust(networks=("192.0.2.0/24",)))


def test_the_access_token_switch() -> None:
    """bkci-v3 2.2: switched on, type apigw needs a token; none given 400."""

    async def story(place: Place) -> None:
        for headers in (UID, UID | APP_HEADERS):
            assert (await place.ask("GET", STATUS, headers=headers)).status == 400
        assert (await place.ask("GET", STATUS + "?access_token=good")).status == 200
        app = STATUS.replace("apigw", "apigw-app")
        assert (await place.ask("GET", app, headers=UID | APP_HEADERS)).status == 200

    told(story, trust=Trust(tokens_required=True))


def test_what_is_asked_comes_from_path_query_header_and_body() -> None:
    """The path wins over all (bkci-v3 2.1); a list takes a parameter again and again."""

    async def story(place: Place) -> None:
        answer = await place.ask(
            "GET",
            STATUS + "?page=3&tag=a&tag=b&pipelineId=other&projectId=other&unknown=1",
            headers=UID | {"X-DEVOPS-TEMPORARY-PAGE-SIZE-NOT-LIMIT": "yes", "X-DEVOPS-PROJECT-ID": "other"},
        )
        assert answer.json["data"]["asked"] == {
            "projectId": "demo",
            "pipelineId": "p-1",
            "page": 3,
            "tag": ["a", "b"],
            "pageSizeNotLimit": "yes",
        }
        created = await place.ask(
            "POST", "/api/apigw/v3/projects/demo/pipelines", json={"name": 7, "more": {}}, headers=UID
        )
        assert created.json["data"]["asked"] == {"projectId": "demo", "body": {"name": "7"}}

    told(story)


@pytest.mark.parametrize(
    ("sent", "http", "technical"),
    [
        pytest.param({"body": b'{"name": "x"}'}, 415, False, id="no content type"),
        pytest.param(
            {"body": b"name=x", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            415,
            False,
            id="a form",
        ),
        pytest.param(
            {"body": b"{", "headers": {"Content-Type": "application/json"}}, 400, True, id="no JSON"
        ),
        pytest.param({}, 400, False, id="no body"),
        pytest.param({"json": "", "headers": {}}, 400, False, id="an empty text for a body"),
        pytest.param({"json": {}}, 400, True, id="a field is missing"),
        pytest.param({"json": {"name": []}}, 400, True, id="a list for a text"),
        pytest.param({"json": []}, 400, True, id="a list for an object"),
    ],
)
def test_bodies_that_do_not_fit(sent: dict[str, Any], http: int, technical: bool) -> None:
    """bkci-v3 1.1, 1.3, 1.5."""

    async def story(place: Place) -> None:
        given = {**sent, "headers": UID | sent.get("headers", {})}
        answer = await place.ask("POST", "/api/apigw/v3/projects/demo/pipelines", **given)
        assert (answer.status, answer.json["status"], "data" in answer.json) == (http, http, technical)

    told(story)


def test_blank_and_missing_values() -> None:
    """bkci-v3 1.5: 400, without data."""

    async def story(place: Place) -> None:
        for method, path in (
            ("GET", "/api/apigw/v3/projects/demo/pipelines/%20/status"),
            ("GET", "/api/apigw/v3/projects/demo/pipelines//status"),
            ("GET", "/api/apigw/v3/projects/%20/pipelines/p-1/status"),
            ("POST", "/api/apigw/v3/projects/demo/raise"),
            ("POST", "/api/apigw/v3/projects/demo/raise?why="),
        ):
            answer = await place.ask(method, path, headers=UID)
            assert (answer.status, answer.json["status"], "data" in answer.json) == (400, 400, False), path

    told(story)


@pytest.mark.parametrize(
    ("why", "http", "code"),
    [
        ("invalid", 400, 400),
        ("coded", 400, 2101025),
        ("circle", 409, 2101145),
        ("refused", 400, 400),
        ("not-found", 404, 404),
        ("conflict", 409, 409),
        ("forbidden", 403, 2101008),
        ("unavailable", 503, 503),
    ],
)
def test_refusals_of_verbs(why: str, http: int, code: int) -> None:
    """bkci-v3 1.5, 10: the table of errors."""

    async def story(place: Place) -> None:
        answer = await place.ask("POST", f"/api/apigw/v3/projects/demo/raise?why={why}", headers=UID)
        assert (answer.status, answer.json["status"]) == (http, code)
        assert str(RAISED[why]) in answer.json["message"]
        assert not place.faults

    told(story)


def test_a_fault_is_the_servers_and_is_told_whole_in_its_log_alone() -> None:
    """bkci-v3 1.5; ERR-1, ERR-8, LOG-10; RULINGS 28."""

    async def story(place: Place) -> None:
        answer = await place.ask("POST", "/api/apigw/v3/projects/demo/raise?why=fault", headers=UID)
        assert (answer.status, answer.json["status"]) == (500, 500)
        assert b"opensesame" not in answer.body
        assert [type(fault) for fault in place.faults] == [KeyError]
        [line] = [line for line in place.lines if line["level"] == "error"]
        assert line["request"] == answer.headers["x-request-id"]
        assert "KeyError" in line["traceback"]
        assert "opensesame" not in line["traceback"]

    told(story)


def test_a_download_goes_out_as_it_is() -> None:
    """bkci-v3 1.1: the log download is no envelope."""

    async def story(place: Place) -> None:
        answer = await place.ask("GET", "/api/apigw/v3/projects/demo/download", headers=UID)
        assert answer.body == b"line 0\nline 1\nline 2\n"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"p-1 log.txt\"; filename*=UTF-8''p-1%20log.txt"
        )

    told(story)


async def exchanged(place: Place, *pieces: bytes, at_once: bool = True) -> bytes:
    """Speak over a bare connection; all that comes back until the server closes it."""
    host, _, port = place.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


HEAD = (
    b"POST /api/apigw/v3/projects/demo/pipelines HTTP/1.1\r\nHost: localhost\r\n"
    b"X-DEVOPS-UID: operator\r\nContent-Type: application/json\r\n"
)


def test_a_large_body_is_refused_and_never_held() -> None:
    """Told as 413 in the envelope: at once where its length is announced, else as soon as it is too much."""

    async def story(place: Place) -> None:
        announced = await exchanged(place, HEAD + b"Content-Length: 104857600\r\n\r\n")
        chunk = b"%x\r\n%b\r\n" % (4096, b" " * 4096)
        chunked = await exchanged(place, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 3)
        for answer in (announced, chunked):
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 413")
            assert json.loads(body)["status"] == 413

    told(story, limits=BodyLimits(most_bytes=8192))


def test_a_slow_body_is_not_waited_for_for_ever() -> None:
    async def story(place: Place) -> None:
        answer = await exchanged(place, HEAD + b"Content-Length: 100\r\n\r\n{")
        assert answer.startswith(b"HTTP/1.1 408")

    told(story, limits=BodyLimits(seconds=0.05))


def test_who_asks_too_often_is_told_when_to_ask_again() -> None:
    """API-7, RULINGS 23: each key by itself, reading and changing by themselves."""
    clock = VirtualClock(1_800_000_000_000)

    async def story(place: Place) -> None:
        create = "/api/apigw/v3/projects/demo/pipelines"
        assert [(await place.ask("GET", STATUS, headers=UID)).status for _ in range(3)] == [200, 200, 429]
        refused = await place.ask("GET", STATUS, headers=UID)
        assert (refused.json["status"], refused.headers["retry-after"]) == (429, "1")
        assert (await place.ask("GET", f"{STATUS}?access_token=good")).status == 200
        assert (await place.ask("POST", create, json={"name": "x"}, headers=UID)).status == 200
        assert (await place.ask("POST", create, json={"name": "x"}, headers=UID)).status == 429
        await clock.move_to(clock.now() + 1000)
        assert (await place.ask("GET", STATUS, headers=UID)).status == 200

    told(story, more="[limits]\nreads = 2\nwrites = 1\n", clock=clock)


def test_limits_are_announced_on_every_answer_where_they_are_set() -> None:
    """API-7: answers and refusals alike, files too; what is left comes back with time, and never beyond the limit."""
    clock = VirtualClock(1_800_000_000_000)
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "retry-after")

    async def story(place: Place) -> None:
        async def announced(method: str, path: str) -> tuple[int, list[str | None]]:
            answer = await place.ask(method, path, headers=UID)
            return answer.status, [answer.headers.get(name) for name in names]

        project = "/api/apigw/v3/projects/demo"
        assert await announced("GET", STATUS) == (200, ["4", "3", None])
        assert await announced("GET", f"{project}/download") == (200, ["4", "2", None])
        assert await announced("POST", f"{project}/raise?why=conflict") == (409, ["4", "1", None])
        assert await announced("POST", f"{project}/raise") == (400, ["4", "0", None])
        assert await announced("GET", STATUS) == (429, ["4", "0", "1"])
        await clock.move_to(clock.now() + 250)
        assert await announced("POST", f"{project}/raise?why=fault") == (500, ["4", "0", None])
        await clock.move_to(clock.now() + 5_000)
        assert await announced("GET", STATUS) == (200, ["4", "3", None])
        # Who asks is found out for an operation alone.
        assert await announced("GET", f"{project}/nothing/there") == (404, [None, None, None])

    told(story, more="[limits]\nall = 4\n", clock=clock)


def test_nothing_is_announced_where_no_limit_is_set() -> None:
    """RULINGS 23: off unless set."""

    async def story(place: Place) -> None:
        for _ in range(3):
            answer = await place.ask("GET", STATUS, headers=UID)
            assert answer.status == 200
            assert not {name for name in answer.headers if name.startswith("x-ratelimit")}

    told(story)


def test_who_guesses_is_held_up_and_told_for_how_long() -> None:
    """Wrong tokens are braked in the envelope, with a time after which to come again, and the log says of whom."""

    async def story(place: Place) -> None:
        wrong, guesser = f"{STATUS}?access_token=wrong", {"X-Forwarded-For": "198.51.100.66"}
        for headers in ({}, guesser):
            found = [(await place.ask("GET", wrong, headers=headers)).status for _ in range(WRONG_A_MINUTE)]
            assert set(found) == {400}
        # Nobody is held up on the machine itself.
        assert (await place.ask("GET", wrong)).status == 400
        for token in ("wrong", "good"):
            answer = await place.ask("GET", f"{STATUS}?access_token={token}", headers=guesser)
            assert (answer.status, answer.json["status"]) == (429, 429)
            assert answer.headers["retry-after"] == "1"
            assert "too many wrong tokens" in answer.json["message"]
        line = next(line for line in place.lines if line.get("status") == 429)
        assert (line["reason"], line["sender"]) == ("too-many-wrong", "198.51.100.66")
        other = {"X-Forwarded-For": "198.51.100.7"}
        assert (await place.ask("GET", f"{STATUS}?access_token=good", headers=other)).status == 200

    told(story, clock=VirtualClock(1_800_000_000_000))
