"""The page about first steps with the server is typed, command by command (STYLE 8; OPS-4: backup and restore)."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.examples.housed import read

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "ferryman"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ferryman "$@"\n')
    shim.chmod(0o755)
    blocks = COMMANDS.findall(read(ROOT / "docs" / "guide" / "first-server.md"))
    # Whatever goes wrong between, the server that was started is ended.
    script = "set -eu\ntrap 'kill $! 2>/dev/null || true' EXIT\n" + "".join(blocks)
    folder = tmp_path / "a folder"
    folder.mkdir()
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert re.search(r"answers at http://127\.0\.0\.1:\d+\n", said)
    assert "hello #1 succeeded" in said
    assert "hello #2 succeeded" in said
    assert "hello BK-CI" in said
    assert re.search(r"^kim\b.*\bdeveloper\b", said, re.MULTILINE)
    assert len(re.findall(r"^hello#[12]  succeeded", said, re.MULTILINE)) == 2
    assert not (folder / "ready.json").exists()
