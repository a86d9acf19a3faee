"""Serve the shop on a free port of this machine: `python3 shop.pyz CONFIG`.

The first line it prints is its address, and by then it can be asked.
"""

import json
import pkgutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from shop.site import Settings, answer


def packed_version() -> str:
    """The version written into the package; `development` in a working copy."""
    try:
        return (pkgutil.get_data("shop", "version.txt") or b"").decode().strip()
    except FileNotFoundError:
        return "development"


def read_settings(config: Path) -> Settings:
    """The settings in this file."""
    return Settings(version=packed_version(), **json.loads(config.read_text(encoding="utf-8")))


def server(settings: Settings) -> ThreadingHTTPServer:
    """A server on a free port, already listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answer(self.path, settings)
            body = found.body.encode()
            self.send_response(found.status)
            self.send_header("Content-Type", found.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: whoever asks writes the answer down."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main() -> None:
    """Serve until stopped."""
    if len(sys.argv) != 2:
        sys.exit("usage: python3 shop.pyz CONFIG")
    with server(read_settings(Path(sys.argv[1]))) as listening:
        print(f"http://127.0.0.1:{listening.server_port}", flush=True)
        listening.serve_forever()


if __name__ == "__main__":
    main()
