"""run: a script of the user (pipeline-yaml 8, 8.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Impossible, RunScript
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind
from ferryman.steps.order import Order


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


_INTERPRETERS = {
    "auto": "auto",
    "bash": "bash",
    "sh": "sh",
    "pwsh": "pwsh",
    "powershell": "powershell",
    "python": "python",
}
"""What reads a script; the other shells are Windows' own. `auto` is what its machine has, bash before sh."""


def _prepare(settings: RunSettings, order: Order) -> Action:
    if missing := _lacking(settings):
        return Impossible(message=missing, code=TaskCode.CANNOT_RUN)
    return RunScript(text=settings.script, interpreter=_INTERPRETERS[settings.shell])


def _lacking(settings: RunSettings) -> str:
    if settings.shell in _INTERPRETERS:
        return ""
    return f"shell {settings.shell} needs Windows, and this machine has none: take bash, sh, pwsh or python"


KIND = StepKind(
    name="run",
    summary="Runs a script on the machine of the job.",
    settings=RunSettings,
    needs_machine=True,
    free=True,
    scripts=("script",),
    unheeded={"charsetType": ("DEFAULT", "UTF_8")},
    capabilities=(Capability.PROCESS, Capability.WORKSPACE, Capability.NETWORK),
    prepare=_prepare,
    lacks=_lacking,
)
