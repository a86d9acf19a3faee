"""A brake on guessing: wrong tokens, secrets and passwords are counted by where they come from."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ferryman.domain.errors import Throttled, Unauthenticated
from ferryman.services.access import digests
from ferryman.services.access.brake import MOST, WRONG_A_MINUTE, Brake, place_of
from tests.services.access.place import NOW, Place, place

HERE, THERE = "192.0.2.1", "198.51.100.7"
SECOND = 1_000


def spend(ask: Callable[[], object], times: int = WRONG_A_MINUTE) -> None:
    """Be wrong so often."""
    for _ in range(times):
        with pytest.raises(Unauthenticated):
            ask()


def test_too_many_wrong_tokens_are_held_up_also_where_one_is_right(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            spend(lambda: asking.by_token("wrong", address=HERE))
            with pytest.raises(Throttled, match=r"too many wrong .* try again in 1 s") as held:
                asking.by_token("wrong", address=HERE)
            assert held.value.retry_after == SECOND
            with pytest.raises(Throttled):
                asking.by_token("operator-token", address=HERE)
            with pytest.raises(Throttled):
                asking.by_app("app", "secret-of-the-app", user="operator", address=HERE)
            assert asking.by_token("operator-token", address=THERE).name == "operator"
            await at.clock.move_to(NOW + SECOND)
            assert asking.by_token("operator-token", address=HERE).name == "operator"

    asyncio.run(story())


def test_wrong_secrets_of_applications_are_counted_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            spend(lambda: at.access.asking.app("app", "wrong", address=HERE))
            with pytest.raises(Throttled):
                at.access.asking.app("app", "secret-of-the-app", address=HERE)

    asyncio.run(story())


def test_what_was_right_here_before_goes_on(tmp_path: Path) -> None:
    """One forgotten script behind an address that many share locks nobody out."""

    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            asking.by_token("operator-token", address=HERE)
            asking.app("app", "secret-of-the-app", address=HERE)
            spend(lambda: asking.by_token("wrong", address=HERE))
            assert asking.by_token("operator-token", address=HERE).name == "operator"
            assert asking.app("app", "secret-of-the-app", address=HERE).code == "app"
            with pytest.raises(Throttled):
                asking.by_token("reader-token", address=HERE)

    asyncio.run(story())


def test_a_token_that_has_expired_is_no_guess(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            await at.clock.move_to(1_893_456_000_000)
            for _ in range(WRONG_A_MINUTE + 1):
                with pytest.raises(Unauthenticated, match="expired"):
                    at.access.asking.by_token("operator-token", address=HERE)

    asyncio.run(story())


async def _wrong_passwords(at: Place, addresses: Callable[[int], str]) -> None:
    for one in range(WRONG_A_MINUTE):
        with pytest.raises(Unauthenticated):
            await at.access.asking.by_password("operator", "wrong", address=addresses(one))


@pytest.mark.parametrize("addresses", [lambda _: HERE, lambda one: f"10.0.0.{one}"], ids=["one", "many"])
def test_wrong_passwords_are_counted_by_address_and_by_name(
    tmp_path: Path, addresses: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From many addresses no more can be tried for one name than from one."""
    # What a password costs on purpose is not what is tested here.
    monkeypatch.setattr(digests, "is_password", lambda password, kept: password == "right")

    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            for _ in range(2 * WRONG_A_MINUTE):
                assert (await asking.by_password("operator", "right", address=HERE)).name == "operator"
            await _wrong_passwords(at, addresses)
            with pytest.raises(Throttled):
                await asking.by_password("operator", "right", address=HERE)
            await at.clock.move_to(NOW + SECOND)
            assert (await asking.by_password("operator", "right", address=HERE)).name == "operator"

    asyncio.run(story())


def test_a_brake_can_be_taken_off() -> None:
    off = Brake(0)
    for _ in range(1_000):
        off.wrong((HERE,), NOW)
    off.right(HERE, "token:1", NOW)


def test_what_is_remembered_is_bounded() -> None:
    """Nobody fills memory by changing addresses; the oldest are forgotten."""
    counted = Brake(1)
    for one in range(MOST + 10):
        counted.wrong((str(one),), NOW)
        counted.right(f"right-{one}", "token:1", NOW)
    assert len(counted._places) == len(counted._right) == MOST
    counted.hold(("0",), NOW)
    with pytest.raises(Throttled):
        counted.hold((str(MOST + 9),), NOW)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_where_an_address_is_counted(address: str, counted: str) -> None:
    """Whoever has one newer address has 2^64 of them."""
    assert place_of(address) == counted
