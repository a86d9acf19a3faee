"""Conditions that are expressions: can they be read, and do they speak of anything known (bkci-v3 6.3, semantics 16).

An expression that cannot be read is false when it runs, so it is a warning here; a function that does not exist is
never what was meant, so it is an error (RULINGS 2). In the classic dialect values are pasted first: what holds a
placeholder is only known to a run.
"""

from collections.abc import Iterator

from ferryman.definition.file.meaning.names import CONTEXTS
from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.view import Part, Subject
from ferryman.definition.model.wire.words import EXPRESSION
from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Severity
from ferryman.expressions import ErrorKind, ExpressionError, first_names, parse
from ferryman.expressions.placeholders import unwrapped
from ferryman.steps.faults import near

_BUILT_IN = "BK_CI_"


def check(subject: Subject) -> None:
    """Check every condition of the document that is an expression."""
    known = {*CONTEXTS, *_variables(subject)}
    for options in _options(subject):
        if options.text("runCondition") == EXPRESSION:
            _check_condition(subject, options, known)


def _options(subject: Subject) -> Iterator[Part]:
    for stage in subject.working:
        yield stage.part("stageControlOption")
    for _, job in subject.jobs():
        yield job.part("jobControlOption")
        for step in subject.steps_of(job):
            yield step.part("additionalOptions")


def _variables(subject: Subject) -> Iterator[str]:
    """Names that are variables once the run has begun, or once somebody has decided; first names of those with dots."""
    for stage in subject.stages[:1]:
        for box in stage.parts("containers"):
            yield from (parameter.text("id").partition(".")[0] for parameter in box.parts("params"))
    for stage in subject.working:
        yield from (parameter.text("key") for parameter in stage.part("checkIn").parts("reviewParams"))
    for _, job in subject.jobs():
        for step in subject.steps_of(job):
            yield from (parameter.text("key") for parameter in step.parts("params"))


def _check_condition(subject: Subject, options: Part, known: set[str]) -> None:
    text, spot = options.text("customCondition"), options.at("customCondition")
    bare = unwrapped(text) if subject.dialect is Dialect.CONSTRAINED else text
    if "${" in bare or not bare.strip() or len(text) > subject.limits.condition:
        return
    try:
        parse(bare)
    except ExpressionError as error:
        problem = error.problems[0]
        severity: Severity = "error" if error.kind is ErrorKind.UNKNOWN_FUNCTION else "warning"
        message = problem.message if severity == "error" else f"{problem.message}; it is never true"
        code = codes.PATTERN if severity == "warning" else codes.NOT_A_MODEL
        subject.findings.add(spot, message, code, hint=problem.hint, severity=severity)
        return
    for name in sorted(first_names(bare)):
        if name not in known and not name.startswith(_BUILT_IN):
            hint = near(name, known)
            hint = hint if hint.startswith("did you mean") else "put text in single quotes"
            subject.findings.add(spot, f'unknown name "{name}"', codes.PATTERN, hint=hint, severity="warning")
