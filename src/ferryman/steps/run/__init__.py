"""run: a script of the user (pipeline-yaml 8, 8.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind


class RunSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """The script and what reads it."""

    script: Annotated[Text, Meta(description="The script; in a file it stands behind the key `run`.")]
    shell: Annotated[
        Literal["bash", "sh", "cmd", "pwsh", "powershell", "python", "win_bash", "auto"],
        Meta(
            description="What reads the script; auto takes what fits the system. A key of the step in a file."
        ),
    ] = "auto"
    charset_type: Annotated[
        Literal["DEFAULT", "UTF_8", "GBK"], Meta(description="The character set of what the script prints.")
    ] = "DEFAULT"


KIND = StepKind(
    name="run",
    summary="Runs a script on the machine of the job.",
    settings=RunSettings,
    needs_machine=True,
    free=True,
    scripts=("script",),
    capabilities=(Capability.PROCESS, Capability.WORKSPACE, Capability.NETWORK),
)
