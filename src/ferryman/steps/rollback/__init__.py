"""ferrymanRollback: put an earlier revision back into an environment (pipeline-yaml 15.1)."""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman.domain.work import Action
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Output, StepKind
from ferryman.steps.order import Order, unfinished


class RollbackSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What to put back, and to which revision."""

    environment: Annotated[Text | None, Meta(description="Where; the job's environment if absent.")] = None
    application: Annotated[Text | None, Meta(description="The application to put back.")] = None
    component: Annotated[Text | None, Meta(description="The component to put back.")] = None
    to: Annotated[Text | None, Meta(description="The revision; the previous good one if absent.")] = None


def _prepare(settings: RollbackSettings, order: Order) -> Action:
    return unfinished("roll back")


KIND = StepKind(
    name="ferrymanRollback",
    summary="Puts an earlier revision back into an environment.",
    settings=RollbackSettings,
    needs_machine=False,
    outputs=(
        Output("deployment", "the id of the deployment that put it back"),
        Output("revision", "the revision the environment has now"),
    ),
    capabilities=(Capability.TARGET, Capability.ARTIFACTS),
    prepare=_prepare,
)
