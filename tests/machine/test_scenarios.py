"""Every scenario comes out as it is written. FERRYMAN_REWRITE=1 writes them anew: read the difference as code."""

import os

import pytest

from tests.machine import scenario


@pytest.mark.parametrize("told", [pytest.param(each, id=each.name) for each in scenario.all_scenarios()])
def test_scenario(told: scenario.Scenario) -> None:
    """Semantics 17.4: what it tells follows, its journal folds to the same run, and its wants add up."""
    if os.environ.get("FERRYMAN_REWRITE") == "1":
        told.path.write_text(scenario.rewritten(told), encoding="utf-8")
    else:
        scenario.check(told)
