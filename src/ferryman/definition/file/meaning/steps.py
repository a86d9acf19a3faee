"""Steps: one kind each, ids that are unique, settings that fit their kind (pipeline-yaml 8, 15.1)."""

import re

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.environment import ENVIRONMENT
from ferryman.definition.file.meaning.machines import is_agentless
from ferryman.definition.file.meaning.subject import Job, Plain, Step, Subject
from ferryman.steps import find_kind
from ferryman.steps.checking import OWN_PREFIX, check_settings, without_effect

_KINDS = ("run", "uses", "checkout")
_OWN_VERSION = re.compile(r"1(\.[\w*.-]+)?")
_BOUND_TO_ENVIRONMENT = frozenset({"ferrymanDeploy", "ferrymanRollback"})


def check(subject: Subject) -> None:
    """Check the steps of every job."""
    for job in subject.jobs():
        _check_ids(subject, job)
        for step in job.steps():
            _check_kind(subject, job, step)
            _check_repository(subject, step)


def _check_ids(subject: Subject, job: Job) -> None:
    first: dict[str, str] = {}
    for step in job.steps():
        name, path = step.body.get("id"), paths.key(step.path, "id")
        if name is None:
            continue
        if name in first:
            line = subject.findings.marks[first[name]].line
            message = f'the step id "{name}" is used before in this job, on line {line}'
            subject.findings.add(path, message, codes.STEP_ID_TWICE, key="id", hint="rename one of them")
        first.setdefault(name, path)


def _check_kind(subject: Subject, job: Job, step: Step) -> None:
    written = [key for key in step.body if key in _KINDS]
    if not written and "template" not in step.body:
        message = "a step needs run, uses or checkout"
        subject.findings.add(step.path, message, codes.NO_STEP_KIND, key="run")
    # A key that is nothing may only be what another was meant to be: then it does not stand there at all.
    filled = [key for key in written if step.body[key] is not None]
    for key in filled[1:]:
        message = f"{filled[0]} and {key} exclude each other"
        where = paths.key(step.path, key)
        subject.findings.add(where, message, codes.UNKNOWN_KEY, key=key, hint="make two steps of it")
    if len(written) != 1 or step.body[written[0]] is None:
        return
    if written[0] == "uses":
        _check_uses(subject, job, step)
    else:
        _check_built_in(subject, job, step, written[0])


def _check_built_in(subject: Subject, job: Job, step: Step, key: str) -> None:
    """Scripts and checkouts need a machine; the extra settings of a script fit it."""
    if is_agentless(job):
        message, hint = f"{key} needs a machine, but the job is agentless", "give the job another runs-on"
        subject.findings.add(paths.key(step.path, key), message, codes.NO_FORM, key=key, hint=hint)
    if key == "run":
        settings = {**(step.body.get("with") or {}), "script": step.body["run"]}
        _tell_faults(subject, step, "run", settings, agentless=False)


def _check_uses(subject: Subject, job: Job, step: Step) -> None:
    code, _, version = step.body["uses"].partition("@")
    where = paths.key(step.path, "uses")
    settings = step.body.get("with") or {}
    _tell_faults(subject, step, code, settings, agentless=is_agentless(job))
    if not code.startswith(OWN_PREFIX) or find_kind(code) is None:
        return
    if not _OWN_VERSION.fullmatch(version):
        message = f'there is no version "{version}" of {code}'
        subject.findings.add(where, message, codes.UNKNOWN_WORD, key="uses", hint=f"write {code}@1.*")
    bound = settings.get("environment") or ENVIRONMENT in (job.body.get("env") or {})
    if code in _BOUND_TO_ENVIRONMENT and not bound:
        message = f"{code} needs an environment"
        hint = f"write environment in its with, or {ENVIRONMENT} in the env of the job"
        subject.findings.add(where, message, codes.MISSING, key="environment", hint=hint)


def _tell_faults(subject: Subject, step: Step, code: str, settings: Plain, *, agentless: bool) -> None:
    """Tell what the kind finds wrong with its settings, at the setting or else at what names the kind."""
    key = "run" if code == "run" else "uses"
    for fault in check_settings(code, settings, agentless=agentless, dialect=subject.dialect):
        named = paths.key(step.path, key)
        inside = fault.path and fault.path != "script"
        path = f"{paths.key(step.path, 'with')}.{fault.path}" if inside else named
        place = path if inside and "with" in step.body else named
        subject.findings.add(path, fault.message, int(fault.code), key=fault.path, hint=fault.hint, at=place)
    for name in without_effect(code, settings):
        path = f"{paths.key(step.path, 'with')}.{name}"
        message = f"{name} is kept, and has no effect here"
        subject.findings.add(path, message, codes.UNKNOWN_KEY, key=name, severity="warning")


def _check_repository(subject: Subject, step: Step) -> None:
    """A checkout by mapping names the repository in one way."""
    checkout = step.body.get("checkout")
    if isinstance(checkout, dict) and "repo-id" in checkout and "repo-name" in checkout:
        message = "repo-id and repo-name exclude each other"
        where = paths.key(paths.key(step.path, "checkout"), "repo-name")
        subject.findings.add(where, message, codes.UNKNOWN_KEY, key="repo-name", hint="keep one of them")
