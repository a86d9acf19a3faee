"""ferrymanWait: let time pass, or ask that an expression is true (pipeline-yaml 15.1).

The reference polls `until`. A job sees the world as it stood when it began (RULINGS 3), so asking again would give the
same answer until the time limit; the step says so at once instead.
"""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman import expressions
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Impossible, Nothing, Wait
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Choice, StepKind
from ferryman.steps.order import Order

Seconds = Annotated[float, Meta(ge=0, le=604800)]
"""At most 10080 minutes, the longest time limit a step can have (pipeline-yaml 8)."""


class WaitSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How long, or until what."""

    seconds: Annotated[Seconds | None, Meta(description="Seconds to wait; excludes until.")] = None
    until: Annotated[
        Text | None, Meta(description="Expression that must be true when the step begins; excludes seconds.")
    ] = None


def _prepare(settings: WaitSettings, order: Order) -> Action:
    if settings.until is None:
        return Wait(seconds=settings.seconds) if settings.seconds else Nothing()
    judged = expressions.judge(
        settings.until, order.scope, dialect=order.facts.dialect, zone=order.facts.zone
    )
    if judged.value:
        return Nothing()
    return Impossible(message=_never(settings.until, judged.because.error), code=TaskCode.WAITED_TOO_LONG)


def _never(expression: str, error: str) -> str:
    if error:
        return f"cannot tell whether {expression} is true: {error}"
    return (
        f"{expression} is not true, and cannot become true in this job: "
        "a job sees variables and other jobs as they stood when it began"
    )


KIND = StepKind(
    name="ferrymanWait",
    summary="Waits for a time, or fails unless an expression is true.",
    settings=WaitSettings,
    needs_machine=False,
    repeatable=True,
    choices=(Choice(("seconds", "until")),),
    expressions=("until",),
    capabilities=(Capability.CLOCK, Capability.VALUES),
    prepare=_prepare,
)
