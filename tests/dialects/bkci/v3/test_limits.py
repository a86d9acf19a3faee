"""What is too large, too slow, too deep or broken is refused in the envelope, never a fault, and keeps nobody else
waiting (ERR-8; bkci-v3 1.2, 1.5; issue 4). Connections by themselves: tests/app/test_guarded.py."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import msgspec
import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from ferryman.app.guarded import GuardedProtocol
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.settings import File, Server
from ferryman.testing.http import Answered
from ferryman.testing.server import Started, Threaded, started, threaded
from tests.dialects.bkci.v3.test_pipelines_http import API, P3, model

MIB = 1024 * 1024
HUGE = 100 * MIB
MOST_GROWTH = 64 * MIB
"""How far the memory of the server may grow at a body that is refused, whatever its size."""
PACE = 0.02
"""Seconds between two bytes of somebody slow."""
SLOW = 40
"""So many are slow at once."""
ROUTES = tuple((row.name, *route.split(" ")) for row in OPERATIONS for route in row.routes)
CHANGING = tuple(
    pytest.param(method, path, id=f"{name} {path.split('/')[1]}")
    for name, method, path in ROUTES
    if method != "GET"
)
ANY = tuple(pytest.param(method, path, id=f"{name} {path.split('/')[1]}") for name, method, path in ROUTES)


@pytest.fixture(scope="module")
def server() -> Iterator[Threaded]:
    """A server whose faults, had it any, would fail this module."""
    with threaded() as served:
        yield served


def connected(address: str) -> socket.socket:
    """A connection of one's own."""
    place = urlsplit(address)
    assert place.port is not None
    return socket.create_connection((place.hostname, place.port), timeout=60)


def head(method: str, path: str | bytes, *more: str | bytes) -> bytes:
    """The head of a request as any bytes."""
    first = method.encode() + b" " + (path if isinstance(path, bytes) else path.encode()) + b" HTTP/1.1"
    lines = (first, b"Host: localhost", b"X-DEVOPS-UID: operator", b"Content-Type: application/json", *more)
    return (
        b"".join((each if isinstance(each, bytes) else each.encode()) + b"\r\n" for each in lines) + b"\r\n"
    )


def heard(client: socket.socket) -> Answered:
    """The answer on a connection."""
    response = HTTPResponse(client)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, headers, response.read())


def said(address: str, *pieces: bytes) -> Answered:
    """The answer to these bytes."""
    with connected(address) as client:
        for piece in pieces:
            client.sendall(piece)
        return heard(client)


def posted(server: Threaded, body: bytes, path: str = P3, method: str = "POST") -> Answered:
    """The answer to a body of any bytes."""
    sent = head(method, API + path, f"Content-Length: {len(body)}", "Connection: close")
    return right(said(server.address, sent, body))


def right(answer: Answered) -> Answered:
    """An answer in its envelope (bkci-v3 1.2), and no fault."""
    assert answer.status < 500, answer
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    told = answer.json
    assert type(told["status"]) is int
    assert (answer.status == 200) == (told["status"] == 0), told
    if answer.status != 200:
        assert told["message"]
        assert told["status"] == answer.status or told["status"] >= 2_100_000
    return answer


def refused(answer: Answered, http: int = 400, code: int = 0) -> None:
    """A refusal with this status and code."""
    assert (answer.status, answer.json["status"]) == (http, code or http), answer


def lives(server: Threaded | Started) -> bool:
    """Whether the server answers somebody else."""
    answer = server.ask("GET", API + P3, headers={"X-DEVOPS-UID": "operator"})
    return right(answer).status == 200


# Large bodies


class Memory:
    """The most memory that a process has at any of the looks at it."""

    def __init__(self, pid: int) -> None:
        self._info = psutil.Process(pid).memory_info
        self.before = self.most = self._info().rss

    def look(self) -> None:
        """Look now."""
        self.most = max(self.most, self._info().rss)


def pour(client: socket.socket, head: bytes, memory: Memory, *, chunked: bool) -> None:
    """Send a body of 100 MB, until it is wanted no longer."""
    piece = b" " * MIB
    with contextlib.suppress(ConnectionError):
        client.sendall(head)
        for _ in range(HUGE // MIB):
            client.sendall(b"%x\r\n%b\r\n" % (MIB, piece) if chunked else piece)
            memory.look()


@pytest.mark.parametrize(
    "length", [f"Content-Length: {HUGE}", "Transfer-Encoding: chunked"], ids=["declared", "chunked"]
)
def test_a_body_of_100_mb_is_refused_and_fills_no_memory(length: str, tmp_path: Path) -> None:
    with started(data=tmp_path / "data") as server:
        memory = Memory(server.process.pid)
        with connected(server.address) as client:
            # Whoever reads while they send hears why they are refused.
            sending = threading.Thread(
                target=pour,
                args=(client, head("POST", API + P3, length), memory),
                kwargs={"chunked": "chunked" in length},
            )
            sending.start()
            try:
                answer = right(heard(client))
            finally:
                sending.join()
        refused(answer, 413)
        assert answer.headers["connection"] == "close"
        assert lives(server)
        memory.look()
        assert memory.most - memory.before < MOST_GROWTH


@pytest.mark.parametrize(
    "length", [f"Content-Length: {HUGE}", "Transfer-Encoding: chunked"], ids=["declared", "chunked"]
)
def test_who_sends_all_of_100_mb_before_they_read_is_told_why_too(length: str, server: Threaded) -> None:
    """As clients do that write first and read then: closing on them would cost them the answer."""
    piece = b" " * MIB
    chunked = "chunked" in length
    with connected(server.address) as client:
        client.sendall(head("POST", API + P3, length))
        for _ in range(HUGE // MIB):
            client.sendall(b"%x\r\n%b\r\n" % (MIB, piece) if chunked else piece)
        answer = right(heard(client))
        refused(answer, 413)
        assert client.recv(1) == b"", "the connection ends with the answer"
    assert lives(server)


def test_many_large_bodies_at_once_fill_no_memory_either(tmp_path: Path) -> None:
    """Each stays below what is taken, and together they are far more."""
    with started(data=tmp_path / "data", environ={"FERRYMAN_SERVER_BODY_BYTES": str(MIB)}) as server:
        memory = Memory(server.process.pid)

        def one(number: int) -> int:
            with connected(server.address) as client:
                pour(client, head("POST", API + P3, "Transfer-Encoding: chunked"), memory, chunked=True)
            return number

        with ThreadPoolExecutor(8) as threads:
            assert len(list(threads.map(one, range(8)))) == 8
        assert lives(server)
        assert memory.most - memory.before < MOST_GROWTH


def test_a_body_just_below_the_limit_is_read_whole(server: Threaded) -> None:
    made = posted(server, msgspec.json.encode(model("small"))).json["data"]["id"]
    body = msgspec.json.encode({"odd": "x" * (20 * MIB - 100), "name": "large"})
    assert posted(server, body, f"{P3}/{made}/rename").json == {"status": 0, "data": True}


@pytest.mark.parametrize("length", ["-1", "9" * 40, "1e3", "0x10", "ten", "1, 2"])
def test_a_length_that_is_none_is_refused(length: str, server: Threaded) -> None:
    """By the protocol before any API is asked, or as too large."""
    answer = said(server.address, head("POST", API + P3, f"Content-Length: {length}", "Connection: close"))
    assert 400 <= answer.status < 500
    assert lives(server)


# Slow clients


class Trickling:
    """Clients that send one byte after another, until they are cut off; each tells how it ended."""

    def __init__(self, address: str, first: bytes, byte: bytes) -> None:
        self._address, self._first, self._byte = address, first, byte
        self.begun = threading.Barrier(SLOW + 1)

    def one(self, number: int) -> bytes:
        """One client: all that it heard."""
        said = b""
        with connected(self._address) as client, contextlib.suppress(ConnectionError):
            client.sendall(self._first)
            self.begun.wait(60)
            client.settimeout(PACE)
            while True:
                with contextlib.suppress(TimeoutError):
                    heard = client.recv(4096)
                    said += heard
                    if not heard:
                        break
                if not said:
                    client.sendall(self._byte)
        return said


def trickled(server: Threaded, first: bytes, byte: bytes) -> list[bytes]:
    """What many slow clients heard at their end; meanwhile others are answered."""
    slow = Trickling(server.address, first, byte)
    with ThreadPoolExecutor(SLOW) as threads:
        ends = [threads.submit(slow.one, number) for number in range(SLOW)]
        slow.begun.wait(60)
        assert all(lives(server) for _ in range(5))
        return [end.result(60) for end in ends]


def test_slow_bodies_are_cut_off_and_keep_nobody_waiting() -> None:
    file = File(server=Server(body_seconds=1))
    with threaded(file=file) as server:
        for told in trickled(server, head("POST", API + P3, "Content-Length: 100000"), b" "):
            assert told.startswith(b"HTTP/1.1 408 "), told
            status = msgspec.json.decode(told.partition(b"\r\n\r\n")[2])["status"]
            assert status == 408
        assert lives(server)


def test_slow_heads_are_cut_off_and_keep_nobody_waiting() -> None:
    with patch.object(GuardedProtocol, "head_seconds", 1), threaded() as server:
        first = head("GET", API + P3)[:-2] + b"X-Slow: "
        assert set(trickled(server, first, b"x")) == {b""}
        assert lives(server)


# Odd paths, queries and headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("&".join(f"x{number}=1" for number in range(5000)), 200, id="thousands of names"),
        pytest.param("&".join(["pageSize=1"] * 5000), 200, id="one name thousands of times"),
        pytest.param("&" * 20000, 200, id="nothing but separators"),
        pytest.param("=" * 20000, 200, id="nothing but signs"),
        pytest.param("page=" + "9" * 20000, 400, id="a number of 20,000 digits"),
        pytest.param(f"page={2**63}", 400, id="a number beyond 64 bit"),
        pytest.param(f"page={2**62}&pageSize=100", 200, id="a page far beyond the last"),
        pytest.param(f"page={-(2**62)}&pageSize={-(2**62)}", 200, id="numbers far below"),
        pytest.param("page=1e400", 400, id="no finite number"),
        pytest.param("page=NaN", 400, id="no number"),
        pytest.param("page=%D9%A1", 200, id="a digit of another script"),
        pytest.param("%ff=%ff&x=%zz%", 200, id="broken percent signs"),
        pytest.param("filterByPipelineName=%00%ED%A0%80%FF", 200, id="a text that is none"),
    ],
)
def test_odd_queries(query: str, status: int, server: Threaded) -> None:
    answer = right(said(server.address, head("GET", f"{API}{P3}?{query}", "Connection: close")))
    assert answer.status == status, answer


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/" * 30000, 404, 404, id="nothing but slashes"),
        pytest.param("/a" * 15000, 404, 404, id="thousands of parts"),
        pytest.param("/p-" + "x" * 30000, 404, 2101038, id="a long name"),
        pytest.param("/%00", 404, 2101038, id="no character"),
        pytest.param("/%ff%fe", 404, 2101038, id="no text"),
        pytest.param("/%ED%A0%80", 404, 2101038, id="half a character"),
        pytest.param("/%zz%", 404, 2101038, id="broken percent signs"),
        pytest.param("/%2e%2e%2f%2e%2e%2fetc", 404, 2101038, id="steps upwards"),
        pytest.param("/" + "%25" * 9000, 404, 2101038, id="percent signs"),
        pytest.param(b"/\xff\xfe", 404, 2101038, id="bytes"),
    ],
)
def test_odd_paths(path: str | bytes, status: int, code: int, server: Threaded) -> None:
    raw = path if isinstance(path, bytes) else path.encode()
    answer = said(server.address, head("GET", (API + P3).encode() + raw, "Connection: close"))
    if answer.status == 400 and isinstance(path, bytes) and not answer.body.startswith(b"{"):
        # The protocol itself may refuse bytes that no address has.
        assert lives(server)
        return
    refused(right(answer), status, code)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-DEVOPS-UID", b"x" * 50000),
        ("X-DEVOPS-UID", b"\xff\xfe"),
        ("X-DEVOPS-UID", "名前".encode()),
        ("X-DEVOPS-ACCESS-TOKEN", b"x" * 50000),
        ("X-DEVOPS-ACCESS-TOKEN", b"\xff"),
        ("X-Bkapi-Authorization", b"{" * 50000),
        ("X-Bkapi-Authorization", b'{"bk_username": {"a": 1}}'),
        ("X-Bkapi-Authorization", b'["\\ud800"]'),
        ("Authorization", b"Bearer " + b"\xc3" * 50),
        ("Cookie", b"bk_token=" + b";" * 50000),
        ("X-DEVOPS-TEMPORARY-PAGE-SIZE-NOT-LIMIT", b"x" * 50000),
        ("Accept-Language", b"," * 50000),
        ("Content-Type", b";" * 50000),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes {each[:1]!r}",
)
def test_odd_headers(name: str, value: bytes, server: Threaded) -> None:
    for user in (b"", b"X-DEVOPS-UID: operator\r\n"):
        sent = b"GET " + (API + P3).encode() + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        right(said(server.address, sent + name.encode() + b": " + value + b"\r\n" + user + b"\r\n"))


# Odd bodies

DEEP = 100_000
BROKEN = {
    "an open bracket": b"{",
    "half a word": b"nul",
    "no value": b'{"name":}',
    "two values": b"{} {}",
    "single quotes": b"{'name': 'x'}",
    "no text": b'{"name":"\xff\xfe"}',
    "an overlong character": b'{"name":"\xc0\x80"}',
    "half a character": b'{"name":"\\ud800"}',
    "a mark in front": b"\xef\xbb\xbf{}",
    "two bytes a character": '{"name":"x"}'.encode("utf-16"),
    "no number": b'{"name":NaN}',
    "a number without end": b'{"version":' + b"9" * 5000 + b"e}",
    "zero bytes": b"\0" * 100,
    "brackets": b"[" * DEEP,
    "closed brackets": b"[" * DEEP + b"]" * DEEP,
    "braces": b'{"a":' * DEEP,
    "closed braces": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "brackets below a field": b'{"name":"x","stages":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "brackets below an unknown field": b'{"name":"x","stages":[],"odd":' + b"[" * DEEP + b"]" * DEEP + b"}",
}
"""Bodies that are no JSON, or nested beyond anything."""


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_body_is_refused(body: bytes, server: Threaded) -> None:
    answer = posted(server, body)
    refused(answer)
    assert answer.json["data"]


VALUES = {
    "null": b"null",
    "a truth": b"true",
    "a number": b"7",
    "beyond 64 bit": b"9" * 40,
    "5,000 digits": b"9" * 5000,
    "beyond any number": b"1e400",
    "a fraction": b"-0.0000001",
    "a text": b'"x"',
    "an empty text": b'""',
    "a zero": b'"\\u0000"',
    "a list": b"[]",
    "odd members": b'[null, 1, "x", [], {}, 1e300]',
    "long lists": b"[" + b"0," * 2_000 + b"0]",
    "an object": b"{}",
    "odd keys": b'{"": 1, "\\u0000": 2, "__proto__": 3}',
    "the same key": b'{"name": "a", "name": {"x": 1}, "name": [2], "name": "b"}',
    "many keys": b"{" + b",".join(b'"k%d":1' % number for number in range(500)) + b"}",
}
"""Values of every kind, each where it may not fit."""


def _filled(path: str, pipeline: str) -> str:
    """A route with its parts: a real pipeline, else something that may be there or not."""
    known = {"projectId": "demo", "pipelineId": pipeline}
    parts = [known.get(part[1:-1], "1") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts) + ("" if "/v3/" in path else f"?pipelineId={pipeline}")


@pytest.fixture(scope="module")
def address(server: Threaded) -> str:
    return server.address


@contextlib.contextmanager
def talking(address: str) -> Iterator[HTTPConnection]:
    """A connection for one request after another."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def asked(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> Answered:
    """The answer to one of them."""
    headers = {"X-DEVOPS-UID": "operator", "Content-Type": "application/json"}
    connection.request(method, API + path, body, headers)
    answer = connection.getresponse()
    return Answered(
        answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    )


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_bodies_of_any_kind_everywhere(
    method: str, path: str, address: str, request: pytest.FixtureRequest
) -> None:
    """Whatever is sent to whichever operation: an answer in its envelope."""
    with talking(address) as connection:
        made = asked(connection, "POST", P3, msgspec.json.encode(model(request.node.name))).json["data"]["id"]
        for body in VALUES.values():
            right(asked(connection, method, _filled(path, made), body))


ODD = (
    "",
    "%20",
    "x",
    "-1",
    str(2**63),
    "9" * 5000,
    "1e400",
    "null",
    "true",
    "%00",
    "%ff",
    "%F0%9F%9A%A2",
    "[]",
    "{}",
)
"""Values of a parameter."""


@pytest.mark.parametrize(("method", "path"), ANY)
def test_parameters_of_any_kind_everywhere(
    method: str, path: str, address: str, request: pytest.FixtureRequest
) -> None:
    """Whatever is said in whichever parameter that an operation takes."""
    (takes,) = {row.takes for row in OPERATIONS if f"{method} {path}" in row.routes}
    with talking(address) as connection:
        made = asked(connection, "POST", P3, msgspec.json.encode(model(request.node.name))).json["data"]["id"]
        whole = _filled(path, made)
        for name in msgspec.structs.fields(takes):
            for value in ODD:
                sign = "&" if "?" in whole else "?"
                answer = asked(connection, method, f"{whole}{sign}{name.encode_name}={value}", None)
                assert answer.headers["content-type"].startswith("text/") or right(answer)


def test_of_the_same_key_the_last_counts(server: Threaded) -> None:
    text = msgspec.json.encode(model("first"))
    answer = posted(server, text[:-1] + b',"name":"last of two"}')
    made = answer.json["data"]["id"]
    got = server.ask("GET", f"{API}{P3}/{made}", headers={"X-DEVOPS-UID": "operator"})
    assert got.json["data"]["name"] == "last of two"
