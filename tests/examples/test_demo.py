"""The release of the shop: a good one goes through, a broken one puts the version before back (START-4)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from ferryman.definition import load
from tests.examples.real_runs import Ended, perform

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
FILE = SHOP / "release.yaml"


class Demo:
    """Releases of the shop into one target, in a folder with a space in its name."""

    def __init__(self, folder: Path) -> None:
        self.target = folder / "a target"
        self._work = folder / "some work"
        self._number = 0

    def release(self, **given: str) -> Ended:
        """One run of the pipeline."""
        self._number += 1
        return perform(FILE, self._work, self._number, source=str(SHOP), target=str(self.target), **given)

    def serving(self, environment: str) -> str:
        """The version an environment's folder is switched to."""
        return (self.target / environment / "current").readlink().name.rpartition("-")[0]

    def report(self) -> dict[str, object]:
        """What the newest run wrote down."""
        page = self.target / "reports" / f"{self._number}.json"
        found = json.loads(page.read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


def test_the_file_has_no_fault_and_pastes_nothing_into_a_script() -> None:
    """RULINGS 14: each pasted value would be a warning."""
    assert not load(FILE.read_text(encoding="utf-8")).warnings


def test_a_good_release_reaches_production(demo: Demo) -> None:
    ended = demo.release(version="1.0.0")
    assert not ended.failed, ended.logs
    assert (demo.serving("staging"), demo.serving("production")) == ("1.0.0", "1.0.0")
    assert "production/ship/restore" not in ended.logs
    assert '{"status": "fit"}' in ended.logs["production/ship/check"]
    assert (demo.report()["version"], demo.report()["status"]) == ("1.0.0", "SUCCEED")


def test_a_release_that_production_is_not_well_with_is_put_back(demo: Demo) -> None:
    demo.release(version="1.0.0")
    ended = demo.release(version="1.1.0", broken="true")
    assert ended.failed == ["Check it over HTTP"]
    assert "no rate for the currency GBX" in ended.logs["production/ship/check"]
    assert "serves 1.0.0-" in ended.logs["production/ship/restore"]
    assert (demo.serving("staging"), demo.serving("production")) == ("1.1.0", "1.0.0")
    assert (demo.report()["status"], demo.report()["failed"]) == ("FAILED", ended.failed[0])


def test_a_first_release_that_fails_leaves_production_without_one(demo: Demo) -> None:
    ended = demo.release(version="1.0.0", broken="true")
    assert "production had no version before" in ended.logs["production/ship/restore"]
    assert not (demo.target / "production" / "current").exists()


def test_nothing_is_put_back_where_nothing_was_switched(demo: Demo) -> None:
    demo.release(version="1.0.0")
    (demo.target / "production" / "releases").rename(demo.target / "production" / "hidden")
    (demo.target / "production" / "releases").write_text("no folder")
    ended = demo.release(version="1.1.0")
    assert "nothing to put back" in ended.logs["production/ship/restore"]
    assert demo.serving("production") == "1.0.0"


def test_the_same_version_twice_is_the_same_release(demo: Demo) -> None:
    first, second = demo.release(version="1.0.0"), demo.release(version="1.0.0")
    assert not second.failed, second.logs
    assert first.logs["production/ship/put"] == second.logs["production/ship/put"]
    assert len(list((demo.target / "production" / "releases").iterdir())) == 1


def test_the_demo_releases_through_a_server_that_it_ends(tmp_path: Path) -> None:
    """Both ways of asking tell the same of both releases, and the result stays to be looked at; what is set for another
    server, and for the way to other machines, is not for this one."""
    folder = tmp_path / "a demo"
    strange = {"FERRYMAN_PROJECT": "other", "FERRYMAN_TOKEN": "other", "FERRYMAN_SETTINGS": "/none.toml"}
    done = subprocess.run(
        ["sh", "examples/demo.sh", sys.executable, folder],
        cwd=SHOP.parents[1],
        env={**os.environ, **strange, "http_proxy": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^release 1 +SUCCEED +succeeded$", done.stdout, re.MULTILINE)
    assert re.search(r"^release 2 +FAILED +failed$", done.stdout, re.MULTILINE)
    assert "server.stopped" in (folder / "server.log").read_text(encoding="utf-8")
    assert '"operation":"pipeline-status"' in (folder / "server.log").read_text(encoding="utf-8")
    assert (folder / "server.txt").stat().st_mode & 0o077 == 0
    (pid,) = re.findall(r"kill (\d+)", (folder / "server.txt").read_text(encoding="utf-8"))
    assert not psutil.pid_exists(int(pid))
