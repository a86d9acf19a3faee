"""ferrymanNothing: succeed at once (a code of our own, as pipeline-yaml 15 allows)."""

from msgspec import Struct

from ferryman.domain.work import Action, Nothing
from ferryman.steps.kind import StepKind
from ferryman.steps.order import Order


class NothingSettings(Struct, frozen=True):
    """There is nothing to say."""


def _prepare(settings: NothingSettings, order: Order) -> Action:
    return Nothing()


KIND = StepKind(
    name="ferrymanNothing",
    summary="Does nothing, and succeeds.",
    settings=NothingSettings,
    needs_machine=False,
    repeatable=True,
    capabilities=(),
    prepare=_prepare,
)
