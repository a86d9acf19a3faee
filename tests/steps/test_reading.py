"""Settings are read with their types when the step is about to run (pipeline-yaml 2, 15.1; RULINGS 1)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.errors import Invalid, NotFound
from ferryman.steps import find_kind
from ferryman.steps.checking import check_settings, read_settings
from ferryman.steps.deploy import DeploySettings, HealthCheck
from ferryman.steps.http import HttpSettings
from ferryman.steps.wait import WaitSettings
from tests.steps.samples import ALL_GOOD, BAD, GOOD, JSON, NAMES, WORDS


def test_text_becomes_what_the_model_wants_and_the_rest_gets_its_default() -> None:
    settings = {
        "artifact": 12,
        "version": 1.5,
        "batches": "3",
        "rollback-on-failure": "TRUE",
        "health-check": {"url": "https://a.example.com", "timeout-seconds": "+5"},
        "variables": {"a": 1, "b": False},
    }
    assert read_settings("ferrymanDeploy", settings) == DeploySettings(
        artifact="12",
        version="1.5",
        batches=3,
        rollback_on_failure=True,
        health_check=HealthCheck(url="https://a.example.com", timeout_seconds=5),
        variables={"a": "1", "b": "false"},
    )


def test_a_body_stays_as_it_is() -> None:
    body = {"a": [1, {"b": None}]}
    read = read_settings("ferrymanHttp", {"url": "http://a", "body": body})
    assert isinstance(read, HttpSettings)
    assert read.body == body


def test_a_null_is_as_good_as_nothing() -> None:
    assert read_settings("ferrymanWait", {"seconds": "2", "until": None}) == WaitSettings(seconds=2.0)


@pytest.mark.parametrize(("name", "settings"), ALL_GOOD)
def test_good_settings_are_read_as_their_model_says(name: str, settings: dict[str, object]) -> None:
    """What is read is what msgspec itself would accept as that model."""
    kind = find_kind(name)
    assert kind is not None
    read = read_settings(name, settings)
    assert msgspec.convert(msgspec.to_builtins(read), kind.settings) == read


@pytest.mark.parametrize(("name", "settings"), [row[1:3] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_settings_are_refused_with_all_problems(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_settings(name, settings)
    faults = check_settings(name, settings)
    assert [(p.path, p.message, p.code, p.hint) for p in refusal.value.problems] == [
        (fault.path, fault.message, fault.code, fault.hint) for fault in faults
    ]


def test_a_problem_names_its_key() -> None:
    with pytest.raises(Invalid) as refusal:
        read_settings("ferrymanDeploy", {"artifact": "a", "health-check": {"url": "nowhere"}})
    assert [problem.key for problem in refusal.value.problems] == ["url"]


def test_text_may_still_hold_the_placeholder_of_a_credential() -> None:
    """It is replaced only when a process is started, so that no secret is kept."""
    settings = {"url": "${{ settings.hook.token }}", "headers": {"A": "Bearer ${{ settings.hook.token }}"}}
    read = read_settings("ferrymanHttp", settings)
    assert isinstance(read, HttpSettings)
    assert read.url == "${{ settings.hook.token }}"


def test_a_number_may_not() -> None:
    with pytest.raises(Invalid, match="retry: must be a whole number"):
        read_settings("ferrymanHttp", {"url": "http://a", "retry": "${{ settings.hook.token }}"})


def test_a_kind_nobody_has_cannot_be_read() -> None:
    with pytest.raises(NotFound, match="no step kind codeScan"):
        read_settings("codeScan", {})


@given(
    name=st.sampled_from(NAMES),
    number=st.integers(0, 2),
    changes=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=2),
)
def test_reading_refuses_or_gives_what_the_model_says(
    name: str, number: int, changes: dict[str, object]
) -> None:
    """No other exception than Invalid, and never a struct its own model would not accept."""
    good = GOOD[name]
    try:
        read = read_settings(name, {**good[number % len(good)], **changes})
    except Invalid:
        return
    kind = find_kind(name)
    assert kind is not None
    assert msgspec.convert(msgspec.to_builtins(read, builtin_types=()), kind.settings) == read
