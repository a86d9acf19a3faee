"""runs-on: an environment that exists here (pipeline-yaml 7.1)."""

import re
from functools import partial

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Job, Plain, Subject
from ferryman.domain.errors import Severity

DOCKER = "docker"
AGENTLESS = "agentless"

_HOSTED = re.compile(r"(windows|macos|linux|ubuntu)\b.*", re.IGNORECASE)
_SELF_HOSTED = "use self-hosted: true with pool-name or node-name"


def is_agentless(job: Job) -> bool:
    """Whether a job has no machine."""
    runs_on = job.body.get("runs-on")
    if isinstance(runs_on, dict):
        return runs_on.get("pool-name") == AGENTLESS and not runs_on.get("self-hosted")
    return bool(runs_on == AGENTLESS)


def check(subject: Subject) -> None:
    """Check the machine of every job."""
    for job in subject.jobs():
        runs_on = job.body.get("runs-on")
        path = paths.key(job.path, "runs-on")
        if isinstance(runs_on, str):
            _check_pool(subject, runs_on, path)
        if isinstance(runs_on, dict):
            _check_mapping(subject, runs_on, path)


def _check_pool(subject: Subject, pool: str, path: str) -> None:
    """A pool that is not self-hosted is docker or agentless, or unknown until a run."""
    if pool in {DOCKER, AGENTLESS} or "${{" in pool:
        return
    hosted = _HOSTED.fullmatch(pool) is not None
    message = f'build environment "{pool}" is not supported' + (", no hosted machines here" if hosted else "")
    hint = suggestion(pool, (DOCKER, AGENTLESS)) or _SELF_HOSTED
    accepted = hosted and subject.accept_vendor_keys
    severity: Severity = "warning" if accepted else "error"
    subject.findings.add(path, message, codes.NO_ENVIRONMENT, key="runs-on", hint=hint, severity=severity)


def _check_mapping(subject: Subject, runs_on: Plain, path: str) -> None:
    if runs_on.get("self-hosted"):
        if "needs" in runs_on:
            message, hint = "needs and self-hosted exclude each other", "install the tools on the agent"
            subject.findings.add(paths.key(path, "needs"), message, codes.UNKNOWN_KEY, key="needs", hint=hint)
        _check_lender(subject, runs_on.get("lock-resource-with"), paths.key(path, "lock-resource-with"))
        return
    if isinstance(pool := runs_on.get("pool-name"), str):
        _check_pool(subject, pool, paths.key(path, "pool-name"))
    for key in ("node-name", "lock-resource-with"):
        if key in runs_on and "self-hosted" not in runs_on:
            message = f"{key} names an agent of yours"
            where = paths.key(path, key)
            subject.findings.add(where, message, codes.NO_ENVIRONMENT, key=key, hint="add self-hosted: true")


def _check_lender(subject: Subject, name: str | None, path: str) -> None:
    if name is not None and "${{" not in name and name not in subject.job_ids:
        message = f'"{name}" is no job of this file'
        hint = partial(suggestion, name, subject.job_ids)
        subject.findings.add(path, message, codes.NO_ENVIRONMENT, key="lock-resource-with", hint=hint)
