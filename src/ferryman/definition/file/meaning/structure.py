"""What a file holds as a whole: something to run, not too much, unique ids (pipeline-yaml 2, 3, 7, 13)."""

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.subject import Subject
from ferryman.definition.file.tables.common import TEMPLATES_LATER

_BODIES = ("stages", "jobs", "steps")
_EXCLUDED_BY_TEMPLATE = (*_BODIES, "variables", "finally")


def check(subject: Subject) -> None:
    """Check the outline of the file."""
    _check_bodies(subject)
    _check_template(subject)
    _check_counts(subject)
    _check_job_ids(subject)
    _check_services(subject)


def _check_bodies(subject: Subject) -> None:
    """Exactly one of stages, jobs, steps (or a template) describes what runs."""
    written = [key for key in _BODIES if key in subject.value]
    if not written and "extends" not in subject.value:
        message, hint = "nothing to run is described", "write stages, jobs or steps"
        subject.findings.add("", message, codes.MISSING, key="stages", hint=hint)
    # A key that is nothing may only be what another was meant to be: then it does not stand there at all.
    filled = [key for key in written if subject.value[key] is not None]
    for key in filled[1:]:
        message = f"{filled[0]} and {key} exclude each other"
        subject.findings.add(key, message, codes.UNKNOWN_KEY, key=key, hint="keep one of them")


def _check_template(subject: Subject) -> None:
    if "extends" not in subject.value:
        return
    extends = subject.value["extends"] or {}
    template = extends.get("template") if isinstance(extends, dict) else None
    stored = isinstance(template, dict) and "template-id" in template
    if not stored:
        hint = "write the stages here"
        subject.findings.add("extends", TEMPLATES_LATER, codes.UNKNOWN_KEY, key="extends", hint=hint)
    for key in _EXCLUDED_BY_TEMPLATE:
        if key in subject.value:
            message = f"extends and {key} exclude each other"
            subject.findings.add(key, message, codes.NO_FORM, key=key, hint="keep one of them")


def _check_counts(subject: Subject) -> None:
    """The limits of a pipeline; the trigger stage and finally count as stages."""
    limits, findings = subject.limits, subject.findings
    stages = len(subject.value.get("stages") or ()) + 1 + ("finally" in subject.value)
    if stages > limits.stages:
        allowed = limits.stages - 1
        message = f"{stages - 1} stages, at most {allowed} are allowed beside the triggers"
        findings.add("stages", message, codes.LIMIT, key="stages")
    for stage in subject.stages:
        if len(stage.jobs) > limits.jobs:
            path = stage.path if stage.path == "finally" else paths.key(stage.path, "jobs")
            findings.add(path, f"{len(stage.jobs)} jobs, at most {limits.jobs} are allowed", codes.LIMIT)
    for job in subject.jobs():
        steps = len(job.body.get("steps") or ())
        if steps > limits.steps:
            path = paths.key(job.path, "steps")
            findings.add(path, f"{steps} steps, at most {limits.steps} are allowed", codes.LIMIT)


def _check_job_ids(subject: Subject) -> None:
    first: dict[str, str] = {}
    for job in subject.jobs():
        if not job.id and job.path:
            subject.findings.add(job.path, "a job id may not be empty", codes.PATTERN)
        if job.id in first:
            line = subject.findings.marks[first[job.id]].line
            message = f'the job id "{job.id}" is used before, on line {line}'
            hint = "job ids are unique in the whole file"
            subject.findings.add(job.path, message, codes.JOB_ID_TWICE, key=job.id, hint=hint)
        first.setdefault(job.id, job.path)


def _check_services(subject: Subject) -> None:
    """Services are kept but not started yet; their images need a tag all the same."""
    for job in subject.jobs():
        services = job.body.get("services")
        if not services:
            continue
        path = paths.key(job.path, "services")
        message = "services are not supported yet and are ignored"
        subject.findings.add(path, message, codes.UNKNOWN_KEY, key="services", severity="warning")
        for name, service in services.items():
            image = (service or {}).get("image")
            if image is not None and "${{" not in image and not _has_tag(image):
                where = paths.key(paths.key(path, name), "image")
                message, hint = f'the image "{image}" has no tag', f"write {image}:latest, or a fixed version"
                subject.findings.add(where, message, codes.IMAGE_TAG, key="image", hint=hint)


def _has_tag(image: str) -> bool:
    """Whether a tag follows the last colon behind the last slash."""
    return bool(image.rpartition("/")[2].partition(":")[2])
