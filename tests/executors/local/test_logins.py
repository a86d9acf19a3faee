"""Logins of a checkout: git asks for them, and only the repository's own server is told (promise 8)."""

import base64
import contextlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.work import Checkout
from ferryman.executors.local.checkout import ASKPASS
from tests.executors.local.test_steps import Secrets, Shop, in_shop

COMMITTED = "git -c user.name=Ann -c user.email=a@b.c commit -q -m one"


class AskingServer(http.server.BaseHTTPRequestHandler):
    """A git server that wants a login, and writes down what it gets."""

    logins: list[str]

    def do_GET(self) -> None:
        """Ask who it is."""
        if login := self.headers.get("Authorization"):
            self.logins.append(base64.b64decode(login.removeprefix("Basic ")).decode())
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@contextlib.contextmanager
def asking_server() -> Iterator[tuple[str, list[str]]]:
    """Its address, and the logins it got."""
    logins: list[str] = []
    handler = type("Handler", (AskingServer,), {"logins": logins})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", logins
        finally:
            server.shutdown()
            thread.join()


def test_only_the_own_server_of_a_repository_is_told_the_login(tmp_path: Path) -> None:
    """Promise 8: a submodule can name anybody's server, which has only to ask."""
    secrets = Secrets(username="me", password="s3cr3t-value")
    repository = tmp_path / "repository"

    async def story(shop: Shop) -> None:
        with asking_server() as (own, heard), asking_server() as (other, overheard):
            for url in (f"{own}/shop.git", f"{own.replace('//', '//me@')}/shop.git"):
                heard.clear()
                result = await shop.do(Checkout(url=url, ref="main", secret="git"))
                assert result.outcome == "failed"
                assert heard[-1] == "me:s3cr3t-value", await shop.said()
            script = (
                f"git init -q -b main '{repository}'; cd '{repository}'; echo 1 >file; git add .; {COMMITTED}\n"
                f"git config -f .gitmodules submodule.s.path s\n"
                f"git config -f .gitmodules submodule.s.url {other}/s.git\n"
                'git update-index --add --cacheinfo 160000,"$(git rev-parse HEAD)",s; git add .gitmodules\n'
                f"{COMMITTED}"
            )
            environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
            subprocess.run(["sh", "-ec", script], check=True, env=environment)
            result = await shop.do(Checkout(url=str(repository), ref="main", secret="git", folder="new"))
            assert result.reason.facts["message"].startswith("cannot fetch the submodules"), await shop.said()
            assert "s3cr3t-value" not in str(overheard)

    in_shop(tmp_path, story, secrets)


@pytest.mark.parametrize(
    ("url", "prompt", "answer"),
    [
        ("https://own/shop.git", "Username for 'https://own': ", "me"),
        ("https://own/shop.git", "Password for 'https://me@own': ", "pass"),
        ("https://bob@own/shop.git", "Password for 'https://bob@own': ", "pass"),
        ("https://own:8443", "Password for 'https://me@own:8443': ", "pass"),
        ("https://own/shop.git", "Username for 'https://other': ", ""),
        ("https://own/shop.git", "Password for 'https://me@other': ", ""),
        ("https://own/shop.git", "Password for 'http://me@own': ", ""),
        ("https://own/shop.git", "Password for 'https://me@own:8443': ", ""),
        ("https://own/shop.git", "Password for 'https://own/x@other': ", ""),
        ("https://own/shop.git", "Password for 'https://own': @other': ", ""),
        ("https://own/shop.git", "Password for 'https://me@not-own': ", ""),
        ("https://own/shop.git", "Password for 'https://me@own.other': ", ""),
        ("https://own@other/shop.git", "Password for 'https://me@own': ", ""),
        ("/srv/shop.git", "Password for 'https://me@own': ", ""),
    ],
)
def test_who_is_told_a_login(url: str, prompt: str, answer: str) -> None:
    """The server by its scheme, name and port; older versions of git show a name in front of it as it came."""
    given = {"CHECKOUT_URL": url, "CHECKOUT_USER": "me", "CHECKOUT_PASSWORD": "pass"}
    done = subprocess.run(
        ["sh", "-c", ASKPASS, "askpass", prompt], env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == answer
    assert (done.returncode == 0) is bool(answer)
