"""Waiting for a time, and saying that something cannot be done."""

from ferryman.domain.status import Why
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Impossible, Wait, WorkResult
from ferryman.executors.inside.attempt import Attempt

SECOND_MS = 1000


async def wait(attempt: Attempt, action: Action) -> WorkResult:
    """Wait until so many seconds after the attempt first began; what has passed while the server was down counts."""
    seconds = action.seconds if isinstance(action, Wait) else 0
    await attempt.clock.sleep_until(attempt.begun_at + round(seconds * SECOND_MS))
    return attempt.succeeded()


async def impossible(attempt: Attempt, action: Action) -> WorkResult:
    """Fail in preparation with the reason that the order gives."""
    if not isinstance(action, Impossible):
        return attempt.failed("nobody here can do this", TaskCode.CANNOT_RUN, why=Why.ENVIRONMENT_FAILED)
    attempt.say(action.message)
    return attempt.ended("failed", message=action.message, code=action.code, why=Why.ENVIRONMENT_FAILED)
