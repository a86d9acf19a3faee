"""Every fault of a model at once, with its place and the vendor's number (bkci-v3 7, rows 1 to 36)."""

import json
from typing import Any

import pytest

from ferryman.definition.file.limits import Limits
from ferryman.definition.model.checks import check, codes
from tests.definition.model.models import job, model, param, script, stage

REVIEW = {"manualTrigger": True, "reviewGroups": [{"name": "g", "reviewers": ["ann"]}]}
CONSTRAINED = {"pipelineAsCodeSettings": {"pipelineDialect": "CONSTRAINED"}}
MANY = {"stages": 21, "jobs": 21, "steps": 21}


def options(**fields: Any) -> dict[str, Any]:
    return {"additionalOptions": fields}


def needs(name: str, *others: str) -> dict[str, Any]:
    return job(jobId=name, jobControlOption={"dependOnType": "ID", "dependOnId": list(others)})


JOB = "stages[1].containers[0]"
STEP = f"{JOB}.elements[0]"

CASES: list[tuple[str, Any, str, int]] = [
    # row 1: fields that must be there, types
    ("row 1: a number is no model", 3, "", 400),
    ("row 1: without a model", {}, "", 400),
    ("row 1: a model that is a list", {"model": []}, "", 400),
    ("row 1: without a name", {"model": {"stages": model()["model"]["stages"]}}, "", 400),
    ("row 1: without stages", {"model": {"name": "x"}}, "", 400),
    ("row 1: stages that are no list", {"model": {"name": "x", "stages": {}}}, "stages", 400),
    ("row 1: a stage that is text", model("x"), "stages[1]", 400),  # type: ignore[arg-type]
    ("row 1: a script without text", model(stage(job({"@type": "linuxScript", "scriptType": "SHELL"}))), STEP, 400),
    ("row 1: a script that is a list", model(stage(job(script(script=["a"])))), f"{STEP}.script", 400),
    ("row 1: a call that does not say whether it waits", model(stage(job({"@type": "subPipelineCall"}))), STEP, 400),
    ("row 1: a plugin without code", model(stage(job({"@type": "marketBuild"}))), STEP, 400),
    ("row 1: a parameter without default", model(params=[{"id": "a", "required": True, "type": "STRING"}]),
     "stages[0].containers[0].params[0]", 400),
    ("row 1: a mutex that does not say whether it queues", model(stage(job(mutexGroup={"enable": True}))),
     f"{JOB}.mutexGroup", 400),
    ("row 1: a time limit in words", model(stage(job(jobControlOption={"timeout": "soon"}))),
     f"{JOB}.jobControlOption.timeout", 400),
    ("row 1: a switch that is a number", model(stage(fastKill=1)), "stages[1].fastKill", 400),
    ("row 1: a setting that is text", {**model(), "setting": "x"}, "setting", 400),
    ("row 1: an input list", model(stage(job({"@type": "marketBuild", "atomCode": "x", "data": {"input": []}}))),
     f"{STEP}.data.input", 400),
    # row 2: words
    ("row 2: an unknown lock", model(setting={"runLockType": "DOUBLE"}), "setting.runLockType", 400),
    ("row 2: an unknown container", model(stage({"@type": "vmbuild", "elements": [script()]})), f"{JOB}.@type", 400),
    ("row 2: a container without type", model(stage({"elements": [script()]})), JOB, 400),
    ("row 2: an unknown script", model(stage(job(script(scriptType="SH")))), f"{STEP}.scriptType", 400),
    ("row 2: a condition of a step on a job", model(stage(job(jobControlOption={"runCondition": "PRE_TASK_SUCCESS"}))),
     f"{JOB}.jobControlOption.runCondition", 400),
    ("row 2: an unknown system", model(stage(job(baseOS="BEOS"))), f"{JOB}.baseOS", 400),
    ("row 2: an unknown type of parameter", model(params=[param(type="INT")]),
     "stages[0].containers[0].params[0].type", 400),
    # rows 4 to 16
    ("row 4: no stage at all", {"model": {"name": "x", "stages": []}}, "stages", 2101025),
    ("row 5: no trigger at the head", {"model": {"name": "x", "stages": [stage()]}},
     "stages[0].containers[0].@type", 2101025),
    ("row 7: a name of 256 characters", model(name="n" * 256), "name", 2101015),
    ("row 8: a description of 256 characters", model(desc="d" * 256), "desc", 2101056),
    ("row 9: too large", model(tips="x" * 16_777_300), "", 2101068),
    ("row 10: 21 stages", model(*[stage()] * 20), "stages", 2101069),
    ("row 11: two jobs beside the trigger",
     {"model": {"name": "x", "stages": [{"containers": [*model()["model"]["stages"][0]["containers"], job()]}]}},
     "stages[0].containers[1]", 2101037),
    ("row 12: a name no expression reads", model(params=[param(id="1a")], setting=CONSTRAINED),
     "stages[0].containers[0].params[0].id", 2101054),
    ("row 13: a constant without value", model(params=[param(constant=True, defaultValue=" ")]),
     "stages[0].containers[0].params[0].defaultValue", 2101187),
    ("row 14: 21 jobs", model(stage(*[job()] * 21)), "stages[1].containers", 2101069),
    ("row 15: no job", model({"containers": []}), "stages[1].containers", 2101025),
    ("row 16: a final stage that is not the last", model(stage(**{"finally": True}), stage()),
     "stages[1].finally", 2101064),
    # rows 17 to 19
    ("row 17: a review without groups", model(stage(checkIn={"manualTrigger": True})),
     "stages[1].checkIn.reviewGroups", 2101055),
    ("row 18: a group without reviewers", model(stage(checkIn={**REVIEW, "reviewGroups": [{"name": "g"}]})),
     "stages[1].checkIn.reviewGroups[0].reviewers", 2101072),
    ("row 19: a long value",
     model(stage(checkIn={**REVIEW, "reviewParams": [{"key": "k", "value": "v" * 4000}]})),
     "stages[1].checkIn.reviewParams[0].value", 2101082),
    # row 20
    ("row 20: a long condition of a stage", model(stage(stageControlOption={"customCondition": "a" * 513})),
     "stages[1].stageControlOption.customCondition", 2101253),
    ("row 20: of a job", model(stage(job(jobControlOption={"customCondition": "a" * 513}))),
     f"{JOB}.jobControlOption.customCondition", 2101253),
    ("row 20: of a step", model(stage(job(script(**options(customCondition="a" * 513))))),
     f"{STEP}.additionalOptions.customCondition", 2101253),
    # rows 21 to 25
    ("row 21: a mutex that waits too long",
     model(stage(job(mutexGroup={"enable": True, "queueEnable": True, "timeoutVar": "10081"}))),
     f"{JOB}.mutexGroup.timeoutVar", 2101086),
    ("row 22: a condition of working stages in the final one",
     model(stage(job(jobControlOption={"runCondition": "CUSTOM_CONDITION_MATCH"}), **{"finally": True})),
     f"{JOB}.jobControlOption.runCondition", 2101065),
    ("row 23: a condition of the final stage in a working one",
     model(stage(job(jobControlOption={"runCondition": "PREVIOUS_STAGE_FAILED"}))),
     f"{JOB}.jobControlOption.runCondition", 2101066),
    ("row 24: variables that nobody names",
     model(stage(job(jobControlOption={"runCondition": "CUSTOM_VARIABLE_MATCH"}))),
     f"{JOB}.jobControlOption.customVariables", 2101115),
    ("row 25: a job without time", model(stage(job(jobControlOption={"timeoutVar": "0"}))),
     f"{JOB}.jobControlOption.timeoutVar", 2101084),
    # rows 26 to 35
    ("row 26: 21 steps", model(stage(job(*[script()] * 21))), f"{JOB}.elements", 2101069),
    ("row 27: no step", model(stage({"@type": "vmBuild", "elements": []})), f"{JOB}.elements", 2101067),
    ("row 27: a trigger without triggers",
     {"model": {"name": "x", "stages": [{"containers": [{"@type": "trigger", "elements": []}]}]}},
     "stages[0].containers[0].elements", 2101067),
    ("row 28: a long job id", model(stage(job(jobId="j" * 129))), f"{JOB}.jobId", 2101250),
    ("row 29: a job id twice", model(stage(job(jobId="j"), job(jobId="j"))), "stages[1].containers[1].jobId", 2101146),
    ("row 30: a step id twice", model(stage(job(script(stepId="s"), script(stepId="s")))),
     f"{JOB}.elements[1].stepId", 2101338),
    ("row 31: too many nodes at once", model(stage(job(jobId="j", jobControlOption={"allNodeConcurrency": 1001}))),
     f"{JOB}.jobControlOption.allNodeConcurrency", 2101251),
    ("row 31: nodes without a job id", model(stage(job(jobControlOption={"singleNodeConcurrency": 2}))), JOB, 2101250),
    ("row 32: a step without time", model(stage(job(script(**options(timeoutVar="-1"))))),
     f"{STEP}.additionalOptions.timeoutVar", 2101085),
    ("row 34: a script without a machine", model(stage({"@type": "normal", "elements": [script()]})), STEP, 2101062),
    ("row 34: an agentless plugin on a machine",
     model(stage(job({"@type": "marketBuildLess", "atomCode": "x"}))), f"{STEP}.@type", 2101062),
    ("row 35: a circle", model(stage(needs("a", "b"), needs("b", "a"))),
     f"{JOB}.jobControlOption.dependOnId", 2101145),
    ("row 35: a job that waits for itself, by name",
     model(stage(job(jobId="a", jobControlOption={"dependOnType": "NAME", "dependOnName": "x;a"}))),
     f"{JOB}.jobControlOption.dependOnName", 2101145),
    ("row 36: a matrix that is no map",
     model(stage(job(matrixGroupFlag=True, matrixControlOption={"strategyStr": "[a, b]"}))),
     f"{JOB}.matrixControlOption.strategyStr", 2101097),
    ("row 36: cases that are no list",
     model(stage(job(matrixGroupFlag=True, matrixControlOption={"strategyStr": "a: [1]", "includeCaseStr": "a: 1"}))),
     f"{JOB}.matrixControlOption.includeCaseStr", 2101097),
    # the setting (5.12)
    ("a queue that waits too long", model(setting={"waitQueueTimeMinute": 1441}),
     "setting.waitQueueTimeMinute", 2100004),
    ("a queue too long", model(setting={"maxQueueSize": 201}), "setting.maxQueueSize", 2100004),
    ("no room for runs", model(setting={"maxConRunningQueueSize": 0}), "setting.maxConRunningQueueSize", 2101178),
    ("a lock without name", model(setting={"concurrencyGroup": ""}), "setting.concurrencyGroup", 2101178),
    ("a build number of odd signs", model(setting={"buildNumRule": "#1"}), "setting.buildNumRule", 2100015),
    ("a notice that says nothing", model(setting={"failSubscriptionList": [{"types": ["EMAIL"]}]}),
     "setting.failSubscriptionList[0]", 2101231),
    # Ferryman's own kinds (pipeline-yaml 15.1) and functions (RULINGS 2)
    ("a wait that does not say how long", model(stage(job({"@type": "marketBuild", "atomCode": "ferrymanWait"}))),
     f"{STEP}.data.input", 2100144),
    ("an unknown input of our own",
     model(stage(job({"@type": "marketBuild", "atomCode": "ferrymanWait", "data": {"input": {"seconds": 1, "x": 1}}}))),
     f"{STEP}.data.input.x", 2100145),
    ("a step kind of ours that is not there", model(stage(job({"@type": "marketBuild", "atomCode": "ferrymanShip"}))),
     f"{STEP}.data.input", 2100147),
    ("a function that does not exist",
     model(stage(stageControlOption={"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "foo(1)"})),
     "stages[1].stageControlOption.customCondition", 400),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "path", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_fault_is_told_with_its_place_and_number(document: Any, path: str, code: int) -> None:
    errors = [problem for problem in check(document) if problem.severity == "error"]
    assert [(problem.path, problem.code) for problem in errors] == [(path, code)]
    assert errors[0].line == 0
    assert errors[0].message


def test_row_6_an_edit_wants_a_working_stage_a_creation_does_not() -> None:
    assert check(model()) == ()
    assert [(problem.path, problem.code) for problem in check(model(), edited=True)] == [("stages", 2101189)]


FINE: list[tuple[str, Any]] = [
    ("the least that is accepted (bkci-v3 5)", model(stage())),
    ("only the trigger stage", model()),
    ("unknown fields anywhere (1.3)", model(stage(job(script(x=1), y=[None]), z={"a": {}}), w="w", setting={"v": 1})),
    ("numbers as text and text as numbers (1.3)",
     model(stage(job(script(script=1), jobControlOption={"timeout": "30", "enable": "true"}), name=7))),
    ("null counts as absent (1.3)", model(stage(job(mutexGroup=None, baseOS=None), checkIn=None, name=None))),
    ("an empty text for an object counts as null (1.3)", model(stage(job(mutexGroup="", dispatchType=""), checkIn=""))),
    ("an unknown element (11, surprise 16)", model(stage(job({"@type": "somethingNew", "script": 3})))),
    ("an unknown plugin (12, question 8)", model(stage(job({"@type": "marketBuild", "atomCode": "theirs"})))),
    ("an unknown place to run", model(stage(job(dispatchType={"buildType": "PUBLIC_MOON", "value": {"x": 1}})))),
    ("state of a run, whatever it is", model(stage(job(script(status=3, elapsed="x")), status=[], startEpoch={}))),
    ("any name of a parameter in the classic dialect", model(params=[param(id="变量 1")])),
    ("a name with a hyphen in the constrained one", model(params=[param(id="my-app")], setting=CONSTRAINED)),
    ("time limits out of range, which are folded", model(stage(job(script(**options(timeout=-5)))))),
    ("a time limit in a variable", model(stage(job(script(**options(timeoutVar="${{ variables.t }}")))))),
    ("a matrix from an expression",
     model(stage(job(matrixGroupFlag=True, matrixControlOption={"strategyStr": "${{ fromJSON(variables.m) }}"})))),
    ("a broken matrix that is switched off", model(stage(job(matrixControlOption={"strategyStr": "[a"})))),
    ("a wait on a job that is not there", model(stage(needs("a", "b")))),
    ("a reviewer may be a group of users", model(stage(checkIn={**REVIEW, "reviewGroups": [{"groups": ["g"]}]}))),
]  # fmt: skip


@pytest.mark.parametrize("document", [case[1] for case in FINE], ids=[case[0] for case in FINE])
def test_what_the_vendor_takes_is_taken(document: Any) -> None:
    assert check(document) == ()


WARNINGS: list[tuple[str, str, str]] = [
    ("an expression that cannot be read is never true (16.1)", "a == ", "it is never true"),
    ("double quotes are no text (16.2)", 'a == "b"', "it is never true"),
    ("an unknown name may come at run time", "brunch == 'main'", 'unknown name "brunch"'),
]


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS]
)
def test_what_a_run_would_skip_over_is_a_warning(text: str, message: str) -> None:
    control = {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": text}
    document = model(stage(stageControlOption=control), params=[param(id="branch"), param(id="a")])
    (problem,) = check(document)
    assert problem.severity == "warning"
    assert message in problem.message
    assert problem.path == "stages[1].stageControlOption.customCondition"


@pytest.mark.parametrize(
    "text", ["variables.x == 'a'", "branch == 'a'", "BK_CI_X", "${branch} == 1", "", "why"]
)
def test_known_names_and_pasted_values_are_fine(text: str) -> None:
    control = {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": text}
    gate = {**REVIEW, "reviewParams": [{"key": "why", "value": ""}]}
    assert check(model(stage(stageControlOption=control, checkIn=gate), params=[param(id="branch")])) == ()


def test_a_post_action_of_nobody_is_a_warning() -> None:
    post = script(**options(elementPostInfo={"parentElementId": "e-none"}))
    (problem,) = check(model(stage(job(post))))
    assert (problem.severity, problem.path) == (
        "warning",
        f"{STEP}.additionalOptions.elementPostInfo.parentElementId",
    )


def test_settings_of_a_plugin_that_has_the_name_of_a_kind_are_warnings() -> None:
    """A model may come from a server whose plugin of that name takes other inputs."""
    (problem,) = check(model(stage(job({"@type": "marketBuild", "atomCode": "run"}))))
    assert problem.severity == "warning"


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    document = model(
        stage(
            job(script(scriptType="SHEL"), jobId="j"), job({"@type": "linuxScript"}, jobId="j"), fastKill="no"
        ),
        setting={"runLockType": "SINGEL", "maxQueueSize": 999},
    )
    found = [(problem.path, problem.code) for problem in check(document)]
    assert found == [
        (f"{STEP}.scriptType", 400),
        ("stages[1].containers[1].elements[0]", 400),
        ("stages[1].containers[1].jobId", 2101146),
        ("stages[1].fastKill", 400),
        ("setting.runLockType", 400),
        ("setting.maxQueueSize", 2100004),
    ]


def test_a_near_word_is_named() -> None:
    (problem,) = check(model(setting={"runLockType": "SINGLE_LOK"}))
    assert problem.hint == 'did you mean "SINGLE_LOCK"?'
    assert problem.key == "runLockType"


def test_limits_may_be_set() -> None:
    """RULINGS 13: limits are settings with the references' defaults."""
    big = stage(job(*[script()] * 21), *[job()] * 20)
    document = model(big, *[stage()] * 20)
    assert check(document, limits=Limits(stages=22, jobs=21, steps=21)) == ()
    assert [problem.code for problem in check(document)] == [codes.TOO_MANY] * 3


def test_no_more_problems_are_told_than_the_limit() -> None:
    document = model(*[stage(job(script(script=[])), fastKill="x")] * 19)
    assert len(check(document, limits=Limits(problems=30))) == 30


def test_fewer_stages_may_be_allowed() -> None:
    assert [problem.code for problem in check(model(stage(), stage()), limits=Limits(stages=2))] == [
        codes.TOO_MANY
    ]


NOT_JSON: list[tuple[str, Any]] = [
    ("a set", {"model": {"name": {1}}}),
    ("bytes", b"x"),
    ("keys that are numbers", {1: 2}),
    ("not a number", model(x=float("nan"))),
    ("a number without end", model(x=10**400)),
    ("half a character", model(x="\ud800")),
    ("half a character in a key", model(**{"\udfff": 1})),
    ("too deep", model(x=json.loads("[" * 90 + "]" * 90))),
]


@pytest.mark.parametrize("document", [case[1] for case in NOT_JSON], ids=[case[0] for case in NOT_JSON])
def test_what_is_no_json_is_a_problem_and_no_exception(document: Any) -> None:
    assert [problem.code for problem in check(document)] == [400]


def test_a_document_that_holds_itself_is_too_deep() -> None:
    document = model()
    document["model"]["x"] = document
    assert [problem.code for problem in check(document)] == [400]
