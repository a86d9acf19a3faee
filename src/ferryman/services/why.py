"""Why each node of a run stands where it stands: it ran because …, was skipped because …, waits for …"""

from collections.abc import Iterator

from ferryman.domain.conditions import AfterStage, Always, Condition, Holds, Matches, Upstream
from ferryman.domain.pipeline import Job
from ferryman.domain.run import Run
from ferryman.domain.sentences import after, ended
from ferryman.domain.status import Outcome, Phase
from ferryman.domain.views import Cause, Explained, JobView, RunView, StageView, StepView, Waiting

_FAILED = (Outcome.FAILED, Outcome.ERRORED)


def explain(view: RunView, run: Run) -> Iterator[Explained]:
    """One line for the run, then for each stage, job and step, in the order of the tree."""
    own = next((wait for wait in view.waiting if not wait.path), None)
    yield _told("", "run", view.name, view, waiting=own, ran="was started" + _by(view.started_by))
    for at, stage in enumerate(view.stages):
        define = run.pipeline.stages[at]
        # One that was refused at its gate has no job that began.
        shut = stage.outcome in _FAILED and not any(job.started_at for job in stage.jobs)
        ran = "did not begin" if shut else _ran(define.condition)
        yield _told(stage.path, "stage", stage.name, stage, waiting=stage.waiting, ran=ran)
        for job, job_define in zip(stage.jobs, define.jobs, strict=True):
            yield from _of_job(job, job_define)


def _of_job(job: JobView, define: Job) -> Iterator[Explained]:
    yield _told(
        job.path, "job", job.name, job, waiting=job.waiting, ran=_ran(define.condition, needs=define.needs)
    )
    for step, step_define in zip(job.steps, define.steps, strict=False):
        yield _told(step.path, "step", step.name, step, waiting=step.waiting, ran=_ran(step_define.condition))
    for child in job.split:
        yield from _of_job(child, define)


def _told(
    path: str,
    level: str,
    name: str,
    node: RunView | StageView | JobView | StepView,
    *,
    waiting: Waiting | None,
    ran: str,
) -> Explained:
    return Explained(
        path=path,
        level=level,
        name=name,
        phase=node.phase,
        outcome=node.outcome,
        reason=node.reason,
        sentence=_sentence(node.phase, node.outcome, node.reason, waiting, ran),
    )


def _sentence(phase: str, outcome: str, reason: Cause, waiting: Waiting | None, ran: str) -> str:
    because = f": {reason.sentence}" if reason.sentence else ""
    match phase:
        case Phase.PENDING:
            return "has not been reached"
        case Phase.WAITING | Phase.RUNNING if waiting is not None:
            return waiting.sentence
        case Phase.WAITING:
            return reason.sentence or "waits"
        case Phase.RUNNING:
            return ran
    match outcome:
        case Outcome.SKIPPED:
            return f"was skipped{because}"
        case Outcome.UNREACHED:
            return f"was never reached{because}"
        case Outcome.SUCCEEDED:
            return f"{ran}, and succeeded"
        case Outcome.CANCELED:
            return f"was canceled{because}"
        case _:
            return f"{ran}, and failed{because}"


def _ran(condition: Condition, *, needs: tuple[str, ...] = ()) -> str:
    """Why a node ran, read off its condition."""
    behind = f" after {', '.join(needs)} succeeded" if needs else ""
    match condition:
        case Always():
            return f"ran{behind}" if behind else "ran, having no condition"
        case Holds(text=text):
            return f"ran{behind}, because its condition holds: {text}"
        case Matches(pairs=pairs, wanted=wanted):
            texts = ", ".join(f"{name} = {text}" for name, text in pairs)
            return f"ran{behind}, because {'' if wanted else 'not '}all of this is so: {texts or 'nothing'}"
        case Upstream(after=what):
            return f"ran{behind}, as it does {after(what.value)}"
        case AfterStage(previous=previous):
            return f"ran{behind}, because the last stage {ended(previous.value)}"


def _by(name: str) -> str:
    return f" by {name}" if name else ""
