"""Every promise of the contract, on every store."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest

from ferryman.stores.memory import MemoryStore
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing import check_store
from ferryman.testing.stores import STORE_CHECKS, Make

Check = Callable[[Make], Awaitable[None]]


@pytest.fixture(params=["memory", "sqlite", "sqlite, one unit a transaction"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes stores of one implementation, each over a place of its own."""
    places = (tmp_path / str(number) for number in count())
    batch = 1 if "one unit" in request.param else 1_000
    return MemoryStore if request.param == "memory" else lambda: SqliteStore(next(places), batch=batch)


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_a_store_keeps_its_promises(check: Check, make: Make) -> None:
    asyncio.run(asyncio.wait_for(check(make), 60))


def test_the_whole_contract_is_one_call() -> None:
    asyncio.run(check_store(MemoryStore))


def test_no_check_is_left_out() -> None:
    """A check that stands in a file but in no list would hold nobody to anything."""
    written = {
        name
        for check in STORE_CHECKS
        for name in vars(__import__(check.__module__, fromlist=["CHECKS"]))
        if name.startswith("check_")
    }
    assert written == {check.__name__ for check in STORE_CHECKS}
