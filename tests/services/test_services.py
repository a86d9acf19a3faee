"""The verbs over a driver that moves runs: start, read, list, answer, change, watch (issue 3; RULINGS 25, 26)."""

import asyncio
from typing import Any

import pytest

from ferryman.domain.errors import Invalid, NotFound, Refused
from ferryman.domain.ids import encoded
from ferryman.executors.scripted import Fail, Hang, Lose, Succeed
from ferryman.services import Caller
from ferryman.stores.memory import MemoryStore
from tests.services.stand import ANN, plain, stand

TWO = """version: v3.0
name: two
variables:
  who: {value: world}
stages:
  - name: Build
    id: build
    jobs:
      make:
        steps: [{id: one, run: make one}, {id: two, run: make two}]
  - name: Ship
    id: ship
    jobs:
      put:
        steps: [{id: put, run: make put}]
"""
GATED = """version: v3.0
name: gated
stages:
  - name: Ship
    id: ship
    check-in:
      reviews:
        flows:
          - {name: owners, reviewers: [ann, bob]}
        variables:
          NOTE: {label: What is new, type: TEXTAREA, required: true}
        description: May it go?
      timeout-hours: 2
    jobs:
      put: {steps: [{id: put, run: make put}]}
"""


def test_a_run_is_started_watched_and_read() -> None:
    """The whole of a view: stages, jobs, steps, times, attempt, progress, waits."""

    async def story() -> None:
        async with stand({"*/one": (Succeed(outputs={"x": "1"}),)}) as at:
            begun = await at.start(TWO, values={"who": "ann"}, reason="because")
            assert (begun.number, begun.started_by, begun.phase) == (1, "ann", "running")
            end = await at.until(begun.id)
            assert (end.outcome, end.progress.steps, end.progress.done) == ("succeeded", 3, 3)
            step = end.stages[0].jobs[0].steps[0]
            assert (step.path, step.key, step.outputs) == ("build/make/one", "build/make/one#1.1", {"x": "1"})
            assert 0 < step.started_at <= step.ended_at
            assert await at.ask("runs.read", run="latest") == end
            assert await at.ask("runs.read", run="two#1") == end
            assert await at.ask("runs.read", run="#1") == end
            (line,) = await at.ask("runs.list")
            assert (line.id, line.outcome, line.started_by) == (begun.id, "succeeded", "ann")
            started = (await at.ask("runs.journal", run=begun.id, limit=1))[0]
            facts = started.facts["facts"]
            assert (facts["actor"], facts["build_num"], facts["build_msg"]) == ("ann", "1", "because")
            assert (await at.ask("runs.journal", run=begun.id, after=2))[0].seq == 3

    asyncio.run(story())


def test_a_refused_start_costs_no_number_and_leaves_no_run() -> None:
    async def story() -> None:
        async with stand() as at:
            needs = (
                "version: v3.0\nname: n\nvariables:\n"
                "  v: {value: '', props: {type: vuex-input, required: true}}\nsteps: [{run: x}]\n"
            )
            with pytest.raises(Refused, match="v must have a value"):
                await at.start(needs)
            assert await at.ask("runs.list") == []
            assert (await at.start(needs, values={"v": "1"})).number == 1

    asyncio.run(story())


def test_a_key_names_a_start_for_ever() -> None:
    """CLI-8; also after the run has ended, and for a start under a given id."""

    async def story() -> None:
        async with stand() as at:
            first = await at.start(TWO, key="k")
            await at.until(first.id)
            again = await at.start(TWO, key="k")
            assert (again.id, again.outcome) == (first.id, "succeeded")
            assert (await at.start(TWO, run="c-1")).id == "c-1"
            assert len(await at.ask("runs.list")) == 2
            other = await at.ask("runs.start", Caller(name="ann"), pipeline="two", key="other")
            assert other.id != first.id

    asyncio.run(story())


def test_a_review_is_seen_and_answered() -> None:
    """ERR-6: what for, since when, until when, who; STYLE 4.3: values, votes, comments."""

    async def story() -> None:
        async with stand() as at:
            run = (await at.start(GATED)).id
            (wait,) = (await at.ask("runs.read", run=run)).waiting
            assert (wait.path, wait.kind, wait.group, wait.who, wait.needed) == (
                "ship",
                "review",
                "owners",
                ("ann", "bob"),
                1,
            )
            assert wait.until - wait.since == 2 * 3_600_000
            assert (wait.description, wait.person, wait.help) == (
                "May it go?",
                True,
                "`approve` or `reject` ship",
            )
            assert [(one.name, one.label, one.needed) for one in wait.values] == [
                ("NOTE", "What is new", True)
            ]
            with pytest.raises(Refused, match="NOTE must have a value"):
                await at.ask("runs.answer", run=run, path="Ship", yes=True)
            with pytest.raises(Refused, match="cleo cannot decide"):
                await at.ask("runs.answer", Caller(name="cleo"), run=run, path="ship", yes=False)
            view = await at.ask(
                "runs.answer",
                Caller(name="cleo"),
                run=run,
                path="ship",
                yes=True,
                values={"NOTE": "1.4"},
                comment="fine",
                name="bob",
            )
            assert view.waiting == ()
            vote = next(one for one in await at.ask("runs.journal", run=run) if one.event == "gate-answered")
            assert (vote.by, vote.facts["comment"]) == ("bob", "fine (given by cleo)")
            assert (await at.until(run)).outcome == "succeeded"

    asyncio.run(story())


def test_a_lost_step_says_what_is_known_and_is_settled() -> None:
    """ERR-7: what is known, and the choices."""

    async def story() -> None:
        async with stand({"*/one": (Lose(known="the machine was switched off"),)}) as at:
            run = (await at.start(TWO)).id
            view = await at.until(run, lambda view: view.waiting)
            (wait,) = view.waiting
            assert (wait.path, wait.kind, wait.key) == ("build/make/one", "lost", "build/make/one#1.1")
            assert "the machine was switched off" in wait.sentence
            assert "`settle` build/make/one" in wait.help
            with pytest.raises(Invalid):
                await at.ask("runs.settle", run=run, path="one", verdict="perhaps")
            await at.ask("runs.settle", run=run, path="one", verdict="succeeded")
            assert (await at.until(run)).outcome == "succeeded"
            with pytest.raises(Refused, match="only a step can be lost"):
                await at.ask("runs.settle", run=run, path="build", verdict="failed")

    asyncio.run(story())


def test_a_run_is_canceled_with_its_reason() -> None:
    async def story() -> None:
        async with stand({"*/one": (Hang(),)}) as at:
            run = (await at.start(TWO)).id
            await at.until(run, lambda view: view.progress.running)
            view = await at.ask("runs.cancel", run=run, reason="wrong branch")
            end = view if view.phase == "finished" else await at.until(run)
            assert (end.outcome, end.reason.kind) == ("canceled", "canceled-by")
            assert end.reason.facts == {"by": "ann", "why": "wrong branch"}
            assert end.stages[1].outcome == "unreached"
            with pytest.raises(Refused, match="it has ended already"):
                await at.ask("runs.cancel", run=run)

    asyncio.run(story())


def test_a_stage_is_run_again() -> None:
    """Promise 4: attempts are added beside the old ones."""

    async def story() -> None:
        async with stand({"*/put": (Fail(code=2), Succeed())}) as at:
            run = (await at.start(TWO)).id
            failed = await at.until(run)
            assert (failed.outcome, failed.stages[1].jobs[0].steps[0].reason.facts["code"]) == ("failed", "2")
            await at.ask("runs.retry", run=run, path="Ship", failed_only=True)
            end = await at.until(run)
            assert (end.outcome, end.execution) == ("succeeded", 2)
            assert end.stages[1].jobs[0].steps[0].key == "ship/put/put#2.1"
            assert end.stages[0].jobs[0].steps[0].key == "build/make/one#1.1"

    asyncio.run(story())


def test_a_run_that_waits_for_its_turn_says_so() -> None:
    """ERR-6: for what, since when, until when."""

    async def story() -> None:
        text = TWO + "concurrency: {group: one-at-a-time, queue-length: 3, queue-timeout-minutes: 10}\n"
        async with stand({"*/one": (Hang(),)}) as at:
            first = await at.start(text)
            second = await at.start(text)
            (wait,) = second.waiting
            assert (wait.path, wait.kind, wait.group) == ("", "queued", "one-at-a-time")
            assert wait.until - wait.since == 10 * 60_000
            await at.ask("runs.cancel", run=first.id)
            await at.until(second.id, lambda view: view.progress.running)
            await at.ask("runs.cancel", run=second.id)
            await at.until(second.id)

    asyncio.run(story())


def test_why_says_what_ran_and_what_did_not() -> None:
    async def story() -> None:
        text = (
            "version: v3.0\nname: w\nstages:\n  - name: a\n    id: a\n    jobs:\n"
            "      x: {steps: [{id: runs, run: x, if: \"variables.v != '1'\"}, "
            "{id: skips, run: x, if: \"variables.v == '1'\"}]}\n"
            "      y: {depend-on: [x], steps: [{id: t, run: x}, {id: h, run: x, if: FAILURE}]}\n"
        )
        async with stand() as at:
            run = (await at.start(text, values={"v": "2"})).id
            await at.until(run)
            told = {one.path: one.sentence for one in await at.ask("runs.why", run=run)}
            assert told[""] == "was started by ann, and succeeded"
            assert told["a/x/runs"].startswith("ran, because its condition holds: variables.v != '1'")
            assert told["a/x/skips"] == "was skipped: variables.v is 2, wanted 1"
            assert told["a/y"] == "ran after x succeeded, and succeeded"
            assert told["a/y/h"] == "was skipped: it runs only after a failure, and nothing has failed"
            below = await at.ask("runs.why", run=run, path="y")
            assert [one.path for one in below] == ["a/y", "a/y/t", "a/y/h"]

    asyncio.run(story())


def test_a_stage_that_was_refused_at_its_gate_did_not_begin() -> None:
    """It was told as one that ran."""

    async def story() -> None:
        text = (
            "version: v3.0\nname: w\nstages:\n"
            "  - {name: a, id: a, jobs: {x: {steps: [{run: x}]}}}\n"
            "  - name: b\n    id: b\n    check-in: {reviews: {flows: [{name: owners, reviewers: [ann]}]}}\n"
            "    jobs: {y: {steps: [{run: x}]}}\n"
        )
        async with stand() as at:
            run = (await at.start(text)).id
            await at.until(run, lambda view: any(wait.kind == "review" for wait in view.waiting))
            await at.ask("runs.answer", run=run, path="b", yes=False)
            await at.until(run)
            told = {one.path: one.sentence for one in await at.ask("runs.why", run=run)}
            assert told["a"] == "ran, having no condition, and succeeded"
            assert told["b"].startswith("did not begin, and failed: refused by ann")

    asyncio.run(story())


def test_logs_are_found_by_step_and_by_attempt() -> None:
    async def story() -> None:
        async with stand(
            {"*/one": (Succeed(output="hello\nworld\n"),), "*/put": (Succeed(output="put\n"),)}
        ) as at:
            run = (await at.start(TWO)).id
            await at.until(run)
            attempts = await at.ask("logs.attempts", run=run)
            assert [(one.path, one.lines) for one in attempts] == [("build/make/one", 2), ("ship/put/put", 1)]
            assert [one.key for one in await at.ask("logs.attempts", run=run, step="Build")] == [
                "build/make/one#1.1"
            ]
            key = attempts[0].key
            assert [one.key for one in await at.ask("logs.attempts", run=run, step=key)] == [key]
            lines = await at.ask("logs.read", run=run, key=key, after=1)
            assert [(one.number, one.text) for one in lines] == [(2, "world")]
            assert [one.text for one in await at.ask("logs.tail", run=run, key=key, lines=1)] == ["world"]
            followed = [
                line.text async for line in at.desk.stream(ANN, "logs.follow", {"run": run, "key": key})
            ]
            assert followed == ["hello", "world"]
            pieces = [piece async for piece in at.desk.stream(ANN, "logs.raw", {"run": run, "key": key})]
            assert b"".join(pieces) == b"hello\nworld\n"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("verb", "arguments", "said"),
    [
        ("runs.read", {}, "run: is missing"),
        ("runs.read", {"run": 3}, "run: Expected `str`"),
        ("runs.read", {"run": "x", "who": 1}, "who: is not known"),
        ("runs.cancel", {"run": "x", "running": "perhaps"}, "running: Invalid enum value"),
        ("runs.start", {"pipeline": "p", "values": {"a": 1}}, "values: Expected `str`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arguments_are_what_a_verb_takes_or_invalid(verb: str, arguments: dict[str, Any], said: str) -> None:
    """Bad input never leads to another refusal than the promised one."""

    async def story() -> None:
        async with stand() as at:
            with pytest.raises(Invalid) as refused:
                await at.desk.ask(ANN, verb, arguments)
            assert said in str(refused.value)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("latest", "there is no run yet"),
        ("nothing", "there is no run nothing"),
        ("#7", "there is no run #7"),
        ("two#7", "has no run 7"),
        ("two#x", "there is no run two#x"),
        ("two#99999999999999999999", "there is no run two#99999999999999999999"),
        ("two#" + "9" * 5000, "there is no run two#9999"),
    ],
)
def test_a_run_that_is_not_there_is_told_by_the_name_it_was_asked_for(run: str, said: str) -> None:
    async def story() -> None:
        async with stand() as at:
            with pytest.raises(NotFound, match=said):
                await at.ask("runs.read", run=run)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("two", "there is no run two; did you mean two#1?"),
        ("tow#1", "pipeline tow of project local has no run 1; did you mean two#1?"),
        ("two#7", "pipeline two of project local has no run 7; did you mean two#1?"),
        ("elsewhere#1", "pipeline elsewhere of project local has no run 1"),
    ],
)
def test_a_run_that_is_not_there_is_told_with_the_nearest_that_is(run: str, said: str) -> None:
    """ERR-3."""

    async def story() -> None:
        async with stand() as at:
            await at.until((await at.start(TWO)).id)
            with pytest.raises(NotFound) as missing:
                await at.ask("runs.read", run=run)
            assert str(missing.value) == said

    asyncio.run(story())


@pytest.mark.parametrize("name", ["发布 shop", "shop.v2", "Shop Release"])
def test_a_run_is_found_by_the_name_of_its_pipeline(name: str) -> None:
    """ERR-1: what a person called so is called so; its id is made of the name, or by another system."""

    async def story() -> None:
        async with stand() as at:
            await at.until((run := await at.start(TWO.replace("name: two", f"name: {name}", 1))).id)
            assert run.pipeline == encoded(name)
            for pipeline in (name, encoded(name)):
                assert (await at.ask("runs.read", run=f"{pipeline}#1")).id == run.id
                assert [one.id for one in await at.ask("runs.list", pipeline=pipeline)] == [run.id]
            with pytest.raises(NotFound, match=f"pipeline {name} of project local has no run 2"):
                await at.ask("runs.read", run=f"{name}#2")

    asyncio.run(story())


def test_a_desk_without_a_driver_only_reads() -> None:
    """RULINGS 25: beside the holder nothing is changed."""

    async def story() -> None:
        store = MemoryStore()
        async with stand(store=store) as at:
            run = (await at.start(TWO)).id
            end = await at.until(run)
            reading = type(at.runs)(store=store, clock=at.runs._clock)
            assert plain(await reading.read(ANN, run=run)) == plain(end)
            seen = [view async for view in reading.watch(ANN, run=run)]
            assert [view.outcome for view in seen] == ["succeeded"]

    asyncio.run(story())


def test_a_pipeline_keeps_its_versions() -> None:
    """DESIGN 3: an edit makes a new version, what is there already makes none."""

    async def story() -> None:
        async with stand() as at:
            assert [(await at.ask("pipelines.save", text=TWO)).version for _ in range(2)] == [1, 1]
            changed = await at.ask("pipelines.save", text=TWO.replace("make put", "make ship"))
            assert (changed.pipeline, changed.version, changed.name) == ("two", 2, "two")
            assert (await at.ask("pipelines.read", pipeline="two", version=1)).text == TWO
            assert "make ship" in (await at.ask("pipelines.read", pipeline="two")).text
            with pytest.raises(Invalid):
                await at.ask("pipelines.save", text="version: v3.0\nstages: 3\n")

    asyncio.run(story())
