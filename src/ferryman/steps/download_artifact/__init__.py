"""ferrymanDownloadArtifact: bring an artifact to the machine of a job (pipeline-yaml 15.1)."""

from typing import Annotated

from msgspec import Meta, Struct

from ferryman.domain.work import Action, FetchArtifact
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Choice, Output, StepKind
from ferryman.steps.order import Order


class DownloadArtifactSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """Which artifact to bring, and where to put it."""

    name: Annotated[Text, Meta(description="The name of the artifact.")]
    version: Annotated[
        Text | None, Meta(description="The version; the newest if version and build are absent.")
    ] = None
    build: Annotated[
        Text | None, Meta(description="The run that kept it, by number or id; excludes version.")
    ] = None
    pipeline: Annotated[Text | None, Meta(description="The pipeline that kept it; this one if absent.")] = (
        None
    )
    path: Annotated[Text, Meta(description="The folder to put the files into, in the working folder.")] = "."


def _prepare(settings: DownloadArtifactSettings, order: Order) -> Action:
    build = settings.build or ""
    by_number = build.isascii() and build.isdecimal() and len(build) < 10
    return FetchArtifact(
        name=settings.name,
        # A run's id stands where the version stands: an artifact is found by either.
        version=settings.version or ("" if by_number else build),
        run_number=int(build) if by_number else 0,
        pipeline=settings.pipeline or "",
        folder="" if settings.path == "." else settings.path,
    )


KIND = StepKind(
    name="ferrymanDownloadArtifact",
    summary="Brings the files of an artifact into the working folder of the job.",
    settings=DownloadArtifactSettings,
    needs_machine=True,
    choices=(Choice(("version", "build"), needed=False),),
    outputs=(Output("path", "the folder the files are in"),),
    capabilities=(Capability.WORKSPACE, Capability.ARTIFACTS),
    prepare=_prepare,
)
