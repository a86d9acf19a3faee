"""One server for all walks that need no time of their own, and one whose time a test moves."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ferryman.testing.server import started

from .caller import Caller

SEED = """
[[project]]
name = "demo"
[[project]]
name = "other"
[[principal]]
name = "manager"
roles = { demo = "admin", other = "admin" }
tokens = [ { value = "manager-token" } ]
[[principal]]
name = "maker"
roles = { demo = "developer" }
tokens = [ { value = "maker-token" } ]
[[principal]]
name = "maker-two"
roles = { demo = "developer" }
tokens = [ { value = "maker-two-token" } ]
[[principal]]
name = "runner"
roles = { demo = "operator" }
tokens = [ { value = "runner-token" } ]
[[principal]]
name = "visitor"
roles = { demo = "visitor" }
tokens = [ { value = "visitor-token" }, { value = "expired-token", expires = 2020-01-01T00:00:00Z } ]
[[principal]]
name = "stranger"
roles = { other = "admin" }
tokens = [ { value = "stranger-token" } ]
[[principal]]
name = "reader"
roles = { demo = "admin" }
policies = [ "read-only" ]
[[policy]]
name = "read-only"
document = '''{"Version":"1","Statement":[{"Effect":"Allow","Action":"*:Get*","Resource":"*"}]}'''
[[bkci_app]]
code = "app"
secret = "app-secret"
projects = ["demo"]
"""

Move = Callable[[int], None]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server is."""
    with started(data=tmp_path_factory.mktemp("client") / "data", seed=SEED) as server:
        yield server.address


@pytest.fixture(scope="session")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server with a virtual clock is."""
    with started("--clock", "virtual", data=tmp_path_factory.mktemp("timed") / "data", seed=SEED) as server:
        yield server.address


@pytest.fixture
def manager(address: str) -> Caller:
    """Who may do everything in the project."""
    return Caller(address, "manager")


@pytest.fixture
def v4(address: str) -> Caller:
    """The same, in version 4."""
    return Caller(address, "manager", version=4)


@pytest.fixture
def late(timed: str) -> Caller:
    """Who may do everything on the server whose time moves by a call."""
    return Caller(timed, "manager")


@pytest.fixture
def minutes(late: Caller) -> Move:
    """Moves that server's time on."""

    def move(count: int) -> None:
        body = json.dumps({"ms": count * 60_000}).encode()
        answer = late.raw("POST", "/testing/clock", body, {"Content-Type": "application/json"})
        assert answer.http == 200, answer

    return move


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file steps wait for; it is there at the latest when the test ends, so that none waits forever."""
    return tmp_path / "gate"


@pytest.fixture(autouse=True)
def opened(gate: Path) -> Iterator[None]:
    """Opens it."""
    yield
    gate.touch()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A pipeline's name no other test has."""
    return str(request.node.name)[:100]
