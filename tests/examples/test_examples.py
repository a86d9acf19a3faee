"""Every file in examples/ loads without a word of blame, runs on one machine, and ends as it says (STYLE 8)."""

import asyncio
from pathlib import Path

import pytest

from ferryman.app import lacking
from ferryman.app.house import hold
from ferryman.definition import load
from ferryman.settings import Settings
from tests.examples.housed import Ended, read, run

FOLDER = Path(__file__).resolve().parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_loads_and_this_machine_has_all_it_asks_for(path: Path, tmp_path: Path) -> None:
    """As `validate --strict` says."""
    loaded = load(read(path))
    assert not loaded.warnings
    assert not list(lacking.warnings(loaded.pipeline, Settings(data=tmp_path)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_named_in_the_table(path: Path) -> None:
    assert f"({path.name})" in read(path.parent / "README.md")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


def ended(folder: Path, name: str, *, reviewers: dict[str, str] | None = None, **values: str) -> Ended:
    """How the example ends with these start values."""

    async def story() -> Ended:
        async with hold(Settings(data=folder)) as house:
            return await run(house, read(FOLDER / f"{name}.yaml"), values=values, reviewers=reviewers)

    return asyncio.run(story())


def test_conditions(tmp_path: Path) -> None:
    """On main all runs but what is switched off."""
    told = ended(tmp_path, "conditions")
    assert told.view.outcome == "succeeded"
    assert told.outcomes == {
        "check/quick/look": "succeeded",
        "check/quick/full": "succeeded",
        "check/extra/look": "succeeded",
        "check/later/look": "skipped",
        "publish/publish/push": "succeeded",
    }


def test_conditions_elsewhere(tmp_path: Path) -> None:
    """On another branch only the short way."""
    told = ended(tmp_path, "conditions", branch="dev")
    assert {path for path, outcome in told.outcomes.items() if outcome == "succeeded"} == {"check/quick/look"}
    assert told.logs == {"check/quick/look": "looked at dev\n"}


def test_failures(tmp_path: Path) -> None:
    """The third try works; the failure that is let pass is one for `if: FAILURE`, and none for the run."""
    told = ended(tmp_path, "failures")
    steps = {step.path: step for step in told.steps}
    assert told.view.outcome == "succeeded"
    assert (steps["work/flaky/fetch"].key, steps["work/flaky/fetch"].outcome) == (
        "work/flaky/fetch#1.3",
        "succeeded",
    )
    assert (steps["work/flaky/lint"].outcome, steps["work/flaky/lint"].continued) == ("failed", True)
    assert steps["work/flaky/undo"].outcome == "succeeded"
    assert told.logs["work/flaky/report"] == "3 tries, 0 schemas\n"
    assert {path: told.outcomes[path] for path in ("s2/rescue/rescue", "s2/stopped/stopped")} == {
        "s2/rescue/rescue": "skipped",
        "s2/stopped/stopped": "skipped",
    }


def test_matrix(tmp_path: Path) -> None:
    """Six combinations: two by three, less one, plus one."""
    told = ended(tmp_path, "matrix")
    assert told.view.outcome == "succeeded"
    assert sorted(told.logs.values()) == sorted(
        f"Python {python} on {system} is well\n"
        for system, python in (
            *(("debian", f"3.1{minor}") for minor in (1, 2, 3, 4)),
            *(("alpine", f"3.1{minor}") for minor in (2, 3)),
        )
    )


def test_parallel(tmp_path: Path) -> None:
    """What depends on a job gets what it handed on."""
    told = ended(tmp_path, "parallel")
    assert told.view.outcome == "succeeded"
    assert told.logs["images/publish/push"] == "web-1 on common-1\nworker-1 on common-1\n"


def test_release(tmp_path: Path) -> None:
    """Through to production, which gets what staging has; both reviews are asked for."""
    place = tmp_path / "a place"
    reviewers = {"staging": "bob", "production": "carol"}
    told = ended(tmp_path / "data", "release", reviewers=reviewers, target="production", place=str(place))
    assert told.view.outcome == "succeeded", told.logs
    files = {"shop.sh": "#!/bin/sh\necho pong\n", "line": "stable\n"}
    for environment in ("staging", "production"):
        assert {file.name: read(file) for file in (place / environment).iterdir()} == files
    assert told.logs["s5/told/tell"].startswith("Release 1 of the shop ended as SUCCEED.")
    assert told.outcomes["s5/alarm/page"] == "skipped"
