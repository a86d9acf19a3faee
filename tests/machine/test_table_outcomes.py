"""Tables of outcomes: what children amount to, on every level. Source: semantics 1.1, 1.2, 1.4, 2.2, 6.2, 10.3."""

from itertools import product

import pytest

from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase
from tests.machine import scenario
from tests.machine.scenario import talk
from tests.machine.scenario_story import jobs_of

CLASSES = {
    Outcome.SUCCEEDED: "success",
    Outcome.SKIPPED: "success",
    Outcome.FAILED: "failure",
    Outcome.ERRORED: "failure",
    Outcome.CANCELED: "neither",
    Outcome.UNREACHED: "neither",
}


@pytest.mark.parametrize("outcome", Outcome)
def test_classes(outcome: Outcome) -> None:
    """Semantics 1.1.a, 1.1.b, 1.1.c, 1.1.g: each outcome is a success, a failure, or neither."""
    found = "success" if outcome.is_good else "failure" if outcome.is_bad else "neither"
    assert found == CLASSES[outcome]


SHOWN = {
    "run": "succeeded failed errored canceled",
    "stage": "succeeded failed errored canceled skipped unreached",
    "job": "succeeded failed errored canceled skipped unreached",
    "step": "succeeded failed errored canceled skipped unreached",
}


def levels_of(run: Run) -> list[tuple[str, Phase, Outcome | None]]:
    """Every node with its level."""
    found = [("run", run.phase, run.outcome)]
    found += [("stage", stage.phase, stage.outcome) for stage in run.stages]
    for job in jobs_of(run):
        found.append(("job", job.phase, job.outcome))
        found += [("step", step.phase, step.outcome) for step in job.steps]
    return found


def test_outcomes_of_each_level() -> None:
    """Semantics 1.2.a, 1.2.b, 1.2.c, 1.2.d, 1.1.d, 1.1.e, 1.1.f: over all scenarios each level ends in these ways.

    An outcome is there exactly when a node is finished, and a finished run holds nothing that is not.
    """
    seen: dict[str, set[str]] = {level: set() for level in SHOWN}
    for each in scenario.all_scenarios():
        conversation = scenario.Conversation(each.pipeline())
        for block in each.blocks:
            list(conversation.block(block.commands))
            if conversation.run is None:
                continue
            nodes = levels_of(conversation.run)
            for level, phase, outcome in nodes:
                assert (outcome is not None) == (phase is Phase.FINISHED)
                if outcome is not None:
                    seen[level].add(outcome.value)
            if conversation.run.phase is Phase.FINISHED:
                assert {phase for _, phase, _ in nodes} == {Phase.FINISHED}, each.name
    assert {
        level: " ".join(o.value for o in Outcome if o.value in found) for level, found in seen.items()
    } == SHOWN


JOBS = {
    "succeeded": ("", "ok", "{}"),
    "failed": ("", "fail", "{}"),
    "failed, but may": ("continue", "fail", "{}"),
    "out of time": ("minutes=5", "late", "{}"),
    "halted": ("", "halt", "{} pause"),
    "skipped": ("when=false", "", "{}"),
}
"""A job of each kind: its options, how its step ends, and the step."""


def stage_of(kinds: tuple[str, ...]) -> str:
    """What a stage with jobs of these kinds ends as, by the reference's table."""
    if "failed" in kinds or "out of time" in kinds:
        return "failed"
    if "halted" in kinds:
        return "canceled"
    return "skipped" if set(kinds) == {"skipped"} else "succeeded"


@pytest.mark.parametrize("kinds", list(product(JOBS, repeat=2)), ids=" + ".join)
def test_stage_from_its_jobs(kinds: tuple[str, ...]) -> None:
    """Semantics 1.4.b, 1.4.c, 1.4.d, 1.4.e, 1.4.1: failure wins over cancel, cancel over success, skips count last."""
    lines = ["pipeline", "stage one"]
    commands = []
    for number, kind in enumerate(kinds):
        options, end, step = JOBS[kind]
        lines.append(f"job j{number} {options} : step {step.format('t')}")
        path = f"one/j{number}/t"
        if end == "late":
            commands += ["after 5m", "after 10s"]
        elif end == "halt":
            commands.append(f"halt {path}")
        elif end:
            commands.append(f"finished {path} {end}")
    # Time passes last, so that the others have ended by then.
    commands.sort(key=lambda command: command.startswith("after"))
    assert talk("\n".join(lines), "start", *commands).how("one") == stage_of(kinds)


BEFORE = {
    "succeeded": ("step t", ("finished one/a/t ok",)),
    "failed": ("step t", ("finished one/a/t fail",)),
    "canceled": ("step t", ("cancel", "finished one/a/t errored")),
    "skipped": ("step t when=false", ()),
}
FINALLY = {
    "succeeded": ("", ("finished tidy/z/t ok",)),
    "skipped": ("when=false", ()),
    "failed": ("", ("finished tidy/z/t fail",)),
    "out of time": ("minutes=5", ("after 5m", "after 10s")),
    "canceled": ("", ("halt tidy/z/t",)),
}


@pytest.mark.parametrize("last", FINALLY)
@pytest.mark.parametrize("first", BEFORE)
def test_result_with_a_finally_stage(first: str, last: str) -> None:
    """Semantics 2.2.2, 10.3.a, 10.3.b, 10.3.c: the stages before, then what the finally stage makes of them."""
    step, commands = BEFORE[first]
    options, ends = FINALLY[last]
    pause = "pause" if last == "canceled" else ""
    pipeline = f"pipeline\n stage one : job a : {step}\n stage tidy final : job z {options} : step t {pause}"
    expected = {"failed": "failed", "out of time": "failed", "canceled": "canceled"}.get(last)
    if expected is None:
        expected = "succeeded" if first == "skipped" else first
    assert talk(pipeline, "start", *commands, *ends).how("run") == expected


SPLIT = {"ok": "succeeded", "fail": "failed", "halt": "canceled"}


@pytest.mark.parametrize("ends", list(product(SPLIT, repeat=3)), ids="-".join)
def test_matrix_from_its_split_jobs(ends: tuple[str, ...]) -> None:
    """Semantics 6.2.b, 6.2.c, 6.2.d: failed over canceled over succeeded."""
    pipeline = 'pipeline\n stage one : job a matrix=\'{"n": ["1", "2", "3"]}\' : step t pause'
    commands = []
    for number, end in enumerate(ends):
        path = f"one/a.{number}/t"
        commands += [f"halt {path}"] if end == "halt" else [f"resume {path}", f"finished {path} {end}"]
    expected = "failed" if "fail" in ends else "canceled" if "halt" in ends else "succeeded"
    assert talk(pipeline, "start", *commands).how("one/a") == expected
