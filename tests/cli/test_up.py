"""`ferryman up` as a process: what it says, how it is found, how it stops (START-1, 2, 3, 5, 6; RULINGS 20)."""

import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from cryptography.hazmat.primitives import serialization

from ferryman.testing.http import asking
from ferryman.testing.server import started
from tests.cli.workshop import Workshop

UNKNOWN = "/ms/openapi/api/apigw/v3/nowhere"


def test_the_first_start_says_where_how_to_sign_in_and_how_to_stop(tmp_path: Path) -> None:
    """START-2: address, data folder, first sign-in (once), and how to stop."""
    data = tmp_path / "data"
    with started(data=data, seed=None) as server:
        said = "\n".join(server.said)
        assert f"answers at {server.address}" in said
        assert f"Data folder: {data}" in said
        assert "First sign-in, as owner" in said
        assert f"kill {server.process.pid}" in said
        token = next(line.split()[1] for line in server.said if line.startswith("  token"))
        path = f"/api/apigw/v3/projects/local/pipelines?access_token={token}"
        assert server.ask("GET", path).json["data"]["records"] == []
        assert server.stop() == 0
    with started(data=data, seed=None) as server:
        assert not any("sign-in" in line or token in line for line in server.said)
        # The one credential that today's APIs believe, and the command that there is.
        assert "Sign in with a token; `ferryman keys make-token` makes one" in server.said
    log = (tmp_path / "data.log").read_text()
    assert token not in log
    assert all(msgspec.json.decode(line)["event"] for line in log.splitlines() if line.startswith("{"))


def test_the_ready_file_tells_where_it_is_as_long_as_it_answers(tmp_path: Path) -> None:
    with started(data=tmp_path / "data") as server:
        ready = tmp_path / "data.ready"
        told = msgspec.json.decode(ready.read_bytes())
        assert told["address"] == f"http://127.0.0.1:{told['port']}"
        assert told["pid"] == server.process.pid
        assert server.ask("GET", UNKNOWN).status == 404
        assert server.stop() == 0
        assert not ready.exists()


def test_a_second_start_on_the_same_data_names_who_holds_it(tmp_path: Path, workshop: Workshop) -> None:
    """START-3."""
    with started(data=tmp_path / "data") as server:
        second = workshop.ran("up", "--data", str(tmp_path / "data"), "--port", "0")
        assert second.returncode == 6
        assert f"process {server.process.pid}" in second.stderr
        assert f"cannot use the data folder {tmp_path}/data: " in second.stderr
        assert second.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_told(workshop: Workshop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = workshop.ran("up", "--data", "data", "--port", port)
    assert told.returncode == 6
    assert f"cannot listen at 127.0.0.1 port {port}" in told.stderr
    assert not (workshop.folder / "data").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "70000"], "server.port: 70000, from --port"),
        (["--config", "none.toml"], "--config: there is no file"),
        (["--seed", "none.toml"], "none.toml: no such file"),
        (["--seed", "wrong.toml"], "the seed is no TOML"),
        (["--tls-cert", "a.pem"], "server.tls_key: is missing"),
        (["--tls-cert", "a.pem", "--tls-key", "b.pem"], "server.tls: cannot use"),
    ],
)
def test_a_wrong_start_fails_at_once_and_says_why(words: list[str], said: str, workshop: Workshop) -> None:
    """START-6."""
    workshop.write("wrong.toml", "[[project")
    told = workshop.ran("up", "--data", "data", "--port", "0", *words)
    assert told.returncode in (1, 3)
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_a_key_that_asks_for_a_passphrase_is_refused(
    workshop: Workshop, certificate: tuple[Path, Path]
) -> None:
    """START-6: at a terminal it was asked for and waited for, elsewhere told as an invalid argument."""
    cert, open_key = certificate
    key = serialization.load_pem_private_key(open_key.read_bytes(), None)
    sealed = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a phrase"),
    )
    workshop.write("key.pem", sealed.decode())
    told = workshop.ran(
        "up", "--data", "data", "--port", "0", "--tls-cert", str(cert), "--tls-key", "key.pem"
    )
    assert told.returncode == 1
    assert "the key is sealed with a passphrase" in told.stderr
    assert "pass phrase:" not in told.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_stops_though_clients_hold_on(how: signal.Signals, tmp_path: Path) -> None:
    """START-5: neither a connection that says nothing, nor half a head, nor half a body keeps it."""
    with started(data=tmp_path / "data") as server:
        port = msgspec.json.decode((tmp_path / "data.ready").read_bytes())["port"]
        half = b"POST /api/apigw/v3/projects/demo/pipelines HTTP/1.1\r\nX-DEVOPS-UID: operator\r\n"
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        try:
            clients[1].sendall(half)
            clients[2].sendall(half + b"Host: localhost\r\nContent-Length: 100\r\n\r\n{")
            assert server.ask("GET", UNKNOWN).status == 404
            server.process.send_signal(how)
            assert server.process.wait(60) == 0
        finally:
            for client in clients:
                client.close()


def test_a_killed_server_is_started_again(tmp_path: Path) -> None:
    with started(data=tmp_path / "data") as server:
        server.kill()
    with started(data=tmp_path / "data") as server:
        assert server.ask("GET", UNKNOWN).status == 404


def test_time_moves_by_a_call_where_the_clock_is_virtual(tmp_path: Path) -> None:
    with started("--clock", "virtual", data=tmp_path / "data") as server:
        before = server.ask("GET", "/testing/clock").json["now"]
        assert server.ask("POST", "/testing/clock", json={"ms": 3_600_000}).json == {
            "now": before + 3_600_000
        }
        assert server.ask("GET", "/testing/clock").json == {"now": before + 3_600_000}
        for wrong in ({"ms": -1}, {"ms": 2**70}, {"seconds": 1}, []):
            assert server.ask("POST", "/testing/clock", json=wrong).status == 400
        assert server.ask("DELETE", "/testing/clock").status == 405
    with started(data=tmp_path / "data") as server:
        assert server.ask("GET", "/testing/clock").status == 404


def test_connections_are_secure_with_a_certificate(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with started("--tls-cert", str(cert), "--tls-key", str(key), data=tmp_path / "data") as server:
        assert server.address.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(cert))
        assert server.ask("GET", UNKNOWN, trusting=trusting).status == 404
        with pytest.raises(OSError, match=r"(?i)reset|closed|refused|BadStatus|aborted|EOF|timed|remote"):
            asking(server.address.replace("https", "http"), "GET", UNKNOWN)


IDLE = (
    "ruamel",
    "sqlglot",
    "aiohttp",
    "jsonschema_rs",
    "rich",
    "sqlalchemy",
    "structlog",
    "multidict",
    "jinja2",
)

WATCH = """
import atexit, sys
from ferryman.__main__ import main
def tell():
    with open(sys.argv[-1] + ".modules", "w") as file:
        file.write("\\n".join(sorted(sys.modules)))
atexit.register(tell)
main()
"""
"""What was imported up to the end, and so at idle too."""


def test_at_idle_nothing_heavy_is_imported(tmp_path: Path) -> None:
    """RULINGS 20."""
    ready = tmp_path / "ready"
    words = ["up", "--data", str(tmp_path / "data"), "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen([sys.executable, "-c", WATCH, *words], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert any("server.ready" in line for line in server.stderr)
        assert asking(msgspec.json.decode(ready.read_bytes())["address"], "GET", "/health").status == 200
        server.terminate()
        server.communicate(timeout=60)
    assert server.returncode == 0
    loaded = {name.partition(".")[0] for name in (tmp_path / "ready.modules").read_text().split()}
    assert "ferryman" in loaded
    assert sorted(loaded & set(IDLE)) == []


ALONE = """
import ipaddress, socket, sys
def watch(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] is not None:
        ipaddress.ip_address(arguments[0])
    elif event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        assert ipaddress.ip_address(arguments[1][0]).is_loopback
    elif event == "socket.gethostbyname":
        raise AssertionError(arguments)
sys.addaudithook(watch)
from ferryman.__main__ import main
main()
"""
"""A start that fails at the first name that is looked up, and at the first call that leaves the machine."""


def test_one_command_starts_everything_and_fetches_nothing(tmp_path: Path, workshop: Workshop) -> None:
    """START-1: in an empty folder, without a home, variables or programs beside the system's; and a pipeline runs."""
    data, ready = workshop.folder / "data", tmp_path / "ready"
    words = ["up", "--data", str(data), "--port", "0", "--ready-file", str(ready)]
    bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": workshop.environment["PYTHONPATH"], "HOME": "/nonexistent"}
    with subprocess.Popen(
        [sys.executable, "-c", ALONE, *words], stderr=subprocess.PIPE, env=bare, text=True
    ) as server:
        try:
            assert server.stderr is not None
            assert any("server.ready" in line for line in server.stderr)
            assert asking(msgspec.json.decode(ready.read_bytes())["address"], "GET", "/health").status == 200
            workshop.steps("small", "echo here")
            assert workshop.ran("run", "small.yaml", "--data", "data").returncode == 0
            process = psutil.Process(server.pid)
            for each in (process, *process.children(recursive=True)):
                assert {one.laddr.ip for one in each.net_connections("inet")} <= {"127.0.0.1"}
        finally:
            server.terminate()
            server.communicate(timeout=60)
    assert server.returncode == 0


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for loopback, signed by itself, and its key."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ferryman")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    places: Any = (tmp_path / "site.pem", tmp_path / "site.key")
    places[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    places[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return places
