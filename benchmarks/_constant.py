"""The bound of W5: the same uvicorn with an application that knows nothing and answers the same bytes again and again.

python benchmarks/_constant.py BYTES prints its port and answers until its input ends.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from uvicorn import Config, Server

BODY = b"x" * int(sys.argv[1])
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(BODY)),
    ],
}
REST = {"type": "http.response.body", "body": BODY}


async def application(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    """Answer."""
    await send(START)
    await send(REST)


async def main() -> None:
    """Answer until the input ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = Config(
        application,
        http="httptools",
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    print(listener.getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
