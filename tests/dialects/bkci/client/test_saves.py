"""What is checked on save, and what a save changes (bkci-v3 5, 7, 8)."""

import re
from typing import Any

import pytest

from .caller import Caller
from .models import (
    control,
    decided,
    job,
    model,
    options,
    param,
    plain,
    plugin,
    review,
    script,
    stage,
    steps,
    trigger,
)

Json = dict[str, Any]
TWO = steps(script())
NEVER = "never saved"
"""The name of what is refused."""


def without(whole: Json, key: str) -> Json:
    """It, without a field."""
    return {name: value for name, value in whole.items() if name != key}


def timer(**given: Any) -> Json:
    """A first stage with a timer."""
    return trigger(elements=[{"@type": "timerTrigger", "name": "T", **given}])


def depends(*ids: str, **other: Any) -> Json:
    """A job's options with jobs to wait for."""
    return control(dependOnType="ID", dependOnId=list(ids), **other)


MUTEX = {"enable": True, "mutexGroupName": "g", "queueEnable": True}
OFTEN = [script(name=f"s{at}") for at in range(21)]
MATRIX: Json = {"matrixGroupFlag": True}

CHECKS: list[tuple[str, Json, int, int]] = [
    ("1 no name", without(model(NEVER, TWO), "name"), 400, 400),
    ("1 no stages", {"name": NEVER}, 400, 400),
    ("1 script without text", model(NEVER, steps(without(script(), "script"))), 400, 400),
    ("1 script without a type", model(NEVER, steps(without(script(), "scriptType"))), 400, 400),
    (
        "1 call without asynchronous",
        model(NEVER, steps({"@type": "subPipelineCall", "subPipelineId": "p"})),
        400,
        400,
    ),
    *(
        (f"1 param without {key}", model(NEVER, TWO, params=(without(param("p"), key),)), 400, 400)
        for key in ("id", "type", "required", "defaultValue")
    ),
    *(
        (
            f"1 mutex without {key}",
            model(NEVER, stage(job(script(), mutexGroup=without(MUTEX, key)))),
            400,
            400,
        )
        for key in ("enable", "queueEnable")
    ),
    ("2 unknown word", model(NEVER, steps(script(scriptType="COBOL"))), 400, 400),
    ("2 unknown condition", model(NEVER, steps(script(**options(runCondition="NEVER")))), 400, 400),
    ("2 unknown type of a param", model(NEVER, TWO, params=(param("p", type="COLOR"),)), 400, 400),
    ("2 unknown container", model(NEVER, stage({"@type": "ship", "elements": [script()]})), 400, 400),
    ("4 no first stage", {"name": NEVER, "stages": []}, 400, 2101025),
    ("5 no trigger at the head", {"name": NEVER, "stages": [TWO, TWO]}, 400, 2101025),
    ("7 long name", model("x" * 256, TWO), 400, 2101015),
    ("8 long description", model(NEVER, TWO, desc="d" * 256), 400, 2101056),
    ("10 too many stages", model(NEVER, *[TWO] * 20), 400, 2101069),
    (
        "11 two jobs in the first stage",
        model(NEVER, TWO, first=stage(*trigger()["containers"], *trigger()["containers"])),
        400,
        2101037,
    ),
    ("13 constant without a value", model(NEVER, TWO, params=(param("p", "", constant=True),)), 400, 400),
    (
        "14 too many jobs",
        model(NEVER, stage(*[job(script(), name=f"j{at}") for at in range(21)])),
        400,
        2101069,
    ),
    ("15 no job", model(NEVER, stage()), 400, 2101025),
    ("16 finally in the middle", model(NEVER, stage(job(script()), **{"finally": True}), TWO), 400, 2101064),
    ("17 review without groups", model(NEVER, TWO | {"checkIn": {"manualTrigger": True}}), 400, 2101055),
    ("18 group without reviewers", model(NEVER, TWO | review(())), 400, 2101072),
    (
        "19 long value of a review",
        model(NEVER, TWO | review(("a",), reviewParams=[decided("p", "v" * 4000)])),
        400,
        2101082,
    ),
    *(
        (f"20 long condition of {where}", whole, 400, 2101253)
        for where, whole in (
            (
                "a stage",
                model(
                    NEVER,
                    TWO
                    | {
                        "stageControlOption": {
                            "runCondition": "CUSTOM_CONDITION_MATCH",
                            "customCondition": "x" * 513,
                        }
                    },
                ),
            ),
            (
                "a job",
                model(
                    NEVER,
                    stage(
                        job(
                            script(),
                            **control(runCondition="CUSTOM_CONDITION_MATCH", customCondition="x" * 513),
                        )
                    ),
                ),
            ),
            (
                "an element",
                model(
                    NEVER,
                    steps(
                        script(**options(runCondition="CUSTOM_CONDITION_MATCH", customCondition="x" * 513))
                    ),
                ),
            ),
        )
    ),
    (
        "21 mutex timeout",
        model(NEVER, stage(job(script(), mutexGroup=MUTEX | {"timeoutVar": "10081"}))),
        400,
        2101086,
    ),
    (
        "22 condition of a job in finally",
        model(
            NEVER,
            TWO,
            stage(job(script(), **control(runCondition="CUSTOM_CONDITION_MATCH", customCondition="true")))
            | {"finally": True},
        ),
        400,
        2101065,
    ),
    (
        "23 condition of a job outside finally",
        model(NEVER, stage(job(script(), **control(runCondition="PREVIOUS_STAGE_FAILED")))),
        400,
        2101066,
    ),
    *(
        (
            f"24 {word} without variables",
            model(NEVER, stage(job(script(), **control(runCondition=word)))),
            400,
            2101115,
        )
        for word in ("CUSTOM_VARIABLE_MATCH", "CUSTOM_VARIABLE_MATCH_NOT_RUN")
    ),
    *(
        (
            f"25 job timeout {value}",
            model(NEVER, stage(job(script(), **control(timeoutVar=value)))),
            400,
            2101084,
        )
        for value in ("0", "10081")
    ),
    ("26 too many elements", model(NEVER, stage(job(*OFTEN))), 400, 2101069),
    ("27 no element", model(NEVER, stage(job())), 400, 2101067),
    ("27 no trigger element", model(NEVER, TWO, first=trigger(elements=[])), 400, 2101067),
    ("28 long job id", model(NEVER, stage(job(script(), jobId="j" * 129))), 400, 2101250),
    (
        "29 job id twice",
        model(NEVER, stage(job(script(), jobId="a"), job(script(), jobId="a"))),
        409,
        2101146,
    ),
    ("30 step id twice", model(NEVER, steps(script(stepId="a"), script(stepId="a"))), 400, 2101338),
    (
        "31 node concurrency",
        model(NEVER, stage(job(script(), jobId="a", **control(singleNodeConcurrency=1001)))),
        400,
        2101251,
    ),
    (
        "31 without a job id",
        model(NEVER, stage(job(script(), **control(singleNodeConcurrency=1)))),
        400,
        2101250,
    ),
    *(
        (f"32 task timeout {value}", model(NEVER, steps(script(**options(timeoutVar=value)))), 400, 2101085)
        for value in ("0", "10081")
    ),
    ("34 plugin in the wrong job", model(NEVER, stage(plain(script()))), 400, 2101062),
    (
        "35 circle",
        model(
            NEVER, stage(job(script(), jobId="a", **depends("b")), job(script(), jobId="b", **depends("a")))
        ),
        409,
        2101145,
    ),
    (
        "36 matrix",
        model(NEVER, stage(job(script(), **MATRIX, matrixControlOption={"strategyStr": "- no: [map"}))),
        400,
        2101097,
    ),
    ("37 timer", model(NEVER, TWO, first=timer(advanceExpression=["never"])), 400, 2101048),
    ("37 by seconds", model(NEVER, TWO, first=timer(advanceExpression=["* * 4 * * ?"])), 400, 2101057),
    (
        "38 unknown sub-pipeline",
        model(NEVER, steps({"@type": "subPipelineCall", "asynchronous": False, "subPipelineId": "p-nobody"})),
        400,
        2101002,
    ),
    (
        "38 no sub-pipeline",
        model(NEVER, steps({"@type": "subPipelineCall", "asynchronous": False, "subPipelineId": ""})),
        400,
        2101001,
    ),
]


@pytest.mark.parametrize(
    ("whole", "http", "status"), [one[1:] for one in CHECKS], ids=[one[0] for one in CHECKS]
)
def test_what_a_save_refuses(manager: Caller, whole: Json, http: int, status: int) -> None:
    manager.do("create", whole).refused(http, status)
    manager.but(version=4).do("create", whole).refused(http, status)


@pytest.fixture(scope="session")
def kept(address: str) -> str:
    """A pipeline edits are tried on."""
    return Caller(address, "manager").make(model("kept", TWO))


@pytest.mark.parametrize(
    ("whole", "http", "status"), [one[1:] for one in CHECKS], ids=[one[0] for one in CHECKS]
)
def test_an_edit_refuses_the_same(manager: Caller, kept: str, whole: Json, http: int, status: int) -> None:
    manager.do("edit", whole, pipelineId=kept).refused(http, status)
    assert manager.good("get", pipelineId=kept)["latestVersion"] == 1


def test_an_edit_wants_two_stages(manager: Caller, kept: str) -> None:
    manager.do("edit", model("kept"), pipelineId=kept).refused(400, 2101189)


def test_a_circle_of_pipelines(manager: Caller, name: str) -> None:
    def calling(other: str) -> Json:
        return steps({"@type": "subPipelineCall", "asynchronous": True, "subPipelineId": other})

    first = manager.make(model(name, TWO))
    second = manager.make(model(f"{name}-2", calling(first)))
    manager.do("edit", model(name, calling(second)), pipelineId=first).refused(400, 2101100)


TAKEN = "kept"
ORDER: list[tuple[str, Json, int, int]] = [
    ("form before name", {"name": TAKEN}, 400, 400),
    ("words before name", model(TAKEN, steps(script(scriptType="COBOL"))), 400, 400),
    ("name before the whole", {"name": TAKEN, "stages": []}, 409, 2101013),
    (
        "first stage before its length",
        model(NEVER, TWO, first=stage(job(script())), desc="d" * 256),
        400,
        2101025,
    ),
    ("name before description", model("x" * 256, TWO, desc="d" * 256), 400, 2101015),
    ("description before sizes", model(NEVER, *[TWO] * 20, desc="d" * 256), 400, 2101056),
    ("the whole before its stages", model(NEVER, *[stage()] * 20), 400, 2101069),
    ("params before stages", model(NEVER, stage(), params=(param("p", "", constant=True),)), 400, 400),
    (
        "gate before jobs",
        model(NEVER, steps(script(), script()) | review(()) | {"containers": [job()]}),
        400,
        2101072,
    ),
    (
        "condition before empty jobs",
        model(NEVER, stage(job(**control(runCondition="PREVIOUS_STAGE_FAILED")))),
        400,
        2101066,
    ),
    (
        "job id before a task",
        model(NEVER, stage(job(script(**options(timeoutVar="0")), jobId="j" * 129))),
        400,
        2101250,
    ),
]


@pytest.mark.parametrize(
    ("whole", "http", "status"), [one[1:] for one in ORDER], ids=[one[0] for one in ORDER]
)
def test_the_order_of_checks(manager: Caller, kept: str, whole: Json, http: int, status: int) -> None:
    manager.do("create", whole).refused(http, status)


@pytest.mark.parametrize("constrained", [False, True])
def test_names_of_params(manager: Caller, name: str, constrained: bool) -> None:
    """Check 12: the classic dialect takes any name, the constrained one does not."""
    setting: Json = {"pipelineName": name}
    if constrained:
        setting["pipelineAsCodeSettings"] = {
            "enable": False,
            "pipelineDialect": "CONSTRAINED",
            "inheritedDialect": False,
        }
    reply = manager.do("upload", {"model": model(name, TWO, params=(param("变 量"),)), "setting": setting})
    if constrained:
        reply.refused(400)
    else:
        reply.good()
    good = {
        "model": model(f"{name}-2", TWO, params=(param("_a.b1"),)),
        "setting": setting | {"pipelineName": f"{name}-2"},
    }
    manager.good("upload", good)


def test_what_a_save_fills_in(manager: Caller, name: str) -> None:
    whole = model(
        name,
        stage(job(script(), {**script(), "id": "mine"}, name="A"), plain(plugin_less(), name="B")),
        stage(job({**script(), "id": "mine"}, name="C")),
    )
    pipeline = manager.make(whole)
    got = manager.good("get", pipelineId=pipeline)
    stages = got["stages"]
    assert (
        [one["id"] for one in stages] == [one["name"] for one in stages] == ["stage-1", "stage-2", "stage-3"]
    )
    assert all(isinstance(tag, str) for one in stages for tag in one["tag"])
    assert all(one["tag"] for one in stages)
    jobs = [each for one in stages for each in one["containers"]]
    assert [each["id"] for each in jobs] == [each["containerId"] for each in jobs] == ["0", "1", "2", "3"]
    assert all(re.fullmatch("c-[0-9a-f]{32}", each["containerHashId"]) for each in jobs)
    assert len({each["containerHashId"] for each in jobs}) == 4
    assert all(re.fullmatch("job_[a-zA-Z]{3}", each["jobId"]) for each in jobs[1:])
    ids = [element["id"] for each in jobs for element in each["elements"]]
    assert len(set(ids)) == len(ids)
    assert "mine" in ids
    assert all(re.fullmatch("(e-[0-9a-f]{32})|mine|T-1-1-1", id) for id in ids)
    element = jobs[1]["elements"][0]
    assert (element["version"], element["elementEnable"], element["atomCode"], element["taskAtom"]) == (
        "1.*",
        True,
        "linuxScript",
        "",
    )


def plugin_less() -> Json:
    """A step that needs no build machine."""
    return {"@type": "manualReviewUserTask", "name": "ask", "reviewUsers": ["manager"]}


def test_ids_by_position_are_rewritten_and_others_kept(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script(name="a")), steps(script(name="b"))))
    got = manager.good("get", pipelineId=pipeline)
    first, second, third = got["stages"]
    assert manager.good("edit", got | {"stages": [first, third, second]}, pipelineId=pipeline) is True
    after = manager.good("get", pipelineId=pipeline)["stages"]
    assert [one["id"] for one in after] == ["stage-1", "stage-2", "stage-3"]
    assert [one["containers"][0]["id"] for one in after] == ["0", "1", "2"]
    assert after[1]["containers"][0]["containerHashId"] == third["containers"][0]["containerHashId"]
    assert after[1]["containers"][0]["elements"][0]["id"] == third["containers"][0]["elements"][0]["id"]


def test_what_a_save_puts_right(manager: Caller, name: str) -> None:
    whole = model(
        name,
        stage(
            job(
                script(
                    **options(
                        timeout=0, customEnv=[{"key": "param1", "value": ""}, {"key": "k", "value": "v"}]
                    )
                ),
                jobId="here",
                status="FAILED",
                startEpoch=5,
                elementElapsed=6,
                **control(dependOnType="ID", dependOnId=["nobody"], timeout=20000),
            ),
            status="FAILED",
            startEpoch=5,
            checkIn={
                "manualTrigger": True,
                "timeout": 1000,
                "status": "REVIEW_PROCESSED",
                "reviewGroups": [
                    {"name": "g", "reviewers": ["a"], "status": "PROCESS", "operator": "a", "reviewTime": 7}
                ],
            },
        ),
        params=(param("tag", "", "SVN_TAG", options=[{"key": "a", "value": "b"}]),),
    )
    pipeline = manager.make(whole)
    got = manager.good("get", pipelineId=pipeline)
    assert got["stages"][0]["containers"][0]["params"][0].get("options", []) == []
    second = got["stages"][1]
    check = second["checkIn"]
    assert check["timeout"] == 24
    assert "status" not in check
    assert re.fullmatch("[0-9a-f]{32}", check["reviewGroups"][0]["id"])
    assert not {"status", "operator", "reviewTime"} & set(check["reviewGroups"][0])
    own = second["containers"][0]
    assert not {"status", "startEpoch"} & (set(second) | set(own))
    assert "elementElapsed" not in own
    assert (own["jobControlOption"]["timeout"], own["jobControlOption"]["timeoutVar"]) == (10080, "10080")
    assert own["jobControlOption"].get("dependOnId", []) == []
    element = own["elements"][0]
    assert element["additionalOptions"]["timeout"] == 10080
    assert element["customEnv"] == [{"key": "k", "value": "v"}]


def test_a_plugin_nobody_has_is_stored(manager: Caller, name: str) -> None:
    """12.8: it fails when it runs."""
    pipeline = manager.make(model(name, steps(plugin(id="e-x"))))
    build, seen = manager.run(pipeline)
    assert seen["status"] == "FAILED"
    element = manager.detail(pipeline, build)["model"]["stages"][1]["containers"][0]["elements"][0]
    assert (element["errorType"], element["errorCode"]) == ("USER", 2199003)


ROUND = model(
    "round",
    {
        **stage(
            {
                **job(
                    script(
                        errorFAQUrl="http://nowhere",
                        enableArchiveFile=True,
                        archiveFile="*.log",
                        stepId="one",
                        nobodyKnows={"element": [1, None, {"a": False}]},
                    ),
                    {"@type": "somethingNew", "name": "new", "id": "e-new", "own": {"deep": [True]}},
                    {"@type": "linuxScript", "name": "old", "scriptType": "PYTHON3", "script": "print(1)"},
                    jobId="first",
                    buildEnv={"python": "3.11"},
                    customEnv=[{"key": "K", "value": "V"}],
                    dispatchType={"buildType": "ALIEN", "value": "mars", "credits": 7},
                    nobodyKnows="job",
                ),
            },
            plain(
                {
                    "@type": "marketBuildLess",
                    "name": "less",
                    "atomCode": "a",
                    "version": "2.*",
                    "data": {"input": {"x": [1, 2]}, "output": {}},
                }
            ),
        ),
        "name": "Named",
        "customBuildEnv": {"E": "1"},
        "fastKill": True,
        "stageIdForUser": "mine",
        "nobodyKnows": 1.5,
    },
    params=(
        param(
            "p",
            "a",
            "ENUM",
            options=[{"key": "a", "value": "A"}],
            nobodyKnows="param",
            desc="d",
            category="c",
        ),
        param("b", True, "BOOLEAN"),
    ),
    desc="about",
    tips="tip",
    srcTemplateId="t",
    nobodyKnows={"model": {"deep": [0, "", False]}},
)


def holds(got: Any, given: Any, at: str = "$") -> None:
    """What was given came back; more may be there. A null may be missing."""
    if isinstance(given, dict):
        for key, value in given.items():
            if value is not None:
                assert key in got, f"{at}.{key} is gone"
                holds(got[key], value, f"{at}.{key}")
    elif isinstance(given, list):
        assert len(got) == len(given), at
        for place, (seen, value) in enumerate(zip(got, given, strict=True)):
            holds(seen, value, f"{at}[{place}]")
    else:
        assert (type(got), got) == (type(given), given), at


def test_what_is_not_understood_comes_back(manager: Caller, name: str) -> None:
    whole = ROUND | {"name": name}
    pipeline = manager.make(whole)
    got = manager.good("get", pipelineId=pipeline)
    holds(got, whole)
    assert manager.good("edit", got, pipelineId=pipeline) is True
    again = manager.good("get", pipelineId=pipeline)
    assert again == got | {"latestVersion": 2}
    assert manager.good("batch_get", [pipeline])[0]["model"]["stages"] == again["stages"]


def test_a_number_of_builds_is_shown_with_where_it_stands(manager: Caller, name: str) -> None:
    first = trigger(buildNo={"buildNo": 10, "buildNoType": "EVERY_BUILD_INCREMENT"})
    pipeline = manager.make(model(name, TWO, first=first))
    own = manager.good("get", pipelineId=pipeline)["stages"][0]["containers"][0]["buildNo"]
    assert (own["buildNo"], own["buildNoType"], own["required"], own["currentBuildNo"]) == (
        10,
        "EVERY_BUILD_INCREMENT",
        False,
        10,
    )
    manager.run(pipeline)
    own = manager.good("get", pipelineId=pipeline)["stages"][0]["containers"][0]["buildNo"]
    assert own["currentBuildNo"] == 11


def test_the_old_form_of_a_review_is_read(manager: Caller, name: str) -> None:
    old = TWO | {"stageControlOption": {"manualTrigger": True, "triggerUsers": ["manager"], "timeout": 5}}
    pipeline = manager.make(model(name, old))
    check = manager.good("get", pipelineId=pipeline)["stages"][1]["checkIn"]
    assert (check["manualTrigger"], check["timeout"]) == (True, 5)
    assert [(group["name"], group["reviewers"]) for group in check["reviewGroups"]] == [
        ("Flow 1", ["manager"])
    ]


def test_a_job_id_may_stand_in_two_stages(manager: Caller, name: str) -> None:
    """5.7 and row 29: unique in its stage; the 2101337 of newer releases (row 30) is not raised."""
    twice = model(name, stage(job(script(), jobId="j")), stage(job(script(), jobId="j")))
    read = manager.good("get", pipelineId=manager.make(twice))
    assert [one["containers"][0]["jobId"] for one in read["stages"][1:]] == ["j", "j"]
