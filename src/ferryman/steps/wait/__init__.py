"""ferrymanWait: let time pass, or wait until an expression is true (pipeline-yaml 15.1)."""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Choice, StepKind

Seconds = Annotated[float, Meta(ge=0, le=604800)]
"""At most 10080 minutes, the longest time limit a step can have (pipeline-yaml 8)."""


class WaitSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How long, or until what."""

    seconds: Annotated[Seconds | None, Meta(description="Seconds to wait; excludes until.")] = None
    until: Annotated[
        Text | None, Meta(description="Expression asked again and again until it is true; excludes seconds.")
    ] = None


KIND = StepKind(
    name="ferrymanWait",
    summary="Waits for a time, or until an expression becomes true.",
    settings=WaitSettings,
    needs_machine=False,
    repeatable=True,
    choices=(Choice(("seconds", "until")),),
    expressions=("until",),
    capabilities=(Capability.CLOCK, Capability.VALUES),
)
