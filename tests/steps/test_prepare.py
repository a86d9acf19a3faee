"""What each step kind comes to as work (pipeline-yaml 8.1, 11, 15.1; bkci-v3 5.10, 12; semantics 7.6, 15.3)."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.dialect import Dialect
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import RunsOn
from ferryman.domain.run import Facts, JobState, Run, StageState
from ferryman.domain.work import (
    Action,
    CallHttp,
    CallPipeline,
    Checkout,
    FetchArtifact,
    Impossible,
    KeepArtifact,
    Nothing,
    Notify,
    RunPlugin,
    RunScript,
    Wait,
    Work,
)
from ferryman.steps import KINDS
from ferryman.steps.plugins import Binding, find_binding, unbound
from ferryman.steps.preparing import Known, prepare
from tests.steps.samples import ALL_GOOD, JSON, NAMES, WORDS

KEY = "s/j/t#1.1"


class Seen(msgspec.Struct, kw_only=True):
    """An attempt with its surroundings, made by hand: steps know nothing of the run machine."""

    run: Run
    define: Step
    job: JobState
    facts: Facts
    scope: Mapping[str, Any]
    settings: Mapping[str, Any]
    key: str = KEY


def sight(
    kind: str,
    settings: Mapping[str, Any],
    *,
    variables: dict[str, str] | None = None,
    ci: dict[str, Any] | None = None,
    dialect: str = "constrained",
    stage_env: dict[str, str] | None = None,
    job: dict[str, Any] | None = None,
    changed: Mapping[str, Any] | None = None,
    **step: Any,
) -> Seen:
    define = Step(id="t", kind=kind, settings=dict(settings), **step)
    around = Job(id="j", steps=(define,), **(job or {}))
    known = variables or {}
    facts = Facts(variables=known, ci=ci or {}, dialect=dialect, stage_env=stage_env or {}, patience_ms=7)
    state = JobState("s/j", around, facts=facts)
    pipeline = Pipeline(stages=(Stage(id="s", jobs=(around,)),))
    run = Run(id="r", pipeline=pipeline, index={}, stages=(StageState("s", (state,)),))
    scope = {**known, "variables": known, "ci": facts.ci}
    return Seen(
        run=run,
        define=define,
        job=state,
        facts=facts,
        scope=scope,
        settings=dict(settings) if changed is None else changed,
    )


def order(kind: str, settings: Mapping[str, Any], *, known: Known | None = None, **given: Any) -> Work:
    return prepare(sight(kind, settings, **given), project="p", known=known or Known())


def action(kind: str, settings: Mapping[str, Any], **given: Any) -> Action:
    return order(kind, settings, **given).action


REPOSITORIES = Known(
    repositories={"abc": "https://git.example.com/abc", "shop": "https://git.example.com/shop"}
)

ACTIONS: list[tuple[str, str, dict[str, Any], Action]] = [
    ("a script is read by bash", "run", {"script": "make"}, RunScript(text="make", interpreter="auto")),
    ("or by sh", "run", {"script": "make", "shell": "sh"}, RunScript(text="make", interpreter="sh")),
    ("or by Python", "run", {"script": "1", "shell": "python"}, RunScript(text="1", interpreter="python")),
    ("or by PowerShell", "run", {"script": "a", "shell": "pwsh"}, RunScript(text="a", interpreter="pwsh")),
    ("a script element", "linuxScript", {"script": "a"}, RunScript(text="a", interpreter="auto")),
    (
        "that goes on after a failing command",
        "linuxScript",
        {"script": "a", "continueNoneZero": "true"},
        RunScript(text="a", interpreter="auto", stop_at_first_failure=False),
    ),
    (
        "in Python",
        "linuxScript",
        {"script": "a", "scriptType": "PYTHON3"},
        RunScript(text="a", interpreter="python3"),
    ),
    (
        "PowerShell runs without Windows where it exists (row 22)",
        "windowsScript",
        {"script": "a", "scriptType": "POWER_SHELL"},
        RunScript(text="a", interpreter="powershell"),
    ),
    (
        "a repository by address",
        "checkout",
        {"repository": "https://git.example.com/a", "fetchDepth": 1},
        Checkout(url="https://git.example.com/a", depth=1),
    ),
    (
        "a tag of a repository by name, into a folder, anew",
        "checkout",
        {
            "repo-name": "shop",
            "pullType": "TAG",
            "refName": "v1",
            "localPath": "src",
            "strategy": "FRESH_CHECKOUT",
            "enableSubmodule": "false",
        },
        Checkout(
            url="https://git.example.com/shop",
            ref="v1",
            ref_kind="tag",
            folder="src",
            fresh=True,
            submodules=False,
        ),
    ),
    (
        "a commit of a repository by id",
        "checkout",
        {"repo-id": "abc", "pullType": "COMMIT_ID", "refName": "a1b2"},
        Checkout(url="https://git.example.com/abc", ref="a1b2", ref_kind="commit"),
    ),
    (
        "a pipeline by id",
        "subPipelineCall",
        {"subPipelineId": "p-1", "parameters": {"a": 1}},
        CallPipeline(pipeline="p-1", values={"a": "1"}),
    ),
    (
        "a pipeline by name that nobody waits for",
        "subPipelineCall",
        {"subPipelineType": "NAME", "subPipelineName": "shop", "asynchronous": True},
        CallPipeline(pipeline="shop", wait=False),
    ),
    (
        "files by one pattern",
        "ferrymanUploadArtifact",
        {"name": "shop", "path": "dist/*.tgz"},
        KeepArtifact(name="shop", patterns=("dist/*.tgz",)),
    ),
    (
        "files by several, for a month",
        "ferrymanUploadArtifact",
        {"name": "shop", "path": ["a", "b"], "keep-days": "30"},
        KeepArtifact(name="shop", patterns=("a", "b"), keep_days=30),
    ),
    ("the newest artifact", "ferrymanDownloadArtifact", {"name": "shop"}, FetchArtifact(name="shop")),
    (
        "an artifact of a run by number",
        "ferrymanDownloadArtifact",
        {"name": "shop", "build": 12, "pipeline": "other", "path": "in"},
        FetchArtifact(name="shop", run_number=12, pipeline="other", folder="in"),
    ),
    (
        "an artifact of a run by id",
        "ferrymanDownloadArtifact",
        {"name": "shop", "build": "r-1"},
        FetchArtifact(name="shop", version="r-1"),
    ),
    ("a request", "ferrymanHttp", {"url": "http://a"}, CallHttp(url="http://a")),
    (
        "a request with JSON, asked three times",
        "ferrymanHttp",
        {"url": "http://a", "method": "PUT", "body": {"a": [1, None, "é"]}, "retry": 2, "expect-text": "ok"},
        CallHttp(
            url="http://a",
            method="PUT",
            body='{"a": [1, null, "é"]}',
            headers={"Content-Type": "application/json"},
            tries=3,
            expect_text="ok",
        ),
    ),
    (
        "JSON under another name",
        "ferrymanHttp",
        {"url": "http://a", "body": [1], "headers": {"content-type": "text/x"}, "expect-status": 204},
        CallHttp(url="http://a", body="[1]", headers={"content-type": "text/x"}, expect_status=204),
    ),
    ("a wait", "ferrymanWait", {"seconds": "1.5"}, Wait(seconds=1.5)),
    ("no wait at all", "ferrymanWait", {"seconds": 0}, Nothing()),
    ("nothing", "ferrymanNothing", {}, Nothing()),
    (
        "a notice to several",
        "ferrymanNotify",
        {"type": "sms", "receivers": "alice, bob,", "content": "done"},
        Notify(types=("sms",), receivers=("alice", "bob"), content="done"),
    ),
]


@pytest.mark.parametrize(
    ("kind", "settings", "wanted"), [row[1:] for row in ACTIONS], ids=[row[0] for row in ACTIONS]
)
def test_what_a_kind_comes_to(kind: str, settings: dict[str, Any], wanted: Action) -> None:
    assert action(kind, settings, known=REPOSITORIES) == wanted


IMPOSSIBLE: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("a batch file (row 22)", "windowsScript", {"script": "dir"}, 2199009, "a BAT script needs Windows"),
    ("in a script element too", "linuxScript", {"script": "a", "scriptType": "BAT"}, 2199009, "Windows"),
    ("a shell of Windows", "run", {"script": "a", "shell": "cmd"}, 2199009, "shell cmd needs Windows"),
    ("deploying", "ferrymanDeploy", {"artifact": "a"}, 2199003, "no environments to deploy to"),
    ("rolling back", "ferrymanRollback", {}, 2199003, "no environments to roll back"),
    ("promoting", "ferrymanPromote", {"from": "a", "to": "b"}, 2199003, "no environments to promote"),
    ("a repository nobody knows", "checkout", {"repo-name": "none"}, 2199003, "address of repository none"),
    (
        "a branch that would say more than its name",
        "checkout",
        {"repository": "https://git.example.com/a", "refName": "main\n::set-variable name=SAFE::no"},
        2199002,
        r"refName: 'main\n::set-variable name=SAFE::no' is no name of a branch",
    ),
    (
        "a branch that git would take for an order",
        "checkout",
        {"repository": "https://git.example.com/a", "refName": "main:refs/heads/x"},
        2199002,
        "refName: 'main:refs/heads/x' is no name of a branch",
    ),
    (
        "a pattern in place of a tag",
        "checkout",
        {"repository": "https://git.example.com/a", "refName": "v*", "pullType": "TAG"},
        2199002,
        "refName: 'v*' is no name of a tag",
    ),
    (
        "a folder with a line feed in its name",
        "checkout",
        {"repository": "https://git.example.com/a", "localPath": "a\nb"},
        2199002,
        r"localPath: 'a\nb' has a line feed",
    ),
    (
        "an address with a control character",
        "checkout",
        {"repository": "https://git.example.com/a\x1b"},
        2199002,
        r"the address 'https://git.example.com/a\x1b' has a line feed or another control character",
    ),
    (
        "an address that names a secret",
        "checkout",
        {"repository": "https://x:${{ settings.git.token }}@git.example.com/a"},
        2199002,
        "names a secret: leave that out, and name the secret under ticketId",
    ),
    ("no own repository", "checkout", {"repository": "self"}, 2199003, "that this pipeline came from"),
    (
        "a plugin nobody bound (row 8)",
        "atomX",
        {"a": 1},
        2199003,
        "nobody here knows plugin atomX@1.*: bind it to a command under [[plugins]] in the settings",
    ),
    ("a review that is carried out", "manualReviewUserTask", {"reviewUsers": "a"}, 2199002, "by people"),
    ("what is not true", "ferrymanWait", {"until": "1 == 2"}, 2199005, "cannot become true in this job"),
    ("what nobody can tell", "ferrymanWait", {"until": "nobody == 2"}, 2199005, "cannot tell whether"),
    ("a setting that is empty now", "ferrymanHttp", {"url": "${{ variables.none }}"}, 2199002, "url"),
    (
        "a number that is none now",
        "ferrymanWait",
        {"seconds": "${{ variables.a }}"},
        2199002,
        "must be a number",
    ),
]


@pytest.mark.parametrize(
    ("kind", "settings", "code", "said"), [row[1:] for row in IMPOSSIBLE], ids=[row[0] for row in IMPOSSIBLE]
)
def test_what_cannot_be_done_is_work_that_says_so(
    kind: str, settings: dict[str, Any], code: int, said: str
) -> None:
    found = action(kind, settings, variables={"a": "long"})
    assert isinstance(found, Impossible)
    assert found.code == code
    assert said in found.message


@pytest.mark.parametrize(("kind", "settings"), ALL_GOOD)
def test_whatever_is_right_when_saved_becomes_an_action(kind: str, settings: dict[str, Any]) -> None:
    found = action(kind, settings)
    assert not isinstance(found, Impossible) or "cannot be used" not in found.message


@given(
    kind=st.sampled_from([*NAMES, "atomX"]),
    settings=st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), JSON, max_size=5),
    variables=st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=3),
    dialect=st.sampled_from(list(Dialect)),
)
def test_no_settings_make_it_raise(
    kind: str, settings: dict[str, Any], variables: dict[str, str], dialect: Dialect
) -> None:
    """RULINGS 27: what cannot be done becomes work that fails. And the same order comes out each time."""
    known = Known(bindings=(Binding(code="atomX", command=("x",)),))
    seen = sight(kind, settings, variables=variables, dialect=dialect.value)
    first, second = (prepare(seen, project="p", known=known) for _ in range(2))
    assert repr(first) == repr(second)


# what is replaced, and what stays


def test_placeholders_of_the_run_are_replaced_and_those_of_credentials_stay() -> None:
    made = order(
        "ferrymanHttp",
        {
            "url": "https://a/${{ variables.v }}?t=${{ settings.hooks.token }}",
            "headers": {"A": "Bearer ${{ settings.other-one.token }}"},
        },
        variables={"v": "1"},
    )
    assert made.action == CallHttp(
        url="https://a/1?t=${{ settings.hooks.token }}",
        headers={"A": "Bearer ${{ settings.other-one.token }}"},
    )
    assert made.secrets == ("hooks", "other-one")


def test_a_value_of_the_run_can_name_no_credential() -> None:
    """SEC-2: a step gets only those it names; a start value is not the step."""
    made = order(
        "run",
        {"script": "echo ${{ variables.v }}"},
        variables={"v": "${{ settings.production.token }}"},
        env={"E": "${{ settings.mine.token }}"},
    )
    assert made.secrets == ("mine",)


def test_settings_changed_by_a_person_name_no_other_credential() -> None:
    seen = sight(
        "run",
        {"script": "echo ${{ settings.mine.token }}"},
        changed={"script": "echo ${{ settings.production.token }}"},
    )
    made = prepare(seen, project="p")
    assert made.secrets == ("mine",)
    assert made.action == RunScript(text="echo ${{ settings.production.token }}", interpreter="auto")


def test_credentials_of_job_and_stage_count_too() -> None:
    made = order(
        "run",
        {"script": "make"},
        stage_env={"A": "${{ settings.one.token }}"},
        job={"env": {"B": "${{ settings.two.token }}"}},
    )
    assert sorted(made.secrets) == ["one", "two"]


def test_a_checkout_names_its_credential_first() -> None:
    made = order(
        "checkout",
        {"repository": "https://git.example.com/a", "ticketId": "git"},
        env={"A": "${{ settings.other.token }}"},
    )
    assert made.secrets == ("git", "other")
    assert isinstance(made.action, Checkout)
    assert made.action.secret == "git"


def test_a_checkout_logs_in_with_no_secret_that_only_a_value_names() -> None:
    made = order(
        "checkout",
        {"repository": "https://git.example.com/a", "ticketId": "${{ variables.v }}"},
        variables={"v": "production"},
    )
    assert made.secrets == ()


def test_models_paste_by_name() -> None:
    made = action("linuxScript", {"script": "echo ${v} ${HOME}"}, variables={"v": "1"}, dialect="classic")
    assert made == RunScript(text="echo 1 ${HOME}", interpreter="auto")


def test_files_leave_the_shell_its_own_form() -> None:
    made = action("run", {"script": "echo ${v} ${{ v }}"}, variables={"v": "1"})
    assert made == RunScript(text="echo ${v} 1", interpreter="auto")


def test_a_text_that_grows_without_bound_is_not_made() -> None:
    made = action("run", {"script": "${{ variables.v }}" * 3000}, variables={"v": "x" * 4000})
    assert isinstance(made, Impossible)
    assert "longer than" in made.message


def test_an_expression_of_a_wait_is_judged_as_it_stands() -> None:
    assert action("ferrymanWait", {"until": "variables.v == 'a b'"}, variables={"v": "a b"}) == Nothing()
    assert (
        action("ferrymanWait", {"until": "${{ variables.v == 'a b' }}"}, variables={"v": "a b"}) == Nothing()
    )


def test_the_own_repository_is_the_one_that_started_the_run() -> None:
    ci = {"repo_url": "https://git.example.com/own", "branch": "dev"}
    assert action("checkout", {"repository": "self"}, ci=ci) == Checkout(
        url="https://git.example.com/own", ref="dev"
    )
    other = action("checkout", {"repository": "https://git.example.com/b"}, ci=ci)
    assert other == Checkout(url="https://git.example.com/b")


# environment, place, patience


def test_the_environment_of_a_script() -> None:
    """Variables without dot and hyphen, then stage, job and step, each over the one before (semantics 15.3)."""
    made = order(
        "run",
        {"script": "make"},
        variables={"a": "1", "b": "2", "c": "3", "d": "4", "x.y": "5", "x-y": "6"},
        stage_env={"b": "stage", "c": "stage", "d": "stage"},
        job={"env": {"c": "job", "d": "job"}},
        env={"d": "step ${{ variables.a }}"},
    )
    assert made.env == {"a": "1", "b": "stage", "c": "job", "d": "step 1"}


def test_what_no_environment_can_hold_is_left_out() -> None:
    made = order("run", {"script": "make"}, variables={"": "1", "a=b": "2", "n": "\0", "m\0": "3", "ok": "4"})
    assert made.env == {"ok": "4"}


def test_what_needs_no_machine_carries_no_environment() -> None:
    assert order("ferrymanHttp", {"url": "http://a"}, variables={"a": "1"}).env == {}


def test_an_order_says_where_it_belongs() -> None:
    made = order(
        "run",
        {"script": "make"},
        variables={"v": "3.12"},
        job={"runs_on": RunsOn(kind="container", image="python:${{ variables.v }}")},
    )
    assert (made.run, made.key, made.project, made.folder, made.patience_ms) == ("r", KEY, "p", "s/j", 7)
    assert made.runs_on == RunsOn(kind="container", image="python:3.12")


# plugins


BINDINGS = (
    Binding(code="atomX", version="1.4.0", command=("old",)),
    Binding(code="atomX", version="2.*", command=("new", "--fast")),
    Binding(code="atomY", command=("any",)),
)


@pytest.mark.parametrize(
    ("code", "version", "command"),
    [
        ("atomX", "1.4.0", ("old",)),
        ("atomX", "1.*", ("old",)),
        ("atomX", "2.*", ("new", "--fast")),
        ("atomX", "2.3.1", ("new", "--fast")),
        ("atomX", "3.0.0", None),
        ("atomX", "1.5.0", None),
        ("atomY", "9.9", ("any",)),
        ("atomZ", "1.*", None),
    ],
)
def test_which_binding_a_plugin_gets(code: str, version: str, command: tuple[str, ...] | None) -> None:
    found = find_binding(BINDINGS, code, version)
    assert (found.command if found else None) == command


def test_a_bound_plugin_runs_with_its_input() -> None:
    given = {"text": "${{ variables.v }}", "list": [1, "${{ variables.v }}"], "deep": {"a": True}}
    made = order("atomY", given, variables={"v": "x"}, known=Known(bindings=BINDINGS))
    assert made.action == RunPlugin(
        command=("any",), plugin="atomY@1.*", input={"text": "x", "list": [1, "x"], "deep": {"a": True}}
    )
    assert made.env == {"v": "x"}


def test_every_unbound_plugin_is_named() -> None:
    steps = tuple(
        Step(id=f"t{number}", kind=kind, version=version)
        for number, (kind, version) in enumerate(
            [("run", "1.*"), ("atomX", "1.*"), ("atomX", "3.*"), ("atomZ", "1.0")], 1
        )
    )
    pipeline = Pipeline(stages=(Stage(id="s", jobs=(Job(id="j", steps=steps),)),))
    found = [(one.path, one.code, one.version) for one in unbound(pipeline, BINDINGS)]
    assert found == [("s/j/t3", "atomX", "3.*"), ("s/j/t4", "atomZ", "1.0")]
    assert unbound(pipeline, ()) != []


def test_every_kind_prepares() -> None:
    assert all(callable(kind.prepare) for kind in KINDS)
