"""Conditions of stages, jobs and steps: they can be read (pipeline-yaml 6, 8.2, 9, 10)."""

from collections.abc import Iterator
from typing import NamedTuple

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.names import check_names
from ferryman.definition.file.meaning.subject import Plain, Subject
from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Severity
from ferryman.expressions import ErrorKind, ExpressionError, parse
from ferryman.expressions.placeholders import expressions_of

STEP_WORDS = ("FAILURE", "ALWAYS", "ALWAYS_UNLESS_CANCELLED")
FINALLY_WORDS = ("SUCCESS", "FAILURE", "ALWAYS", "CANCELED")
_NO_STEP_WORDS = ("SUCCESS", "CANCELED", "CANCELLED")


class _Condition(NamedTuple):
    """A condition written as text, with its place; `level` is stage, job or step."""

    path: str
    text: str
    level: str


def check(subject: Subject) -> None:
    """Check every condition of the file that is an expression, and that those of jobs on variables name some."""
    for condition in _conditions(subject):
        _check(subject, condition)
    for job in subject.jobs():
        pairs = job.body.get("if")
        if isinstance(pairs, dict) and pairs.get("params") == {}:
            path = paths.key(paths.key(job.path, "if"), "params")
            subject.findings.add(path, "the condition names no variable", codes.NO_VARIABLES, key="params")


def _conditions(subject: Subject) -> Iterator[_Condition]:
    for stage in subject.stages:
        yield from _condition(stage.body, stage.path, "stage")
        for job in stage.jobs:
            if stage.path != "finally":
                yield from _condition(job.body, job.path, "job")
            for step in job.steps():
                yield from _condition(step.body, step.path, "step")


def _condition(body: Plain, path: str, level: str) -> Iterator[_Condition]:
    text = body.get("if")
    if isinstance(text, str):
        yield _Condition(paths.key(path, "if"), text, level)


def _check(subject: Subject, condition: _Condition) -> None:
    path, text, level = condition
    findings = subject.findings
    if len(text) > subject.limits.condition:
        message = f"the condition has {len(text)} characters, at most {subject.limits.condition} are allowed"
        findings.add(path, message, codes.CONDITION_LENGTH, key="if")
        return
    word = text.strip()
    if level == "step" and word in STEP_WORDS:
        return
    if level == "step" and word in _NO_STEP_WORDS:
        message = f'"{word}" is not a step condition'
        hint = f"write {', '.join(STEP_WORDS)} or an expression"
        findings.add(path, message, codes.UNKNOWN_WORD, key="if", hint=hint)
        return
    if level != "step" and word in FINALLY_WORDS:
        hint = "the word counts for steps and for jobs of finally only"
        message = f'"{word}" is no condition of a {level} and is never true'
        findings.add(path, message, codes.UNKNOWN_WORD, key="if", hint=hint, severity="warning")
        return
    _check_expression(subject, path, text)


def _check_expression(subject: Subject, path: str, text: str) -> None:
    """The whole text is one expression; where values are pasted first, only a run can tell."""
    if subject.dialect is Dialect.CLASSIC and "${" in text:
        return
    for offset, expression in expressions_of(text):
        try:
            parse(expression)
        except ExpressionError as error:
            problem = error.problems[0]
            severity: Severity = "warning" if error.kind is ErrorKind.EMPTY else "error"
            subject.findings.add(
                path,
                problem.message,
                problem.code,
                key="if",
                hint=problem.hint,
                severity=severity,
                mark=subject.findings.inside(path, offset + max(error.position - 1, 0)),
            )
            return
        check_names(subject, path, expression, offset)
