"""The mapper between BK-CI's model and the domain loses nothing (RULINGS 30, DESIGN 6)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.model.checks import check
from ferryman.definition.model.domain.from_domain import from_domain
from ferryman.definition.model.domain.places import same
from ferryman.definition.model.domain.to_domain import to_domain
from ferryman.definition.model.saving.normal import normalized
from ferryman.domain.conditions import After, AfterStage, Always, Holds, Matches, Previous, Upstream
from ferryman.domain.dialect import Dialect
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Parameter
from tests.definition.strategies import pipelines, replace, with_own_fields, without_origin


@given(pipelines())
def test_a_pipeline_without_origin_comes_back_from_a_valid_model(pipeline: Pipeline) -> None:
    """What is written is a model as a save would leave it, and means what the pipeline meant."""
    document = from_domain(pipeline)
    assert without_origin(to_domain(document)) == pipeline
    assert [problem for problem in check(document) if problem.severity == "error"] == []
    assert normalized(document) == document
    assert from_domain(pipeline) == document


@given(st.data())
def test_a_document_comes_back_with_all_that_a_client_put_into_it(data: st.DataObject) -> None:
    """So does a pipeline that knows its document, and one that was stored as JSON between."""
    document = normalized(data.draw(with_own_fields(from_domain(data.draw(pipelines())))))
    pipeline = to_domain(document)
    assert from_domain(pipeline) == document
    assert to_domain(from_domain(pipeline)) == pipeline
    bare = without_origin(pipeline)
    assert without_origin(to_domain(from_domain(bare))) == bare
    assert msgspec.json.decode(msgspec.json.encode(pipeline), type=Pipeline) == pipeline


# After editing one field of the domain only that field's place in the document changes (RULINGS 30).

DOCUMENT: dict[str, Any] = {
    "model": {
        "name": "ship",
        "desc": "carries",
        "tips": "theirs",
        "stages": [
            {
                "containers": [
                    {
                        "@type": "trigger",
                        "elements": [{"@type": "manualTrigger", "canElementSkip": True}],
                        "params": [
                            {
                                "id": "mode",
                                "required": True,
                                "type": "ENUM",
                                "defaultValue": "fast",
                                "options": [{"key": "fast", "value": "Fast", "icon": "hare"}],
                                "category": "theirs",
                            }
                        ],
                    }
                ]
            },
            {
                "name": "Deploy",
                "tag": ["53b4d3f38e3e425cb1aaa97aa1b37857", "unknown-tag"],
                "customBuildEnv": {"A": "1"},
                "stageControlOption": {"enable": True, "runCondition": "AFTER_LAST_FINISHED", "color": "red"},
                "checkIn": {
                    "manualTrigger": True,
                    "markdownContent": True,
                    "timeout": 48,
                    "ruleIds": ["q1"],
                    "reviewGroups": [
                        {"id": "0" * 32, "name": "ops", "reviewers": ["ann"], "shift": "night"},
                        {"id": "1" * 32, "name": "qa", "reviewers": ["bob"], "shift": "day"},
                    ],
                    "reviewParams": [
                        {
                            "key": "why",
                            "value": "",
                            "required": True,
                            "valueType": "TEXTAREA",
                            "variableOption": "v",
                        }
                    ],
                },
                "checkOut": {"ruleIds": ["q2"], "notifyType": ["RTX"]},
                "containers": [
                    {
                        "@type": "vmBuild",
                        "jobId": "first",
                        "baseOS": "LINUX",
                        "dispatchType": {
                            "buildType": "THIRD_PARTY_AGENT_ENV",
                            "value": "pool",
                            "agentType": "NAME",
                            "envProjectId": "theirs",
                        },
                        "customEnv": [
                            {"key": "A", "value": "1", "note": "x"},
                            {"key": "B", "value": "2", "note": "y"},
                        ],
                        "mutexGroup": {
                            "enable": True,
                            "queueEnable": True,
                            "mutexGroupName": "m",
                            "queue": 3,
                            "timeout": 5,
                            "note": "x",
                        },
                        "matrixGroupFlag": True,
                        "matrixControlOption": {
                            "strategyStr": "os: [linux, mac]\nversion: [1.10, 2]\n",
                            "includeCaseStr": "- os: linux\n  extra: 'yes'\n",
                            "maxConcurrency": 3,
                            "note": "x",
                        },
                        "jobControlOption": {"timeout": 30, "prepareTimeout": 7, "note": "x"},
                        "elements": [
                            {
                                "@type": "linuxScript",
                                "name": "make",
                                "stepId": "make",
                                "scriptType": "SHELL",
                                "script": "make",
                                "customEnv": [{"key": "C", "value": "3"}],
                                "additionalOptions": {
                                    "timeout": 20,
                                    "retryWhenFailed": True,
                                    "retryCount": 2,
                                    "subscriptionPauseUser": "ann,bob",
                                    "otherTask": "theirs",
                                },
                            },
                            {
                                "@type": "manualReviewUserTask",
                                "name": "ask",
                                "reviewUsers": ["ann"],
                                "desc": "may we?",
                                "notifyTitle": "hello",
                                "params": [{"key": "p", "value": "1", "required": False}],
                            },
                        ],
                    },
                    {
                        "@type": "normal",
                        "jobId": "second",
                        "enableSkip": True,
                        "jobControlOption": {"dependOnType": "ID", "dependOnId": ["first"]},
                        "elements": [
                            {
                                "@type": "marketBuildLess",
                                "atomCode": "theirs",
                                "data": {
                                    "input": {"x": None, "y": [1]},
                                    "output": {"o": 1},
                                    "namespace": "ns",
                                },
                                "version": "2.*",
                            }
                        ],
                    },
                ],
            },
        ],
    },
    "setting": {
        "runLockType": "SINGLE",
        "concurrencyGroup": "${{ci.pipeline_id}}",
        "maxPipelineResNum": 9,
        "pipelineName": "ship",
        "successSubscriptionList": [{"types": ["RTX"], "content": "done", "users": "ann"}],
        "pipelineAsCodeSettings": {"enable": True, "pipelineDialect": "CONSTRAINED"},
        "theirs": {"deep": [None]},
    },
}

STAGE = "model.stages.1."
JOB = STAGE + "containers.0."
OTHER_JOB = STAGE + "containers.1."
STEP = JOB + "elements.0."
QUESTION = JOB + "elements.1."
OPTIONS = STEP + "additionalOptions."
PARAMETER = "model.stages.0.containers.0.params.0."

EDITS: list[tuple[str, str, Any, tuple[str, ...]]] = [
    ("pipeline", "name", "sail", ("model.name", "setting.pipelineName")),
    ("pipeline", "description", "", ("model.desc",)),
    ("pipeline", "dialect", Dialect.CLASSIC, ("setting.pipelineAsCodeSettings.",)),
    ("pipeline", "clear_variables_on_retry", True, ("setting.cleanVariablesWhenRetry",)),
    ("pipeline", "fail_on_long_value", True, ("setting.failIfVariableInvalid",)),
    ("pipeline", "announced", ("run-succeeded", "run-failed"), ("setting.failSubscriptionList",)),
    ("pipeline", "announced", (), ("setting.successSubscriptionList",)),
    (
        "pipeline",
        "concurrency",
        Concurrency(exclusion=Exclusion.GROUP, waiting_minutes=10),
        ("setting.runLockType",),
    ),
    (
        "pipeline",
        "concurrency",
        Concurrency(exclusion=Exclusion.SINGLE, group="g", waiting_minutes=11),
        ("setting.concurrencyGroup", "setting.waitQueueTimeMinute"),
    ),
    ("parameter", "default", "slow", (PARAMETER + "defaultValue",)),
    ("parameter", "kind", "text", (PARAMETER + "type",)),
    ("parameter", "settable", False, (PARAMETER + "required",)),
    ("parameter", "options", (("fast", "Faster"), ("slow", "Slow")), (PARAMETER + "options",)),
    ("stage", "name", "Ship", (STAGE + "name",)),
    ("stage", "user_id", "ship", (STAGE + "stageIdForUser",)),
    ("stage", "enabled", False, (STAGE + "stageControlOption.enable",)),
    ("stage", "fast_kill", True, (STAGE + "fastKill",)),
    ("stage", "env", {"A": "2"}, (STAGE + "customBuildEnv",)),
    ("stage", "labels", ("Test", "unknown-tag"), (STAGE + "tag",)),
    ("stage", "after", (), (STAGE + "checkOut.ruleIds",)),
    (
        "stage",
        "condition",
        Matches((("a", "b"),), wanted=False, substituted=False, when_empty=False),
        (STAGE + "stageControlOption.runCondition", STAGE + "stageControlOption.customVariables"),
    ),
    ("job", "name", "First", (JOB + "name",)),
    ("job", "enabled", False, (JOB + "jobControlOption.enable",)),
    ("job", "env", {"A": "1", "B": "3"}, (JOB + "customEnv.1.value",)),
    ("job", "limit", Limit(31), (JOB + "jobControlOption.timeout", JOB + "jobControlOption.timeoutVar")),
    ("job", "limit", Limit(30, "${{ variables.m }}"), (JOB + "jobControlOption.timeoutVar",)),
    ("job", "continue_on_failure", True, (JOB + "jobControlOption.continueWhenFailed",)),
    (
        "job",
        "runs_on",
        RunsOn(kind="pool", name="pond", systems=("linux",), prepare_minutes=7),
        (JOB + "dispatchType.value",),
    ),
    (
        "job",
        "runs_on",
        RunsOn(kind="pool", name="pool", systems=(), prepare_minutes=8),
        (JOB + "baseOS", JOB + "jobControlOption.prepareTimeout"),
    ),
    ("job", "mutex", None, (JOB + "mutexGroup.enable",)),
    (
        "job",
        "mutex",
        Mutex(group="n", queue=True, length=3, limit=Limit(5)),
        (JOB + "mutexGroup.mutexGroupName",),
    ),
    ("job", "matrix", None, (JOB + "matrixGroupFlag",)),
    (
        "job",
        "matrix",
        Matrix(
            axes={"os": ["linux", "mac"], "version": ["1.10", "2"]},
            include=[{"os": "linux", "extra": "yes"}],
            parallel=4,
        ),
        (JOB + "matrixControlOption.maxConcurrency",),
    ),
    ("other job", "needs", ("first", "${{ x }}"), (OTHER_JOB + "jobControlOption.dependOn",)),
    ("other job", "needs", (), (OTHER_JOB + "jobControlOption.dependOn",)),
    ("step", "name", "build", (STEP + "name",)),
    ("step", "enabled", False, (OPTIONS + "enable",)),
    ("step", "settings", {"script": "make -k", "scriptType": "SHELL"}, (STEP + "script",)),
    ("step", "env", {}, (STEP + "customEnv",)),
    (
        "step",
        "condition",
        Holds("variables.a == 'b'", when_blank=True),
        (OPTIONS + "runCondition", OPTIONS + "custom"),
    ),
    ("step", "limit", Limit(21), (OPTIONS + "timeout",)),
    ("step", "retry", Retry(3), (OPTIONS + "retryCount",)),
    ("step", "retry", Retry(0), (OPTIONS + "retryWhenFailed", OPTIONS + "retryCount")),
    ("step", "retry", Retry(2, by_hand=False), (OPTIONS + "manualRetry",)),
    ("step", "on_failure", OnFailure.ASK, (OPTIONS + "continueWhenFailed", OPTIONS + "manualSkip")),
    ("step", "pause_before", True, (OPTIONS + "pauseBeforeExec",)),
    ("step", "tell_on_pause", ("ann",), (OPTIONS + "subscriptionPauseUser",)),
    ("plugin", "settings", {"x": 1, "y": [1]}, (OTHER_JOB + "elements.0.data.input.x",)),
    ("plugin", "settings", {"x": None, "y": [True]}, (OTHER_JOB + "elements.0.data.input.y",)),
    ("plugin", "version", "1.*", (OTHER_JOB + "elements.0.version",)),
    ("plugin", "namespace", "", (OTHER_JOB + "elements.0.data.namespace",)),
]


def _edited(pipeline: Pipeline, node: str, attribute: str, value: Any) -> Pipeline:
    """The pipeline with one field of one node changed."""
    stage = pipeline.stages[0]
    first, second = stage.jobs
    change = {attribute: value}
    match node:
        case "pipeline":
            return replace(pipeline, **change)
        case "parameter":
            return replace(pipeline, parameters=(replace(pipeline.parameters[0], **change),))
        case "stage":
            stage = replace(stage, **change)
        case "job":
            stage = replace(stage, jobs=(replace(first, **change), second))
        case "other job":
            stage = replace(stage, jobs=(first, replace(second, **change)))
        case "step":
            first = replace(first, steps=(replace(first.steps[0], **change), *first.steps[1:]))
            stage = replace(stage, jobs=(first, second))
        case "question":
            first = replace(first, steps=(first.steps[0], replace(first.steps[1], **change)))
            stage = replace(stage, jobs=(first, second))
        case "plugin":
            second = replace(second, steps=(replace(second.steps[0], **change),))
            stage = replace(stage, jobs=(first, second))
    return replace(pipeline, stages=(stage,))


def _changes(before: Any, after: Any, path: str = "") -> list[str]:
    """The paths where two documents differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = {**before, **after}
        missing = object()
        return [
            place
            for key in keys
            for place in _changes(
                before.get(key, missing), after.get(key, missing), f"{path}.{key}" if path else key
            )
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            place
            for at, pair in enumerate(zip(before, after, strict=True))
            for place in _changes(*pair, f"{path}.{at}")
        ]
    return [] if same(before, after) else [path]


@pytest.mark.parametrize(("node", "attribute", "value", "places"), EDITS, ids=lambda part: str(part)[:40])
def test_an_edit_changes_only_its_own_place(
    node: str, attribute: str, value: Any, places: tuple[str, ...]
) -> None:
    assert [problem for problem in check(DOCUMENT) if problem.severity == "error"] == []
    document = normalized(DOCUMENT)
    edited = _edited(to_domain(document), node, attribute, value)
    found = from_domain(edited)
    changes = _changes(document, found)
    assert changes
    assert all(any(change.startswith(place) for place in places) for change in changes), changes
    assert without_origin(to_domain(found)) == without_origin(
        replace(edited, stages=to_domain(found).stages) if attribute == "user_id" else edited
    )


def test_an_edited_group_of_a_review_leaves_the_others_as_they_are() -> None:
    document = normalized(DOCUMENT)
    pipeline = to_domain(document)
    verdict, review = pipeline.stages[0].before
    groups = (replace(review.groups[0], reviewers=("eve",)), review.groups[1])
    edited = _edited(pipeline, "stage", "before", (verdict, replace(review, groups=groups)))
    assert _changes(document, from_domain(edited)) == [STAGE + "checkIn.reviewGroups.0.reviewers.0"]


def test_an_edited_question_of_a_step_leaves_its_other_fields_as_they_are() -> None:
    document = normalized(DOCUMENT)
    pipeline = to_domain(document)
    question = pipeline.stages[0].jobs[0].steps[1].review
    assert question is not None
    edited = _edited(pipeline, "question", "review", replace(question, description="really?"))
    assert _changes(document, from_domain(edited)) == [QUESTION + "desc"]


def test_a_gate_of_people_that_is_taken_away_leaves_the_rules() -> None:
    document = normalized(DOCUMENT)
    pipeline = to_domain(document)
    edited = _edited(pipeline, "stage", "before", pipeline.stages[0].before[:1])
    assert _changes(document, from_domain(edited)) == [STAGE + "checkIn.manualTrigger"]


def test_a_new_gate_is_written_into_an_empty_place() -> None:
    document = normalized(DOCUMENT)
    pipeline = to_domain(document)
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", id="2" * 32, reviewers=("ann",)),))
    stage = replace(pipeline.stages[0], before=(gate,), origin={}, id="s2")
    found = from_domain(replace(pipeline, stages=(pipeline.stages[0], stage)))
    assert to_domain(found).stages[1].before == (gate,)


def test_steps_may_be_moved_and_posts_follow_their_step() -> None:
    """A post-action names its step by identifier, wherever the two have gone (semantics 9)."""
    options = {"elementPostInfo": {"parentElementId": "e-1", "postCondition": "always()"}}
    elements = [
        {"@type": "linuxScript", "id": "e-1", "scriptType": "SHELL", "script": "a"},
        {"@type": "linuxScript", "id": "e-2", "scriptType": "SHELL", "script": "b"},
        {
            "@type": "linuxScript",
            "id": "e-3",
            "scriptType": "SHELL",
            "script": "c",
            "additionalOptions": options,
        },
    ]
    trigger = {"containers": [{"@type": "trigger", "elements": [{"@type": "manualTrigger"}]}]}
    job = {"@type": "vmBuild", "jobId": "j", "elements": elements}
    document = {"model": {"name": "posts", "stages": [trigger, {"containers": [job]}]}}
    pipeline = to_domain(document)
    first, second, post = pipeline.stages[0].jobs[0].steps
    assert (post.id, post.post_of) == ("t1.post", "t1")
    moved = replace(pipeline.stages[0].jobs[0], steps=(second, replace(first, origin={}), post))
    found = from_domain(replace(pipeline, stages=(replace(pipeline.stages[0], jobs=(moved,)),)))
    again = to_domain(found).stages[0].jobs[0].steps
    assert [(step.id, step.post_of, step.settings["script"]) for step in again] == [
        ("t1", "", "b"),
        ("t2", "", "a"),
        ("t2.post", "t2", "c"),
    ]


def test_unconditional_forms_are_always() -> None:
    """A condition that is nothing but the default is `Always` on every level."""
    pipeline = to_domain(DOCUMENT)
    stage = pipeline.stages[0]
    assert stage.condition == stage.jobs[0].condition == stage.jobs[0].steps[0].condition == Always()


def test_what_the_model_has_no_word_for_is_left_out() -> None:
    """Such a pipeline comes from another family; its model is still a valid one."""
    manual = Gate(kind=GateKind.MANUAL)
    step = Step(
        id="t1", kind="run", name="run", condition=Upstream(After.SUCCESS), retry=Retry(1, backoff_ms=5)
    )
    odd = Step(id="t2", kind="run", name="run", condition=AfterStage(Previous.FAILED))
    systems = RunsOn(kind="pool", name="p", systems=("linux", "macos"))
    job = Job(id="j", user_id="j", steps=(step, odd), runs_on=systems, condition=Upstream(After.FAILURE))
    stage = Stage(id="s1", name="s", jobs=(job,), before=(manual,))
    pipeline = Pipeline(
        stages=(stage,), name="odd", parameters=(Parameter(name="a", kind="sliders"),), retry_allowed=False
    )
    document = from_domain(pipeline)
    assert [problem for problem in check(document) if problem.severity == "error"] == []
    found = to_domain(document)
    steps = found.stages[0].jobs[0].steps
    assert [each.condition for each in steps] == [Always(), Always()]
    assert (steps[0].retry, found.stages[0].before, found.retry_allowed) == (Retry(1), (), True)
    assert (found.stages[0].jobs[0].runs_on.systems, found.parameters[0].kind) == (("linux",), "text")
