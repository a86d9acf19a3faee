"""How long laws are searched is chosen by name, and no profile looks at the same examples each time."""

import pytest
from hypothesis import settings

from tests.conftest import PROFILE


@pytest.mark.parametrize("name", ["quick", "default", "soak"])
def test_a_profile_has_no_deadline_and_is_not_derandomized(name: str) -> None:
    profile = settings.get_profile(name)
    assert profile.deadline is None
    assert not profile.derandomize
    assert profile.print_blob


def test_the_profile_asked_for_is_the_one_in_force() -> None:
    assert settings().max_examples == settings.get_profile(PROFILE).max_examples


def test_profiles_differ_in_patience() -> None:
    quick, default, soak = (settings.get_profile(name).max_examples for name in ("quick", "default", "soak"))
    assert quick < default < soak


def test_the_run_has_a_seed(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption("--hypothesis-seed") is not None
