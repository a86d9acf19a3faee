"""Names of the environment that mean something to Ferryman (pipeline-yaml 15.2)."""

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Plain, Subject

PREFIX = "FERRYMAN_"
ENVIRONMENT = "FERRYMAN_ENVIRONMENT"
LOCK = "FERRYMAN_ENVIRONMENT_LOCK"
OF_A_JOB = (ENVIRONMENT, LOCK)


def check(subject: Subject) -> None:
    """Check the env of every job and step."""
    for job in subject.jobs():
        _check(subject, job.body.get("env"), job.path, OF_A_JOB)
        for step in job.steps():
            _check(subject, step.body.get("env"), step.path, ())


def _check(subject: Subject, env: Plain | None, path: str, known: tuple[str, ...]) -> None:
    for name, value in (env or {}).items():
        where = paths.key(paths.key(path, "env"), name)
        if name.startswith(PREFIX) and name not in known:
            hint = suggestion(name, known) or f"names that begin with {PREFIX} are Ferryman's own"
            if name in OF_A_JOB:
                hint = "it belongs to the env of the job"
            message = f'unknown name "{name}" in env'
            subject.findings.add(where, message, codes.UNKNOWN_KEY, key=name, hint=hint)
        elif name == LOCK and value not in {"true", "false", None} and "${{" not in value:
            message = f'"{value[:60]}" is not one of true, false'
            subject.findings.add(where, message, codes.UNKNOWN_WORD, key=name)
