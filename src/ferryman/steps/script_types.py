"""What reads the script of a script element, by the word of its model (bkci-v3 5.10; 12, row 22)."""

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Impossible, RunScript

INTERPRETERS = {
    "SHELL": "auto",
    "POWER_SHELL": "powershell",
    "PYTHON2": "python2",
    "PYTHON3": "python3",
}
"""Each runs where its interpreter exists; a batch file needs Windows."""


def script(text: str, script_type: str, *, stop_at_first_failure: bool = True) -> Action:
    """The action for a script of this type; a batch file cannot run on a machine without Windows."""
    if missing := lacking(script_type):
        return Impossible(message=missing, code=TaskCode.CANNOT_RUN)
    return RunScript(
        text=text, interpreter=INTERPRETERS[script_type], stop_at_first_failure=stop_at_first_failure
    )


def lacking(script_type: str) -> str:
    """Why no script of this type can run here; empty: one can."""
    return (
        ""
        if script_type in INTERPRETERS
        else f"a {script_type} script needs Windows, and this machine has none"
    )
