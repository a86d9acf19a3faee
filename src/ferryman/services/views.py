"""From a run to its view: pure, whole, with nothing sensitive in it. The shapes stand in `domain/views.py`."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from ferryman.domain import words
from ferryman.domain.hiding import hiding
from ferryman.domain.ids import attempt_key, join
from ferryman.domain.pipeline import Step
from ferryman.domain.policies import OnFailure
from ferryman.domain.run import JobState, Run, StageState, StepState
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Outcome, Phase, Reason
from ferryman.domain.views import Cause, JobView, Progress, RunLine, RunView, StageView, StepView, Waiting
from ferryman.machine.rules.reruns import offers
from ferryman.ports.store import RunRow
from ferryman.services import waits


def of_row(row: RunRow) -> RunLine:
    """One run as lists show it."""
    return RunLine(
        id=row.id,
        pipeline=row.pipeline,
        number=row.number,
        version=row.version,
        phase=row.phase,
        outcome=row.outcome,
        reason=row.reason,
        started_by=row.started_by,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        execution=row.execution,
        note=row.note,
    )


def of_run(run: Run, row: RunRow, *, expected_ms: int = 0) -> RunView:
    """One run, whole. `expected_ms` is what earlier runs took, 0 when there are none."""
    hide = hider(run)
    view = _Viewer(run, hide)
    stages = tuple(view.stage(at, stage) for at, stage in enumerate(run.stages))
    own = view.hidden(waits.of_run(run))
    return RunView(
        id=run.id,
        project=row.project,
        pipeline=row.pipeline,
        name=run.pipeline.name,
        version=row.version,
        number=run.number,
        phase=run.phase.value,
        outcome=_outcome(run.outcome),
        reason=view.cause(run.reason),
        execution=run.execution,
        seq=run.seq,
        started_by=run.started_by,
        queued_at=run.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        canceling=run.stopping is not None and run.phase is not Phase.FINISHED,
        remark=hide(run.remark),
        values={
            name: view.value(name, text) for name, text in run.values.items() if name not in words.BUILT_IN
        },
        progress=progress(stages, expected_ms=expected_ms),
        waiting=tuple(wait for wait in (own, *_waits(stages)) if wait is not None),
        stages=stages,
    )


def hider(run: Run) -> Callable[[str], str]:
    """A function that takes the values of a run's sensitive parameters out of a text."""
    names = [parameter.name for parameter in run.pipeline.parameters if parameter.sensitive]
    return hiding(text for name in names for text in (run.values.get(name, ""), run.variables.get(name, "")))


def progress(stages: Iterable[StageView], *, expected_ms: int) -> Progress:
    """How many steps there are, have ended and run now."""
    phases = [step.phase for step in all_steps(stages)]
    return Progress(
        steps=len(phases),
        done=phases.count(Phase.FINISHED.value),
        running=phases.count(Phase.RUNNING.value),
        expected_ms=expected_ms,
    )


def all_jobs(stages: Iterable[StageView]) -> Iterator[JobView]:
    """Every job, a matrix before the jobs it is split into."""
    for stage in stages:
        for job in stage.jobs:
            yield job
            yield from job.split


def all_steps(stages: Iterable[StageView]) -> Iterator[StepView]:
    """Every step, also of split jobs."""
    for job in all_jobs(stages):
        yield from job.steps


def _waits(stages: Iterable[StageView]) -> Iterator[Waiting | None]:
    for stage in stages:
        yield stage.waiting
        for job in all_jobs((stage,)):
            yield job.waiting
            yield from (step.waiting for step in job.steps)


class _Viewer:
    """Reads one run. Lives as long as one view is made."""

    def __init__(self, run: Run, hide: Callable[[str], str]) -> None:
        self.run = run
        self.hide = hide
        self.sensitive = {parameter.name for parameter in run.pipeline.parameters if parameter.sensitive}

    def value(self, name: str, text: str) -> str:
        return words.HIDDEN if name in self.sensitive and text else self.hide(text)

    def cause(self, reason: Reason) -> Cause:
        return Cause(
            kind=reason.kind.value,
            facts={name: self.hide(text) for name, text in reason.facts.items()},
            sentence=self.hide(sentence(reason)),
        )

    def hidden(self, wait: Waiting | None) -> Waiting | None:
        if wait is None:
            return None
        values = tuple(replace(asked, value=self.value(asked.name, asked.value)) for asked in wait.values)
        return replace(wait, sentence=self.hide(wait.sentence), values=values)

    def stage(self, at: int, state: StageState) -> StageView:
        define = self.run.pipeline.stages[at]
        return StageView(
            path=state.id,
            name=define.name,
            phase=state.phase.value,
            outcome=_outcome(state.outcome),
            reason=self.cause(state.reason),
            final=define.final,
            execution=state.execution,
            started_at=state.started_at,
            ended_at=state.ended_at,
            waiting=self.hidden(waits.of_stage(state, define)),
            jobs=tuple(self.job(job) for job in state.jobs),
        )

    def job(self, state: JobState) -> JobView:
        define = state.define
        pairs = zip(state.steps, define.steps, strict=False)
        return JobView(
            path=state.path,
            name=define.name,
            phase=state.phase.value,
            outcome=_outcome(state.outcome),
            reason=self.cause(state.reason),
            execution=state.execution,
            started_at=state.started_at,
            ended_at=state.ended_at,
            needs=define.needs,
            matrix={name: self.hide(text) for name, text in (state.matrix or {}).items()},
            waiting=self.hidden(waits.of_job(state)),
            steps=tuple(self.step(state, step, step_define) for step, step_define in pairs),
            split=tuple(self.job(child) for child in state.children),
        )

    def step(self, job: JobState, state: StepState, define: Step) -> StepView:
        path = join(job.path, state.id)
        may_retry, may_skip = offers(define, state) if job.phase is Phase.FINISHED else (False, False)
        bad = state.outcome in (Outcome.FAILED, Outcome.ERRORED)
        return StepView(
            path=path,
            name=define.name,
            kind=define.kind,
            phase=state.phase.value,
            outcome=_outcome(state.outcome),
            reason=self.cause(state.reason),
            key=attempt_key(path, state.execution, state.attempt) if state.attempt else "",
            execution=state.execution,
            attempt=state.attempt,
            started_at=state.started_at,
            ended_at=state.ended_at,
            deadline=state.deadline,
            waiting=self.hidden(waits.of_step(job, state, define)),
            outputs=_hidden_json(state.outputs, self.hide),
            error_code=state.error_code,
            continued=bad and (define.on_failure is OnFailure.CONTINUE or bool(define.post_of)),
            may_retry=may_retry,
            may_skip=may_skip,
        )


def _outcome(outcome: Outcome | None) -> str:
    return outcome.value if outcome is not None else ""


def _hidden_json(value: dict[str, object], hide: Callable[[str], str]) -> dict[str, object]:
    """Outputs with sensitive values taken out of every text."""

    def walk(item: object) -> object:
        if isinstance(item, str):
            return hide(item)
        if isinstance(item, dict):
            return {name: walk(inner) for name, inner in item.items()}
        return [walk(inner) for inner in item] if isinstance(item, list | tuple) else item

    return {name: walk(item) for name, item in value.items()}
