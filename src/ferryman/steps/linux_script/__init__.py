"""linuxScript: a script with its interpreter named, for Linux and macOS (pipeline-yaml 8.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.work import Action
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind
from ferryman.steps.order import Order
from ferryman.steps.script_types import lacking, script


class LinuxScriptSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """The script and how strictly its commands are judged."""

    script: Annotated[Text, Meta(description="The script.")]
    script_type: Annotated[
        Literal["SHELL", "BAT", "POWER_SHELL", "PYTHON2", "PYTHON3"],
        Meta(description="What reads the script, unless its first line names an interpreter."),
    ] = field(default="SHELL", name="scriptType")
    continue_none_zero: Annotated[
        bool, Meta(description="Go on after a command that failed; the last one still decides.")
    ] = False
    enable_archive_file: Annotated[bool, Meta(description="Keep files when the script fails.")] = False
    archive_file: Annotated[str | None, Meta(description="The files to keep then.")] = None
    error_faq_url: Annotated[str | None, Meta(description="An address to show beside a failure.")] = field(
        default=None, name="errorFAQUrl"
    )


def _prepare(settings: LinuxScriptSettings, order: Order) -> Action:
    return script(
        settings.script, settings.script_type, stop_at_first_failure=not settings.continue_none_zero
    )


KIND = StepKind(
    name="linuxScript",
    summary="Runs a shell script on the Linux or macOS machine of the job.",
    settings=LinuxScriptSettings,
    needs_machine=True,
    scripts=("script",),
    unheeded={"enableArchiveFile": (), "archiveFile": (), "errorFAQUrl": ()},
    capabilities=(Capability.PROCESS, Capability.WORKSPACE, Capability.NETWORK),
    prepare=_prepare,
    lacks=lambda settings: lacking(settings.script_type),
)
