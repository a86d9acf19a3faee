"""depend-on: jobs of the same stage, and no circle (pipeline-yaml 7)."""

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Job, Stage, Subject


def check(subject: Subject) -> None:
    """Check what jobs wait for, stage by stage."""
    for stage in subject.stages:
        for job in stage.jobs:
            _check_names(subject, stage, job)
        _check_circles(subject, stage)


def _wanted(job: Job) -> list[str]:
    return [name for name in job.body.get("depend-on") or () if name is not None and "${{" not in name]


def _check_names(subject: Subject, stage: Stage, job: Job) -> None:
    known = [other.id for other in stage.jobs]
    path = paths.key(job.path, "depend-on")
    for index, name in enumerate(job.body.get("depend-on") or ()):
        if name is None or "${{" in name or name in known:
            continue
        others = [other for other in known if other != job.id]
        elsewhere = any(other.id == name for other in subject.jobs())
        hint = suggestion(name, others) or (f"jobs of this stage: {', '.join(others)}" if others else "")
        if elsewhere:
            hint = "stages run one after the other; a job waits only for jobs of its own stage"
        message = f'"{name}" is no job of this stage'
        subject.findings.add(paths.item(path, index), message, codes.UNKNOWN_WORD, key="depend-on", hint=hint)


def _check_circles(subject: Subject, stage: Stage) -> None:
    """Tell each circle once, at the first of its jobs."""
    wants = {job.id: _wanted(job) for job in stage.jobs}
    paths_of = {job.id: job.path for job in stage.jobs}
    told: set[str] = set()
    for start in wants:
        circle = _circle_through(start, wants)
        if circle and not told & set(circle):
            told.update(circle)
            message = f"jobs wait for each other: {' -> '.join([*circle, start])}"
            path = paths.key(paths_of[start], "depend-on")
            subject.findings.add(path, message, codes.CIRCLE, key="depend-on", hint="remove one of them")


def _circle_through(start: str, wants: dict[str, list[str]]) -> list[str]:
    """The shortest way from a job back to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in wants.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
