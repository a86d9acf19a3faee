"""Which logs may go: a pure decision.

Two reasons: a log is older than it has to be kept, or all logs together take more room than they may (then the
oldest go first). A log of a run that is still under way never goes, nor one that is open.
"""

from collections.abc import Iterable

import msgspec

from ferryman.ports.logs import LogState

DAY = 24 * 60 * 60 * 1000


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long, and how much. 0 means without bound."""

    days: int = 90
    bytes: int = 50 * 1024**3


def may_go(oldest: Iterable[LogState], policy: Retention, *, room: int, now: int) -> list[tuple[str, str]]:
    """The (run, key) of each log to remove. `oldest` are those that may go at all, oldest first; `room` is what all
    logs together take."""
    going: list[tuple[str, str]] = []
    for log in oldest:
        old = policy.days and log.ended_at < now - policy.days * DAY
        too_much = policy.bytes and room > policy.bytes
        if not (old or too_much):
            break
        going.append((log.run, log.key))
        room -= log.size
    return going
