"""windowsScript: a script with its interpreter named, for Windows (pipeline-yaml 8.1).

A BAT script on a machine without Windows is refused when it runs, not when it is saved: only then is the
machine known.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.work import Action
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind
from ferryman.steps.order import Order
from ferryman.steps.script_types import lacking, script


class WindowsScriptSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """The script and what reads it."""

    script: Annotated[Text, Meta(description="The script.")]
    script_type: Annotated[
        Literal["SHELL", "BAT", "POWER_SHELL", "PYTHON2", "PYTHON3"],
        Meta(description="What reads the script."),
    ] = field(default="BAT", name="scriptType")
    charset_type: Annotated[
        Literal["DEFAULT", "UTF_8", "GBK"], Meta(description="The character set of what the script prints.")
    ] = "DEFAULT"


def _prepare(settings: WindowsScriptSettings, order: Order) -> Action:
    return script(settings.script, settings.script_type)


KIND = StepKind(
    name="windowsScript",
    summary="Runs a batch or PowerShell script on the Windows machine of the job.",
    settings=WindowsScriptSettings,
    needs_machine=True,
    scripts=("script",),
    capabilities=(Capability.PROCESS, Capability.WORKSPACE, Capability.NETWORK),
    prepare=_prepare,
    lacks=lambda settings: lacking(settings.script_type),
)
