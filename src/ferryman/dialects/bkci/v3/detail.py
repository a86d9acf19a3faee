"""The model of a build with its runtime fields: what the detail shows (bkci-v3 4.6, 5, 9; semantics 7.4, 19).

`model_of(run, model)` lays the state of a run over the model of its definition, node by node by position: stage 1 of
the model is the trigger, which the run does not have. Pure; nothing given is changed. Words of statuses are in
`statuses`, figures in `times`, faults in `faults`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from ferryman.dialects.bkci.v3 import seen, times, triggers
from ferryman.dialects.bkci.v3.faults import fault_of
from ferryman.dialects.bkci.v3.logs import split_id
from ferryman.dialects.bkci.v3.statuses import Beside, Level
from ferryman.dialects.bkci.v3.wire.builds import Tree
from ferryman.domain import words
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.pipeline import Stage, Step
from ferryman.domain.run import GateState, JobState, Run, StageState, StepState
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.services.runs import offered
from ferryman.services.views import hider

SHOWN_FOR_MS = 21 * 24 * 3_600_000
"""Marks of what may run again are shown for 21 days (semantics 7.4)."""
MACHINE = "vmBuild"
BAD = (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED)


def model_of(
    run: Run, model: Mapping[str, Any], *, at: int, newest: bool = True, preparing: Collection[str] = ()
) -> Tree:
    """The model with the runtime fields of a run as it stands at this time.

    `newest`: it is the newest execution, so marks are shown of what may be retried. `preparing` are paths of jobs whose
    place is not there yet.
    """
    return _Painter(run, at=at, newest=newest, preparing=preparing).model(model)


class _Painter:
    """Lays one run over one model. Lives as long as that takes."""

    def __init__(self, run: Run, *, at: int, newest: bool, preparing: Collection[str]) -> None:
        self.run = run
        self.at = at
        self.hide: Callable[[str], str] = hider(run)
        self.preparing = preparing
        self.marks = newest and _may_offer(run, at)

    def model(self, model: Mapping[str, Any]) -> Tree:
        trigger, *working = model["stages"]
        pairs = zip(working, self.run.stages, self.run.pipeline.stages, strict=True)
        stages = [self.trigger_stage(trigger), *(self.stage(*each) for each in pairs)]
        return {**model, "stages": stages, "timeCost": _plain(times.cost_of_run(self.run, self.at))}

    # The trigger: over and done with when the run has had its turn

    def trigger_stage(self, stage: Mapping[str, Any]) -> Tree:
        run = self.run
        status = triggers.status_of(run)
        box, *others = stage["containers"]
        fired = triggers.fired(box["elements"], str(run.facts.get("build_start_type", "")))
        elements = [
            {**element, **({"status": status, "executeCount": 1} if at == fired and status else {})}
            for at, element in enumerate(box["elements"])
        ]
        shown = {
            **box,
            "elements": elements,
            "params": [self.parameter(each) for each in box.get("params", ())],
        }
        found = {**stage, "containers": [shown, *others]}
        if not status:
            return found
        began = {"status": status, "executeCount": 1}
        if not run.started_at:
            return {**found, **began, "containers": [{**shown, **began}, *others]}
        began["startEpoch"] = run.started_at
        queue = max(0, run.started_at - run.queued_at)
        done = {**shown, **began, "systemElapsed": queue, "elementElapsed": 0}
        return {**found, **began, "elapsed": 0, "containers": [done, *others]}

    def parameter(self, entry: Mapping[str, Any]) -> Tree:
        """A parameter; what is sensitive is six asterisks."""
        hidden = entry.get("sensitive") or entry.get("type") == "PASSWORD"
        return {
            **entry,
            **{key: words.HIDDEN for key in ("defaultValue", "value") if hidden and entry.get(key)},
        }

    # Stages and their checks

    def stage(self, stage: Mapping[str, Any], state: StageState, define: Stage) -> Tree:
        beside = seen.beside_of(self.run, state)
        found: Tree = {**stage, "executeCount": state.execution}
        _tell(found, "status", seen.of_node(Level.STAGE, state, beside))
        if state.started_at:
            found |= {
                "startEpoch": state.started_at,
                "elapsed": times.of_stage(state, self.at),
                "timeCost": _plain(times.cost_of_stage(state, self.at)),
            }
        if state.outcome in BAD and self.marks:
            found["canRetry"] = not define.final
        for key, gates, states in (
            ("checkIn", define.before, state.before),
            ("checkOut", define.after, state.after),
        ):
            if gates:
                found[key] = self.check(stage.get(key, {"manualTrigger": True}), gates, states)
        pairs = zip(stage["containers"], state.jobs, strict=True)
        found["containers"] = [self.job(box, job, state) for box, job in pairs]
        return found

    def check(self, check: Mapping[str, Any], gates: Sequence[Gate], states: Sequence[GateState]) -> Tree:
        found = dict(check)
        _tell(found, "status", seen.of_check(gates, states))
        for gate, state in zip(gates, states, strict=True):
            if state.phase is GatePhase.CLOSED:
                continue
            if gate.kind is GateKind.VERDICT:
                found["checkTimes"] = 1
            elif gate.kind is GateKind.REVIEW:
                params = check.get("reviewParams", [])
                if params:
                    found["reviewParams"] = [_filled(entry, state.values) for entry in params]
                found["reviewGroups"] = self.groups(check.get("reviewGroups", []), params, gate, state)
        return found

    def groups(
        self,
        groups: Sequence[Mapping[str, Any]],
        params: Sequence[Mapping[str, Any]],
        gate: Gate,
        state: GateState,
    ) -> list[Tree]:
        known = [*groups, *({"name": each.name} for each in gate.groups[len(groups) :])]
        shown = []
        for group, present, status in zip(known, state.groups, seen.of_groups(state), strict=True):
            found = {**group, "reviewers": list(present.reviewers)}
            _tell(found, "status", status)
            if present.votes and status:
                vote = present.votes[-1]
                found |= {"operator": vote.by, "reviewTime": vote.at, "suggest": vote.comment}
                changed = [_filled(entry, vote.values) for entry in params if entry.get("key") in vote.values]
                found["params"] = changed
            elif status:
                found |= {"operator": state.by, "reviewTime": state.decided_at, "suggest": state.comment}
            shown.append(found)
        return shown

    # Jobs

    def job(self, box: Mapping[str, Any], state: JobState, stage: StageState) -> Tree:
        found = self.box(box, state, stage)
        if not state.is_group:
            return found
        done = sum(child.phase is Phase.FINISHED for child in state.children)
        found["matrixControlOption"] = {
            **box.get("matrixControlOption", {}),
            "totalCount": len(state.children),
            "finishCount": done,
        }
        found["groupContainers"] = [
            self.split(box, child, stage, index) for index, child in enumerate(state.children)
        ]
        return found

    def split(self, box: Mapping[str, Any], state: JobState, stage: StageState, index: int) -> Tree:
        """A job of a matrix: the parent's container under ids of its own (bkci-v3 8)."""
        number = f"{box.get('id', '')}{index:03}"
        hashed = str(box.get("containerHashId", ""))
        elements = [
            {**element, "id": split_id(str(element.get("id", "")), str(index))} for element in box["elements"]
        ]
        own = {
            "id": number,
            "containerId": number,
            "containerHashId": split_id(hashed, str(index)),
            "jobId": f"{box.get('jobId', '')}.{index}",
            "matrixGroupFlag": False,
            "matrixGroupId": hashed,
            "matrixContext": dict(state.matrix or {}),
            "elements": elements,
        }
        rest = {key: value for key, value in box.items() if key != "matrixControlOption"}
        return self.box({**rest, **own}, state, stage)

    def box(self, box: Mapping[str, Any], state: JobState, stage: StageState) -> Tree:
        beside = seen.beside_of(self.run, stage, preparing=state.path in self.preparing)
        found: Tree = {**box, "executeCount": state.execution}
        _tell(found, "status", seen.of_node(Level.JOB, state, beside))
        if state.started_at:
            found |= {"startEpoch": state.started_at, "timeCost": _plain(times.cost_of_job(state, self.at))}
            if not state.is_group:
                found |= {
                    "systemElapsed": times.of_machine(state, self.at),
                    "elementElapsed": times.of_steps(state, self.at),
                }
        if box.get("@type") == MACHINE:
            _tell(found, "startVMStatus", _machine(state, beside))
        if state.outcome in BAD and self.marks:
            found["canRetry"] = not self.run.pipeline.stages[self.run.index[stage.id][0]].final
        if any(step.post_of for step in state.define.steps):
            found["containPostTaskFlag"] = True
        if state.group and isinstance(box.get("mutexGroup"), dict):
            found["mutexGroup"] = {**box["mutexGroup"], "runtimeMutexGroup": state.group}
        if state.steps:
            rows = zip(box["elements"], state.steps, state.define.steps, strict=True)
            found["elements"] = [self.element(*each, state, beside) for each in rows]
        return found

    # Elements

    def element(
        self,
        element: Mapping[str, Any],
        state: StepState,
        define: Step,
        job: JobState,
        beside: Beside | None,
    ) -> Tree:
        found: Tree = {**element, "executeCount": state.execution}
        _tell(found, "status", seen.of_node(Level.STEP, state, beside))
        if state.started_at:
            found |= {
                "startEpoch": state.started_at,
                "elapsed": times.of_step(state, self.at),
                "timeCost": _plain(times.cost_of_step(state, self.at)),
                "retryCountAuto": state.tries,
                "retryCountManual": state.execution - 1,
                "retryCount": state.tries + state.execution - 1,
            }
        fault = fault_of(state)
        if fault is not None:
            found |= {
                "errorType": fault.kind,
                "errorCode": int(fault.code),
                "errorMsg": self.hide(fault.text),
            }
        if self.marks and job.phase is Phase.FINISHED and job.outcome in BAD:
            found |= _marks(element, state, define)
        if state.gate is not None and define.review is not None:
            found |= self.question(element, state.gate)
        return found

    def question(self, element: Mapping[str, Any], gate: GateState) -> Tree:
        """What became of a question to people."""
        found: Tree = {"actualReviewUsers": [name for group in gate.groups for name in group.reviewers]}
        if element.get("params"):
            found["params"] = [_filled(entry, gate.values) for entry in element["params"]]
        if gate.comment:
            found["suggest"] = gate.comment
        return found


def _may_offer(run: Run, at: int) -> bool:
    """Nothing is offered while a finally stage runs, nor of a build that ended long ago (semantics 7.4)."""
    last, state = run.pipeline.stages[-1], run.stages[-1]
    if last.final and state.phase is Phase.RUNNING:
        return False
    return not run.ended_at or at - run.ended_at <= SHOWN_FOR_MS


def _marks(element: Mapping[str, Any], state: StepState, define: Step) -> Tree:
    """canRetry and canSkip of an element that ended badly in a job that did; neither where nothing is decided by hand:
    its failure was let pass, or it handles failures itself."""
    by_hand = replace(define, retry=replace(define.retry, by_hand=True))
    if "additionalOptions" not in element or not define.enabled or not offered(by_hand, state)[0]:
        return {}
    may_retry, may_skip = offered(define, state)
    return {"canRetry": may_retry, **({"canSkip": True} if may_skip else {})}


def _machine(state: JobState, beside: Beside | None) -> str:
    """How getting the place of a job went."""
    if not state.started_at:
        return ""
    if state.reason.kind is Why.ENVIRONMENT_FAILED:
        return "FAILED"
    if beside is Beside.PREPARING:
        return "RUNNING"
    return "SUCCEED" if any(step.started_at for step in state.steps) else ""


def _filled(entry: Mapping[str, Any], values: Mapping[str, str]) -> Tree:
    """A value that reviewers fill in, as it stands, in the form that it was declared in where it still has that."""
    name, before = str(entry.get("key", "")), entry.get("value")
    if name not in values or _text(before) == values[name]:
        return dict(entry)
    return {**entry, "value": _formed(values[name], before)}


def _formed(text: str, like: object) -> object:
    """What a text says, where that is of the form of another value; else the text."""
    if like is None or isinstance(like, str):
        return text
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return found if type(found) is type(like) else text


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _tell(part: Tree, key: str, word: str) -> None:
    """A word that is there; one that is not stays out."""
    if word:
        part[key] = word


def _plain(cost: msgspec.Struct) -> Tree:
    return msgspec.structs.asdict(cost)
