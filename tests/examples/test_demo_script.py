"""The script behind `make demo` believes nothing: it looks at both exit codes and at what production serves.

A stand-in takes the place of Ferryman here, so that releases can end in ways that the real ones never should.
"""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

STAND_IN = """#!/bin/sh
# Called as `PYTHON -m ferryman WORD …`; of a run, the parameter says which release it is.
[ "$3" = run ] || exit 0
case "$*" in
    *version=1.0.0*) serves={first} code={first_code} ;;
    *) serves={second} code={second_code} ;;
esac
mkdir -p "{target}/production"
rm -f "{target}/production/current"
ln -s "releases/$serves" "{target}/production/current"
exit $code
"""


@pytest.mark.parametrize(
    ("first_code", "second_code", "second", "ends_with", "says"),
    [
        pytest.param(0, 1, "1.0.0-a", 0, "production serves 1.0.0-a again", id="both end as they should"),
        pytest.param(1, 1, "1.0.0-a", 1, "", id="the first release fails"),
        pytest.param(0, 0, "1.0.0-a", 1, "it was 0", id="the second release passes"),
        pytest.param(0, 70, "1.0.0-a", 1, "it was 70", id="the second release breaks Ferryman"),
        pytest.param(
            0, 1, "1.1.0-b", 1, "should be back at 1.0.0-a", id="the version before is not put back"
        ),
    ],
)
def test_the_demo_tells_a_good_end_from_a_bad_one(
    tmp_path: Path, first_code: int, second_code: int, second: str, ends_with: int, says: str
) -> None:
    folder = tmp_path / "a demo"
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(
        STAND_IN.format(
            first="1.0.0-a",
            first_code=first_code,
            second=second,
            second_code=second_code,
            target=folder / "shop",
        )
    )
    stand_in.chmod(0o755)
    done = subprocess.run(
        ["sh", "examples/demo.sh", stand_in, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == ends_with
    assert says in done.stdout + done.stderr
