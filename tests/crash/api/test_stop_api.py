"""The server told to stop under load, and how it is found: the ready file is there only while it serves (START-5)."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from ferryman.testing.server import SEED, Started, started
from tests.crash.api.lives import Record, live_through, stopped

STOPS = 4
IN_SOAK = 40
HALF = (
    b"POST /api/apigw/v3/projects/demo/pipelines HTTP/1.1\r\nHost: localhost\r\nX-DEVOPS-UID: operator\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


class Place:
    """A data folder, and the file that tells where its server is."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.ready = folder / "data.ready"

    def told(self) -> int:
        """The process that the ready file tells of."""
        return int(msgspec.json.decode(self.ready.read_bytes())["pid"])

    def up(self, *more: str) -> "subprocess.CompletedProcess[str]":
        """Start another server here that does not come to serve."""
        words = ("up", "--data", str(self.data), "--port", "0", "--ready-file", str(self.ready), *more)
        return subprocess.run(
            [sys.executable, "-m", "ferryman", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_second_start_leaves_the_ready_file_of_the_first(place: Place) -> None:
    """START-3: it names who holds the folder, and takes nothing from it."""
    with started(data=place.data) as first:
        second = place.up()
        assert second.returncode == 6
        assert f"process {first.process.pid}" in second.stderr
        assert place.told() == first.process.pid
        assert first.ask("GET", "/health").status == 200


def test_what_a_killed_server_left_is_gone_before_the_next_one_serves(place: Place, tmp_path: Path) -> None:
    """Whoever waits for the file must not find the dead."""
    with started(data=place.data) as first:
        first.kill()
    assert place.ready.exists()
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SEED + '[[principal]]\nname = "lost"\nroles = { nowhere = "admin" }\n')
    next_one = place.up("--seed", str(wrong))
    assert next_one.returncode != 0
    assert not place.ready.exists()


def test_the_ready_file_goes_as_soon_as_it_stops_serving(place: Place) -> None:
    """Not only when all that it has begun has come to an end."""

    def holds_on(server: Started) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", urlsplit(server.address).port or 0))
        client.sendall(HALF)
        return client

    with started(data=place.data) as server, holds_on(server) as client:
        assert server.ask("GET", "/health").status == 200
        server.process.terminate()
        while place.ready.exists():
            assert server.process.poll() is None, "it ended before the file was gone"
        # The half request is still waited for: its connection stands.
        with pytest.raises(BlockingIOError):
            client.recv(1, socket.MSG_DONTWAIT)
        assert server.process.wait(60) == 0


def test_stopped_under_load_steps_are_found_again(tmp_path: Path, record_property: Record) -> None:
    """START-5: in time, whatever clients do; what was acknowledged is kept, and steps that run are not begun again."""
    live_through(tmp_path, STOPS, stopped, record_property)


@pytest.mark.soak
def test_stopped_many_times_under_load_steps_are_found_again(tmp_path: Path, record_property: Record) -> None:
    live_through(tmp_path, IN_SOAK, stopped, record_property)
