"""The socket of a server."""

import socket

from ferryman.app.server import listen


def test_connections_send_what_they_have_at_once() -> None:
    """Else each answer over a connection that is kept waits for the other end's delayed acknowledgement."""
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
