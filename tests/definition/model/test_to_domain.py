"""What a model means in the domain: one table for each noun (semantics 3 to 9, 13, 18; bkci-v3 5)."""

from typing import Any

import msgspec
import pytest

from ferryman.definition.model.domain.to_domain import to_domain
from ferryman.definition.model.saving.normal import normalized
from ferryman.domain.conditions import (
    After,
    AfterStage,
    Always,
    Condition,
    Holds,
    Matches,
    Previous,
    Upstream,
)
from ferryman.domain.dialect import Dialect
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Parameter
from tests.definition.model.models import job, model, param, script, stage


def pipeline_of(**document: Any) -> Pipeline:
    return to_domain(model(stage(), **document))


def stage_of(*jobs: Any, **fields: Any) -> Stage:
    return to_domain(model(stage(*jobs, **fields))).stages[0]


def job_of(*elements: Any, **fields: Any) -> Job:
    return stage_of(job(*elements, **fields)).jobs[0]


def step_of(**fields: Any) -> Step:
    return job_of(script(**fields)).steps[0]


PAIRS = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
TWO = (("a", "1"), ("b", "2"))

STAGE_CONDITIONS: list[tuple[dict[str, Any], Condition]] = [
    ({}, Always()),
    ({"runCondition": "AFTER_LAST_FINISHED"}, Always()),
    ({"runCondition": "CUSTOM_VARIABLE_MATCH", "customVariables": PAIRS}, Matches(TWO, substituted=False)),
    (
        {"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN"},
        Matches((), wanted=False, substituted=False, when_empty=False),
    ),
    ({"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "a"}, Holds("a")),
    ({"runCondition": "CUSTOM_CONDITION_MATCH"}, Holds("")),
]
JOB_CONDITIONS: list[tuple[dict[str, Any], Condition]] = [
    ({}, Always()),
    ({"runCondition": "CUSTOM_VARIABLE_MATCH", "customVariables": PAIRS}, Matches(TWO)),
    ({"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN", "customVariables": PAIRS}, Matches(TWO, wanted=False)),
    ({"runCondition": "CUSTOM_CONDITION_MATCH"}, Holds("", when_blank=False)),
    ({"runCondition": "PREVIOUS_STAGE_SUCCESS"}, AfterStage(Previous.SUCCEEDED)),
    ({"runCondition": "PREVIOUS_STAGE_FAILED"}, AfterStage(Previous.FAILED)),
    ({"runCondition": "PREVIOUS_STAGE_CANCEL"}, AfterStage(Previous.CANCELED)),
]
STEP_CONDITIONS: list[tuple[dict[str, Any], Condition]] = [
    ({}, Always()),
    ({"runCondition": "PRE_TASK_SUCCESS"}, Always()),
    ({"runCondition": "PRE_TASK_FAILED_BUT_CANCEL"}, Upstream(After.UNLESS_CANCELED)),
    ({"runCondition": "PRE_TASK_FAILED_EVEN_CANCEL"}, Upstream(After.ALWAYS)),
    ({"runCondition": "PRE_TASK_FAILED_ONLY"}, Upstream(After.FAILURE)),
    ({"runCondition": "PRE_TASK_FAILED_ONLY_EXCEPT_SKIP"}, Upstream(After.FAILURE_NOT_CONTINUED)),
    ({"runCondition": "OTHER_TASK_RUNNING"}, Upstream(After.OTHER_RUNNING)),
    ({"runCondition": "PARENT_TASK_CANCELED_OR_TIMEOUT"}, Upstream(After.PARENT_STOPPED)),
    ({"runCondition": "PARENT_TASK_FINISH"}, Upstream(After.PARENT_ENDED)),
    ({"runCondition": "CUSTOM_VARIABLE_MATCH"}, Matches(())),
    ({"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN"}, Matches((), wanted=False, when_empty=True)),
    ({"runCondition": "CUSTOM_CONDITION_MATCH"}, Holds("", when_blank=True)),
]


@pytest.mark.parametrize(("options", "condition"), STAGE_CONDITIONS, ids=str)
def test_condition_of_a_stage(options: dict[str, Any], condition: Condition) -> None:
    """semantics 3.2."""
    assert stage_of(stageControlOption=options).condition == condition


@pytest.mark.parametrize(("options", "condition"), JOB_CONDITIONS, ids=str)
def test_condition_of_a_job(options: dict[str, Any], condition: Condition) -> None:
    """semantics 5.2."""
    assert job_of(jobControlOption=options).condition == condition


@pytest.mark.parametrize(("options", "condition"), STEP_CONDITIONS, ids=str)
def test_condition_of_a_step(options: dict[str, Any], condition: Condition) -> None:
    """semantics 7.2."""
    assert step_of(additionalOptions=options).condition == condition


GROUP = {"id": "g1", "name": "ops", "reviewers": ["ann", "${x}"], "groups": ["leads"]}
REVIEW = Gate(
    kind=GateKind.REVIEW,
    groups=(ReviewGroup(name="ops", id="g1", reviewers=("ann", "${x}"), roles=("leads",)),),
)


def test_a_review_before_a_stage() -> None:
    """semantics 4.1."""
    values = [
        {
            "key": "k",
            "value": 1,
            "valueType": "ENUM",
            "required": True,
            "options": [{"key": "1", "value": "One"}],
        }
    ]
    gates = stage_of(
        checkIn={
            "manualTrigger": True,
            "reviewGroups": [GROUP],
            "reviewDesc": "go?",
            "reviewParams": values,
            "timeout": 5,
        }
    ).before
    parameter = Parameter(name="k", default=1, kind="choice", not_empty=True, options=(("1", "One"),))
    assert gates == (
        Gate(
            kind=GateKind.REVIEW,
            groups=REVIEW.groups,
            parameters=(parameter,),
            description="go?",
            hours=5,
        ),
    )


def test_rules_are_looked_at_before_people_are_asked() -> None:
    """semantics 3.1, 4.2."""
    gates = stage_of(checkIn={"manualTrigger": True, "reviewGroups": [GROUP], "ruleIds": ["r"]}).before
    assert gates == (Gate(kind=GateKind.VERDICT, rules=("r",)), REVIEW)


def test_behind_a_stage_only_rules_count() -> None:
    """semantics 4.1: checkOut knows only quality rules."""
    check = {"manualTrigger": True, "reviewGroups": [GROUP], "ruleIds": ["r"]}
    assert stage_of(checkOut=check).after == (Gate(kind=GateKind.VERDICT, rules=("r",)),)


def test_a_gate_that_asks_nobody_is_none() -> None:
    assert stage_of(checkIn={"manualTrigger": False, "reviewGroups": [GROUP], "timeout": 3}).before == ()


def test_gates_and_condition_of_the_final_stage_are_ignored() -> None:
    """semantics 3.1."""
    found = stage_of(
        checkIn={"manualTrigger": True, "reviewGroups": [GROUP]},
        checkOut={"ruleIds": ["r"]},
        stageControlOption={"runCondition": "CUSTOM_CONDITION_MATCH"},
        **{"finally": True},
    )
    assert (found.final, found.before, found.after, found.condition) == (True, (), (), Always())


@pytest.mark.parametrize(("hours", "kept"), [(1, 1), (720, 720), (0, 24), (721, 24), (-1, 24), (None, 24)])
def test_hours_of_a_review(hours: int | None, kept: int) -> None:
    """semantics 4.1, rule 6."""
    assert (
        stage_of(checkIn={"manualTrigger": True, "reviewGroups": [GROUP], "timeout": hours}).before[0].hours
        == kept
    )


def test_the_old_form_of_a_review() -> None:
    """semantics 4.1, last paragraph; bkci-v3 5.3."""
    former = {
        "manualTrigger": True,
        "triggerUsers": ["ann"],
        "timeout": 7,
        "reviewDesc": "go?",
        "triggered": True,
    }
    document = model(stage(stageControlOption=former))
    (gate,) = to_domain(document).stages[0].before
    assert (gate.groups[0].name, gate.groups[0].reviewers) == ("Flow 1", ("ann",))
    assert (gate.hours, gate.description) == (7, "go?")
    kept = normalized(document)["model"]["stages"][1]["stageControlOption"]
    assert kept == {"enable": True, "runCondition": "AFTER_LAST_FINISHED"}


def test_a_check_in_wins_over_the_old_form() -> None:
    former = {"manualTrigger": True, "triggerUsers": ["ann"]}
    found = stage_of(stageControlOption=former, checkIn={"manualTrigger": True, "reviewGroups": [GROUP]})
    assert found.before == (REVIEW,)


def test_a_stage() -> None:
    found = stage_of(
        name="Ship",
        stageIdForUser="ship",
        fastKill=True,
        customBuildEnv={"A": "1"},
        tag=["28ee946a59f64949a74f3dee40a1bda4", "other"],
        stageControlOption={"enable": False},
    )
    assert (found.id, found.user_id, found.name, found.enabled) == ("ship", "ship", "Ship", False)
    assert (found.fast_kill, found.env, found.labels) == (True, {"A": "1"}, ("Build", "other"))


MINUTES = [
    ({}, Limit(900)),
    ({"timeout": 30}, Limit(30)),
    ({"timeout": 0}, Limit(10080)),
    ({"timeout": -1}, Limit(10080)),
    ({"timeout": 10081}, Limit(10080)),
    ({"timeoutVar": "45"}, Limit(45)),
    ({"timeout": 30, "timeoutVar": "45"}, Limit(30)),
    ({"timeout": 30, "timeoutVar": "${{ variables.t }}"}, Limit(30, "${{ variables.t }}")),
    ({"timeoutVar": "soon"}, Limit(900)),
]


@pytest.mark.parametrize(("options", "limit"), MINUTES, ids=str)
def test_time_limits_of_jobs_and_steps(options: dict[str, Any], limit: Limit) -> None:
    """semantics 18."""
    assert job_of(jobControlOption=options).limit == limit
    assert step_of(additionalOptions=options).limit == limit


MUTEXES: list[tuple[dict[str, Any] | None, Mutex | None]] = [
    (None, None),
    ({"enable": False, "queueEnable": True, "mutexGroupName": "m"}, None),
    ({"enable": True, "queueEnable": True, "mutexGroupName": "  "}, None),
    ({"enable": True, "queueEnable": False, "mutexGroupName": "m"}, Mutex(group="m")),
    (
        {"enable": True, "queueEnable": True, "mutexGroupName": "m", "queue": 3, "timeout": 9},
        Mutex(group="m", queue=True, length=3, limit=Limit(9)),
    ),
    (
        {"enable": True, "queueEnable": True, "mutexGroupName": "m", "queue": 99, "timeout": 20000},
        Mutex(group="m", queue=True, length=50, limit=Limit(10080)),
    ),
    (
        {"enable": True, "queueEnable": True, "mutexGroupName": "m", "timeout": 9, "timeoutVar": "10"},
        Mutex(group="m", queue=True, limit=Limit(10)),
    ),
]


@pytest.mark.parametrize(("group", "mutex"), MUTEXES, ids=str)
def test_mutex(group: dict[str, Any] | None, mutex: Mutex | None) -> None:
    """semantics 6.1."""
    assert job_of(mutexGroup=group).mutex == mutex


MATRICES: list[tuple[dict[str, Any], Matrix]] = [
    ({}, Matrix(axes={})),
    (
        {"strategyStr": "os: [a, b]\nv: [1.10, true, ~]"},
        Matrix(axes={"os": ["a", "b"], "v": ["1.10", "true", ""]}),
    ),
    ({"strategyStr": '{"os": ["a"], "v": [1]}'}, Matrix(axes={"os": ["a"], "v": ["1"]})),
    ({"strategyStr": "${{ fromJSON(x) }}"}, Matrix(axes="${{ fromJSON(x) }}")),
    ({"strategyStr": "os: ${{ fromJSON(x) }}"}, Matrix(axes={"os": "${{ fromJSON(x) }}"})),
    (
        {"strategyStr": "os: [a]", "includeCaseStr": "- {os: a, n: 1}", "excludeCaseStr": "- os: b"},
        Matrix(axes={"os": ["a"]}, include=[{"os": "a", "n": "1"}], exclude=[{"os": "b"}]),
    ),
    (
        {"strategyStr": "os: [a]\ninclude:\n- os: a\n  n: 1"},
        Matrix(axes={"os": ["a"]}, include=[{"os": "a", "n": "1"}]),
    ),
    ({"includeCaseStr": "${{ fromJSON(x) }}"}, Matrix(axes={}, include="${{ fromJSON(x) }}")),
    ({"fastKill": True, "maxConcurrency": 60}, Matrix(axes={}, fast_kill=True, parallel=50)),
    ({"maxConcurrency": 0}, Matrix(axes={}, parallel=5)),
]


@pytest.mark.parametrize(("options", "matrix"), MATRICES, ids=str)
def test_matrix(options: dict[str, Any], matrix: Matrix) -> None:
    """semantics 6.2; RULINGS 1: the text is read once, when the model is."""
    assert job_of(matrixGroupFlag=True, matrixControlOption=options).matrix == matrix
    assert job_of(matrixControlOption=options).matrix is None


NEEDS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"dependOnId": ["a", "gone", "b"]}, ("a", "b")),
    ({"dependOnType": "ID", "dependOnId": ["a"], "dependOnName": "b"}, ("a",)),
    (
        {"dependOnType": "NAME", "dependOnId": ["a"], "dependOnName": "b; a,,${{ f(1, 2) }}"},
        ("b", "a", "${{ f(1, 2) }}"),
    ),
    ({"dependOnType": "NAME"}, ()),
]


@pytest.mark.parametrize(("options", "needs"), NEEDS, ids=str)
def test_what_a_job_waits_for(options: dict[str, Any], needs: tuple[str, ...]) -> None:
    """semantics 5.3."""
    found = stage_of(job(jobId="a"), job(jobId="b"), job(jobId="c", jobControlOption=options))
    assert found.jobs[2].needs == needs


MACHINES: list[tuple[dict[str, Any], RunsOn]] = [
    ({}, RunsOn()),
    ({"@type": "normal"}, RunsOn(kind="agentless")),
    ({"baseOS": "LINUX", "dispatchType": {"buildType": "DOCKER"}}, RunsOn(systems=("linux",))),
    (
        {"dispatchType": {"buildType": "DOCKER", "value": "host:80/img", "imageVersion": "1"}},
        RunsOn(kind="container", image="host:80/img:1"),
    ),
    (
        {
            "dispatchType": {
                "buildType": "KUBERNETES",
                "imageType": "BKSTORE",
                "imageCode": "code",
                "imageVersion": "1.*",
            }
        },
        RunsOn(kind="container", image="code:1.*"),
    ),
    (
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ENV", "value": "p", "workspace": "/w"}},
        RunsOn(kind="pool", name="p", workspace="/w"),
    ),
    (
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "n", "dockerInfo": {"image": "i:1"}}},
        RunsOn(kind="node", name="n", image="i:1"),
    ),
    (
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "j", "agentType": "REUSE_JOB_ID"}},
        RunsOn(kind="same-node", name="j"),
    ),
    ({"dispatchType": {"buildType": "PUBLIC_BCS", "value": "x"}}, RunsOn(kind="other", name="PUBLIC_BCS")),
    ({"thirdPartyAgentId": "n", "thirdPartyWorkspace": "/w"}, RunsOn(kind="node", name="n", workspace="/w")),
    ({"thirdPartyAgentEnvId": "p"}, RunsOn(kind="pool", name="p")),
    ({"dockerBuildVersion": "img:2"}, RunsOn(kind="container", image="img:2")),
    (
        {"baseOS": "MACOS", "jobControlOption": {"prepareTimeout": 3}},
        RunsOn(systems=("macos",), prepare_minutes=3),
    ),
]


@pytest.mark.parametrize(("fields", "place"), MACHINES, ids=str)
def test_where_a_job_runs(fields: dict[str, Any], place: RunsOn) -> None:
    """bkci-v3 5.7; pipeline-yaml 7.1."""
    assert job_of({"@type": "somethingNew"}, **fields).runs_on == place


def test_environment_variables_of_a_job() -> None:
    assert job_of(customEnv=PAIRS).env == {"a": "1", "b": "2"}
    assert job_of(customBuildEnv={"old": "1"}).env == {"old": "1"}
    assert job_of(customBuildEnv={"old": "1"}, customEnv=[]).env == {}


def test_a_job() -> None:
    found = job_of(jobId="a b.c", name="A", jobControlOption={"enable": False, "continueWhenFailed": True})
    assert (found.id, found.user_id, found.name) == ("a%20b%2Ec", "a b.c", "A")
    assert (found.enabled, found.continue_on_failure) == (False, True)


def test_a_job_without_an_id_gets_one_that_counts_as_the_users() -> None:
    found = job_of()
    assert found.user_id == found.id
    assert found.id.startswith("job_")
    assert len(found.id) == 7


RETRIES = [
    ({}, Retry(0, True)),
    ({"retryCount": 3}, Retry(0, True)),
    ({"retryWhenFailed": True}, Retry(1, True)),
    ({"retryWhenFailed": True, "retryCount": 0}, Retry(1, True)),
    ({"retryWhenFailed": True, "retryCount": 3, "manualRetry": False}, Retry(3, False)),
    ({"retryWhenFailed": True, "retryCount": 9}, Retry(5, True)),
]


@pytest.mark.parametrize(("options", "retry"), RETRIES, ids=str)
def test_retry_of_a_step(options: dict[str, Any], retry: Retry) -> None:
    """semantics 7.3, 7.4."""
    assert step_of(additionalOptions=options).retry == retry


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ({}, OnFailure.STOP),
        ({"manualSkip": True}, OnFailure.STOP),
        ({"continueWhenFailed": True}, OnFailure.CONTINUE),
        ({"continueWhenFailed": True, "manualSkip": True}, OnFailure.ASK),
    ],
    ids=str,
)
def test_what_a_failed_step_means(options: dict[str, Any], after: OnFailure) -> None:
    """semantics 7.1, 7.3."""
    assert step_of(additionalOptions=options).on_failure is after


def test_a_script() -> None:
    found = step_of(
        stepId="s.1",
        version="2.*",
        continueNoneZero=True,
        color="red",
        additionalOptions={"enable": False, "pauseBeforeExec": True, "subscriptionPauseUser": "ann, bob,"},
    )
    assert (found.id, found.user_id, found.kind, found.version) == ("s%2E1", "s.1", "linuxScript", "2.*")
    assert found.settings == {"script": "make", "scriptType": "SHELL", "continueNoneZero": True}
    assert (found.enabled, found.pause_before, found.tell_on_pause) == (False, True, ("ann", "bob"))
    assert found.origin["color"] == "red"
    assert "script" not in found.origin


PLUGINS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"atomCode": "theirs", "data": {"input": {"a": None}}}, "theirs", {"a": None}),
    ({"atomCode": "run", "data": {"input": {"script": "x"}}}, "run", {"script": "x"}),
    (
        {"atomCode": "checkout", "data": {"input": {"repositoryType": "SELF", "refName": "m"}}},
        "checkout",
        {"repository": "self", "refName": "m"},
    ),
    (
        {"atomCode": "checkout", "data": {"input": {"repositoryType": "URL", "repositoryUrl": "u"}}},
        "checkout",
        {"repository": "u"},
    ),
    (
        {"atomCode": "checkout", "data": {"input": {"repositoryType": "ID", "repositoryHashId": "h"}}},
        "checkout",
        {"repo-id": "h"},
    ),
    (
        {"atomCode": "checkout", "data": {"input": {"repositoryType": "NAME", "repositoryName": "n"}}},
        "checkout",
        {"repo-name": "n"},
    ),
    ({"atomCode": "checkout", "data": {"input": {"repositoryType": 3}}}, "checkout", {"repositoryType": 3}),
]


@pytest.mark.parametrize(("fields", "kind", "settings"), PLUGINS, ids=str)
def test_a_plugin(fields: dict[str, Any], kind: str, settings: dict[str, Any]) -> None:
    """bkci-v3 5.10; pipeline-yaml 8.1."""
    found = job_of({"@type": "marketBuild", **fields}).steps[0]
    assert (found.kind, found.settings) == (kind, settings)


def test_the_namespace_of_a_plugin() -> None:
    plugin = {"@type": "marketBuild", "atomCode": "theirs", "data": {"namespace": "ns"}}
    assert job_of(plugin).steps[0].namespace == "ns"


def test_an_element_that_nobody_knows_keeps_its_fields_as_origin() -> None:
    found = job_of({"@type": "CODE_SVN", "svnPath": "x"}).steps[0]
    assert (found.kind, found.settings, found.origin["svnPath"]) == ("CODE_SVN", {}, "x")


def test_a_question_is_a_gate_and_no_setting() -> None:
    """semantics 8.2."""
    found = job_of(
        {
            "@type": "manualReviewUserTask",
            "reviewUsers": "ann,${x}",
            "desc": "go?",
            "namespace": "ns",
            "params": [{"key": "k", "value": "v"}],
            "notifyTitle": "hello",
        }
    ).steps[0]
    assert found.review == Gate(
        kind=GateKind.REVIEW,
        groups=(ReviewGroup(name="", reviewers=("ann,${x}",)),),
        parameters=(Parameter(name="k", default="v"),),
        description="go?",
        hours=0,
        namespace="ns",
    )
    assert found.settings == {"notifyTitle": "hello"}
    assert found.repeatable


ENVS = [
    ({"customEnv": PAIRS}, {"a": "1", "b": "2"}),
    ({"additionalOptions": {"customEnv": PAIRS}}, {"a": "1", "b": "2"}),
    ({"additionalOptions": {"customEnv": PAIRS, "enableCustomEnv": False}}, {}),
    ({"additionalOptions": {"customEnv": [{"key": "param1", "value": ""}, *PAIRS]}}, {"a": "1", "b": "2"}),
    ({"customEnv": [], "additionalOptions": {"customEnv": PAIRS}}, {}),
]


@pytest.mark.parametrize(("fields", "env"), ENVS, ids=str)
def test_environment_variables_of_a_step(fields: dict[str, Any], env: dict[str, str]) -> None:
    """bkci-v3 5.11."""
    assert step_of(**fields).env == env


def test_ids_by_position_where_the_user_gave_none() -> None:
    """RULINGS 7."""
    found = to_domain(
        model(stage(), stage(job(script(), script(stepId="t1"), script()), stageIdForUser="s1"))
    )
    assert [each.id for each in found.stages] == ["s1~", "s1"]
    assert [each.id for each in found.stages[1].jobs[0].steps] == ["t1~", "t1", "t3"]


def test_post_actions_are_named_after_their_step() -> None:
    """RULINGS 7, semantics 9."""

    def post(parent: str) -> dict[str, Any]:
        return {"additionalOptions": {"elementPostInfo": {"parentElementId": parent}}}

    steps = job_of(
        script(id="e-1"),
        script(id="e-2", stepId="two"),
        script(id="e-3", **post("e-2")),
        script(id="e-4", **post("e-1")),
        script(id="e-5", **post("e-1")),
        script(id="e-6", **post("e-3")),
    ).steps
    assert [(step.id, step.post_of) for step in steps] == [
        ("t1", ""),
        ("two", ""),
        ("two.post", "two"),
        ("t1.post", "t1"),
        ("t1.post~", "t1"),
        ("t6", ""),
    ]


PARAMETERS = [
    (param(), Parameter(name="a")),
    (
        param(type="ENUM", name="A", desc="d", options=[{"key": "1", "value": "One"}, {"key": "2"}]),
        Parameter(name="a", kind="choice", label="A", description="d", options=(("1", "One"), ("2", "2"))),
    ),
    (param(type="BOOLEAN", defaultValue=True), Parameter(name="a", kind="boolean", default=True)),
    (param(required=False, readOnly=True), Parameter(name="a", settable=False, read_only=True)),
    (param(constant=True, defaultValue="c"), Parameter(name="a", constant=True, default="c")),
    (param(valueNotEmpty=True, sensitive=True), Parameter(name="a", not_empty=True, sensitive=True)),
    (param(type="PASSWORD"), Parameter(name="a", kind="password", sensitive=True)),
    (param(type="GIT_REF", options=[{"key": "x", "value": "x"}]), Parameter(name="a", kind="git-ref")),
]


@pytest.mark.parametrize(("entry", "parameter"), PARAMETERS, ids=str)
def test_parameters(entry: dict[str, Any], parameter: Parameter) -> None:
    """bkci-v3 5.13, semantics 15."""
    (found,) = pipeline_of(params=[entry]).parameters
    assert msgspec.structs.replace(found, origin={}) == parameter


SETTINGS: list[tuple[dict[str, Any] | None, Concurrency]] = [
    (None, Concurrency(waiting_minutes=10)),
    ({}, Concurrency(exclusion=Exclusion.SINGLE, waiting_minutes=10)),
    ({"runLockType": "SINGLE"}, Concurrency(exclusion=Exclusion.SINGLE, waiting_minutes=10)),
    ({"runLockType": "LOCK"}, Concurrency(exclusion=Exclusion.CLOSED, waiting_minutes=10)),
    (
        {
            "runLockType": "GROUP_LOCK",
            "concurrencyGroup": "g",
            "concurrencyCancelInProgress": True,
            "maxQueueSize": 1,
            "waitQueueTimeMinute": 2,
            "maxConRunningQueueSize": 3,
        },
        Concurrency(
            exclusion=Exclusion.GROUP,
            group="g",
            cancel_in_progress=True,
            queue_length=1,
            waiting_minutes=2,
            most_running=3,
        ),
    ),
    (
        {"runLockType": "MULTIPLE", "concurrencyGroup": "${{ci.pipeline_id}}"},
        Concurrency(waiting_minutes=10),
    ),
]


@pytest.mark.parametrize(("setting", "concurrency"), SETTINGS, ids=str)
def test_concurrency(setting: dict[str, Any] | None, concurrency: Concurrency) -> None:
    """semantics 13; a new pipeline without a setting runs side by side (bkci-v3 5.12)."""
    assert pipeline_of(setting=setting).concurrency == concurrency


DIALECTS: list[tuple[dict[str, Any] | None, Dialect]] = [
    (None, Dialect.CLASSIC),
    ({"pipelineDialect": "CLASSIC"}, Dialect.CLASSIC),
    ({"pipelineDialect": "CONSTRAINED"}, Dialect.CONSTRAINED),
    ({"inheritedDialect": True, "pipelineDialect": "CONSTRAINED"}, Dialect.CLASSIC),
    ({"inheritedDialect": True, "projectDialect": "CONSTRAINED"}, Dialect.CONSTRAINED),
]


@pytest.mark.parametrize(("said", "dialect"), DIALECTS, ids=str)
def test_dialect(said: dict[str, Any] | None, dialect: Dialect) -> None:
    """RULINGS 2."""
    assert pipeline_of(setting={"pipelineAsCodeSettings": said}).dialect is dialect


def test_where_nobody_says_the_dialect_the_default_counts_and_is_kept() -> None:
    document = model(setting={"pipelineAsCodeSettings": {"inheritedDialect": True}})
    assert to_domain(document, default=Dialect.CONSTRAINED).dialect is Dialect.CONSTRAINED


def test_the_rest_of_the_setting() -> None:
    notice = {"types": ["RTX"], "content": "x"}
    found = pipeline_of(
        desc="d",
        setting={
            "cleanVariablesWhenRetry": True,
            "failIfVariableInvalid": True,
            "failSubscription": notice,
            "successSubscriptionList": [{"types": []}, notice],
        },
    )
    assert (found.name, found.description) == ("demo", "d")
    assert (found.clear_variables_on_retry, found.fail_on_long_value) == (True, True)
    assert found.announced == ("run-succeeded", "run-failed")
    assert pipeline_of(setting={"successSubscription": {}}).announced == ()


def test_vendor_ids_are_found_again_in_the_origin() -> None:
    found = to_domain(model(stage(job(script(id="e-mine"), containerHashId="c-mine"))))
    job_found = found.stages[0].jobs[0]
    assert job_found.steps[0].origin["id"] == "e-mine"
    assert (job_found.origin["containerHashId"], job_found.origin["id"]) == ("c-mine", "1")
    assert found.stages[0].origin["id"] == "stage-2"
    assert found.origin["trigger"]["containers"][0]["elements"][0]["@type"] == "manualTrigger"


SAVED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("state of a run is cleared", {"status": "FAILED", "elapsed": 3, "canRetry": True, "keep": 1}, {"keep": 1}),
    ("what follows from the rest is cleared", {"classType": "x", "taskAtom": "y", "elementEnable": False}, {}),
    ("null is absent", {"stepId": None}, {}),
    ("text becomes a number", {"additionalOptions": {"timeout": "30"}},
     {"additionalOptions": {"timeout": 30, "timeoutVar": "30"}}),
    ("retryCount is folded", {"additionalOptions": {"retryWhenFailed": True, "retryCount": 9, "timeout": 1}},
     {"additionalOptions": {"retryWhenFailed": True, "retryCount": 5, "timeout": 1, "timeoutVar": "1"}}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), [case[1:] for case in SAVED], ids=[case[0] for case in SAVED])
def test_changes_made_on_save_in_an_element(given: dict[str, Any], kept: dict[str, Any]) -> None:
    """bkci-v3 7, last paragraph."""
    document = normalized(model(stage(job(script(id="e-1", **given)))))
    assert document["model"]["stages"][1]["containers"][0]["elements"][0] == script(id="e-1", **kept)


def test_identifiers_given_on_save() -> None:
    """bkci-v3 8: by position where they are positions, kept where they are unique."""
    document = model(
        stage(
            job(script(id="e-1"), script(id="e-1"), id="9"),
            job(jobId="mine", containerHashId="c-1"),
            id="stage-7",
        ),
        stage(job(containerHashId="c-1"), checkIn={"reviewGroups": [{"reviewers": ["ann"]}]}),
    )
    kept = normalized(document)
    stages = kept["model"]["stages"]
    assert [each["id"] for each in stages] == ["stage-1", "stage-2", "stage-3"]
    assert [each["name"] for each in stages] == ["stage-1", "stage-2", "stage-3"]
    boxes = [box for each in stages for box in each["containers"]]
    assert [box["id"] for box in boxes] == [box["containerId"] for box in boxes] == ["0", "1", "2", "3"]
    hashes = [box["containerHashId"] for box in boxes]
    assert hashes[2] == "c-1"
    assert len(set(hashes)) == 4
    assert boxes[2]["jobId"] == "mine"
    ids = [element["id"] for box in boxes for element in box["elements"]]
    assert ids[1] == "e-1"
    assert len(set(ids)) == len(ids)
    group = stages[2]["checkIn"]["reviewGroups"][0]
    assert (len(group["id"]), group["name"]) == (32, "Flow 1")
    assert normalized(kept) == kept
    assert normalized(document) == kept


def test_nothing_given_is_changed() -> None:
    document = model(stage(job(script(status="x"))), setting={"maxQueueSize": "5"})
    before = repr(document)
    to_domain(document)
    assert repr(document) == before
