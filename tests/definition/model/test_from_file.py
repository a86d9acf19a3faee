"""A pipeline file to BK-CI's model (pipeline-yaml 3 to 9 and 12): every key to its field."""

from typing import Any

import pytest

from ferryman.definition.file import read
from ferryman.definition.model.files.reading import model_from_file
from ferryman.definition.model.files.reading.runs_on import split_image
from tests.definition.model.files_and_models import imported, job, tree, with_job, with_step

SCRIPT = "version: v3.0\nsteps: [{run: echo}]\n"


def _holds(whole: Any, part: Any) -> bool:
    """Whether a mapping has these fields, at any depth; None means that a field is not there."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(
            key not in whole if value is None else key in whole and _holds(whole[key], value)
            for key, value in part.items()
        )
    return bool(whole == part)


def _fields(part: str) -> dict[str, Any]:
    return imported(SCRIPT + part)


TOP = {
    "3 desc": ("desc: hello", {"model": {"desc": "hello"}, "setting": {"desc": "hello"}}),
    "3 name": ("name: shop", {"model": {"name": "shop"}, "setting": {"pipelineName": "shop"}}),
    "3 label names": ("label: [a, b]", {"setting": {"labelNames": ["a", "b"]}}),
    "3.1 nothing means side by side": (
        "",
        {
            "setting": {
                "runLockType": "MULTIPLE",
                "concurrencyGroup": "${{ci.pipeline_id}}",
                "maxQueueSize": 10,
                "waitQueueTimeMinute": 480,
                "concurrencyCancelInProgress": False,
            }
        },
    ),
    "3.1 a group locks": (
        "concurrency: {group: g, cancel-in-progress: true, queue-length: 3, queue-timeout-minutes: 5}",
        {
            "setting": {
                "runLockType": "GROUP_LOCK",
                "concurrencyGroup": "g",
                "concurrencyCancelInProgress": True,
                "maxQueueSize": 3,
                "waitQueueTimeMinute": 5,
            }
        },
    ),
    "3.1 max-parallel": ("concurrency: {max-parallel: 4}", {"setting": {"maxConRunningQueueSize": 4}}),
    "3.1 disable-pipeline wins": (
        "disable-pipeline: true\nconcurrency: {group: g}",
        {"setting": {"runLockType": "LOCK", "concurrencyGroup": "g"}},
    ),
    "3 fail-if-variable-invalid": (
        "fail-if-variable-invalid: true",
        {"setting": {"failIfVariableInvalid": True}},
    ),
    "3 custom-build-num": ("custom-build-num: x", {"setting": {"buildNumRule": "x"}}),
    "3 cancel-policy broad": (
        "cancel-policy: BROAD",
        {"setting": {"buildCancelPolicy": "EXECUTE_PERMISSION"}},
    ),
    "3 cancel-policy": ("cancel-policy: RESTRICTED", {"setting": {"buildCancelPolicy": "RESTRICTED"}}),
    "10.7 a silent file is constrained": (
        "",
        {
            "setting": {
                "pipelineAsCodeSettings": {"inheritedDialect": False, "pipelineDialect": "CONSTRAINED"}
            }
        },
    ),
    "3 syntax-dialect": (
        "syntax-dialect: CLASSIC",
        {"setting": {"pipelineAsCodeSettings": {"inheritedDialect": False, "pipelineDialect": "CLASSIC"}}},
    ),
    "3 syntax-dialect inherited": (
        "syntax-dialect: INHERIT",
        {"setting": {"pipelineAsCodeSettings": {"inheritedDialect": True}}},
    ),
}


@pytest.mark.parametrize(("text", "fields"), TOP.values(), ids=TOP)
def test_keys_of_the_top_level(text: str, fields: dict[str, Any]) -> None:
    """Section 3: name, desc, setting."""
    assert _holds(_fields(text), fields)


def test_notices_go_to_the_lists_of_their_case() -> None:
    """Section 3.2: `if` picks the list; a notice without it goes to both."""
    setting = _fields(
        "notices:\n"
        "  - {type: email}\n"
        "  - {type: wework-chat, chat-id: [a, b], if: FAILURE, content: no, attach-build-url: true}\n"
    )["setting"]
    usual = {
        "users": "${{ci.actor}}",
        "groups": [],
        "wechatGroup": "",
        "wechatGroupMarkdownFlag": False,
        "detailFlag": False,
        "wechatGroupFlag": False,
    }
    good, bad = setting["successSubscriptionList"], setting["failSubscriptionList"]
    assert [mail["types"] for mail in good] == [["EMAIL"]]
    assert _holds(good[0], usual)
    assert good[0]["content"] != bad[0]["content"]
    chat = {
        "types": ["RTX"],
        "wechatGroupFlag": True,
        "wechatGroup": "a,b",
        "detailFlag": True,
        "content": "false",
    }
    assert _holds(bad[1], chat)


def test_a_notice_to_people_and_chat_is_two() -> None:
    """Section 3.2: both are RTX, told apart by wechatGroupFlag."""
    setting = _fields("notices: [{type: [wework-message, wework-chat, email]}]\n")["setting"]
    found = [(each["types"], each["wechatGroupFlag"]) for each in setting["failSubscriptionList"]]
    assert found == [(["RTX", "EMAIL"], False), (["RTX"], True)]


def test_recommended_version() -> None:
    """Section 3.3: three params and a buildNo."""
    box = job(
        _fields(
            "variables: {a: b}\n"
            "recommended-version: {enabled: true, major: 2, build-no: {initial-value: 5, strategy: invariable}}\n"
        ),
        stage=0,
    )
    assert [(param["id"], param["defaultValue"]) for param in box["params"]] == [
        ("a", "b"),
        ("BK_CI_MAJOR_VERSION", "2"),
        ("BK_CI_MINOR_VERSION", "0"),
        ("BK_CI_FIX_VERSION", "0"),
    ]
    assert box["buildNo"] == {"buildNo": 5, "buildNoType": "CONSISTENT", "required": True}
    off = job(_fields("recommended-version: {enabled: false, major: 2}\n"), stage=0)
    assert "buildNo" not in off
    assert off["params"] == []


TRIGGERS = {
    "4 no `on` is manual": ("", [{"@type": "manualTrigger", "additionalOptions": None}]),
    "4 manual off": (
        "on: {manual: disabled}",
        [{"@type": "manualTrigger", "additionalOptions": {"enable": False}}],
    ),
    "4 manual in long form": (
        "on: {manual: {id: m, name: M, enable: false, can-skip-step: true, use-latest-inputs: true}}",
        [
            {
                "stepId": "m",
                "name": "M",
                "canElementSkip": True,
                "useLatestParameters": True,
                "additionalOptions": {"enable": False},
            }
        ],
    ),
    "4 schedules come before remote": (
        "on: {remote: enabled, schedules: {cron: 0 3 * * *}}",
        [
            {},
            {"@type": "timerTrigger", "advanceExpression": ["0 3 * * *"], "noScm": True},
            {"@type": "remoteTrigger", "additionalOptions": None},
        ],
    ),
    "4 remote off": (
        "on: {remote: disabled}",
        [{}, {"@type": "remoteTrigger", "additionalOptions": {"enable": False}}],
    ),
    "4 an interval is one expression a time point, days numbered from Sunday": (
        "on: {schedules: {interval: {week: [Sat, Monday], time-points: ['08:05', '17:30']}, always: true}}",
        [{}, {"newExpression": ["0 5 8 ? * 7,2", "0 30 17 ? * 7,2"], "noScm": False}],
    ),
    "4 an interval is at midnight": (
        "on: {schedules: {interval: {week: [Sun]}}}",
        [{}, {"newExpression": ["0 0 0 ? * 1"]}],
    ),
    "4 start values are JSON text": (
        "on: {schedules: {cron: 0 3 * * *, start-params: {a: 1}, branches: [x], repo-type: ID, repo-id: r}}",
        [
            {},
            {
                "startParams": '[{"key":"a","value":"1"}]',
                "branches": ["x"],
                "repositoryType": "ID",
                "repoHashId": "r",
            },
        ],
    ),
    "4 the list form of a push": (
        "on: {push: [a, b]}",
        [
            {},
            {
                "@type": "codeGitWebHookTrigger",
                "eventType": "PUSH",
                "branchName": "a,b",
                "repositoryType": "SELF",
            },
        ],
    ),
    "4 events have their order": (
        "on: {repo-name: r, type: github, note: {types: [issue]}, mr-merged: [m], tag: [t], push: [p]}",
        [
            {},
            {"eventType": "PUSH", "repositoryType": "NAME", "repositoryName": "r"},
            {"eventType": "TAG_PUSH", "tagName": "t"},
            {"eventType": "MERGE_REQUEST_ACCEPT"},
            {"eventType": "NOTE"},
        ],
    ),
    "4 some kinds wrap their fields": (
        "on: {repo-name: r, type: tgit, mr: {target-branches: [m], block-mr: true, id: x, enable: false}}",
        [
            {},
            {
                "@type": "codeTGitWebHookTrigger",
                "stepId": "x",
                "additionalOptions": {"enable": False},
                "data": {"input": {"eventType": "MERGE_REQUEST", "branchName": "m", "block": True}},
            },
        ],
    ),
    "4 a list has a base entry": (
        "on: [{repo-name: r, push: [p]}, {manual: disabled}]",
        [{"@type": "manualTrigger", "additionalOptions": {"enable": False}}, {"eventType": "PUSH"}],
    ),
}


@pytest.mark.parametrize(("text", "elements"), TRIGGERS.values(), ids=TRIGGERS)
def test_triggers(text: str, elements: list[dict[str, Any]]) -> None:
    """Section 4: `on` to the elements of the trigger job."""
    found = job(_fields(text + "\n"), stage=0)["elements"]
    assert len(found) == len(elements)
    assert all(_holds(*both) for both in zip(found, elements, strict=True)), found


VARIABLES = {
    "5 the short form": (
        "a: 12",
        {"type": "STRING", "defaultValue": "12", "required": True, "readOnly": False},
    ),
    "5 a boolean stays one": (
        "a: {value: true, props: {type: boolean}}",
        {"type": "BOOLEAN", "defaultValue": True},
    ),
    "5 a constant is no start parameter": (
        "A: {value: x, const: true}",
        {"constant": True, "readOnly": True, "required": False},
    ),
    "5 not at startup": ("a: {value: x, allow-modify-at-startup: false}", {"required": False}),
    "5 readonly": ("a: {value: x, readonly: true, sensitive: true}", {"readOnly": True, "sensitive": True}),
    "5 as-instance-input": ("a: {value: x, as-instance-input: false}", {"asInstanceInput": False}),
    "5 if": ("a: {value: x, if: {b: c}}", {"displayCondition": {"b": "c"}}),
    "5 props": (
        "a: {value: x, props: {type: vuex-textarea, label: L, description: D, group: G, required: true}}",
        {"type": "TEXTAREA", "name": "L", "desc": "D", "category": "G", "valueNotEmpty": True},
    ),
    "5 options": (
        "a: {value: x, props: {type: selector, options: [{id: x, label: X}, {id: y}]}}",
        {"type": "ENUM", "options": [{"key": "x", "value": "X"}, {"key": "y", "value": "y"}]},
    ),
    "5 required beside props has no effect": ("a: {value: x, required: true}", {"valueNotEmpty": None}),
}


@pytest.mark.parametrize(("text", "fields"), VARIABLES.values(), ids=VARIABLES)
def test_variables(text: str, fields: dict[str, Any]) -> None:
    """Section 5: a variable to a param."""
    (param,) = job(_fields(f"variables: {{{text}}}\n"), stage=0)["params"]
    assert _holds(param, fields), param


def test_variables_keep_their_order() -> None:
    """Section 2: maps keep their order."""
    params = job(_fields("variables: {b: 1, a: 2, c: 3}\n"), stage=0)["params"]
    assert [param["id"] for param in params] == ["b", "a", "c"]


def test_short_forms() -> None:
    """Section 3: `jobs` is one stage `stage_1`; `steps` one job `job1` with an id of its own, on docker."""
    stage = imported(SCRIPT)["model"]["stages"][1]
    box = stage["containers"][0]
    assert stage["name"] == "stage_1"
    assert (box["name"], box["jobId"][:4], len(box["jobId"])) == ("job1", "job_", 7)
    assert box["dispatchType"] == {"buildType": "DOCKER"}
    assert (
        imported("version: v3.0\njobs: {a: {steps: [{run: echo}]}}\n")["model"]["stages"][1]["name"]
        == "stage_1"
    )


def test_what_is_made_besides() -> None:
    """Section 12: ids by position, options always there, Finally at the end."""
    text = (
        "version: v3.0\nstages:\n- jobs: {a: {steps: [{run: x}]}, b: {steps: [{run: x}]}}\n"
        "- {jobs: {c: {steps: [{run: x}]}}, label: [Deploy, Test], id: mine, fast-kill: true}\n"
        "finally: {d: {steps: [{run: x}], if: CANCELED}}\n"
    )
    stages = imported(text)["model"]["stages"]
    boxes = [box for stage in stages for box in stage["containers"]]
    assert [stage["id"] for stage in stages] == ["stage-1", "stage-2", "stage-3", "stage-4"]
    assert [stage["name"] for stage in stages] == ["stage-1", "stage-1", "stage-2", "Finally"]
    assert [box["id"] for box in boxes] == ["0", "1", "2", "3", "4"]
    assert [box["name"] for box in boxes] == ["trigger", "Job-1", "Job-2", "Job-1", "Job-1"]
    assert stages[1]["tag"] == ["28ee946a59f64949a74f3dee40a1bda4"]
    assert stages[2]["tag"] == ["53b4d3f38e3e425cb1aaa97aa1b37857", "d0a06f6986fa4670af65ccad7bb49d3a"]
    assert (stages[2]["stageIdForUser"], stages[2]["fastKill"]) == ("mine", True)
    assert stages[1]["stageControlOption"] == {"enable": True, "runCondition": "AFTER_LAST_FINISHED"}
    assert stages[3]["finally"] is True
    assert "tag" not in stages[3]
    assert job(imported(text), stage=3)["jobControlOption"]["runCondition"] == "PREVIOUS_STAGE_CANCEL"
    assert all(box["containerHashId"].startswith("c-") and len(box["containerHashId"]) == 34 for box in boxes)
    elements = [step["id"] for box in boxes for step in box["elements"]]
    assert all(name.startswith("e-") and len(name) == 34 for name in elements)
    assert len(set(elements)) == len(elements)


CONDITIONS = {
    "6 stage": (
        "stage",
        "a == 'b'",
        {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "a == 'b'"},
    ),
    "6 stage all match": (
        "stage",
        "{mode: RUN_WHEN_ALL_PARAMS_MATCH, params: {a: 1}}",
        {"runCondition": "CUSTOM_VARIABLE_MATCH", "customVariables": [{"key": "a", "value": "1"}]},
    ),
    "6 job none match": (
        "job",
        "{mode: NOT_RUN_WHEN_ALL_PARAMS_MATCH, params: {a: b}}",
        {"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN"},
    ),
    "6 job": ("job", "x", {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "x"}),
    "6 step failure": ("step", "FAILURE", {"runCondition": "PRE_TASK_FAILED_ONLY", "customCondition": None}),
    "6 step unless": ("step", "ALWAYS_UNLESS_CANCELLED", {"runCondition": "PRE_TASK_FAILED_BUT_CANCEL"}),
    "6 step always": ("step", "ALWAYS", {"runCondition": "PRE_TASK_FAILED_EVEN_CANCEL"}),
    "6 step": ("step", "x", {"runCondition": "CUSTOM_CONDITION_MATCH"}),
}


@pytest.mark.parametrize(("level", "written", "fields"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(level: str, written: str, fields: dict[str, Any]) -> None:
    """Section 6: the forms of `if`."""
    found = {name: f"if: {written}, " if name == level else "" for name in ("stage", "job", "step")}
    text = f"stages: [{{{found['stage']}jobs: {{a: {{{found['job']}steps: [{{{found['step']}run: x}}]}}}}}}]"
    document = imported(f"version: v3.0\n{text}\n")
    box = job(document)
    controls = {
        "stage": document["model"]["stages"][1]["stageControlOption"],
        "job": box["jobControlOption"],
        "step": box["elements"][0]["additionalOptions"],
    }
    assert _holds(controls[level], fields)
    usual = {"stage": "AFTER_LAST_FINISHED", "job": "STAGE_RUNNING", "step": "PRE_TASK_SUCCESS"}
    assert all(controls[name]["runCondition"] == word for name, word in usual.items() if name != level)


def test_check_in() -> None:
    """Section 6.1: flows, variables and the rest."""
    document = imported(
        "version: v3.0\nstages:\n- jobs: {a: {steps: [{run: x}]}}\n  check-in:\n    reviews:\n      flows:\n"
        "      - {name: one, reviewers: ['a, b', \"${{ join(x, ',') }}\"]}\n      - {name: two, groups: g}\n"
        "      variables:\n        K: {label: L, type: SELECTOR, values: [x, y], default: x, required: true}\n"
        "        C: {type: CHECKBOX, default: true}\n        B: {type: BOOL, default: true}\n"
        "      description: D\n      content-format: markdown\n"
    )
    gate = document["model"]["stages"][1]["checkIn"]
    assert _holds(
        gate,
        {
            "manualTrigger": True,
            "timeout": 24,
            "reviewDesc": "D",
            "markdownContent": True,
            "notifyType": [],
            "notifyGroup": None,
        },
    )
    assert [group["reviewers"] for group in gate["reviewGroups"]] == [["a", "b", "${{ join(x, ',') }}"], []]
    assert gate["reviewGroups"][1]["groups"] == ["g"]
    assert all(len(group["id"]) == 32 for group in gate["reviewGroups"])
    assert gate["reviewParams"][0] == {
        "key": "K",
        "value": "x",
        "valueType": "ENUM",
        "required": True,
        "desc": "",
        "chineseName": "L",
        "options": [{"key": "x", "value": "x"}, {"key": "y", "value": "y"}],
    }
    assert [(param["valueType"], param["value"]) for param in gate["reviewParams"][1:]] == [
        ("CHECKBOX", False),
        ("BOOLEAN", True),
    ]


def test_a_check_in_with_only_a_time_limit_asks_nobody() -> None:
    """Section 6.1, last sentence."""
    text = "version: v3.0\nstages: [{jobs: {a: {steps: [{run: x}]}}, check-in: {timeout-hours: 3}}]\n"
    assert imported(text)["model"]["stages"][1]["checkIn"] == {"manualTrigger": False, "timeout": 3}


RUNS_ON = {
    "7.1 docker": (
        "docker",
        {"dispatchType": {"buildType": "DOCKER"}, "baseOS": "LINUX", "@type": "vmBuild"},
    ),
    "7.1 agentless": ("agentless", {"@type": "normal", "dispatchType": None, "baseOS": None}),
    "7.1 a pool": (
        "{self-hosted: true, pool-name: P, workspace: W}",
        {
            "dispatchType": {
                "buildType": "THIRD_PARTY_AGENT_ENV",
                "value": "P",
                "agentType": "NAME",
                "workspace": "W",
            },
            "baseOS": "ALL",
        },
    ),
    "7.1 an agent": (
        "{self-hosted: true, node-name: A, agent-selector: [macos]}",
        {
            "dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "A", "agentType": "NAME"},
            "baseOS": "MACOS",
        },
    ),
    "7.1 the machine of another job": (
        "{self-hosted: true, lock-resource-with: J, pool-name: P}",
        {"dispatchType": {"buildType": "THIRD_PARTY_AGENT_ID", "value": "J", "agentType": "REUSE_JOB_ID"}},
    ),
    "7.1 self-hosted docker is docker": (
        "{self-hosted: true, pool-name: docker}",
        {"dispatchType": {"buildType": "DOCKER", "agentType": None}},
    ),
    "7.1 a pool named after a system": ("{self-hosted: true, pool-name: windows}", {"baseOS": "WINDOWS"}),
    "7.1 an image, port and all": (
        "{pool-name: docker, container: {image: 'r:5000/a/b:1', credentials: c}, hw-spec: h, needs: {jdk: 17}}",
        {
            "dispatchType": {
                "value": "r:5000/a/b",
                "imageVersion": "1",
                "imageType": "THIRD",
                "credentialId": "c",
                "performanceConfigId": "h",
            },
            "buildEnv": {"jdk": "17"},
        },
    ),
    "7.1 a container of one's own": (
        "{self-hosted: true, pool-name: P, container: {image: 'a:1', credentials: {username: u, password: p}}}",
        {"dispatchType": {"dockerInfo": {"image": "a:1", "credential": {"user": "u", "password": "p"}}}},
    ),
    "7.1 limits": (
        "{self-hosted: true, pool-name: P, queue-timeout-minutes: 3, concurrency-limit-per-node: 1,"
        " concurrency-limit-total: 2}",
        {"jobControlOption": {"prepareTimeout": 3, "singleNodeConcurrency": 1, "allNodeConcurrency": 2}},
    ),
}


@pytest.mark.parametrize(("text", "fields"), RUNS_ON.values(), ids=RUNS_ON)
def test_runs_on(text: str, fields: dict[str, Any]) -> None:
    """Section 7.1: where a job runs."""
    file = with_job(f"runs-on: {text}", steps="[{uses: ferrymanWait@1.*, with: {seconds: 1}}]")
    box = job(model_from_file(read(file).value))
    assert _holds(box, fields), box


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("a:1", "a", "1"),
        ("r:5000/a", "r:5000/a", ""),
        ("${{ variables.image }}", "${{ variables.image }}", ""),
        ("r:5000/a:${{ x.y }}", "r:5000/a", "${{ x.y }}"),
        ("a@sha256:abc", "a@sha256", "abc"),
    ],
)
def test_the_tag_follows_the_last_colon_after_the_last_slash(image: str, name: str, tag: str) -> None:
    """Section 7.1."""
    assert split_image(image) == (name, tag)


JOBS = {
    "7 nothing": (
        "name: N",
        {
            "name": "N",
            "jobId": "one",
            "customEnv": None,
            "mutexGroup": None,
            "matrixGroupFlag": None,
            "jobControlOption": {
                "enable": True,
                "timeout": 900,
                "timeoutVar": "900",
                "prepareTimeout": 10,
                "continueWhenFailed": False,
                "dependOnType": None,
            },
        },
    ),
    "7 a placeholder as time limit": (
        "timeout-minutes: ${{ variables.t }}",
        {"jobControlOption": {"timeout": 900, "timeoutVar": "${{ variables.t }}"}},
    ),
    "7 flags": (
        "{enable: false, continue-on-error: true, show-runs-on: true, timeout-minutes: 5}",
        {
            "showBuildResource": True,
            "jobControlOption": {
                "enable": False,
                "continueWhenFailed": True,
                "timeout": 5,
                "timeoutVar": "5",
            },
        },
    ),
    "7 env is text": (
        "env: {A: 1, B: true, C: }",
        {"customEnv": [{"key": "A", "value": "1"}, {"key": "B", "value": "true"}, {"key": "C", "value": ""}]},
    ),
    "7.2 without a queue nobody waits": (
        "mutex: {label: L}",
        {
            "mutexGroup": {
                "enable": True,
                "mutexGroupName": "L",
                "queueEnable": False,
                "queue": 5,
                "timeout": 900,
                "timeoutVar": "900",
            }
        },
    ),
    "7.2 a queue": (
        "mutex: {label: L, queue-length: 2, timeout-minutes: 3}",
        {"mutexGroup": {"queueEnable": True, "queue": 2, "timeout": 3, "timeoutVar": "3"}},
    ),
    "7.2 a lock that waits for nothing": (
        "mutex: {label: L, queue-length: 2, timeout-minutes: 0}",
        {"mutexGroup": {"queueEnable": True, "queue": 2, "timeout": 0, "timeoutVar": "0"}},
    ),
    "7.3 axes are YAML text": (
        "strategy: {matrix: {a: [x, y]}, include: [{a: x, b: z}], fast-kill: true, max-parallel: 2}",
        {
            "matrixGroupFlag": True,
            "matrixControlOption": {
                "strategyStr": "a: [x, y]\n",
                "includeCaseStr": "- a: x\n  b: z\n",
                "excludeCaseStr": None,
                "fastKill": True,
                "maxConcurrency": 2,
            },
        },
    ),
    "7.3 the older form": (
        "strategy: {matrix: {a: [x], include: [{a: y}], exclude: [{a: x}]}}",
        {
            "matrixControlOption": {
                "strategyStr": "a: [x]\n",
                "includeCaseStr": "- a: y\n",
                "excludeCaseStr": "- a: x\n",
            }
        },
    ),
    "7.3 an expression": (
        'strategy: {matrix: "${{ fromJSON(ci.build_msg) }}"}',
        {"matrixControlOption": {"strategyStr": "${{ fromJSON(ci.build_msg) }}"}},
    ),
}


@pytest.mark.parametrize(("text", "fields"), JOBS.values(), ids=JOBS)
def test_jobs(text: str, fields: dict[str, Any]) -> None:
    """Section 7: a job to a container."""
    if text.startswith("{"):
        text = "\n".join(text[1:-1].split(", "))
    assert _holds(job(imported(with_job(text))), fields)


def test_depend_on_is_stored_by_name() -> None:
    """Section 7 and surprise 5."""
    text = "version: v3.0\njobs: {a: {steps: [{run: x}]}, b: {depend-on: [a], steps: [{run: x}]}}\n"
    assert _holds(
        job(imported(text), position=1)["jobControlOption"], {"dependOnType": "NAME", "dependOnName": "a"}
    )


STEPS = {
    "8 defaults": (
        "{run: x}",
        {
            "@type": "marketBuild",
            "atomCode": "run",
            "version": "1.*",
            "name": "run",
            "stepId": None,
            "data": {"input": {"script": "x", "shell": "auto", "charsetType": "DEFAULT"}},
            "additionalOptions": {
                "enable": True,
                "manualRetry": False,
                "retryWhenFailed": False,
                "retryCount": 0,
                "continueWhenFailed": False,
                "manualSkip": None,
                "pauseBeforeExec": False,
                "timeout": 900,
                "timeoutVar": "900",
            },
        },
    ),
    "8 options": (
        "{run: x, id: i, name: N, enable: false, retry-times: 2, can-manually-retry: true, timeout-minutes: 7,"
        " can-pause-before-run: true, pause-notice-receivers: [a, b], env: {A: b}, namespace: n}",
        {
            "stepId": "i",
            "name": "N",
            "customEnv": [{"key": "A", "value": "b"}],
            "data": {"namespace": "n"},
            "additionalOptions": {
                "enable": False,
                "retryWhenFailed": True,
                "retryCount": 2,
                "manualRetry": True,
                "timeout": 7,
                "pauseBeforeExec": True,
                "subscriptionPauseUser": "a,b",
            },
        },
    ),
    "8 auto": ("{run: x, continue-on-error: auto}", {"additionalOptions": {"continueWhenFailed": True}}),
    "8 manual": (
        "{run: x, continue-on-error: manual}",
        {"additionalOptions": {"continueWhenFailed": True, "manualSkip": True}},
    ),
    "8.1 inputs of run": (
        "{run: x, shell: sh, with: {charsetType: UTF_8, other: 1}}",
        {"data": {"input": {"script": "x", "shell": "sh", "charsetType": "UTF_8", "other": 1}}},
    ),
    "8.1 checkout self": (
        "{checkout: self}",
        {"atomCode": "checkout", "data": {"input": {"repositoryType": "SELF"}}},
    ),
    "8.1 checkout of an address": (
        "{checkout: 'https://a.example/b', with: {refName: m}}",
        {
            "data": {
                "input": {"repositoryType": "URL", "repositoryUrl": "https://a.example/b", "refName": "m"}
            }
        },
    ),
    "8.1 checkout by id": (
        "{checkout: {repo-id: r}}",
        {"data": {"input": {"repositoryType": "ID", "repositoryHashId": "r"}}},
    ),
    "8.1 checkout by name": (
        "{checkout: {repo-name: r}}",
        {"data": {"input": {"repositoryType": "NAME", "repositoryName": "r"}}},
    ),
    "8.1 linuxScript": (
        "{uses: linuxScript@1.*, with: {script: x}}",
        {
            "@type": "linuxScript",
            "name": "linuxScript",
            "scriptType": "SHELL",
            "script": "x",
            "continueNoneZero": False,
            "enableArchiveFile": False,
            "data": None,
            "atomCode": None,
        },
    ),
    "8.1 windowsScript": (
        "{uses: windowsScript@1.*, with: {script: x, charsetType: GBK}}",
        {"@type": "windowsScript", "scriptType": "BAT", "script": "x", "charsetType": "GBK"},
    ),
    "8.1 manualReviewUserTask": (
        "{uses: manualReviewUserTask@1.*, with: {reviewUsers: [a], desc: d}}",
        {"@type": "manualReviewUserTask", "reviewUsers": ["a"], "desc": "d"},
    ),
    "8.1 subPipelineCall": (
        "{uses: subPipelineCall@1.*, with: {subPipelineName: p, subPipelineType: NAME}}",
        {"@type": "subPipelineCall", "subPipelineName": "p", "asynchronous": False},
    ),
    "8.1 a plugin": (
        "{uses: other@2.1, with: {a: {b: [1]}}}",
        {
            "@type": "marketBuild",
            "atomCode": "other",
            "version": "2.1",
            "name": "other",
            "data": {"input": {"a": {"b": [1]}}},
        },
    ),
}


@pytest.mark.parametrize(("text", "fields"), STEPS.values(), ids=STEPS)
def test_steps(text: str, fields: dict[str, Any]) -> None:
    """Section 8: a step to an element."""
    (found,) = job(imported(with_step(text)))["elements"]
    assert _holds(found, fields), found


def test_a_plugin_without_a_machine() -> None:
    """Section 8.1, last row."""
    (found,) = job(imported(with_step("{uses: other@2.1}", runs_on="agentless")))["elements"]
    assert found["@type"] == "marketBuildLess"


@pytest.mark.parametrize(
    ("runs_on", "shell"),
    [
        ("docker", "auto"),
        ("{self-hosted: true, pool-name: P}", "auto"),
        ("{self-hosted: true, pool-name: P, agent-selector: [windows]}", "cmd"),
        ("{self-hosted: true, pool-name: P, agent-selector: [linux]}", "bash"),
        ("{self-hosted: true, pool-name: P, agent-selector: [other]}", "bash"),
    ],
)
def test_the_shell_goes_by_the_system(runs_on: str, shell: str) -> None:
    """Section 8, row shell."""
    (found,) = job(imported(with_step("{run: x}", runs_on=runs_on)))["elements"]
    assert found["data"]["input"]["shell"] == shell


def test_names_come_from_file_then_file_name_then_the_pipeline() -> None:
    """Section 3, rows name and desc."""
    older = {"model": {"name": "old", "desc": "kept", "stages": []}, "setting": {}}
    bare = tree(SCRIPT)
    assert model_from_file(bare, file_name="a/shop.yml", keep=older)["model"]["name"] == "shop"
    assert model_from_file(bare, keep=older)["model"]["name"] == "old"
    assert model_from_file(bare, keep=older)["model"]["desc"] == "kept"
    assert (
        model_from_file(bare | {"name": "n", "desc": "d"}, file_name="x.yml", keep=older)["setting"]
        | {"pipelineName": "n", "desc": "d"}
        == model_from_file(bare | {"name": "n", "desc": "d"}, keep=older)["setting"]
    )


BEFORE = "version: v3.0\njobs: {a: {steps: [{run: x, id: i}, {run: y}]}, b: {steps: [{run: z}]}}\n"


def _own_ids(document: dict[str, Any]) -> dict[str, Any]:
    """Ids that no file could give by itself, as a server has them after years."""
    for stage in document["model"]["stages"]:
        for box in stage["containers"]:
            box["containerHashId"] = "c-" + box.get("jobId", "trigger")
            for position, step in enumerate(box["elements"]):
                step["id"] = f"e-{box.get('jobId', 'trigger')}-{position}"
    return document


def test_ids_are_kept_for_what_is_recognized() -> None:
    """Section 12: jobs by job id; steps by id, or lacking ids by position and kind."""
    keep = _own_ids(imported(BEFORE))
    after = tree(
        "version: v3.0\nstages: [{jobs: {b: {steps: [{run: zz}]}}},"
        " {jobs: {c: {steps: [{run: x}]}, a: {steps: [{run: new}, {run: y}, {run: x, id: i}, {run: more}]}}}]\n"
    )
    document = model_from_file(after, keep=keep)
    assert job(document, stage=0)["elements"][0]["id"] == "e-trigger-0"
    assert job(document)["containerHashId"] == "c-b"
    assert job(document)["elements"][0]["id"] == "e-b-0"
    boxes = document["model"]["stages"][2]["containers"]
    assert boxes[1]["containerHashId"] == "c-a"
    kept = [step["id"] for step in boxes[1]["elements"]]
    assert kept[1:3] == ["e-a-1", "e-a-0"]
    assert not {kept[0], kept[3]} & {"e-a-0", "e-a-1"}


def test_new_ids_do_not_meet_kept_ones() -> None:
    """A step that moved keeps its id; the step now in its place gets another."""
    keep = imported("version: v3.0\njobs: {a: {steps: [{run: x, id: i}]}}\n")
    moved = tree("version: v3.0\njobs: {a: {steps: [{run: y}, {run: x, id: i}]}}\n")
    first, second = job(model_from_file(moved, keep=keep))["elements"]
    assert second["id"] == job(keep)["elements"][0]["id"]
    assert first["id"] != second["id"]


def test_reading_twice_gives_the_same_ids() -> None:
    """Mapping is pure."""
    assert imported(BEFORE) == imported(BEFORE)
