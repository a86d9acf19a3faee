"""ferrymanHttp at work, against real servers on this host (pipeline-yaml 15.1; HOOK-4; RULINGS 17)."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from ferryman.domain.work import CallHttp
from ferryman.executors.inside import fetch
from ferryman.executors.inside.addresses import networks
from ferryman.executors.inside.requests import OUTPUT_LIMIT
from tests.executors.inside.world import TOKEN, World, lived, served, work


async def greet(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.method} {request.path_qs} {await request.text()}")


def test_an_expected_answer_gives_status_and_body(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        async with served(greet) as url:
            result = await world.result(work(CallHttp(url=f"{url}/a?b=1", method="POST", body="hello")))
        assert (result.outcome, result.outputs) == (
            "succeeded",
            {"status": "200", "body": "POST /a?b=1 hello"},
        )
        assert result.spawned_at
        assert result.ended_at
        assert world.book.closed == [("shop-12", result.key)]

    lived(story())


def test_another_status_is_a_failure_that_says_what_came(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        async with served(greet) as url:
            result = await world.result(work(CallHttp(url=url, expect_status=204)))
        assert (result.outcome, result.error_code) == ("failed", 2199501)
        message = result.reason.facts["message"]
        assert message == f"GET {url} was answered with 200, wanted 204; the answer begins: GET /"
        assert f"{message} (try 1 of 1)" in world.book.lines

    lived(story())


@pytest.mark.parametrize(("text", "outcome"), [("GET /", "succeeded"), ("elsewhere", "failed")])
def test_the_answer_must_contain_the_expected_text(tmp_path: Path, text: str, outcome: str) -> None:
    async def story() -> None:
        async with served(greet) as url:
            result = await World(tmp_path).result(work(CallHttp(url=url, expect_text=text)))
        assert result.outcome == outcome

    lived(story())


def test_a_bad_answer_is_asked_for_again_with_growing_pauses(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        asked: list[int] = []

        async def third_time(request: web.Request) -> web.Response:
            asked.append(1)
            return web.Response(status=200 if len(asked) == 3 else 503)

        async with served(third_time) as url:
            result = await world.result(work(CallHttp(url=url, tries=4)))
        assert result.outcome == "succeeded"
        assert len(asked) == 3
        assert world.clock.slept == [1000, 2000]

    lived(story())


def test_no_answer_is_said_as_such_after_the_last_try(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(greet) as url:
            gone = url
        result = await World(tmp_path).result(work(CallHttp(url=gone, tries=2)))
        assert (result.outcome, result.error_code) == ("failed", 2199501)
        assert f"GET {gone}: no answer" in result.reason.facts["message"]

    lived(story())


@pytest.mark.parametrize("method", ["DELETE", "GET", "POST", "PUT"])
def test_a_request_that_got_no_answer_is_not_sent_again_unseen(tmp_path: Path, method: str) -> None:
    # Clients may repeat what is idempotent by themselves; here `retry` alone says how often something is sent.
    async def story() -> None:
        world = World(tmp_path)
        came: list[str] = []

        async def hang_up(request: web.Request) -> web.Response:
            came.append(request.method)
            assert request.transport is not None
            request.transport.close()
            return web.Response()

        async with served(hang_up) as url:
            result = await world.result(work(CallHttp(url=url, method=method)))
        assert came == [method]
        message = f"{method} {url}: no answer: the connection ended before one had come"
        assert result.reason.facts["message"] == message
        assert world.book.lines == [f"{message} (try 1 of 1)"]

    lived(story())


def test_an_answer_that_never_ends_is_given_up() -> None:
    async def story() -> None:
        stay = asyncio.Event()

        async def silence(request: web.Request) -> web.Response:
            await stay.wait()
            return web.Response()

        async with served(silence) as url:
            asking = fetch.Fetch(allow=networks(["127.0.0.0/8"]), seconds=0.05)
            with pytest.raises(fetch.NoAnswer, match=r"no answer within 0\.05 seconds"):
                await asking.ask(fetch.Question(url=url))
            stay.set()

    lived(story())


async def _answer_of(answer: bytes) -> fetch.Answer:
    """What comes of a server that says just that, and closes the connection."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        question = fetch.Question(url=f"http://127.0.0.1:{port}/")
        return await fetch.Fetch(allow=networks(["127.0.0.0/8"])).ask(question)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nhalf", "no whole answer: "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "no whole answer: "),
        (b"", "no answer: the connection ended before one had come"),
        (b"HTTP/1.1 200 OK\r\nConte", "no answer: the connection ended before one had come"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no answer that is HTTP: Bad status line"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
            "no answer that is HTTP: Invalid character in Content-Length",
        ),
    ],
)
def test_what_is_no_answer_is_told_in_words_of_our_own(answer: bytes, said: str) -> None:
    """Neither in those of a library, nor with a status that nobody gave."""

    async def story() -> None:
        with pytest.raises(fetch.NoAnswer) as told:
            await _answer_of(answer)
        assert str(told.value).startswith(said)
        assert not any(word in str(told.value) for word in ("<", "400", "\n"))

    lived(story())


@pytest.mark.parametrize("charset", ["idna", "undefined", "base64", "nobody-knows", "utf-16"])
def test_an_answer_in_whatever_charset_is_text(charset: str) -> None:
    async def story() -> None:
        kind = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset={charset}\r\nContent-Length: 4\r\n\r\n"
        answer = await _answer_of(kind.encode() + b"text")
        assert answer.text() == ("text" if charset != "utf-16" else b"text".decode("utf-16"))

    lived(story())


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    async def story() -> None:
        seen: list[str] = []

        async def away(request: web.Request) -> web.Response:
            seen.append(request.path)
            return web.Response(status=302, headers={"Location": "/elsewhere"})

        async with served(away) as url:
            result = await World(tmp_path).result(work(CallHttp(url=f"{url}/here")))
        assert seen == ["/here"]
        assert "redirects are not followed" in result.reason.facts["message"]

    lived(story())


def test_a_long_answer_is_read_to_its_bound(tmp_path: Path) -> None:
    async def story() -> None:
        async def long(request: web.Request) -> web.Response:
            return web.Response(text="x" * (3 << 20))

        async with served(long) as url:
            answer = await fetch.Fetch(allow=networks(["127.0.0.0/8"])).ask(fetch.Question(url=url))
            assert (len(answer.body), answer.whole) == (1 << 20, False)
            result = await World(tmp_path).result(work(CallHttp(url=url)))
        assert len(result.outputs["body"]) == OUTPUT_LIMIT

    lived(story())


def test_a_credential_is_put_in_when_it_is_sent_and_never_comes_back(tmp_path: Path) -> None:
    """DESIGN, promise 8: the answer repeats the token, the result does not."""

    async def story() -> None:
        world = World(tmp_path)
        heard: list[str] = []

        async def echo(request: web.Request) -> web.Response:
            heard.append(request.headers["Authorization"] + (await request.text()))
            return web.Response(status=418, text=f"you said {heard[-1]}")

        action = CallHttp(
            url="",
            method="POST",
            headers={
                "Authorization": "Bearer ${{ settings.hooks.token }}",
                "Content-Type": "application/json",
            },
            body=json.dumps({"key": "${{ settings.hooks.token }}", "other": "${{ settings.other.token }}"}),
        )
        async with served(echo) as url:
            asked = CallHttp(url=f"{url}/?t=${{{{ settings.hooks.token }}}}", **_rest(action))
            result = await world.result(work(asked, secrets=("hooks",)))
        assert heard == [f'Bearer {TOKEN}{{"key":"{TOKEN}","other":"${{{{ settings.other.token }}}}"}}']
        assert TOKEN not in str(result) + str(world.book.lines) + world.records.read_text()
        assert "you said Bearer ******" in result.reason.facts["message"]
        assert world.book.masked == [TOKEN]
        assert world.safe.uses == [("p", "hooks", "token", "shop-12", result.key)]

    lived(story())


def test_a_secret_that_the_step_does_not_name_is_hidden_in_the_answer_too(tmp_path: Path) -> None:
    """DESIGN, promise 8: an earlier step may have handed it to whoever answers."""

    async def story() -> None:
        world = World(tmp_path)
        for status in (200, 500):

            async def tell(request: web.Request, status: int = status) -> web.Response:
                return web.Response(status=status, text=f"I know {TOKEN}")

            async with served(tell) as url:
                asked = CallHttp(url=url, expect_text=f"know {TOKEN}")
                result = await world.result(work(asked, key=f"s1/a/t{status}#1.1"))
            assert result.outcome == ("succeeded" if status == 200 else "failed")
            assert TOKEN not in str(result) + str(world.book.lines) + world.records.read_text()
            assert "I know ******" in str(result)
        assert set(world.book.masked) == {TOKEN}
        assert world.safe.uses == []

    lived(story())


def _rest(action: CallHttp) -> dict[str, object]:
    return {"method": action.method, "headers": action.headers, "body": action.body}


def test_a_credential_that_is_not_there_fails_the_step_before_anything_is_sent(tmp_path: Path) -> None:
    """ERR-4: it is the fault of who wrote the step, as it is in a script."""

    async def story() -> None:
        async with served(greet) as url:
            asked = CallHttp(url=url, headers={"A": "${{ settings.gone.token }}"})
            result = await World(tmp_path).result(work(asked, secrets=("gone",)))
        assert (result.outcome, result.error_code) == ("failed", 2199003)
        assert result.reason.facts["message"] == "there is no token of secret gone"

    lived(story())


@pytest.mark.parametrize(
    ("url", "headers", "said"),
    [
        ("ftp://example.com", {}, "must begin with http"),
        ("http://", {}, "address of the request"),
        ("http://127.0.0.1:99999", {}, "cannot be read"),
        ("http://[::1", {}, "cannot be read"),
        ("http://127.0.0.1", {"A": "b\r\nC: d"}, "cannot be sent"),
        ("http://127.0.0.1", {"A b": "c"}, "cannot be sent"),
        ("http://127.0.0.1", {"Content-Length": "1"}, "header 'Content-Length' cannot be sent: it follows"),
        ("http://127.0.0.1", {"transfer-encoding": "chunked"}, "cannot be sent: it follows"),
    ],
)
def test_what_is_no_request_is_not_sent(tmp_path: Path, url: str, headers: dict[str, str], said: str) -> None:
    async def story() -> None:
        result = await World(tmp_path).result(work(CallHttp(url=url, headers=headers)))
        assert result.outcome == "failed"
        assert said in result.reason.facts["message"]

    lived(story())


def test_addresses_inside_the_host_are_refused_unless_they_are_allowed(tmp_path: Path) -> None:
    async def story() -> None:
        asked: list[str] = []

        async def never(request: web.Request) -> web.Response:
            asked.append(request.path)
            return web.Response()

        async with served(never) as url:
            port = url.rpartition(":")[2]
            for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"):
                result = await World(tmp_path).result(
                    work(CallHttp(url=f"http://{host}:{port}", tries=3), key=f"s/j/{host}#1.1"), allow=()
                )
                assert result.outcome == "failed", host
        assert asked == []

    lived(story())
