"""Values pasted into scripts, which turns a value into program text (RULINGS 14; expectation CFG-6)."""

from itertools import islice

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.subject import Plain, Step, Subject
from ferryman.steps.pasting import pasted_values


def check(subject: Subject) -> None:
    """Warn of each pasted value and show the safe form; refuse it where scripts are strict."""
    for job in subject.jobs():
        for step in job.steps():
            _check(subject, step)


def _settings(step: Step) -> tuple[str, Plain, str]:
    """The kind of a step, its settings, and the path these stand under."""
    settings, under = step.body.get("with") or {}, paths.key(step.path, "with")
    if isinstance(script := step.body.get("run"), str):
        shell = {"shell": step.body["shell"]} if step.body.get("shell") else {}
        return "run", {**settings, **shell, "script": script}, step.path
    return str(step.body.get("uses") or "").partition("@")[0], settings, under


def _check(subject: Subject, step: Step) -> None:
    kind, settings, under = _settings(step)
    told = islice(pasted_values(kind, settings, dialect=subject.dialect), subject.limits.problems)
    for pasted in told:
        path = paths.key(under, "run" if kind == "run" else pasted.path)
        text = str(settings[pasted.path])
        subject.findings.add(
            path,
            f"pastes {pasted.text} into the script",
            codes.PATTERN,
            key=pasted.path,
            hint=pasted.hint,
            severity="error" if subject.strict_scripts else "warning",
            mark=subject.findings.inside(path, text.index(pasted.text)),
        )
