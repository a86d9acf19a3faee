"""The script behind `make demo` believes nothing: it looks at both exit codes, at what production serves, and at what
both ways of asking tell; and whatever happens, it leaves no server behind.

A stand-in takes the place of Ferryman here, so that releases can end in ways that the real ones never should.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

STAND_IN = """#!/bin/sh
# Called as `PYTHON -m ferryman WORD …`, or as `PYTHON examples/told_alike.py FOLDER`.
[ "$1" = -m ] || exit {alike}
case "$3" in
    up) [ {serves} = yes ] || {{ echo "no room" >&2; exit 1; }}
        exec "{python}" "{server}" "$9" "{folder}/pid" ;;
    run) ;;
    *) exit 0 ;;
esac
case "$*" in
    *version=1.0.0*) serves={first} code={first_code} ;;
    *) serves={second} code={second_code} ;;
esac
mkdir -p "{target}/production"
rm -f "{target}/production/current"
ln -s "releases/$serves" "{target}/production/current"
exit $code
"""
SERVER = """
import os, pathlib, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
ready, pid = map(pathlib.Path, sys.argv[1:])
pid.write_text(str(os.getpid()))
ready.write_text('{"address": "http://127.0.0.1:1"}')
signal.sigwait([signal.SIGTERM])
"""


@pytest.mark.parametrize(
    ("given", "ends_with", "says"),
    [
        pytest.param({}, 0, "production serves 1.0.0-a again", id="both end as they should"),
        pytest.param({"first_code": 1}, 1, "", id="the first release fails"),
        pytest.param({"second_code": 0}, 1, "it was 0", id="the second release passes"),
        pytest.param({"second_code": 70}, 1, "it was 70", id="the second release breaks Ferryman"),
        pytest.param(
            {"second": "1.1.0-b"}, 1, "should be back at 1.0.0-a", id="the version before is not put back"
        ),
        pytest.param({"alike": 1}, 1, "", id="the API and the command line differ"),
        pytest.param({"serves": "no"}, 1, "the server did not start: no room", id="no server"),
    ],
)
def test_the_demo_tells_a_good_end_from_a_bad_one(
    tmp_path: Path, given: dict[str, object], ends_with: int, says: str
) -> None:
    folder, stand_in, server = tmp_path / "a demo", tmp_path / "stand-in", tmp_path / "server.py"
    server.write_text(SERVER)
    facts = {
        "first": "1.0.0-a",
        "first_code": 0,
        "second": "1.0.0-a",
        "second_code": 1,
        "alike": 0,
        "serves": "yes",
        "target": folder / "shop",
        "folder": tmp_path,
        "python": sys.executable,
        "server": server,
    }
    stand_in.write_text(STAND_IN.format(**(facts | given)))
    stand_in.chmod(0o755)
    done = subprocess.run(
        ["sh", "examples/demo.sh", stand_in, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == ends_with, done.stderr
    assert says in done.stdout + done.stderr
    assert (tmp_path / "pid").exists() is ("serves" not in given)
    if "serves" not in given:
        assert not _alive(int((tmp_path / "pid").read_text()))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
