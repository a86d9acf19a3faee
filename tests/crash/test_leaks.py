"""A secret that steps print in every form, fail with, hand over and send: afterwards it stands nowhere (promise 8).

The whole data folder is looked through, row by row, and all that the command line says.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ferryman.testing.leaks import Leak, forms_of, scan
from tests.cli.workshop import Workshop

TOKEN = "Xk7/q+W9=z\"v'3&<R>$ü%41"
PASSWORD = "correct-horse-battery-staple"
KEY = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEAx7\nq9Zr0vTfUe55wLmN\n-----END KEY-----\n"
SECRETS = (TOKEN, PASSWORD, KEY)

PRINTS = r"""
import base64, html, json, os, sys, urllib.parse
for name in ("TOKEN", "PASSWORD", "PEM"):
    text = os.environ[name]
    raw = text.encode()
    for shift in ("", "x", "xx"):
        shifted = (shift + text).encode()
        print(base64.b64encode(shifted).decode(), base64.urlsafe_b64encode(shifted).decode())
    print(text, raw.hex(), raw.hex().upper(), html.escape(text), json.dumps(text), json.dumps([{"a": text}]))
    print(urllib.parse.quote(text), urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text), file=sys.stderr)
    print("Authorization: Bearer " + text + "," + text, flush=True)
    for letter in raw:
        os.write(1, bytes([letter]))
    os.write(1, b"\n" + b"." * 65530 + raw + b"\n")
"""

PIPELINE = """version: v3.0
name: leaky
stages:
  - name: main
    id: main
    jobs:
      prints:
        steps:
          - id: forms
            env: &all
              TOKEN: "${{ settings.vault.token }}"
              PASSWORD: "${{ settings.login.password }}"
              PEM: "${{ settings.deploy.privateKey }}"
            run: |
              printf '%s' "$TOKEN" > 'SEEN'
              env
              set -x
              : "$TOKEN" "$PASSWORD"
              python3 'PRINTS'
              echo "$PEM" > kept-in-the-working-folder
          - id: told
            env: *all
            run: |
              echo "::set-output name=plain::$PASSWORD"
              echo "::set-variable name=passed::$PASSWORD"
              echo "::set-remark remember $PASSWORD"
              printf 'line=%s\\n' "$TOKEN" >> "$FERRYMAN_OUTPUT"
              printf 'lines<<END\\n%s\\nEND\\n' "$PEM" >> "$FERRYMAN_OUTPUT"
          - id: passed
            run: echo "${{ variables.passed }} $passed"
          - id: pasted
            run: echo '${{ settings.login.password }}'; printf 'no line feed ${{ settings.login.password }}'
      fails:
        steps:
          - id: fails
            env: *all
            run: |
              echo "::set-error cannot log in with $PASSWORD"
              echo "denied: $TOKEN" >&2
              exit 3
      killed:
        steps:
          - id: killed
            env: *all
            run: |
              printf 'half of it %.9s' "$PASSWORD"
              printf ' and all of it %s' "$PASSWORD"
              kill -9 $$
      sends:
        runs-on: agentless
        steps:
          - id: hook
            uses: ferrymanHttp@1.*
            with:
              url: "http://127.0.0.1:PORT/${{ settings.login.password }}?again=${{ settings.login.password }}"
              method: POST
              headers: {Authorization: "Bearer ${{ settings.login.password }}"}
              body: {token: "${{ settings.vault.token }}"}
              expect-status: 202
      calls:
        runs-on: agentless
        steps:
          - id: nobody
            uses: ferrymanHttp@1.*
            with:
              url: "http://127.0.0.1:1/${{ settings.login.password }}"
"""

REPLACED = """version: v3.0
name: leaky
stages:
  - name: main
    id: main
    jobs:
      prints:
        steps:
          - id: waits
            env: {PASSWORD: "${{ settings.login.password }}"}
            run: |
              echo "$PASSWORD" > kept
              read line < GATE
              echo "it is $PASSWORD"
              echo "::set-output name=plain::$PASSWORD"
          - id: shows
            run: cat kept
"""

WORDS = (
    *((word, "latest", "--output", form) for word in ("show", "events") for form in ("table", "json")),
    ("why", "latest", "--output", "json"),
    *(("logs", "latest", *more) for more in ((), ("--raw",), ("--output", "json"))),
)


@contextmanager
def echo() -> Iterator[tuple[int, list[str]]]:
    """A server that repeats what it is told, with an answer nobody expects: its port, and what it was told."""
    told: list[str] = []

    class Repeats(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.append(f"{self.path} {self.headers['Authorization']} {body}")
            self.send_response(401, "go away")
            self.send_header("X-Again", self.headers["Authorization"])
            self.end_headers()
            self.wfile.write(told[-1].encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeats)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def keep_secrets(workshop: Workshop) -> None:
    """Put the secrets into the store, each from the standard input."""
    for name, field, value in zip(
        ("vault", "login", "deploy"), ("token", "password", "privateKey"), SECRETS, strict=True
    ):
        words = ("secrets", "set", name, "--field", field, "--from-file", "-")
        assert workshop.ran(*words, text=value).returncode == 0


def leaks_in(text: str) -> list[str]:
    """Which secrets a text holds, and in what form."""
    return [
        f"{number}: {form}"
        for number, secret in enumerate(SECRETS)
        for found, form in forms_of(secret).items()
        if found in text.encode()
    ]


def prepared(workshop: Workshop, text: str, port: int = 0) -> Path:
    """Write the pipeline `leaky.yaml`; the file outside the data folder that shows that a step had the secret."""
    keep_secrets(workshop)
    workshop.write("prints.py", PRINTS)
    seen = workshop.folder / "seen"
    text = text.replace("PRINTS", str(workshop.folder / "prints.py")).replace("PORT", str(port))
    workshop.write("leaky.yaml", text.replace("SEEN", str(seen)))
    return seen


def found_in(workshop: Workshop) -> list[Leak]:
    """All leaks in the data folder."""
    return scan(workshop.folder / ".ferryman", SECRETS)


def test_a_secret_used_in_every_way_stands_nowhere_afterwards(tmp_path: Path) -> None:
    """Printed in every form, handed over, put into messages, sent; by steps that succeed, fail and are killed."""
    workshop = Workshop(tmp_path)
    with echo() as (port, told):
        seen = prepared(workshop, PIPELINE, port)
        ran = workshop.ran("run", "leaky.yaml")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert leaks_in(ran.stdout + ran.stderr) == []
    said = {words: workshop.ran(*words) for words in WORDS}
    for words, answer in said.items():
        assert answer.returncode == 0, (words, answer.stderr)
        assert leaks_in(answer.stdout + answer.stderr) == [], words
    assert found_in(workshop) == []
    # All that would be for nothing if nobody had had the secrets, or nobody had said anything.
    assert seen.read_text() == TOKEN
    assert len(told) == 1
    assert told[0].count(PASSWORD) == 3
    outcomes = {
        step["path"]: step["outcome"]
        for stage in workshop.json("show", "latest")["stages"]
        for job in stage["jobs"]
        for step in job["steps"]
    }
    assert outcomes == {
        "main/prints/forms": "succeeded",
        "main/prints/told": "succeeded",
        "main/prints/passed": "succeeded",
        "main/prints/pasted": "succeeded",
        "main/fails/fails": "failed",
        "main/killed/killed": "failed",
        "main/sends/hook": "failed",
        "main/calls/nobody": "failed",
    }
    assert said["logs", "latest"].stdout.count("******") > 30


def test_a_secret_printed_before_a_crash_stands_nowhere_after_the_recovery(tmp_path: Path) -> None:
    """What the step had printed lay raw in its output file when the driving process was killed."""
    workshop = Workshop(tmp_path)
    gate = workshop.pipe("gate")
    text = PIPELINE[: PIPELINE.index("          - id: told")].replace(
        'echo "$PEM" >', f"read line < '{gate}'; echo \"$PEM\" >"
    )
    seen = prepared(workshop, text)
    with workshop.begun("run", "leaky.yaml") as process:
        process.until("main/prints/forms  running")
        # Opened as soon as the step has printed everything and waits.
        with gate.open("w") as opened:
            process.kill()
            opened.write("go\n")
    recovered = workshop.ran("recover")
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    assert seen.read_text() == TOKEN
    logs = workshop.ran("logs", "latest")
    assert leaks_in(process.said + recovered.stdout + recovered.stderr + logs.stdout) == []
    assert logs.stdout.count("******") > 30
    assert found_in(workshop) == []


@pytest.mark.parametrize("killed", [False, True], ids=["running on", "killed"])
@pytest.mark.parametrize(
    "change", [("set", "login", "--field", "password", "--from-file", "-"), ("remove", "login")], ids=" ".join
)
def test_a_secret_that_is_replaced_while_its_step_runs_stands_nowhere_afterwards(
    change: tuple[str, ...], killed: bool, tmp_path: Path
) -> None:
    """LOG-6: the step has the value that was, and so has what it left in the job's folder."""
    workshop = Workshop(tmp_path)
    keep_secrets(workshop)
    gate = workshop.pipe("gate")
    workshop.write("leaky.yaml", REPLACED.replace("GATE", f"'{gate}'"))
    with workshop.begun("run", "leaky.yaml") as process:
        process.until("main/prints/waits  running")
        # Opened as soon as the step waits.
        with gate.open("w") as opened:
            changed = workshop.ran("secrets", *change, text="another-long-one")
            assert changed.returncode == 0, changed.stderr
            if killed:
                process.kill()
            opened.write("go\n")
        if not killed:
            assert process.end() == 0
    if killed:
        recovered = workshop.ran("recover")
        assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    logs = workshop.ran("logs", "latest")
    assert logs.stdout.count("******") == 3, logs.stdout
    assert leaks_in(process.said + logs.stdout) == []
    assert found_in(workshop) == []
