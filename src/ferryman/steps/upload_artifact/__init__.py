"""ferrymanUploadArtifact: keep files of a job as an artifact (pipeline-yaml 15.1)."""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman.domain.work import Action, KeepArtifact
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Output, StepKind
from ferryman.steps.order import Order

Paths = Annotated[tuple[Text, ...], Meta(min_length=1)]
Days = Annotated[int, Meta(ge=1, le=3650)]


class UploadArtifactSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What to keep, under which name, for how long."""

    name: Annotated[Text, Meta(description="The name to keep the files under.")]
    path: Annotated[Text | Paths, Meta(description="Files to keep, as glob patterns in the working folder.")]
    keep_days: Annotated[
        Days | None, Meta(description="Days to keep the artifact; as the project says if absent.")
    ] = None


def _prepare(settings: UploadArtifactSettings, order: Order) -> Action:
    patterns = (settings.path,) if isinstance(settings.path, str) else settings.path
    return KeepArtifact(name=settings.name, patterns=patterns, keep_days=settings.keep_days or 0)


KIND = StepKind(
    name="ferrymanUploadArtifact",
    summary="Keeps files of the job as an artifact that later jobs, runs and deployments can take.",
    settings=UploadArtifactSettings,
    needs_machine=True,
    outputs=(
        Output("name", "the name of the artifact"),
        Output("version", "the version it got"),
        Output("sha256", "the digest of its content, in hexadecimal"),
    ),
    capabilities=(Capability.WORKSPACE, Capability.ARTIFACTS),
    prepare=_prepare,
)
