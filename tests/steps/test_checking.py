"""Settings are checked when a file is saved (pipeline-yaml 8.1, 13, 15.1; expectations ERR-2, ERR-3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.dialect import Dialect
from ferryman.steps import KINDS
from ferryman.steps.checking import check_settings
from ferryman.steps.faults import FaultCode, SettingsFault, near
from ferryman.steps.inputs import inputs
from ferryman.steps.kind import StepKind
from tests.steps.samples import ALL_GOOD, BAD, GOOD, JSON, NAMES, WORDS, Fault


def test_there_are_good_samples_of_every_kind_and_bad_ones_too() -> None:
    assert sorted(GOOD) == sorted(NAMES)
    assert {name for _, name, _, _ in BAD} == set(NAMES)


@pytest.mark.parametrize(("name", "settings"), ALL_GOOD)
def test_good_settings_have_no_fault(name: str, settings: dict[str, object]) -> None:
    assert check_settings(name, settings) == []


@pytest.mark.parametrize(
    ("name", "settings", "wanted"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_each_bad_setting_is_told_with_its_path(
    name: str, settings: dict[str, object], wanted: list[Fault]
) -> None:
    faults = check_settings(name, settings)
    assert [fault.path for fault in faults] == [path for path, _ in wanted]
    for fault, (_, words) in zip(faults, wanted, strict=True):
        assert words in fault.message


def test_all_faults_come_at_once() -> None:
    """ERR-2: the reader mends the file in one go."""
    settings = {
        "artefact": "shop",
        "strategy": "Canary",
        "batches": "none",
        "canary-percent": 101,
        "health-check": {"ulr": "x"},
        "rollback-on-failure": 7,
        "version": [],
    }
    assert [(fault.path, fault.code) for fault in check_settings("ferrymanDeploy", settings)] == [
        ("artefact", FaultCode.UNKNOWN_OR_EXCLUDED),
        ("version", FaultCode.WRONG_TYPE),
        ("strategy", FaultCode.NOT_AN_ALLOWED_WORD),
        ("batches", FaultCode.WRONG_TYPE),
        ("canary-percent", FaultCode.OUT_OF_RANGE),
        ("health-check.ulr", FaultCode.UNKNOWN_OR_EXCLUDED),
        ("health-check.url", FaultCode.MISSING),
        ("rollback-on-failure", FaultCode.WRONG_TYPE),
        ("", FaultCode.MISSING),
    ]


@pytest.mark.parametrize(
    ("name", "settings", "hint"),
    [
        (
            "ferrymanDeploy",
            {"artifact": "a", "rolback-on-failure": True},
            'did you mean "rollback-on-failure"?',
        ),
        ("ferrymanDeploy", {"artifact": "a", "Environment": "b"}, 'did you mean "environment"?'),
        ("ferrymanDeploy", {"artifact": "a", "strategy": "blue_green"}, 'did you mean "blue-green"?'),
        ("linuxScript", {"script": "a", "continueNonZero": True}, 'did you mean "continueNoneZero"?'),
        ("ferrymanHttp", {"url": "http://a", "method": "get"}, 'did you mean "GET"?'),
        ("ferrymanWait", {"seconds": 1, "xyz": 1}, "known: seconds, until"),
        ("ferrymanWaite", {}, 'did you mean "ferrymanWait"?'),
    ],
)
def test_a_near_name_is_suggested(name: str, settings: dict[str, object], hint: str) -> None:
    """ERR-3."""
    assert [fault.hint for fault in check_settings(name, settings)] == [hint]


def test_a_word_far_from_all_gets_no_suggestion_beside_the_list_in_the_message() -> None:
    (fault,) = check_settings("ferrymanNotify", {"type": "pigeon", "receivers": "a", "content": "b"})
    assert fault.hint == ""
    assert "email" in fault.message


def test_where_nothing_is_known_nothing_is_suggested() -> None:
    assert near("word", []) == ""


def test_an_unknown_code_of_ours_is_a_fault_and_lists_ours() -> None:
    (fault,) = check_settings("ferrymanXylophone9", {"any": 1})
    assert fault.path == ""
    assert 'no step kind "ferrymanXylophone9"' in fault.message
    assert fault.code is FaultCode.NOT_AN_ALLOWED_WORD
    assert "ferrymanDeploy" in fault.hint
    assert "linuxScript" not in fault.hint


def test_an_unknown_code_of_somebody_else_is_kept() -> None:
    """15.1: it fails when it runs, not when it is saved."""
    assert check_settings("codeScan", {"any": 1}, agentless=True) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_that_needs_a_machine_is_refused_in_an_agentless_job(kind: StepKind) -> None:
    """8.1: "needs a machine"."""
    name, settings = kind.name, GOOD[kind.name][0]
    wanted = [f"{name} needs a machine"] if kind.needs_machine else []
    assert [fault.message for fault in check_settings(name, settings, agentless=True)] == wanted


def test_the_missing_machine_is_told_beside_the_other_faults() -> None:
    faults = check_settings("run", {"shell": "zsh"}, agentless=True)
    assert [fault.path for fault in faults] == ["", "script", "shell"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_placeholder_may_stand_for_any_value(kind: StepKind) -> None:
    """15.1: only the run knows what it becomes; a required input given so is not missing."""
    excluded = {name for choice in kind.choices for name in choice.names[1:]}
    settings = {one.name: "${{ variables.a }}" for one in inputs(kind.settings) if one.name not in excluded}
    assert check_settings(kind.name, settings) == []


@pytest.mark.parametrize(
    "settings",
    [
        {
            "artifact": "a",
            "health-check": {"url": "${{ variables.site }}/health", "timeout-seconds": "${{ x }}0"},
        },
        {"artifact": "a", "variables": "${{ fromJSON(variables.all) }}", "batches": "1${{ variables.n }}"},
    ],
)
def test_a_placeholder_may_be_part_of_a_value_deep_inside(settings: dict[str, object]) -> None:
    assert check_settings("ferrymanDeploy", settings) == []


@pytest.mark.parametrize("text", ["${{ variables.a", "}} ${{", "${{ }}", "${{\nvariables.a }}"])
def test_what_the_language_would_not_replace_is_text(text: str) -> None:
    """10.7."""
    (fault,) = check_settings("ferrymanWait", {"seconds": text})
    assert fault.code is FaultCode.WRONG_TYPE


def test_the_short_placeholder_counts_in_the_classic_dialect_only() -> None:
    """10.7."""
    settings = {"seconds": "${pause}"}
    assert check_settings("ferrymanWait", settings, dialect=Dialect.CLASSIC) == []
    assert len(check_settings("ferrymanWait", settings)) == 1


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("variables.ready = 'yes'", "unexpected"),
        ("readyy('a')", "function"),
        ("(variables.ready", "unexpected"),
    ],
)
def test_an_expression_that_cannot_be_read_is_a_fault(until: str, words: str) -> None:
    """10.8: parse errors are told when the file is saved."""
    (fault,) = check_settings("ferrymanWait", {"until": until})
    assert fault.path == "until"
    assert words in fault.message.lower()


@pytest.mark.parametrize("until", ["${{ variables.ready }}", "variables.nobody.knows == 1"])
def test_an_expression_is_not_judged_before_its_time(until: str) -> None:
    assert check_settings("ferrymanWait", {"until": until}) == []


def test_an_expression_with_a_classic_placeholder_is_not_judged_in_that_dialect() -> None:
    settings = {"until": "${ready} = 1"}
    assert check_settings("ferrymanWait", settings, dialect=Dialect.CLASSIC) == []
    assert [fault.path for fault in check_settings("ferrymanWait", settings)] == ["until"]


def test_settings_that_are_no_mapping() -> None:
    assert check_settings("ferrymanWait", ["seconds"]) == [  # type: ignore[arg-type]
        SettingsFault("", "settings must be a mapping", "", FaultCode.WRONG_TYPE)
    ]


def test_a_long_value_is_shortened_in_the_message() -> None:
    (fault,) = check_settings("ferrymanWait", {"seconds": "x" * 500})
    assert len(fault.message) < 120


@given(name=st.sampled_from(NAMES) | st.text(), settings=JSON, agentless=st.booleans())
def test_any_value_at_all_is_judged_and_never_raises(name: str, settings: object, agentless: bool) -> None:
    check_settings(name, settings, agentless=agentless)  # type: ignore[arg-type]


@given(
    name=st.sampled_from(NAMES),
    settings=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=6),
    dialect=st.sampled_from(Dialect),
)
def test_any_value_under_a_known_name_is_judged_and_never_raises(
    name: str, settings: dict[str, object], dialect: Dialect
) -> None:
    faults = check_settings(name, settings, dialect=dialect)
    assert all(fault.message for fault in faults)


def test_numbers_too_long_to_write_out_are_judged() -> None:
    for name, setting in (("ferrymanRollback", "to"), ("ferrymanHttp", "retry"), ("ferrymanWait", "seconds")):
        assert setting in [fault.path for fault in check_settings(name, {setting: 10**5000})]
