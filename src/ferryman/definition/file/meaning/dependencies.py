"""depend-on: jobs of the same stage, and no circle (pipeline-yaml 7)."""

from functools import partial

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Job, Stage, Subject


def check(subject: Subject) -> None:
    """Check what jobs wait for, stage by stage."""
    for stage in subject.stages:
        known = {job.id: job for job in stage.jobs}
        for job in stage.jobs:
            _check_names(subject, known, job)
        _check_circles(subject, stage, known)


def _check_names(subject: Subject, known: dict[str, Job], job: Job) -> None:
    path = paths.key(job.path, "depend-on")
    for index, name in enumerate(job.body.get("depend-on") or ()):
        if name is not None and "${{" not in name and name not in known:
            message, where = f'"{name}" is no job of this stage', paths.item(path, index)
            hint = partial(_hint, subject, known, job, name)
            subject.findings.add(where, message, codes.UNKNOWN_WORD, key="depend-on", hint=hint)


def _hint(subject: Subject, known: dict[str, Job], job: Job, name: str) -> str:
    if name in subject.job_ids:
        return "stages run one after the other; a job waits only for jobs of its own stage"
    others = [other for other in known if other != job.id]
    return suggestion(name, others) or (f"jobs of this stage: {', '.join(others)}" if others else "")


def _check_circles(subject: Subject, stage: Stage, known: dict[str, Job]) -> None:
    """Tell each circle once, at the first of its jobs.

    Jobs that wait for nothing that is left are taken away until none is; whoever follows the waiting of those that
    stay comes back to a job seen before.
    """
    wants = {
        job.id: [name for name in job.body.get("depend-on") or () if name in known] for job in stage.jobs
    }
    left = _left_waiting(wants)
    while left:
        circle = _circle(next(iter(left)), wants, left)
        first = min(circle, key=list(known).index)
        turned = circle[circle.index(first) :] + circle[: circle.index(first)]
        message = f"jobs wait for each other: {' -> '.join([*turned, first])}"
        path = paths.key(known[first].path, "depend-on")
        subject.findings.add(path, message, codes.CIRCLE, key="depend-on", hint="remove one of them")
        left = _left_waiting({name: wants[name] for name in left if name not in circle})


def _left_waiting(wants: dict[str, list[str]]) -> dict[str, None]:
    """The jobs that are in a circle or wait for one, in order."""
    waiters: dict[str, list[str]] = {}
    missing = {}
    for name, wanted in wants.items():
        present = {other for other in wanted if other in wants}
        missing[name] = len(present)
        for other in present:
            waiters.setdefault(other, []).append(name)
    free = [name for name, count in missing.items() if count == 0]
    while free:
        for waiter in waiters.get(free.pop(), ()):
            missing[waiter] -= 1
            if missing[waiter] == 0:
                free.append(waiter)
    return {name: None for name, count in missing.items() if count > 0}


def _circle(start: str, wants: dict[str, list[str]], left: dict[str, None]) -> list[str]:
    """The circle that following the waiting of a job leads into."""
    way: dict[str, None] = {}
    name = start
    while name not in way:
        way[name] = None
        name = next(other for other in wants[name] if other in left)
    names = list(way)
    return names[names.index(name) :]
