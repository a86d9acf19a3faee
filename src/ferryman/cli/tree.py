"""A run as a tree of rows: what it is, where it stands, how long, why. For `show`, and for the live picture."""

from collections.abc import Iterator
from typing import NamedTuple

from ferryman.cli.shown import clock, duration, limit, now, spent, state
from ferryman.cli.texts import plain
from ferryman.domain.views import JobView, RunView, StageView, StepView, Waiting


class Row(NamedTuple):
    """One line of the tree."""

    indent: int
    what: str
    word: str
    """Outcome or phase."""
    time: str
    why: str


def title(view: RunView) -> str:
    """`shop-release #3`, as people call it."""
    return plain(f"{view.name or view.pipeline} #{view.number}")


def rows(view: RunView) -> Iterator[Row]:
    """Every stage, job and step; of what has ended without having begun only the top is shown."""
    if own := next((wait for wait in view.waiting if not wait.path), None):
        yield Row(0, "run", view.phase, spent(view.queued_at, view.ended_at), _waits(own))
    for stage in view.stages:
        yield Row(0, _name(stage.path, stage.name), *_stands(stage))
        if stage.started_at or stage.phase in ("running", "pending"):
            for job in stage.jobs:
                yield from _job(job, 1)


def _job(job: JobView, indent: int) -> Iterator[Row]:
    combination = ", ".join(f"{name}={value}" for name, value in job.matrix.items())
    name = _name(job.path.rpartition("/")[2], combination or job.name)
    yield Row(indent, name, *_stands(job))
    for child in job.split:
        yield from _job(child, indent + 1)
    if job.started_at or job.phase == "pending":
        for step in job.steps:
            yield Row(indent + 1, _name(step.path.rpartition("/")[2], step.name), *_stands(step))


def _name(id_: str, name: str) -> str:
    return plain(f"{id_} ({name})" if name and name != id_ else id_)


def _stands(node: StageView | JobView | StepView) -> tuple[str, str, str]:
    why = _waits(node.waiting) if node.waiting is not None else plain(node.reason.sentence)
    if isinstance(node, StepView):
        why += "; this is let pass" if node.continued else ""
        why += f"; attempt {node.attempt}" if node.attempt > 1 else ""
    return state(node.phase, node.outcome), spent(node.started_at, node.ended_at), why.removeprefix("; ")


def _waits(wait: Waiting) -> str:
    """What it waits for, until when, and who can end it (ERR-6)."""
    since = f" (since {clock(wait.since)}{limit(wait.until)})" if wait.since else ""
    return plain(f"{wait.sentence}{since}; {wait.help}" if wait.help else f"{wait.sentence}{since}")


def headline(view: RunView) -> str:
    """How far it is, in one line."""
    word = "is being canceled" if view.canceling else state(view.phase, view.outcome)
    text = f"{title(view)} {word}"
    if view.reason.sentence:
        text += f": {plain(view.reason.sentence)}"
    if view.started_at:
        text += f", {spent(view.started_at, view.ended_at)}"
    if not view.ended_at:
        text += f", {view.progress.done} of {view.progress.steps} steps done"
        text += left(view)
    return text


def left(view: RunView) -> str:
    """The expected time left, where earlier runs tell one."""
    if not view.progress.expected_ms or not view.started_at or view.ended_at:
        return ""
    rest = view.progress.expected_ms - (now() - view.started_at)
    return f", about {duration(rest)} left" if rest > 0 else f", longer than usual by {duration(-rest)}"
