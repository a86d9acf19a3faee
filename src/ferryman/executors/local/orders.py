"""What is to be started for an action: the program, its environment and the text it reads. No process, no clock."""

import json
import os
import shutil
from collections.abc import Mapping

from ferryman.domain.errors import FerrymanError
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Checkout, RunPlugin, RunScript, Work
from ferryman.executors.local import checkout
from ferryman.executors.local.interpreters import SCRIPT, reading
from ferryman.executors.local.placeholders import Field, filled
from ferryman.executors.local.prelude import with_prelude
from ferryman.ports.processes import Launch

_READ_BEFORE = frozenset({"BASH_ENV", "ENV"})
"""Variables that name files which a shell may read before its script."""


class CannotRun(FerrymanError):
    """An action that cannot be started on this machine; `number` is its error code (bkci-v3 6.9)."""

    code = "cannot-run"

    def __init__(self, message: str, number: int = TaskCode.CANNOT_RUN) -> None:
        """Refuse an action for this reason."""
        self.number = number
        super().__init__(message)


class NoPlace(CannotRun):
    """The place that the job asks for is not here: none of its attempts can be started (semantics 5.1)."""


def order(attempt: str, work: Work, env: dict[str, str], known: Mapping[Field, str]) -> Launch:
    """The launch for an attempt, with the opened fields of secrets put in. Raises CannotRun."""
    env = filled(env, known)
    match work.action:
        case RunScript(text=text, interpreter=interpreter, stop_at_first_failure=strict):
            return _script(attempt, filled(text, known), interpreter, strict, env)
        case Checkout() as action:
            return _script(attempt, checkout.SCRIPT, "sh", True, env | checkout.environment(action, known))
        case RunPlugin(command=(), plugin=plugin):
            raise CannotRun(
                f"plugin {plugin} is bound to no command: name one under [[plugins]] in the settings"
            )
        case RunPlugin(command=(name, *arguments), plugin=plugin, input=given):
            # Where it stands is told from the folder that it begins in, as any shell there would.
            place = os.path.join(env["WORKSPACE"], name) if "/" in name else name
            program = shutil.which(place, path=env["PATH"])
            if program is None:
                raise CannotRun(
                    f"the command {name} is not on this machine, to which plugin {plugin} is bound: install it, or "
                    "name another under [[plugins]] in the settings"
                )
            result = env["FERRYMAN_OUTPUT"].removesuffix(".output") + ".json"
            return Launch(
                attempt=attempt,
                argv=(program, *arguments),
                env=env | {"FERRYMAN_INPUT": SCRIPT, "FERRYMAN_RESULT": result},
                cwd=env["WORKSPACE"],
                text=json.dumps(filled(given, known)),
            )
    raise CannotRun(f"a step of the kind {type(work.action).__name__} does not run as a process")


def _script(attempt: str, text: str, interpreter: str, strict: bool, env: dict[str, str]) -> Launch:
    found = reading(text, interpreter, path=env["PATH"])
    if found.missing:
        raise CannotRun(f"the script needs {found.missing}, which is not on this machine")
    # A shell that reads other files before its script cannot be let in before the gate.
    gated = found.shell and not found.reads_more and _READ_BEFORE.isdisjoint(env)
    if found.shell:
        # Written on another system, or in a browser there: to a shell the carriage return is a part of the last word.
        text = text.replace("\r\n", "\n")
    return Launch(
        attempt=attempt,
        argv=found.argv,
        env=env,
        cwd=env["WORKSPACE"],
        text=with_prelude(text, stop_at_first_failure=strict, gated=gated) if found.shell else text or "\n",
        gated=gated,
    )
