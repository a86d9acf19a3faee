"""The shop itself: its own tests, its package, its folder of releases. The pipeline's scripts stand on these."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
CONFIG = SHOP / "environments" / "production.json"


def tool(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """One of the shop's tools, carried out."""
    command = [sys.executable, str(SHOP / "tools" / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def said(name: str, *arguments: object) -> str:
    """What a tool that must succeed prints, without the end of the line."""
    done = tool(name, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "dist" / "shop.pyz"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    return tmp_path / "the production"


def put(environment: Path, package: Path, version: str) -> str:
    """Pack a version and put it; the name of its release."""
    return said("release", "put", environment, package, said("pack", version, package), CONFIG, version)


def test_its_own_tests_pass(tmp_path: Path) -> None:
    copy = shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "unittest"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr


def test_the_same_source_and_version_give_the_same_bytes(package: Path) -> None:
    digest = said("pack", "1.0.0", package)
    once = package.read_bytes()
    assert said("pack", "1.0.0", package) == digest == hashlib.sha256(once).hexdigest()
    assert package.read_bytes() == once
    assert package.with_name("shop.pyz.sha256").read_text() == f"{digest}  shop.pyz\n"
    assert said("pack", "1.0.1", package) != digest


def test_a_package_that_is_not_the_one_built_is_refused(package: Path, environment: Path) -> None:
    digest = said("pack", "1.0.0", package)
    package.write_bytes(package.read_bytes() + b"more")
    done = tool("release", "put", environment, package, digest, CONFIG, "1.0.0")
    assert done.returncode == 1
    assert "not the package that was built" in done.stderr
    assert not environment.exists()


def test_switching_tells_the_release_before(package: Path, environment: Path) -> None:
    first, second = put(environment, package, "1.0.0"), put(environment, package, "1.1.0")
    assert said("release", "current", environment) == "none"
    assert said("release", "switch", environment, first) == "none"
    assert said("release", "switch", environment, second) == first
    assert said("release", "current", environment) == second
    assert said("release", "switch", environment, "none") == second
    assert said("release", "current", environment) == "none"


def test_a_release_that_is_not_there_is_not_switched_to(package: Path, environment: Path) -> None:
    first = put(environment, package, "1.0.0")
    said("release", "switch", environment, first)
    assert tool("release", "switch", environment, "9.9.9").returncode == 1
    assert said("release", "current", environment) == first


@pytest.mark.parametrize(
    ("config", "wanted", "fault"),
    [
        pytest.param(CONFIG.read_text(), "1.0.0", "", id="a good one is well"),
        pytest.param(
            CONFIG.read_text(), "1.1.0", "version: 1.0.0, wanted 1.1.0", id="not the version wanted"
        ),
        pytest.param('{"environment": "x", "currency": "GBX"}', "1.0.0", "health: 503", id="not healthy"),
        pytest.param("no configuration", "1.0.0", "did not start", id="it does not start"),
    ],
)
def test_a_check_starts_the_release_and_asks_it(
    package: Path, environment: Path, tmp_path: Path, config: str, wanted: str, fault: str
) -> None:
    settings = tmp_path / "config.json"
    settings.write_text(config)
    digest = said("pack", "1.0.0", package)
    said(
        "release",
        "switch",
        environment,
        said("release", "put", environment, package, digest, settings, "1.0.0"),
    )
    done = tool("release", "check", environment, wanted)
    assert done.returncode == (1 if fault else 0)
    assert fault in done.stderr


def test_sweeping_keeps_the_newest_and_the_current(package: Path, environment: Path) -> None:
    names = [put(environment, package, f"1.{minor}.0") for minor in range(5)]
    said("release", "switch", environment, names[0])
    (environment / "releases" / ".begun-x").mkdir()
    (environment / ".current-1").symlink_to("releases")
    assert sorted(said("release", "sweep", environment).splitlines()) == sorted(
        ["removed .begun-x", "removed .current-1", f"removed {names[1]}"]
    )
    assert {path.name for path in (environment / "releases").iterdir()} == {*names[2:], names[0]}


def test_sweeping_where_nothing_was_put_does_nothing(environment: Path) -> None:
    assert said("release", "sweep", environment) == ""
