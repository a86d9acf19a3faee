"""The swept form of settling: the simplest there is, and the reference for the quick form (STYLE 3, RULINGS 31).

The quick form visits what an event disturbed and keeps where it stood: scans, counts of open jobs, lists of who waits.
Here all of that is forgotten and counted again from the nodes, every rule is sent over every node of the run as if
everything had just changed, and every want is looked for at every node. Both must come to the same.
"""

from collections.abc import Iterator

from ferryman.domain.gates import GatePhase
from ferryman.domain.run import JobState, Run, Scan, StageState
from ferryman.domain.status import Phase, Why
from ferryman.machine.advance import IN_PLACE, RULES, settle
from ferryman.machine.draft import RunDraft
from ferryman.machine.rules import steps


def run(before: Run) -> Run:
    """The run after everything in it was forgotten, counted and settled anew; the same run, if nothing was missed."""
    draft = RunDraft(before, before.at, IN_PLACE)
    draft.index = {}
    for at, state in enumerate(before.stages):
        draft.index[state.id] = (at,)
        for beside, job in enumerate(state.jobs):
            draft.index[job.path] = (at, beside)
    for at, state in enumerate(before.stages):
        stage = draft.stage(at)
        stage.open_jobs = sum(job.phase is not Phase.FINISHED for job in state.jobs)
        stage.waiting = _waiting(state)
        stage.fresh = state.phase is Phase.RUNNING
        for job in state.jobs:
            _walk_again(draft, job)
            if job.phase is Phase.FINISHED:
                draft.ended.append(job.path)
            if job.is_group and job.phase is Phase.RUNNING:
                draft.matrices.add(job.path)
    settle(draft, RULES)
    return draft.freeze()


def _waiting(stage: StageState) -> tuple[str, ...]:
    """Jobs that wait for others, where their stage still lets any begin."""
    if stage.phase is not Phase.RUNNING or stage.killed_by:
        return ()
    return tuple(
        job.path
        for job in stage.jobs
        if job.phase is Phase.WAITING and job.facts is None and job.reason.kind is Why.DEPENDENCY
    )


def _walk_again(draft: RunDraft, state: JobState) -> None:
    for child in state.children:
        _walk_again(draft, child)
    job = draft.job(state.path)
    # Once everything in a job is being ended, what its scan came to before decides nothing any more.
    if job is not None and job.begun and (job.stop is None or job.stop.soft):
        job.scan = Scan()
        steps.settle(job)


def names_wanted(run: Run) -> set[str]:
    """Names of all that is wanted, looked for at every node, wherever its job's walk stands."""
    names = {message.name for message in run.messages}
    if run.phase is not Phase.FINISHED and run.reason.kind not in (Why.REVIEW, Why.MANUAL):
        names.add("lock:")
    for stage in run.stages:
        for where, gates in (("before", stage.before), ("after", stage.after)):
            for at, gate in enumerate(gates):
                if gate.phase is GatePhase.OPEN:
                    name = f"{stage.id}#{stage.execution}:{where}.{at}"
                    passed = sum(group.phase is GatePhase.PASSED for group in gate.groups)
                    names.add(f"{name}:{passed}" if gate.groups and gate.named else name)
                    if not gate.named:
                        names.symmetric_difference_update({name, f"{name}:reviewers"})
                    if gate.deadline:
                        names.add(f"{name}:limit")
        for job in stage.jobs:
            for each in job.children or (job,):
                names.update(_of_job(each))
    return names


def _of_job(job: JobState) -> Iterator[str]:
    scope = f"{job.path}#{job.execution}"
    if job.lock:
        yield f"lock:{scope}"
    if job.deadline:
        yield f"{scope}:limit"
    for step in job.steps:
        pause = f"{job.path}/{step.id}#{step.execution}"
        key = f"{pause}.{step.attempt}"
        runs = step.phase is Phase.RUNNING
        if (runs or step.resume_at) and job.define.runs_on.kind != "agentless":
            yield scope
        if runs:
            yield f"{key}!" if step.stopping else key
        if step.stop_deadline:
            yield f"{key}:patience"
        if step.deadline:
            yield f"{key}:limit"
        if step.resume_at:
            yield f"{key}:backoff"
        if step.phase is Phase.WAITING and step.reason.kind is Why.LOST:
            yield f"{key}:lost"
        if step.phase is Phase.WAITING and step.reason.kind is Why.PAUSED:
            yield f"{pause}:pause"
        if step.gate is not None and step.gate.phase is GatePhase.OPEN and step.phase is Phase.WAITING:
            passed = sum(group.phase is GatePhase.PASSED for group in step.gate.groups)
            yield f"{key}:gate:{passed}" if step.gate.named else f"{key}:gate:reviewers"
