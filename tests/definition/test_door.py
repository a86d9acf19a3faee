"""The door of definitions: what goes in, what comes out, and what is refused."""

import json
from typing import Any

import msgspec
import pytest

from ferryman import definition
from ferryman.definition import (
    Definition,
    Invalid,
    Limits,
    evaluate,
    export_warnings,
    from_model,
    judge,
    load,
    schema,
    substitute,
    to_model,
    to_yaml,
)
from ferryman.definition.model.calls import NAMED_BY
from ferryman.domain.dialect import Dialect
from ferryman.domain.pipeline import Pipeline
from ferryman.steps.checking import read_settings
from tests.definition.model.models import job, model, param, script, stage
from tests.definition.strategies import without_origin

FILE = """\
version: v3.0
# the way to production
name: ship
variables:
  mode: fast
stages:
  - id: build
    jobs:
      compile:
        steps:
          - run: make
            id: make
finally:
  tell:
    runs-on: agentless
    steps:
      - uses: ferrymanNotify@1.*
        with: {type: email, receivers: [ann], content: done}
"""


def changed(found: Definition, **fields: Any) -> Definition:
    """The definition after an edit of its pipeline."""
    return msgspec.structs.replace(found, pipeline=msgspec.structs.replace(found.pipeline, **fields))


def test_a_file_becomes_a_pipeline() -> None:
    found = load(FILE)
    assert [each.id for each in found.pipeline.stages] == ["build", "s2"]
    assert [each.final for each in found.pipeline.stages] == [False, True]
    assert found.pipeline.stages[0].jobs[0].steps[0].id == "make"
    assert found.pipeline.stages[0].jobs[0].steps[0].settings["script"] == "make"
    assert found.pipeline.dialect is Dialect.CONSTRAINED
    assert found.pipeline.concurrency.waiting_minutes == 480
    assert found.text == FILE


def test_bytes_are_as_good_as_text() -> None:
    assert load(FILE.encode()) == load(FILE)


def test_a_file_without_a_name_is_called_after_itself() -> None:
    text = FILE.replace("name: ship\n", "")
    assert load(text, name="folder/carry.yaml").pipeline.name == "carry"


def test_a_file_that_is_wrong_is_refused_with_lines() -> None:
    with pytest.raises(Invalid) as refusal:
        load(FILE.replace("run: make", "rum: make").replace("mode: fast", "MODE: fast"))
    assert [problem.line for problem in refusal.value.problems] == [5, 11]
    assert all(problem.message for problem in refusal.value.problems)


def test_what_is_only_doubtful_is_a_warning() -> None:
    found = load(FILE.replace("run: make", "run: make ${{ variables.mode }}"))
    (warning,) = found.warnings
    assert (warning.line, warning.severity) == (11, "warning")
    with pytest.raises(Invalid):
        load(found.text, strict_scripts=True)


def test_keys_of_another_server_may_be_accepted() -> None:
    text = FILE.replace(
        "    jobs:\n      compile:\n", "    jobs:\n      compile:\n        runs-on: {xcode: '1'}\n"
    )
    with pytest.raises(Invalid):
        load(text)
    assert load(text, accept_vendor_keys=True).warnings


def test_limits_hold_for_files_and_models() -> None:
    """RULINGS 13."""
    with pytest.raises(Invalid):
        load(FILE, limits=Limits(stages=2))
    with pytest.raises(Invalid):
        from_model(model(stage(), stage()), limits=Limits(stages=2))


def test_a_file_and_its_model_mean_the_same() -> None:
    found = load(FILE)
    again = from_model(to_model(found))
    assert again.pipeline == found.pipeline
    assert again.text == ""
    assert to_model(again) == to_model(found)


def test_the_dialect_of_a_file_that_leaves_it_to_the_project_is_kept_in_its_model() -> None:
    """RULINGS 2: constrained is the default of files, classic that of models."""
    found = load("syntax-dialect: INHERIT\n" + FILE)
    assert found.pipeline.dialect is Dialect.CONSTRAINED
    assert from_model(to_model(found)).pipeline == found.pipeline
    assert load("syntax-dialect: CLASSIC\n" + FILE).pipeline.dialect is Dialect.CLASSIC


def test_a_file_that_was_not_edited_comes_back_as_it_was() -> None:
    assert to_yaml(load(FILE)) == FILE
    assert export_warnings(load(FILE)) == ()


def test_a_file_that_was_edited_says_the_edit_and_keeps_the_rest() -> None:
    found = changed(load(FILE), name="sail")
    text = to_yaml(found)
    assert "name: sail" in text
    assert "# the way" in text
    assert without_origin(load(text).pipeline) == without_origin(found.pipeline)


def test_an_edit_that_was_taken_back_leaves_the_text_true() -> None:
    assert to_yaml(changed(changed(load(FILE), name="sail"), name="ship")) == FILE


def test_a_file_that_replaces_another_keeps_its_identifiers() -> None:
    """pipeline-yaml 12."""
    before = load(FILE)
    text = FILE.replace("          - run: make\n", "          - run: echo\n          - run: make\n")
    steps = load(text, keep=before).pipeline.stages[0].jobs[0].steps
    assert steps[1].origin["id"] == before.pipeline.stages[0].jobs[0].steps[0].origin["id"]


def test_a_model_may_come_alone_or_with_its_setting() -> None:
    whole = model(stage())
    assert from_model(whole["model"]) == from_model(whole)
    assert from_model({**whole, "setting": {}}) != from_model(whole)


def test_a_setting_that_is_silent_on_its_wait_is_not_written_as_the_longer_wait_of_a_silent_file() -> None:
    """Pipeline-yaml 16.4: 480 minutes in a file, 10 in a setting."""
    given = from_model(model(stage(), setting={"runLockType": "MULTIPLE"}))
    assert load(to_yaml(given)).pipeline.concurrency == given.pipeline.concurrency


def test_a_model_is_written_as_a_file_and_what_is_lost_is_told() -> None:
    found = from_model(model(stage(checkOut={"ruleIds": ["r"]})))
    (step,) = load(to_yaml(found)).pipeline.stages[0].jobs[0].steps
    assert (step.kind, step.settings["script"]) == ("linuxScript", "make")
    (lost,) = export_warnings(found)
    assert (lost.path, lost.severity) == ("stages[1].checkOut", "warning")


ASKED = {"value": "", "required": False}


def _plugin(code: str, **inputs: Any) -> dict[str, Any]:
    return {"@type": "marketBuild", "atomCode": code, "data": {"input": inputs}}


@pytest.mark.parametrize(
    "element",
    [
        script(script=""),
        script(script="", scriptType="PYTHON3"),
        {"@type": "windowsScript", "scriptType": "BAT", "script": ""},
        _plugin("run"),
        _plugin("run", script=""),
        _plugin("run", script="x", shell="fish"),
        _plugin("checkout"),
        _plugin("checkout", refName="main"),
        _plugin("checkout", repositoryType="X"),
        _plugin("checkout", repositoryType="ID", repositoryHashId=""),
        {"@type": "manualReviewUserTask", "reviewUsers": [], "desc": "well?"},
        {
            "@type": "manualReviewUserTask",
            "reviewUsers": ["a"],
            "params": [{"key": "", "value": "", "required": False}],
        },
        {"@type": "subPipelineCall", "asynchronous": True, "subPipelineId": ""},
    ],
)
def test_a_step_that_cannot_run_is_written_as_one_that_cannot_run_and_told(element: dict[str, Any]) -> None:
    """Pipeline-yaml 12.1: an export warns instead of failing, and what it gives can be read. The classic dialect knows
    no placeholder of nothing and leaves it as it stands, which is no script, repository or pipeline either."""
    found = from_model(model(stage(job(element))))
    assert [warning.path for warning in export_warnings(found)] == ["stages[1].containers[0].elements[0]"]
    (step,) = load(to_yaml(found)).pipeline.stages[0].jobs[0].steps
    assert step.kind == found.pipeline.stages[0].jobs[0].steps[0].kind
    if step.review is None:
        values = json.dumps(step.settings)
        assert "${{ '" in values
        with pytest.raises(Invalid):
            read_settings(step.kind, json.loads(substitute(values, {}, dialect=Dialect.CONSTRAINED)))


@pytest.mark.parametrize(
    "element",
    [
        {"@type": "manualReviewUserTask", "reviewUsers": ["a"], "newer": 1},
        {
            "@type": "manualReviewUserTask",
            "reviewUsers": ["a"],
            "params": [{**ASKED, "key": "k", "newer": 1}],
        },
        {"@type": "subPipelineCall", "asynchronous": True, "subPipelineId": "p", "newer": {"a": [1]}},
    ],
)
def test_a_field_that_no_step_knows_is_left_out_and_told(element: dict[str, Any]) -> None:
    """Elements of newer releases have more fields than these."""
    found = from_model(model(stage(job(element))))
    assert [warning.key.rpartition(".")[2] for warning in export_warnings(found)] == ["newer"]
    (step,) = load(to_yaml(found)).pipeline.stages[0].jobs[0].steps
    assert step.kind == element["@type"]


def test_an_element_of_an_unknown_type_with_the_code_of_a_known_step_is_written_so_that_it_can_be_read() -> (
    None
):
    element = {"@type": "somethingElse", "atomCode": "run", "data": {"input": {"script": "x"}}}
    found = from_model(model(stage(job(element))))
    assert len(export_warnings(found)) == 2
    load(to_yaml(found))


@pytest.mark.parametrize(
    ("fields", "value", "options"),
    [
        ({"type": "ENUM", "defaultValue": "z"}, "z", ["a", "z"]),
        ({"type": "MULTIPLE", "defaultValue": "z,a, y"}, "z,a, y", ["a", "z", "y"]),
        ({"type": "ENUM", "defaultValue": "z", "options": []}, "z", ["z"]),
    ],
)
def test_a_value_that_is_none_of_its_options_is_written_as_one_and_told(
    fields: dict[str, Any], value: str, options: list[str]
) -> None:
    """Pipeline-yaml 5 wants it among them, a model does not; it is what a start gets that names none."""
    found = from_model(model(stage(), params=[param(**{"options": [{"key": "a", "value": "a"}], **fields})]))
    assert {warning.key for warning in export_warnings(found)} == {"options"}
    again = load(to_yaml(found))
    assert again.pipeline.parameters[0].default == value
    shown = to_model(again)["model"]["stages"][0]["containers"][0]["params"][0]["options"]
    assert [option["key"] for option in shown] == options


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"subPipelineId": "", "subPipelineName": "n"}, {"subPipelineName": "n"}),
        ({"subPipelineId": "p", "subPipelineName": ""}, {"subPipelineId": "p"}),
        ({"subPipelineId": "p", "subPipelineName": "n"}, {"subPipelineId": "p"}),
        ({"subPipelineId": "p", "subPipelineName": "n", "subPipelineType": "ID"}, {"subPipelineId": "p"}),
        ({"subPipelineId": "p", "subPipelineName": "n", "subPipelineType": "NAME"}, {"subPipelineName": "n"}),
        ({"subPipelineId": " ", "subPipelineName": "n", "subPipelineType": "ID"}, {"subPipelineName": "n"}),
    ],
)
def test_a_call_has_one_name_of_the_pipeline_and_its_model_both(
    fields: dict[str, str], named: dict[str, str]
) -> None:
    """Bkci-v3 5.10: the type says which; an empty id is what a model is completed with."""
    element = {"@type": "subPipelineCall", "asynchronous": True, **fields}
    found = from_model(model(stage(job(element))))
    for step in (found.pipeline, load(to_yaml(found)).pipeline):
        settings = step.stages[0].jobs[0].steps[0].settings
        assert {key: value for key, value in settings.items() if key in NAMED_BY} == named
    shown = to_model(found)["model"]["stages"][1]["containers"][0]["elements"][0]
    assert {key: shown[key] for key in fields} == fields


@pytest.mark.parametrize(
    "document", [None, 3, "x", [], {}, {"stages": 1}, {"model": None}, {"model": {}}, b"x", object()]
)
def test_what_is_no_model_is_invalid(document: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        from_model(document)
    assert refusal.value.problems


def test_paths_of_a_bare_model_are_those_of_a_whole_one() -> None:
    with pytest.raises(Invalid) as refusal:
        from_model(model(stage(job(script(scriptType="SHEL"))))["model"])
    (problem,) = refusal.value.problems
    assert problem.path == "stages[1].containers[0].elements[0].scriptType"
    assert str(problem).startswith("stages[1].containers[0]")


def test_warnings_of_a_model_are_kept() -> None:
    control = {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "a =="}
    assert len(from_model(model(stage(stageControlOption=control))).warnings) == 1


def test_an_edit_wants_more_than_a_creation() -> None:
    """bkci-v3 7, row 6."""
    assert from_model(model()).pipeline == from_model(model()).pipeline
    with pytest.raises(Invalid):
        from_model(model(), edited=True)


def test_a_pipeline_made_in_code_can_be_written() -> None:
    made = Definition(pipeline=Pipeline(stages=(), name="made"))
    assert to_model(made)["model"]["name"] == "made"
    assert "name: made" in to_yaml(made)


def test_the_language_of_conditions_is_behind_the_same_door() -> None:
    assert evaluate("variables.a == 'x'", {"variables": {"a": "x"}}) is True
    assert substitute("${a}", {"a": "x"}, dialect="classic") == "x"
    assert not judge("nope", {})


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(schema()))["$schema"].startswith("http://json-schema.org/draft-07")


def test_the_door_offers_what_it_says() -> None:
    assert all(hasattr(definition, name) for name in definition.__all__)


def test_an_edit_keeps_comments_and_order() -> None:
    """CFG-3, pipeline-yaml 12.1: only what changed is written anew."""
    text = (
        "# the release of the shop\nversion: v3.0\nname: shop  # ours\nsteps:\n"
        "  # first of all\n  - run: make\n    timeout-minutes: 10 # enough\n"
    )
    definition = load(text)
    edited = changed(definition, name="market")
    assert to_yaml(edited) == text.replace("name: shop ", "name: market ")
    assert load(to_yaml(edited)).pipeline.name == "market"
