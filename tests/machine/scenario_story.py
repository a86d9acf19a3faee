"""Tells what changed between two states of a run, a line each: nodes, gates, variables, then wants.

Environments and time limits of jobs and steps come with every step, so they are told only in scenarios that say
`shows environments` or `shows limits`.
"""

from collections.abc import Iterator, Mapping

from ferryman.domain.gates import GatePhase
from ferryman.domain.run import GateState, JobState, Run, StepState
from ferryman.domain.status import Outcome, Phase, Reason
from ferryman.domain.wants import (
    EnvironmentWanted,
    GateWanted,
    LockWanted,
    MessageWanted,
    PersonWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from tests.machine.scenario_words import Unreadable, clock, length

Shown = frozenset[str]
"""What a scenario wants told beyond the usual: environments, limits."""


def jobs_of(run: Run) -> Iterator[JobState]:
    """Every job in order, split jobs behind their parent."""
    for stage in run.stages:
        for job in stage.jobs:
            yield job
            yield from job.children


def steps_by_path(run: Run) -> dict[str, StepState]:
    """Every step; those of a matrix under its split jobs only, once there are any."""
    return {f"{job.path}/{step.id}": step for job in jobs_of(run) if not job.is_group for step in job.steps}


def _told(phase: Phase, outcome: Outcome | None, reason: Reason) -> str:
    return " ".join(filter(None, ((outcome or phase).value, because(reason))))


def because(reason: Reason) -> str:
    """A reason with its facts, in words."""
    facts = ", ".join(f"{name} {text}" if text else f"no {name}" for name, text in reason.facts.items())
    return " ".join(filter(None, (reason.kind.value if reason else "", facts)))


def _gate(gate: GateState) -> str:
    if gate.phase in (GatePhase.CLOSED, GatePhase.OPEN):
        return gate.phase.value
    return f"{gate.phase.value} by {gate.by}" + (f", {gate.comment}" if gate.comment else "")


def nodes_of(run: Run | None) -> dict[str, str]:
    """Path → how it stands. A node that has not been looked at yet is not told of."""
    told: dict[str, str] = {}
    if run is None:
        return told
    for at, stage in enumerate(run.stages):
        told[stage.id] = _told(stage.phase, stage.outcome, stage.reason)
        for where, gates in (("before", stage.before), ("after", stage.after)):
            for number, gate in enumerate(gates):
                told[f"{stage.id}:{where}.{number}"] = _gate(gate)
        for job in run.stages[at].jobs:
            for each in (job, *job.children):
                told[each.path] = _told(each.phase, each.outcome, each.reason)
                if not (each.is_group and each.children):
                    for step in each.steps:
                        told[f"{each.path}/{step.id}"] = _told(step.phase, step.outcome, step.reason)
    told["run"] = _told(run.phase, run.outcome, run.reason)
    return told


UNTOUCHED = frozenset({"pending", "closed", ""})


def changes(before: Run | None, after: Run) -> Iterator[str]:
    """What changed in the tree and in the run's variables."""
    was, now = nodes_of(before), nodes_of(after)
    rows = [(path, text) for path, text in now.items() if was.get(path, "pending" if before else "") != text]
    rows = [row for row in rows if row[0] in was or row[1] not in UNTOUCHED]
    rows += [(path, "gone") for path in was if path not in now]
    width = max((len(path) for path, _ in rows), default=0)
    for path, text in rows:
        yield f"{path.ljust(width)}  {text}"
    yield from _variables(before.variables if before is not None else {}, after.variables)


def _variables(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name, text in now.items():
        if was.get(name) != text:
            yield (
                f"variable {name} = {text}"
                if len(text) <= 60
                else f"variable {name} = ({len(text)} characters)"
            )
    for name in was:
        if name not in now:
            yield f"variable {name} is gone"


def wanted(before: tuple[Want, ...], after: tuple[Want, ...], shown: Shown) -> Iterator[str]:
    """Which wants came and went."""
    for word, wants, others in (("unwant", before, after), ("want", after, before)):
        for want in wants:
            if want not in others and (line := want_line(want, shown, gone=word == "unwant")):
                yield f"{word} {line}"


def want_line(want: Want, shown: Shown, *, gone: bool = False) -> str:
    """One want; empty where the scenario does not care."""
    match want:
        case StepWanted(name=name):
            return f"step {name}"
        case StopWanted(key=key, force=force):
            return f"stop {key}" + (" by force" if force else "")
        case EnvironmentWanted(name=name, runs_on=runs_on):
            return f"environment {name} {runs_on.kind}" if "environments" in shown else ""
        case TimerWanted(name=name, at=at):
            limit = name.endswith(":limit") and "/" in name
            if limit and "limits" not in shown:
                return ""
            return f"timer {name}" + ("" if gone else f" at {clock(at)}")
        case LockWanted(path="", group=group, at_once=at_once):
            if "turns" not in shown:
                return ""
            return " ".join(filter(None, ("turn", group, "at once" if at_once else "")))
        case LockWanted(path=path, group=group, minutes=minutes):
            return f"lock {group} for {path}" + ("" if gone else f", waits {minutes} m")
        case GateWanted(name=name, kind=kind, group=group, reviewers=reviewers):
            people = f" {group}: {','.join(reviewers)}" if group else ""
            return f"gate {name} {kind}{people}"
        case ReviewersWanted(name=name, roles=roles):
            return f"reviewers {name} {' '.join(','.join(role) or '-' for role in roles)}"
        case PersonWanted(name=name, kind=kind, tell=tell):
            return f"person {name} {kind}" + (f", tell {','.join(tell)}" if tell else "")
        case MessageWanted(name=name, kind=kind, facts=facts):
            return " ".join(["message", name, kind, *(f"{key}={value}" for key, value in facts.items())])


LOOKS = ("execution", "attempt", "tries", "number", "remark", "settings", "outputs", "values", "matrix")
TIMES = ("queued_at", "started_at", "ended_at")
LENGTHS = ("waited",)


def look(run: Run | None, path: str) -> Iterator[str]:
    """What a node keeps beyond how it stands: its counts, times, values and votes."""
    if run is None:
        raise Unreadable("there is no run to look at")
    nodes: dict[str, object] = {"run": run, **steps_by_path(run)}
    nodes |= {stage.id: stage for stage in run.stages}
    nodes |= {job.path: job for job in jobs_of(run)}
    for stage in run.stages:
        nodes |= {f"{stage.id}:before.{at}": gate for at, gate in enumerate(stage.before)}
        nodes |= {f"{stage.id}:after.{at}": gate for at, gate in enumerate(stage.after)}
    node = nodes.get(path)
    if node is None:
        raise Unreadable(f"there is no {path} to look at")
    facts = []
    if isinstance(node, GateState):
        facts.append(f"opened {clock(node.opened_at)}")
        if node.decided_at:
            facts.append(f"decided {clock(node.decided_at)}")
    for name in (*LOOKS, *TIMES, *LENGTHS):
        value = getattr(node, name, None)
        if name in TIMES:
            if value:
                facts.append(f"{name.removesuffix('_at')} {clock(value)}")
        elif name in LENGTHS:
            if value:
                facts.append(f"{name} {length(value)}")
        elif value:
            facts.append(f"{name} {_plain(value)}")
    yield f"{path}: {', '.join(facts)}"
    for group in getattr(node, "groups", ()):
        for vote in group.votes:
            word = "yes" if vote.yes else "no"
            values = f", set {_plain(vote.values)}" if vote.values else ""
            comment = f", {vote.comment}" if vote.comment else ""
            yield f"  {vote.by} said {word} at {clock(vote.at)}{comment}{values}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={text}" for name, text in value.items())
    return str(value)
