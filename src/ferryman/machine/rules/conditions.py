"""Judges of conditions: whether a node runs, and because of what (semantics 3.2, 5.2, 7.2, 16)."""

from collections.abc import Mapping

from ferryman import expressions
from ferryman.domain.conditions import (
    After,
    AfterStage,
    Always,
    Condition,
    Holds,
    Matches,
    Previous,
    Upstream,
)
from ferryman.domain.pipeline import Step
from ferryman.domain.status import NO_REASON, Outcome, Reason, Why
from ferryman.machine.scope import Scope

FINE, FINE_HAD, FAILED, CANCELED, CANCELED_HAD = "fine", "fine-had", "failed", "canceled", "canceled-had"
"""How a job stands when one of its steps is reached; `had`: a failure earlier in it was continued."""

RUNS_WHEN: dict[After, frozenset[str]] = {
    After.SUCCESS: frozenset({FINE, FINE_HAD}),
    After.UNLESS_CANCELED: frozenset({FINE, FINE_HAD, FAILED}),
    After.ALWAYS: frozenset({FINE, FINE_HAD, FAILED, CANCELED, CANCELED_HAD}),
    After.FAILURE: frozenset({FINE_HAD, FAILED, CANCELED_HAD}),
    After.FAILURE_NOT_CONTINUED: frozenset({FAILED}),
    After.OTHER_RUNNING: frozenset({FINE, FINE_HAD}),
    After.PARENT_STOPPED: frozenset({FINE, FINE_HAD}),
    After.PARENT_ENDED: frozenset({FINE, FINE_HAD}),
}
"""The table of semantics 7.2, row by row."""

Judged = tuple[bool, Reason]
"""Whether the condition is met; the reason says why not."""

MET: Judged = (True, NO_REASON)


def standing(verdict: Outcome | None, *, had: bool, stopped: bool) -> str:
    """The column of the table: how the job stands. After a stop it counts as canceled (DESIGN, promise 6)."""
    if stopped or verdict is Outcome.CANCELED:
        return CANCELED_HAD if had else CANCELED
    if verdict is not None:
        return FAILED
    return FINE_HAD if had else FINE


def of_step(condition: Condition, stands: str, scope: Scope, dialect: str, zone: str) -> Judged:
    """Whether a step runs when its job stands like this. Custom conditions never look past a failure."""
    after = condition.after if isinstance(condition, Upstream) else After.SUCCESS
    if stands not in RUNS_WHEN[after]:
        return False, Reason(Why.UPSTREAM, {"wanted": after.value, "found": stands})
    return judge(condition, scope, dialect, zone)


def ignores_a_cancel(condition: Condition) -> bool:
    """Whether a running step is not interrupted by a cancel (semantics 11.2)."""
    return isinstance(condition, Upstream) and condition.after is After.ALWAYS


def runs_in_spite_of_a_cancel(step: Step) -> bool:
    """Whether a step may still begin in a job that was canceled (semantics 7.2, 11.2)."""
    after = step.condition.after if isinstance(step.condition, Upstream) else None
    return bool(step.post_of) or after in (After.ALWAYS, After.FAILURE)


def of_final_job(condition: Condition, previous: Outcome | None) -> Judged | None:
    """Whether a finally job runs after such a stage; None when its condition does not look at it (semantics 5.2)."""
    if not isinstance(condition, AfterStage):
        return None
    # Without any stage before, the trigger stage is the one before, and it succeeded.
    found = Outcome.SUCCEEDED if previous is None else previous
    met = {
        Previous.SUCCEEDED: found.is_good,
        Previous.FAILED: found.is_bad,
        Previous.CANCELED: found is Outcome.CANCELED,
    }[condition.previous]
    if met:
        return MET
    return False, Reason(Why.PREVIOUS_STAGE, {"wanted": condition.previous.value, "found": found.value})


def judge(condition: Condition, scope: Scope, dialect: str, zone: str) -> Judged:
    """Whether a condition on values is met, with the operands that decided."""
    match condition:
        case Always() | Upstream() | AfterStage():
            return MET
        case Matches():
            return _matches(condition, scope, dialect, zone)
        case Holds(text=text):
            if not text.strip():
                if condition.when_blank:
                    return MET
                return False, Reason(
                    Why.CONDITION_FALSE, {"condition": "", "error": "the condition is blank"}
                )
            judgement = expressions.judge(text, scope, dialect=dialect, zone=zone)
            if judgement.value:
                return MET
            facts = {"condition": text}
            if judgement.error:
                facts["error"] = scope.masked(judgement.error)
            else:
                facts["because"] = scope.masked(judgement.because.sentence())
            return False, Reason(Why.CONDITION_FALSE, facts)


def _matches(condition: Matches, scope: Scope, dialect: str, zone: str) -> Judged:
    if not condition.pairs:
        if condition.when_empty:
            return MET
        return False, Reason(Why.CONDITION_FALSE, {"because": "no variables are named"})
    variables = scope["variables"]
    found = variables if isinstance(variables, Mapping) else {}
    unequal = []
    for name, text in condition.pairs:
        wanted = text
        if condition.substituted:
            wanted = expressions.substitute(text, scope, dialect=dialect, zone=zone)
        value = found.get(name)
        if value is None or expressions.to_text(value) != wanted:
            unequal.append(f"{name} is {'not set' if value is None else value}, wanted {wanted}")
    if condition.wanted != bool(unequal):
        return MET
    because = "; ".join(unequal) if unequal else "all named variables are equal"
    return False, Reason(Why.CONDITION_FALSE, {"because": scope.masked(because)})
