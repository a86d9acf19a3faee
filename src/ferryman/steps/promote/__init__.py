"""ferrymanPromote: take what one environment has into another (pipeline-yaml 15.1)."""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman.domain.work import Action
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Output, StepKind
from ferryman.steps.order import Order, unfinished


class PromoteSettings(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """From where to where, and what."""

    from_: Annotated[Text, Meta(description="The environment that has the version.")]
    to: Annotated[Text, Meta(description="The environment that gets it.")]
    application: Annotated[Text | None, Meta(description="Only this application; all if absent.")] = None
    component: Annotated[Text | None, Meta(description="Only this component; all if absent.")] = None


def _prepare(settings: PromoteSettings, order: Order) -> Action:
    return unfinished("promote from and to")


KIND = StepKind(
    name="ferrymanPromote",
    summary="Takes the versions that one environment has into another one.",
    settings=PromoteSettings,
    needs_machine=False,
    outputs=(
        Output("deployment", "the id of the deployment"),
        Output("revision", "the revision the second environment has now"),
    ),
    capabilities=(Capability.TARGET, Capability.PLACEMENTS, Capability.ARTIFACTS),
    prepare=_prepare,
)
