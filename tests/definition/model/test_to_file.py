"""BK-CI's model to a pipeline file (pipeline-yaml 12.1): every field to its key, and what is lost to a warning."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.model.files.reading import model_from_file
from ferryman.definition.model.files.writing import file_from_model
from tests.definition.model.files_and_models import model, one_job, shell

Tree = dict[str, Any]


def _tree(document: Tree) -> Tree:
    return file_from_model(document)[0]


def _job(document: Tree) -> Tree:
    return next(iter(_tree(document)["stages"][0]["jobs"].values()))


def _with_setting(**setting: Any) -> Tree:
    return one_job() | {"setting": setting}


def test_the_smallest_model() -> None:
    """Table 12.1: what equals a default is left out; retries by hand are allowed unless denied (16.3)."""
    document = {
        "model": {
            "name": "demo",
            "stages": [
                {
                    "containers": [
                        {
                            "@type": "trigger",
                            "name": "Trigger",
                            "elements": [{"@type": "manualTrigger", "name": "Manual"}],
                            "params": [],
                        }
                    ]
                },
                {
                    "containers": [
                        {
                            "@type": "vmBuild",
                            "name": "Linux",
                            "baseOS": "LINUX",
                            "elements": [
                                {
                                    "@type": "linuxScript",
                                    "name": "Bash",
                                    "scriptType": "SHELL",
                                    "script": "echo hi",
                                }
                            ],
                        }
                    ]
                },
            ],
        },
    }
    tree, warnings = file_from_model(document)
    (name,) = tree["stages"][0]["jobs"]
    assert name.startswith("job_")
    step = {
        "name": "Bash",
        "uses": "linuxScript@1.*",
        "with": {"script": "echo hi"},
        "can-manually-retry": True,
    }
    assert tree == {
        "version": "v3.0",
        "name": "demo",
        "on": {"manual": {"name": "Manual"}},
        "stages": [{"jobs": {name: {"name": "Linux", "steps": [step]}}}],
        "syntax-dialect": "CLASSIC",
    }
    assert warnings == []


def test_keys_have_the_order_of_the_tables() -> None:
    """Section 12.1, first sentence."""
    setting = {
        "labelNames": ["l"],
        "runLockType": "LOCK",
        "concurrencyGroup": "g",
        "buildCancelPolicy": "RESTRICTED",
        "failIfVariableInvalid": True,
        "buildNumRule": "r",
        "successSubscriptionList": [{"types": ["EMAIL"], "users": "a"}],
    }
    box = {
        "enable": True,
        "customEnv": [{"key": "A", "value": "b"}],
        "name": "N",
        "showBuildResource": True,
        "jobControlOption": {"timeout": 5, "continueWhenFailed": True, "enable": False},
    }
    step = shell(
        stepId="i",
        name="N",
        customEnv=[{"key": "A", "value": "b"}],
        additionalOptions={"enable": False, "timeout": 5, "retryWhenFailed": True, "retryCount": 1},
    )
    document = one_job(box, step, finally_=False)
    document["model"] |= {"desc": "d"}
    document["model"]["stages"][0]["containers"][0]["params"] = [{"id": "a", "defaultValue": ""}]
    tree = _tree(document | {"setting": setting})
    assert list(tree) == [
        "version",
        "name",
        "desc",
        "label",
        "on",
        "variables",
        "stages",
        "concurrency",
        "notices",
        "custom-build-num",
        "disable-pipeline",
        "fail-if-variable-invalid",
        "syntax-dialect",
        "cancel-policy",
    ]
    job = tree["stages"][0]["jobs"]["one"]
    assert list(job) == [
        "name",
        "enable",
        "steps",
        "timeout-minutes",
        "env",
        "continue-on-error",
        "show-runs-on",
    ]
    assert list(job["steps"][0]) == ["name", "id", "enable", "run", "env", "timeout-minutes", "retry-times"]


SETTINGS = {
    "3.1 side by side": (
        {
            "runLockType": "MULTIPLE",
            "concurrencyGroup": "${{ci.pipeline_id}}",
            "maxQueueSize": 10,
            "waitQueueTimeMinute": 480,
            "maxConRunningQueueSize": 200,
        },
        {"concurrency": None},
    ),
    "3.1 group": (
        {"runLockType": "GROUP_LOCK", "concurrencyGroup": "g", "waitQueueTimeMinute": 480},
        {"concurrency": {"group": "g"}},
    ),
    "3.1 a group lock without a name, 16.4 a silent setting waits 10 minutes": (
        {"runLockType": "GROUP_LOCK"},
        {"concurrency": {"group": "${{ci.pipeline_id}}", "queue-timeout-minutes": 10}},
    ),
    "3.1 a group that locks nothing": (
        {"runLockType": "MULTIPLE", "concurrencyGroup": "g", "waitQueueTimeMinute": 480},
        {"concurrency": None},
    ),
    "3.1 numbers": (
        {"maxQueueSize": 3, "waitQueueTimeMinute": 10, "maxConRunningQueueSize": "7"},
        {"concurrency": {"queue-length": 3, "queue-timeout-minutes": 10, "max-parallel": 7}},
    ),
    "3 shut": ({"runLockType": "LOCK"}, {"disable-pipeline": True}),
    "3 cancel-policy": ({"buildCancelPolicy": "EXECUTE_PERMISSION"}, {"cancel-policy": None}),
    "10.7 constrained is how files are read": (
        {"pipelineAsCodeSettings": {"pipelineDialect": "CONSTRAINED"}},
        {"syntax-dialect": None},
    ),
    "3 inherited": (
        {"pipelineAsCodeSettings": {"inheritedDialect": True, "pipelineDialect": "CLASSIC"}},
        {"syntax-dialect": "INHERIT"},
    ),
    "3.2 the old form": (
        {"successSubscription": {"types": ["SMS"], "users": "a,b"}},
        {"notices": [{"type": "sms", "if": "SUCCESS", "receivers": ["a", "b"]}]},
    ),
    "3.2 both lists": (
        {
            "successSubscriptionList": [{"types": ["RTX"], "users": "${{ci.actor}}", "content": "c"}],
            "failSubscriptionList": [{"types": ["EMAIL"]}, {"types": ["RTX"], "content": "c"}],
        },
        {"notices": [{"type": "email", "if": "FAILURE"}, {"type": "wework-message", "content": "c"}]},
    ),
    "3.2 a chat": (
        {
            "failSubscriptionList": [
                {
                    "types": ["RTX"],
                    "wechatGroupFlag": True,
                    "wechatGroup": "a,b",
                    "wechatGroupMarkdownFlag": True,
                    "detailFlag": True,
                    "users": "",
                }
            ]
        },
        {
            "notices": [
                {
                    "type": "wework-chat",
                    "if": "FAILURE",
                    "receivers": [],
                    "chat-id": ["a", "b"],
                    "content-format": "markdown",
                    "attach-build-url": True,
                }
            ]
        },
    ),
    "3.2 nothing to send": ({"successSubscriptionList": [{"types": []}]}, {"notices": None}),
}


@pytest.mark.parametrize(("setting", "keys"), SETTINGS.values(), ids=SETTINGS)
def test_settings(setting: Tree, keys: Tree) -> None:
    """Sections 3, 3.1, 3.2."""
    tree = _tree(_with_setting(**setting))
    assert {key: tree.get(key) for key in keys} == keys


CONDITIONS = {
    "6 stage expression": ("stage", {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "a"}, "a"),
    "6 empty expression is false": ("stage", {"runCondition": "CUSTOM_CONDITION_MATCH"}, "false"),
    "6 job variables": (
        "job",
        {"runCondition": "CUSTOM_VARIABLE_MATCH", "customVariables": [{"key": "a", "value": "b"}]},
        {"mode": "RUN_WHEN_ALL_PARAMS_MATCH", "params": {"a": "b"}},
    ),
    "6 job not variables": (
        "job",
        {"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN", "customVariables": [{"key": "a", "value": "b"}]},
        {"mode": "NOT_RUN_WHEN_ALL_PARAMS_MATCH", "params": {"a": "b"}},
    ),
    "6 step failure": ("step", {"runCondition": "PRE_TASK_FAILED_ONLY"}, "FAILURE"),
    "6 step unless": ("step", {"runCondition": "PRE_TASK_FAILED_BUT_CANCEL"}, "ALWAYS_UNLESS_CANCELLED"),
    "6 step always": ("step", {"runCondition": "PRE_TASK_FAILED_EVEN_CANCEL"}, "ALWAYS"),
    "6 step default": ("step", {"runCondition": "PRE_TASK_SUCCESS", "customCondition": "old"}, None),
    "6 an expression stays one, in both dialects": (
        "step",
        {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "ALWAYS"},
        "(ALWAYS)",
    ),
    "semantics 3.2, a blank expression of a step lets it run": (
        "step",
        {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": " "},
        None,
    ),
    "9 finally": ("finally", {"runCondition": "PREVIOUS_STAGE_FAILED"}, "FAILURE"),
    "9 finally default": ("finally", {"runCondition": "STAGE_RUNNING"}, None),
}


@pytest.mark.parametrize(("level", "control", "written"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(level: str, control: Tree, written: Any) -> None:
    """Section 6, 8, 9 reversed."""
    box = {"jobControlOption": control} if level in ("job", "finally") else {}
    step = shell(additionalOptions=control if level == "step" else {})
    stage: Tree = {"stageControlOption": control} if level == "stage" else {"finally": level == "finally"}
    tree, warnings = file_from_model(one_job(box, step, **stage))
    holder = {
        "stage": lambda: tree["stages"][0],
        "job": lambda: tree["stages"][0]["jobs"]["one"],
        "step": lambda: tree["stages"][0]["jobs"]["one"]["steps"][0],
        "finally": lambda: tree["finally"]["one"],
    }[level]()
    assert holder.get("if") == written
    assert warnings == []


TRIGGERS: dict[str, tuple[list[Tree], Any]] = {
    "no manual trigger": (
        [{"@type": "timerTrigger", "advanceExpression": ["0 3 * * *"], "noScm": True}],
        {"manual": "disabled", "schedules": {"cron": "0 3 * * *"}},
    ),
    "manual off": (
        [{"@type": "manualTrigger", "additionalOptions": {"enable": False}}],
        {"manual": "disabled"},
    ),
    "manual off with a name": (
        [{"@type": "manualTrigger", "name": "M", "stepId": "m", "additionalOptions": {"enable": False}}],
        {"manual": {"id": "m", "name": "M", "enable": False}},
    ),
    "a timer that says nothing of changes runs always": (
        [
            {"@type": "manualTrigger"},
            {"@type": "timerTrigger", "newExpression": ["0 5 8 ? * 2,7", "0 0 9 ? * 2,7"]},
        ],
        {
            "manual": "enabled",
            "schedules": {
                "interval": {"week": ["Mon", "Sat"], "time-points": ["08:05", "09:00"]},
                "always": True,
            },
        },
    ),
    "several lines of cron": (
        [{"@type": "manualTrigger"}, {"@type": "timerTrigger", "noScm": True, "advanceExpression": ["a\nb"]}],
        {"manual": "enabled", "schedules": {"cron": ["a", "b"]}},
    ),
    "one repository": (
        [
            {"@type": "manualTrigger"},
            {
                "@type": "codeGitWebHookTrigger",
                "eventType": "PUSH",
                "branchName": "a,b",
                "repositoryName": "r",
            },
        ],
        {"manual": "enabled", "repo-name": "r", "push": ["a", "b"]},
    ),
    "two repositories": (
        [
            {"@type": "manualTrigger"},
            {"@type": "codeGitWebHookTrigger", "eventType": "PUSH"},
            {
                "@type": "codeGithubWebHookTrigger",
                "eventType": "PULL_REQUEST",
                "repositoryName": "r",
                "name": "N",
            },
        ],
        [
            {"manual": "enabled"},
            {"type": "git", "push": {}},
            {"repo-name": "r", "type": "github", "mr": {"name": "N"}},
        ],
    ),
}


@pytest.mark.parametrize(("elements", "on"), TRIGGERS.values(), ids=TRIGGERS)
def test_triggers(elements: list[Tree], on: Any) -> None:
    """Table 12.1, row trigger elements."""
    assert _tree(model(elements=elements))["on"] == on


PARAMS = {
    "text": ({"required": True, "type": "STRING", "defaultValue": 5}, {"value": "5"}),
    "boolean": ({"type": "BOOLEAN", "defaultValue": "true"}, {"value": True, "props": {"type": "boolean"}}),
    "flags": (
        {"readOnly": True, "required": False, "defaultValue": ""},
        {"value": "", "readonly": True, "allow-modify-at-startup": False},
    ),
    "its own name as label": ({"name": "A", "defaultValue": "x"}, {"value": "x"}),
    "a constant": (
        {"constant": True, "readOnly": True, "required": True, "defaultValue": "x"},
        {"value": "x", "const": True},
    ),
    "props": (
        {"type": "ENUM", "defaultValue": "x", "desc": "d", "options": [{"key": "x", "value": "X"}]},
        {
            "value": "x",
            "props": {"type": "selector", "options": [{"id": "x", "label": "X"}], "description": "d"},
        },
    ),
}


@pytest.mark.parametrize(("param", "variable"), PARAMS.values(), ids=PARAMS)
def test_params(param: Tree, variable: Tree) -> None:
    """Table 12.1, row params: a mapping with the value as text."""
    assert _tree(model(params=[{"id": "A", **param}]))["variables"] == {"A": variable}


def test_a_field_of_a_form_without_id_and_label() -> None:
    """It fell over its own missing label once."""
    form = {"id": "form", "type": "FORM_LIST", "defaultValue": [], "fields": [{"type": "STRING"}]}
    assert "form" in _tree(model(params=[form]))["variables"]


def test_version_params_are_left_out() -> None:
    """Table 12.1, rows params and buildNo."""
    params = [{"id": "BK_CI_MAJOR_VERSION", "defaultValue": "3"}, {"id": "b", "defaultValue": "1"}]
    number = {"buildNo": 1, "buildNoType": "SUCCESS_BUILD_INCREMENT", "required": True}
    tree = _tree(model(params=params, buildNo=number))
    assert list(tree["variables"]) == ["b"]
    assert tree["recommended-version"] == {
        "enabled": True,
        "major": 3,
        "build-no": {"initial-value": 1, "strategy": "plus1-when-success"},
    }


def test_stages() -> None:
    """Table 12.1, rows stage."""
    tags = ["53b4d3f38e3e425cb1aaa97aa1b37857", "unknown"]
    (stage,) = _tree(
        one_job(stageIdForUser="s", tag=tags, fastKill=True, stageControlOption={"enable": False})
    )["stages"]
    del stage["jobs"]
    assert stage == {"id": "s", "label": ["Deploy", "Build"], "enable": False, "fast-kill": True}


def test_reviews() -> None:
    """Table 12.1, row checkIn; data model 5.3 for the old form."""
    gate = {
        "manualTrigger": True,
        "timeout": 24,
        "reviewGroups": [{"name": "n", "reviewers": ["a"], "id": "x"}],
        "reviewParams": [
            {"key": "K", "value": "", "valueType": "ENUM", "options": [{"key": "x", "value": "x"}]}
        ],
    }
    assert _tree(one_job(checkIn=gate))["stages"][0]["check-in"] == {
        "reviews": {
            "flows": [{"name": "n", "reviewers": ["a"]}],
            "variables": {"K": {"type": "SELECTOR", "values": ["x"]}},
        }
    }
    old = {"manualTrigger": True, "triggerUsers": ["a"], "timeout": 3, "reviewDesc": "d"}
    assert _tree(one_job(stageControlOption=old))["stages"][0]["check-in"] == {
        "reviews": {"flows": [{"name": "Flow 1", "reviewers": ["a"]}], "description": "d"},
        "timeout-hours": 3,
    }


MACHINES = {
    "nothing": ({}, None),
    "the default image": ({"dispatchType": {"buildType": "DOCKER"}, "baseOS": "LINUX"}, None),
    "an image": (
        {"dispatchType": {"buildType": "DOCKER", "value": "r:5000/a", "imageVersion": "1"}},
        {"pool-name": "docker", "container": {"image": "r:5000/a:1"}},
    ),
    "an image without a tag": (
        {"dispatchType": {"buildType": "DOCKER", "value": "a"}},
        {"pool-name": "docker", "container": {"image": "a:latest"}},
    ),
    "an image of the store": (
        {
            "dispatchType": {
                "buildType": "DOCKER",
                "imageType": "BKSTORE",
                "imageCode": "c",
                "imageVersion": "1",
            }
        },
        {"pool-name": "docker", "container": {"image-code": "c", "image-version": "1"}},
    ),
    "a pool": (
        {
            "dispatchType": {"buildType": "THIRD_PARTY_AGENT_ENV", "value": "P", "agentType": "NAME"},
            "baseOS": "WINDOWS",
            "jobControlOption": {"prepareTimeout": 10},
        },
        {"self-hosted": True, "pool-name": "P", "agent-selector": ["windows"]},
    ),
    "any system": (
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "A"}, "baseOS": "ALL"},
        {"self-hosted": True, "node-name": "A"},
    ),
    "the machine of another job": (
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "J", "agentType": "REUSE_JOB_ID"}},
        {"self-hosted": True, "lock-resource-with": "J"},
    ),
    "old forms": (
        {"thirdPartyAgentEnvId": "P", "thirdPartyWorkspace": "/w"},
        {"self-hosted": True, "pool-name": "P", "workspace": "/w"},
    ),
    "no machine": (
        {"@type": "normal", "jobControlOption": {"prepareTimeout": 3}},
        {"pool-name": "agentless", "queue-timeout-minutes": 3},
    ),
}


@pytest.mark.parametrize(("box", "runs_on"), MACHINES.values(), ids=MACHINES)
def test_machines(box: Tree, runs_on: Any) -> None:
    """Table 12.1, rows normal, vmBuild and baseOS."""
    tree, warnings = file_from_model(one_job(box))
    assert tree["stages"][0]["jobs"]["one"].get("runs-on") == runs_on
    assert warnings == []


JOBS = {
    "timeoutVar, else timeout": (
        {"jobControlOption": {"timeout": 3, "timeoutVar": "5"}},
        {"timeout-minutes": 5},
    ),
    "timeout alone": ({"jobControlOption": {"timeout": 3}}, {"timeout-minutes": 3}),
    "a text that is neither": (
        {"jobControlOption": {"timeout": 3, "timeoutVar": "x"}},
        {"timeout-minutes": 3},
    ),
    "a placeholder": ({"jobControlOption": {"timeoutVar": "${{ a }}"}}, {"timeout-minutes": "${{ a }}"}),
    "out of range": ({"jobControlOption": {"timeout": 0}}, {"timeout-minutes": 10080}),
    "the usual time": ({"jobControlOption": {"timeout": 900}}, {"timeout-minutes": None}),
    "a lock": (
        {
            "mutexGroup": {
                "enable": True,
                "mutexGroupName": "L",
                "queueEnable": False,
                "queue": 3,
                "timeout": 4,
            }
        },
        {"mutex": {"label": "L"}},
    ),
    "a lock with a queue": (
        {
            "mutexGroup": {
                "enable": True,
                "mutexGroupName": "L",
                "queueEnable": True,
                "queue": 3,
                "timeout": 4,
            }
        },
        {"mutex": {"label": "L", "queue-length": 3, "timeout-minutes": 4}},
    ),
    "a lock that waits for nothing": (
        {
            "mutexGroup": {
                "enable": True,
                "mutexGroupName": "L",
                "queueEnable": True,
                "queue": 3,
                "timeout": 0,
                "timeoutVar": "0",
            }
        },
        {"mutex": {"label": "L", "queue-length": 3, "timeout-minutes": 0}},
    ),
    "a lock that is off": (
        {"mutexGroup": {"enable": False, "mutexGroupName": "L", "queueEnable": True}},
        {"mutex": None},
    ),
    "a lock without a name": ({"mutexGroup": {"enable": True, "queueEnable": True}}, {"mutex": None}),
    "a matrix in YAML or JSON": (
        {
            "matrixGroupFlag": True,
            "matrixControlOption": {
                "strategyStr": '{"a": [1, "x"]}',
                "includeCaseStr": "- a: x\n  b: y",
                "maxConcurrency": 3,
            },
        },
        {"strategy": {"matrix": {"a": [1, "x"]}, "include": [{"a": "x", "b": "y"}], "max-parallel": 3}},
    ),
    "a matrix by expression": (
        {
            "matrixGroupFlag": True,
            "matrixControlOption": {"strategyStr": "${{ fromJSON(A) }}", "fastKill": True},
        },
        {"strategy": {"matrix": "${{ fromJSON(A) }}", "fast-kill": True}},
    ),
    "a matrix of included combinations alone": (
        {"matrixGroupFlag": True, "matrixControlOption": {"strategyStr": "", "includeCaseStr": "- a: x"}},
        {"strategy": {"matrix": {}, "include": [{"a": "x"}]}},
    ),
    "a matrix of nothing": ({"matrixGroupFlag": True}, {"strategy": {"matrix": {}}}),
    "a matrix that is off": ({"matrixControlOption": {"strategyStr": "a: [1]"}}, {"strategy": None}),
}


@pytest.mark.parametrize(("box", "keys"), JOBS.values(), ids=JOBS)
def test_jobs(box: Tree, keys: Tree) -> None:
    """Table 12.1, rows timeoutVar, mutexGroup, matrixControlOption."""
    found = _job(one_job(box))
    assert {key: found.get(key) for key in keys} == keys


@pytest.mark.parametrize(
    "control",
    [
        {"dependOnType": "ID", "dependOnId": ["one", "gone"]},
        {"dependOnId": ["one"]},
        {"dependOnType": "NAME", "dependOnName": "one, gone", "dependOnId": ["other"]},
    ],
    ids=str,
)
def test_depend_on(control: Tree) -> None:
    """Table 12.1, row dependOnType; part 7: dependencies on unknown jobs are dropped."""
    document = one_job()
    document["model"]["stages"][1]["containers"].append(
        {"@type": "vmBuild", "jobId": "two", "elements": [shell()], "jobControlOption": control}
    )
    assert _tree(document)["stages"][0]["jobs"]["two"]["depend-on"] == ["one"]


def test_job_ids_are_made_unique_and_dependencies_follow() -> None:
    """Job ids are unique in a file (7), in a model only in their stage (RULINGS 13)."""
    document = one_job()
    again = {"@type": "vmBuild", "jobId": "one", "elements": [shell()]}
    after = {"@type": "vmBuild", "elements": [shell()], "jobControlOption": {"dependOnId": ["one"]}}
    document["model"]["stages"].append(
        {"name": "x", "containers": [again, after, {**again, "jobId": "x" * 100}]}
    )
    tree, warnings = file_from_model(document)
    second, nameless, long = tree["stages"][1]["jobs"]
    assert second != "one"
    assert nameless.startswith("job_")
    assert len(long) <= 64
    assert tree["stages"][1]["jobs"][nameless]["depend-on"] == [second]
    assert [warning.path for warning in warnings] == [
        "stages[2].containers[0].jobId",
        "stages[2].containers[2].jobId",
    ]


def _plugin(code: str, version: str = "1.*", **inputs: Any) -> Tree:
    return shell(atomCode=code, version=version, name=code, data={"input": inputs})


STEPS = {
    "run": (shell(), {"run": "echo"}),
    "run with inputs": (
        _plugin("run", script="x", shell="sh", charsetType="GBK", more=1),
        {"with": {"charsetType": "GBK", "more": 1}, "run": "x", "shell": "sh"},
    ),
    "run of another version": (
        _plugin("run", "2.*", script="x"),
        {"uses": "run@2.*", "with": {"script": "x"}},
    ),
    "checkout of another version": (
        _plugin("checkout", "4.*", repositoryType="NAME", repositoryName="r", a=1),
        {"uses": "checkout@4.*", "with": {"a": 1, "repo-name": "r"}},
    ),
    "checkout": (_plugin("checkout", repositoryType="SELF", a=1), {"with": {"a": 1}, "checkout": "self"}),
    "checkout by id": (
        _plugin("checkout", repositoryType="ID", repositoryHashId="r"),
        {"checkout": {"repo-id": "r"}},
    ),
    "plugin": (_plugin("p", "2.1", a={"b": [1]}), {"uses": "p@2.1", "with": {"a": {"b": [1]}}}),
    "linuxScript": (
        {
            "@type": "linuxScript",
            "id": "e",
            "name": "linuxScript",
            "script": "x",
            "scriptType": "PYTHON3",
            "continueNoneZero": False,
            "additionalOptions": {"manualRetry": False},
            "status": "SUCCEED",
            "canRetry": True,
        },
        {"uses": "linuxScript@1.*", "with": {"script": "x", "scriptType": "PYTHON3"}},
    ),
    "review": (
        {"@type": "manualReviewUserTask", "reviewUsers": ["a"], "additionalOptions": {"manualRetry": False}},
        {"uses": "manualReviewUserTask@1.*", "with": {"reviewUsers": ["a"]}},
    ),
    "going on": (
        shell(additionalOptions={"continueWhenFailed": True}),
        {"run": "echo", "continue-on-error": True},
    ),
    "going on by hand": (
        shell(additionalOptions={"continueWhenFailed": True, "manualSkip": True}),
        {"run": "echo", "continue-on-error": "manual"},
    ),
    "16.13 a retry without a count is one": (
        shell(additionalOptions={"retryWhenFailed": True, "retryCount": 0}),
        {"run": "echo", "retry-times": 1},
    ),
    "no retry": (shell(additionalOptions={"retryWhenFailed": False, "retryCount": 3}), {"run": "echo"}),
    "16.3 retry by hand": (
        shell(additionalOptions={"manualRetry": None}),
        {"run": "echo", "can-manually-retry": True},
    ),
    "a pause": (
        shell(additionalOptions={"pauseBeforeExec": True, "subscriptionPauseUser": "a,b"}),
        {"run": "echo", "can-pause-before-run": True, "pause-notice-receivers": ["a", "b"]},
    ),
    "5.11 env of older models": (
        shell(
            additionalOptions={
                "enableCustomEnv": True,
                "customEnv": [{"key": "param1", "value": ""}, {"key": "A", "value": "b"}],
            }
        ),
        {"run": "echo", "env": {"A": "b"}},
    ),
}


@pytest.mark.parametrize(("element", "step"), STEPS.values(), ids=STEPS)
def test_steps(element: Tree, step: Tree) -> None:
    """Table 12.1, rows marketBuild to pauseBeforeExec."""
    tree, warnings = file_from_model(one_job({}, element))
    assert tree["stages"][0]["jobs"]["one"]["steps"] == [step]
    assert warnings == []


STAGE = "stages[1]"
JOB = f"{STAGE}.containers[0]"
STEP = f"{JOB}.elements[0]"
LOST: dict[str, tuple[Tree, list[str]]] = {
    "checkOut": (one_job(checkOut={"ruleIds": ["r"]}), [f"{STAGE}.checkOut"]),
    "quality rules": (one_job(checkIn={"ruleIds": ["r"]}), [f"{STAGE}.checkIn"]),
    "a quality gate": (one_job({}, {"@type": "qualityGateInTask"}, shell()), [STEP]),
    "a review that is off": (
        one_job(checkIn={"manualTrigger": False, "reviewGroups": [{"name": "n", "reviewers": ["a"]}]}),
        [f"{STAGE}.checkIn"],
    ),
    "customBuildEnv of a stage": (one_job(customBuildEnv={"A": "b"}), [f"{STAGE}.customBuildEnv"]),
    "env of an agentless job": (
        one_job({"@type": "normal", "customEnv": [{"key": "A", "value": "b"}]}),
        [f"{JOB}.customEnv"],
    ),
    "another dispatch type": (
        one_job({"dispatchType": {"buildType": "PUBLIC_DEVCLOUD", "value": "x"}}),
        [f"{JOB}.dispatchType"],
    ),
    "an agent by id": (
        one_job({"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "x", "agentType": "ID"}}),
        [f"{JOB}.dispatchType"],
    ),
    "except skip": (
        one_job({}, shell(additionalOptions={"runCondition": "PRE_TASK_FAILED_ONLY_EXCEPT_SKIP"})),
        [STEP],
    ),
    "another task": (one_job({}, shell(additionalOptions={"runCondition": "OTHER_TASK_RUNNING"})), [STEP]),
    "a parent": (one_job({}, shell(additionalOptions={"runCondition": "PARENT_TASK_FINISH"})), [STEP]),
    "a post task": (
        one_job({}, shell(additionalOptions={"elementPostInfo": {"parentElementId": "e"}}), shell()),
        [STEP],
    ),
    "an end of the stages before in a plain stage": (
        one_job({"jobControlOption": {"runCondition": "PREVIOUS_STAGE_FAILED"}}),
        [JOB],
    ),
    "an expression in finally": (
        one_job(
            {"jobControlOption": {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "a"}},
            **{"finally": True},
        ),
        [JOB],
    ),
    "a matrix in finally": (
        one_job(
            {"matrixGroupFlag": True, "matrixControlOption": {"strategyStr": "a: [1]"}}, **{"finally": True}
        ),
        [JOB],
    ),
    "SINGLE": (_with_setting(runLockType="SINGLE"), ["setting.runLockType"]),
    "SINGLE_LOCK": (_with_setting(runLockType="SINGLE_LOCK"), ["setting.runLockType"]),
    "a queue of none": (_with_setting(maxQueueSize=0), ["setting"]),
    "labels without names": (_with_setting(labels=["1"]), ["setting.labels"]),
    "a notice by another way": (
        _with_setting(successSubscriptionList=[{"types": ["WECHAT"]}]),
        ["setting.successSubscriptionList[0]"],
    ),
    "an old step": (one_job({}, {"@type": "CODE_GIT", "additionalOptions": {"manualRetry": False}}), [STEP]),
    "a job of another kind": (model({"containers": [{"@type": "jobTemplate", "elements": []}]}), [JOB]),
    "a Perforce trigger": (
        model(
            elements=[{"@type": "codeP4WebHookTrigger", "data": {"input": {"eventType": "CHANGE_COMMIT"}}}]
        ),
        ["stages[0].containers[0].elements[0]"],
    ),
    "times that differ by day": (
        model(elements=[{"@type": "timerTrigger", "newExpression": ["0 0 1 ? * 1", "0 0 2 ? * 2"]}]),
        ["stages[0].containers[0].elements[0].newExpression"],
    ),
    "a variable of another type": (
        model(params=[{"id": "a", "type": "DATE", "defaultValue": "x"}]),
        ["stages[0].containers[0].params[0]"],
    ),
    "a constant in small letters": (
        model(params=[{"id": "a", "constant": True, "defaultValue": "x"}]),
        ["stages[0].containers[0].params[0]"],
    ),
    "a time limit by a variable in the classic form": (
        one_job(
            {"jobControlOption": {"timeoutVar": "${t}"}}, shell(additionalOptions={"timeoutVar": "${t}"})
        ),
        [JOB, STEP],
    ),
    "a variable compared twice": (
        one_job(
            {},
            shell(
                additionalOptions={
                    "runCondition": "CUSTOM_VARIABLE_MATCH",
                    "customVariables": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
                }
            ),
        ),
        [STEP],
    ),
    "a step id twice": (one_job({}, shell(stepId="a"), shell(stepId="a")), [f"{JOB}.elements[1].stepId"]),
}


@pytest.mark.parametrize(("document", "paths"), LOST.values(), ids=LOST)
def test_what_a_file_cannot_say_is_a_warning(document: Tree, paths: list[str]) -> None:
    """Section 12.1, below the table: told instead of failing."""
    _, warnings = file_from_model(document)
    assert [warning.path for warning in warnings] == paths
    assert {warning.severity for warning in warnings} == {"warning"}


@pytest.mark.parametrize("field", ["events", "templateId", "srcTemplateId", "publicVarGroups"])
def test_what_a_file_cannot_say_of_a_pipeline(field: str) -> None:
    """Section 12.1: callbacks and template links of a copy."""
    document = one_job()
    document["model"][field] = {"a": {}}
    assert [warning.path for warning in file_from_model(document)[1]] == [field]


def test_a_job_bound_to_an_environment_stays_bound() -> None:
    """Section 15.2: FERRYMAN_ENVIRONMENT survives the model also in an agentless job."""
    env = [{"key": "FERRYMAN_ENVIRONMENT", "value": "production"}]
    tree, warnings = file_from_model(one_job({"@type": "normal", "customEnv": env}))
    assert tree["stages"][0]["jobs"]["one"]["env"] == {"FERRYMAN_ENVIRONMENT": "production"}
    assert warnings == []


FIELDS = """
    name desc stages containers elements @type id jobId params type defaultValue options key value checkIn
    reviewGroups reviewParams manualTrigger timeout timeoutVar stageControlOption runCondition customCondition
    customVariables jobControlOption dispatchType buildType agentType imageVersion dockerInfo credential mutexGroup
    enable queueEnable mutexGroupName matrixGroupFlag matrixControlOption strategyStr additionalOptions data input
    script shell atomCode version newExpression advanceExpression startParams eventType repositoryName buildNo
    buildNoType finally tag dependOnType dependOnName dependOnId customEnv successSubscriptionList types users
    maxQueueSize labelNames retryWhenFailed retryCount subscriptionPauseUser pauseBeforeExec fields containerType
    buildEnv stepId
"""
WORDS = """
    trigger vmBuild normal manualTrigger timerTrigger remoteTrigger codeGitWebHookTrigger marketBuild linuxScript
    run checkout PUSH DOCKER THIRD_PARTY_AGENT_ID THIRD_PARTY_AGENT_ENV NAME ID CUSTOM_CONDITION_MATCH BOOLEAN
    CUSTOM_VARIABLE_MATCH ENUM RTX EMAIL GROUP_LOCK LOCK SELF
"""
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(WORDS.split()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS.split()), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(ANYTHING, st.integers(0, 3))
def test_export_and_import_never_fail(part: Any, level: int) -> None:
    """Whatever stands where: what does not fit counts as absent, and a second export says the same."""
    whole = {
        0: {"model": part, "setting": part},
        1: {"model": {"stages": part}},
        2: model({"containers": part}, elements=part if isinstance(part, list) else [part], params=part),
        3: one_job({}, part if isinstance(part, dict) else shell(data=part)),
    }[level]
    tree, _ = file_from_model(whole)
    assert file_from_model(model_from_file(tree))[0].keys() >= tree.keys() - {"notices"}
