"""subPipelineCall: start another pipeline, and by choice wait for its end (pipeline-yaml 8.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.work import Action, CallPipeline
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Choice, StepKind
from ferryman.steps.order import Order


class CallPipelineSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which pipeline, with which values, and whether to wait."""

    sub_pipeline_type: Annotated[
        Literal["ID", "NAME"], Meta(description="Whether the pipeline is named by its id or its name.")
    ] = "ID"
    sub_pipeline_id: Annotated[Text | None, Meta(description="The id of the pipeline.")] = field(
        default=None, name="subPipelineId"
    )
    sub_pipeline_name: Annotated[Text | None, Meta(description="The name of the pipeline.")] = field(
        default=None, name="subPipelineName"
    )
    asynchronous: Annotated[
        bool, Meta(description="Go on as soon as the run has started, instead of waiting for its end.")
    ] = False
    parameters: Annotated[dict[str, str], Meta(description="Start values of the run.")] = field(
        default_factory=dict
    )


def _prepare(settings: CallPipelineSettings, order: Order) -> Action:
    """Whichever of id and name is given counts, whatever the type says."""
    return CallPipeline(
        pipeline=settings.sub_pipeline_id or settings.sub_pipeline_name or "",
        values=dict(settings.parameters),
        wait=not settings.asynchronous,
    )


KIND = StepKind(
    name="subPipelineCall",
    summary="Starts a run of another pipeline, and waits for its end unless told otherwise.",
    settings=CallPipelineSettings,
    needs_machine=False,
    choices=(Choice(("subPipelineId", "subPipelineName")),),
    capabilities=(Capability.RUNS,),
    prepare=_prepare,
)
