"""Where requests may go (HOOK-4): a table of addresses, and names that change their mind."""

import asyncio
from collections.abc import Sequence

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ferryman.executors.inside.addresses import RefusedAddress, UnknownName, is_allowed, networks, reach
from ferryman.executors.inside.fetch import Fetch, Question
from tests.executors.inside.world import served


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "3fff::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "no address",
        "",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address, ())


@pytest.mark.parametrize(
    ("address", "allow", "allowed"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::1", "127.0.0.0/8", False),
        ("::1", "::1", True),
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.6", "10.0.0.5", False),
        ("::ffff:10.0.0.5", "10.0.0.0/8", True),
        ("::ffff:10.0.0.5", "::/0", False),
    ],
)
def test_a_list_of_networks_allows_more(address: str, allow: str, allowed: bool) -> None:
    assert is_allowed(address, networks([allow])) is allowed


def test_what_is_no_network_is_said_when_the_list_is_read() -> None:
    with pytest.raises(ValueError, match="localhost"):
        networks(["localhost"])


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="127.0.0.0/8"))
def test_no_private_address_passes_in_any_clothes(address: object) -> None:
    for form in (f"{address}", f"::ffff:{address}", f"64:ff9b::{address}"):
        assert not is_allowed(form, ())


def resolving(*answers: Sequence[str]):  # type: ignore[no-untyped-def]
    rest = list(answers)

    async def look_up(host: str, port: int) -> Sequence[str]:
        if not rest:
            raise OSError("no more answers")
        return rest.pop(0)

    return look_up


def test_of_several_addresses_only_the_allowed_ones_are_used() -> None:
    found = asyncio.run(reach("a", 80, (), look_up=resolving(["10.0.0.1", "8.8.8.8", "8.8.8.8"])))
    assert found == ("8.8.8.8",)


def test_a_name_without_an_allowed_address_says_who_could_allow_it() -> None:
    with pytest.raises(RefusedAddress, match=r"requests to inner are not allowed.*\[fetch\] allow"):
        asyncio.run(reach("inner", 80, (), look_up=resolving(["10.0.0.1"])))


@pytest.mark.parametrize("name", ["x" * 300, "no-such-name.invalid", "a..b"])
def test_a_name_that_nobody_knows(name: str) -> None:
    with pytest.raises(UnknownName):
        asyncio.run(reach(name, 80, ()))


def test_a_request_goes_to_the_address_that_was_checked() -> None:
    """A name service that answers otherwise the second time is not asked a second time."""

    async def story() -> None:
        async def hello(request: web.Request) -> web.Response:
            return web.Response(text=request.host)

        async with served(hello) as url:
            port = url.rpartition(":")[2]
            fetch = Fetch(allow=networks(["127.0.0.0/8"]), look_up=resolving(["127.0.0.1"], ["10.0.0.1"]))
            answer = await fetch.ask(Question(url=f"http://shop.example.com:{port}/"))
            assert answer.text() == f"shop.example.com:{port}"

    asyncio.run(story())
