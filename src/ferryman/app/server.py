"""A house that answers over HTTP: the listening socket, uvicorn over it, and a stop that waits for nobody for long."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from uvicorn.config import Config
from uvicorn.server import Server

from ferryman.app.guarded import GuardedProtocol
from ferryman.domain.errors import Invalid, Problem, Unavailable

STOP_SECONDS = 4
"""So long requests under way are waited for at the end."""
KEEP_ALIVE_SECONDS = 30
MOST_CONNECTIONS = 2000
"""More are told 503 at once."""
BACKLOG = 1024


class Listening(NamedTuple):
    """Where a server is found."""

    host: str
    port: int
    secure: bool

    @property
    def address(self) -> str:
        """As a client writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"


class Tls(NamedTuple):
    """What makes connections secure: a certificate with its chain, and its key."""

    certificate: Path
    key: Path


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Any:
        """Signals are for whoever runs the process."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is a free one. Raises `Unavailable` where that is not possible."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unavailable(
            f"cannot listen at {host} port {port}: {why}; --host and --port name another place, port 0 a free one"
        ) from error
    # Connections inherit it, where not every loop sets it: the last piece of an answer does not wait until the other
    # end has acknowledged the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@asynccontextmanager
async def answering(
    application: Any,
    listener: socket.socket,
    *,
    tls: Tls | None = None,
    protocol: type[GuardedProtocol] = GuardedProtocol,
) -> AsyncIterator[Listening]:
    """Answer on this socket until left; then what is under way is finished, or broken off."""
    config = Config(
        application,
        http=protocol,
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=BACKLOG,
        **_secured(tls),
    )
    config.load()
    server = _Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    ticking = asyncio.create_task(server.main_loop())
    host, port = listener.getsockname()[:2]
    try:
        yield Listening(host, port, tls is not None)
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await server.shutdown(sockets=[listener])
        for connection in list(server.server_state.connections):
            connection.transport.abort()


def _no_phrase() -> str:
    """Nobody stands by at a start to be asked for one."""
    raise OSError("the key is sealed with a passphrase; keep it without one, readable by its owner only")


def _secured(tls: Tls | None) -> dict[str, Any]:
    """What uvicorn is told of certificates, looked at before it is."""
    if tls is None:
        return {}
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, _no_phrase)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or str(error)
        raise Invalid(
            [
                Problem(
                    path="server.tls",
                    message=f"cannot use {tls.certificate} with {tls.key}: {why}",
                    hint="a certificate with its chain, and its key, both as PEM",
                    code=0,
                )
            ]
        ) from error
    return {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}
