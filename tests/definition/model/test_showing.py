"""Models and settings as they are shown, copied and told of (bkci-v3 3.2, 5, 5.12, 7)."""

from typing import Any

import pytest
from hypothesis import given, settings

from ferryman import definition
from ferryman.domain.errors import Invalid
from ferryman.domain.heads import CancelPolicy, PipelineHead
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.policies import Exclusion
from tests.definition.model.test_model_round_trip import DOCUMENT
from tests.definition.strategies import pipelines

MANUAL = {"@type": "manualTrigger", "name": "Manual"}
SCRIPT = {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": "echo hi"}
HEAD = PipelineHead(
    project="demo", id="p-1", name="shop", version=3, setting_version=2, creator="ann", created_at=5
)


def model(
    *elements: dict[str, Any], triggers: tuple[dict[str, Any], ...] = (MANUAL,), **job: Any
) -> dict[str, Any]:
    """A model with one job of these elements."""
    box = {"@type": "vmBuild", "name": "Linux", "baseOS": "LINUX", "elements": list(elements) or [SCRIPT]}
    trigger = {"@type": "trigger", "name": "T", "elements": list(triggers)}
    return {"name": "shop", "stages": [{"containers": [trigger]}, {"containers": [{**box, **job}]}]}


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """The model as it is shown after a save."""
    return definition.model_of(definition.from_model(document).pipeline)


@settings(max_examples=40)
@given(pipelines())
def test_what_is_shown_may_be_saved_and_shows_the_same_again(pipeline: Pipeline) -> None:
    """With its setting, which comes back as it was, and under which the definition means the same."""
    first, setting = definition.model_of(pipeline), definition.setting_of(pipeline)
    document = definition.write_setting(setting)
    assert definition.problems_of(document) == ()
    assert definition.read_setting(document) == setting
    again = definition.from_model({"model": first, "setting": document}).pipeline
    assert definition.model_of(again) == first
    under = definition.with_setting(pipeline, setting)
    assert definition.model_of(under) == first
    for name in ("concurrency", "dialect", "clear_variables_on_retry", "fail_on_long_value", "announced"):
        assert getattr(under, name) == getattr(pipeline, name)


def test_a_document_with_everything_in_it_is_shown_whole() -> None:
    """Whatever a client put into it is there, and it may be saved as it is shown."""
    found = definition.from_model(DOCUMENT).pipeline
    first = definition.model_of(found)
    again = definition.from_model({"model": first, "setting": DOCUMENT["setting"]}).pipeline
    assert definition.model_of(again) == first
    assert not _lost(definition.to_model(definition.from_model(DOCUMENT))["model"], first)


def _lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Places of what stands in the one and not, or otherwise, in the other."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            place for key, value in before.items() for place in _lost(value, after.get(key), f"{path}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [place for at, one in enumerate(before) for place in _lost(one, after[at], f"{path}[{at}]")]
    return [] if before == after else [path]


def test_a_setting_decides_over_what_the_definition_says() -> None:
    define = definition.from_model(model()).pipeline
    setting = definition.read_setting(
        {"runLockType": "LOCK", "failIfVariableInvalid": True, "cleanVariablesWhenRetry": True}
    )
    under = definition.with_setting(define, setting)
    assert under.concurrency.exclusion is Exclusion.CLOSED
    assert (under.fail_on_long_value, under.clear_variables_on_retry) == (True, True)
    assert under.stages == define.stages
    assert definition.setting_of(under) == setting


OUTPUT_ONLY = [
    ("a script", SCRIPT, {"classType": "linuxScript", "atomCode": "linuxScript", "taskAtom": ""}),
    (
        "a plugin keeps its code",
        {"@type": "marketBuild", "atomCode": "checker", "data": {"input": {}}},
        {"classType": "marketBuild", "atomCode": "checker", "version": "1.*", "taskAtom": ""},
    ),
    (
        "a review has an inner name",
        {"@type": "manualReviewUserTask", "reviewUsers": ["ann"]},
        {"taskAtom": "manualReviewTaskAtom", "suggestRequired": False},
    ),
    (
        "an unknown type is its own code",
        {"@type": "odd", "mine": {"a": None}},
        {"classType": "odd", "atomCode": "odd", "mine": {"a": None}},
    ),
    (
        "a step that is switched off",
        {**SCRIPT, "additionalOptions": {"enable": False}},
        {"elementEnable": False},
    ),
]


@pytest.mark.parametrize(
    ("sentence", "element", "expected"), OUTPUT_ONLY, ids=[row[0] for row in OUTPUT_ONLY]
)
def test_an_element_shows_what_the_server_works_out(
    sentence: str, element: dict[str, Any], expected: dict[str, Any]
) -> None:
    """bkci-v3 5.10."""
    found = shown(model(element))["stages"][1]["containers"][0]["elements"][0]
    assert {key: found[key] for key in expected} == expected
    assert next(iter(found)) == "@type"


def test_limits_are_shown_as_text_too() -> None:
    """bkci-v3 3.2, operation 5; defaults of 5.8, 5.9 and 5.11."""
    script = {**SCRIPT, "additionalOptions": {"timeout": 5}}
    mutex = {"enable": True, "queueEnable": False, "mutexGroupName": "g"}
    box = shown(model(script, jobControlOption={}, mutexGroup=mutex))["stages"][1]["containers"][0]
    assert (box["jobControlOption"]["timeout"], box["jobControlOption"]["timeoutVar"]) == (900, "900")
    assert (box["mutexGroup"]["timeout"], box["mutexGroup"]["timeoutVar"]) == (0, "0")
    options = box["elements"][0]["additionalOptions"]
    assert (options["timeout"], options["timeoutVar"], options["manualRetry"]) == (5, "5", True)


def test_the_head_is_laid_over_the_model() -> None:
    told = definition.headed(shown(model()), HEAD, version=2, labels=["l"], collections=["v"])
    assert (told["name"], told["desc"], told["latestVersion"]) == ("shop", "", 2)
    assert (told["labels"], told["staticViews"], told["pipelineCreator"]) == (["l"], ["v"], "ann")


def test_a_copy_has_another_name_and_no_token() -> None:
    """bkci-v3 3.2, operation 10."""
    remote = {"@type": "remoteTrigger", "remoteToken": "secret", "name": "R"}
    before = shown(model(triggers=(MANUAL, remote)))
    copy = definition.copied(before, "twin", "d")
    assert (copy["name"], copy["desc"]) == ("twin", "d")
    assert "secret" not in str(copy)
    assert "secret" in str(before)
    assert copy["stages"][1] == before["stages"][1]


@pytest.mark.parametrize(
    ("triggers", "startable"),
    [
        ((MANUAL,), True),
        (({**MANUAL, "additionalOptions": {"enable": False}},), False),
        (({"@type": "timerTrigger"},), False),
        (({"@type": "timerTrigger"}, MANUAL), True),
    ],
)
def test_lists_are_told_of_a_definition(triggers: tuple[dict[str, Any], ...], startable: bool) -> None:
    """bkci-v3 4.1; 12, row 20: trigger elements count."""
    facts = definition.facts_of(definition.from_model(model(SCRIPT, SCRIPT, triggers=triggers)).pipeline)
    assert facts == (2 + len(triggers), startable)


def test_a_setting_is_shown_with_its_defaults_and_its_head() -> None:
    """bkci-v3 5.12; what a client said of the head is not believed."""
    sent = {
        "pipelineId": "p-other",
        "desc": "odd",
        "version": 99,
        "buildCancelPolicy": "RESTRICTED",
        "x": [1],
    }
    setting = definition.read_setting(sent)
    assert setting.policies.cancel is CancelPolicy.STARTER
    assert setting.origin == {"x": [1]}
    told = definition.shown_setting(setting, HEAD, {"l": "web"})
    assert (told["pipelineId"], told["desc"], told["version"], told["x"]) == ("p-1", "", 2, [1])
    assert (told["labels"], told["labelNames"]) == (["l"], ["web"])
    assert (told["runLockType"], told["waitQueueTimeMinute"], told["maxQueueSize"]) == ("SINGLE_LOCK", 10, 10)
    assert definition.heading_of(sent) == ("", "odd", ())


LONG = "x" * 256
FAULTS = [
    ("a setting comes before a model", {"stages": []}, {"maxQueueSize": 900}, 2100004, True),
    ("a form comes before a setting", {"name": ["x"], "stages": []}, {"maxQueueSize": 900}, 400, True),
    ("the first stage comes before the name's length", {"name": LONG, "stages": []}, {}, 2101025, False),
    ("the name's length comes before empty jobs", {**model(), "name": LONG}, {}, 2101015, False),
    (
        "too many elements come before job ids that are too long",
        model(*[SCRIPT] * 21, jobId="j" * 129),
        {},
        2101069,
        False,
    ),
    (
        "a job without elements comes before its id",
        {**model(jobId="j" * 129, elements=[])},
        {},
        2101067,
        False,
    ),
]


@pytest.mark.parametrize(
    ("sentence", "sent", "setting", "code", "at_once"), FAULTS, ids=[row[0] for row in FAULTS]
)
def test_the_first_check_that_fails_is_told_first(
    sentence: str, sent: dict[str, Any], setting: dict[str, Any], code: int, at_once: bool
) -> None:
    """bkci-v3 7."""
    document = {"model": {"name": "shop", **sent}, "setting": setting}
    found = definition.from_saved_model(document)
    assert isinstance(found, definition.Refusal)
    assert (found.problems.problems[0].code, found.at_once) == (code, at_once)


@pytest.mark.parametrize(
    "sent", [None, 3, [], {"runLockType": 3}, {"labels": [None]}, {"pipelineName": LONG}]
)
def test_an_odd_setting_is_told_and_never_raises(sent: Any) -> None:
    assert definition.problems_of(sent)
    if isinstance(sent, dict):
        with pytest.raises(Invalid):
            definition.from_model({"model": model(), "setting": sent})
