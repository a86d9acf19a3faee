"""ferrymanDeploy: put a version of something into an environment (pipeline-yaml 15.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.work import Action
from ferryman.steps.inputs import Address, Text
from ferryman.steps.kind import Capability, Choice, Output, StepKind
from ferryman.steps.order import Order, unfinished

Batches = Annotated[int, Meta(ge=1, le=100)]
Percent = Annotated[int, Meta(ge=1, le=100)]
Seconds = Annotated[int, Meta(ge=1, le=86400)]


class HealthCheck(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How to tell that what was deployed is well."""

    url: Annotated[Address, Meta(description="Address that must answer with success after the change.")]
    timeout_seconds: Annotated[Seconds, Meta(description="How long to wait for the first good answer.")] = 60


class DeploySettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What to deploy, where to, and how carefully."""

    environment: Annotated[
        Text | None, Meta(description="Where to deploy; the job's environment if absent.")
    ] = None
    application: Annotated[Text | None, Meta(description="The application the component belongs to.")] = None
    component: Annotated[Text | None, Meta(description="The component that changes.")] = None
    artifact: Annotated[Text | None, Meta(description="The artifact to deploy; excludes image.")] = None
    image: Annotated[Text | None, Meta(description="The container image to deploy; excludes artifact.")] = (
        None
    )
    version: Annotated[Text | None, Meta(description="The version to record for what is deployed.")] = None
    strategy: Annotated[
        Literal["rolling", "recreate", "blue-green", "canary"],
        Meta(description="In which way the old version gives way to the new one."),
    ] = "rolling"
    batches: Annotated[Batches | None, Meta(description="In how many parts the change is made.")] = None
    canary_percent: Annotated[
        Percent | None, Meta(description="The share that gets the new version first, in percent.")
    ] = None
    health_check: Annotated[
        HealthCheck | None,
        Meta(description="Asked after each part of the change; a bad answer ends the step."),
    ] = None
    rollback_on_failure: Annotated[
        bool, Meta(description="Put the previous version back when the deployment fails.")
    ] = False
    variables: Annotated[dict[str, str], Meta(description="Values handed to the target.")] = field(
        default_factory=dict
    )


def _prepare(settings: DeploySettings, order: Order) -> Action:
    return unfinished("deploy to")


KIND = StepKind(
    name="ferrymanDeploy",
    summary="Puts a version of an application or component into an environment, wholly or not at all.",
    settings=DeploySettings,
    needs_machine=False,
    choices=(Choice(("artifact", "image")),),
    outputs=(
        Output("deployment", "the id of the deployment"),
        Output("revision", "the revision the environment has now"),
        Output("previous", "the revision it had before"),
    ),
    capabilities=(Capability.TARGET, Capability.ARTIFACTS, Capability.NETWORK),
    prepare=_prepare,
)
