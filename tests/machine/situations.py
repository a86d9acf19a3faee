"""Runs in every kind of waiting and working state, to be told things.

Each is a pipeline, written as in scenarios, and the commands that bring a run of it there.
"""

from typing import NamedTuple

from tests.machine.scenario import Conversation, talk

BEHIND = """
  stage after : job late : step t
  stage tidy final : job sweep : step t
"""


class Situation(NamedTuple):
    """How to get there."""

    pipeline: str
    commands: tuple[str, ...] = ("start",)

    def reached(self) -> Conversation:
        """A run in this state."""
        return talk(self.pipeline, *self.commands)


def _waiting(stage: str, *commands: str) -> Situation:
    return Situation(f"pipeline\n  stage build {stage}{BEHIND}", commands or ("start",))


FAILING = "\n    job bad : step t on-failure=ask : step u"
"""A job beside the one of interest, with a step that may be retried and skipped once it has failed."""

WAITING: dict[str, Situation] = {
    "queued": Situation(f"pipeline concurrency=single\n  stage build{FAILING}{BEHIND}", ("start queued",)),
    "review": _waiting(": review by=ann,bob : job a : step t"),
    "manual start": _waiting(": manual : job a : step t"),
    "verdict": _waiting(": verdict rules=r : job a : step t"),
    "verdict behind": _waiting(": verdict rules=r after : job a : step t", "start", "finished build/a/t ok"),
    "review behind": _waiting(": review by=ann after : job a : step t", "start", "finished build/a/t ok"),
    "paused": _waiting(f": job a : step t pause : step u after=always{FAILING}"),
    "question": _waiting(f": job a : step t by=ann : step u : post t after=always{FAILING}"),
    "lost": _waiting(f": job a : step t : step u{FAILING}", "start", "lost build/a/t"),
    "backoff": _waiting(
        f": job a : step t retry=2 backoff=30s : step u{FAILING}", "start", "finished build/a/t fail"
    ),
    "lock": _waiting(f": job a mutex=db mutex-queue=1 : step t{FAILING}"),
    "dependency": _waiting(f": job a : step t\n job b needs=a : step t{FAILING}"),
    "place in a matrix": _waiting(f': job a parallel=1 matrix=\'{{"n": ["1", "2"]}}\' : step t{FAILING}'),
}
"""Every reason to wait."""

FAILED = "finished build/bad/t fail"
OTHERS: dict[str, Situation] = {
    "running": _waiting(f": job a : step t retry=1 : step u : post t{FAILING}"),
    "running beside a failure": _waiting(f": job a : step t{FAILING}", "start", FAILED),
    "out of time": _waiting(": job a : step t minutes=5", "start", "after 5m"),
    "being stopped": _waiting(f": job a : step t : step u after=always{FAILING}", "start", "cancel"),
    "being stopped, in the finally stage": _waiting(
        ": job a : step t", "start", "cancel", "finished build/a/t errored"
    ),
    "being fast-killed": _waiting(f"fast-kill : job a : step t{FAILING}", "start", FAILED),
    "roles unknown": _waiting(": review roles=owners : job a : step t"),
    "roles of a question unknown": _waiting(": job a : step t by=ann roles=owners ask=tag:1"),
    "roles unknown behind": _waiting(
        ": review roles=owners after : job a : step t", "start", "finished build/a/t ok"
    ),
    "succeeded": Situation(
        "pipeline announced=run-succeeded\n  stage build : job a : step t", ("start", "finished build/a/t ok")
    ),
    "failed": Situation(
        f"pipeline announced=run-failed\n  stage build : job a : step t on-failure=ask{BEHIND}",
        ("start", "finished build/a/t fail", "finished tidy/sweep/t ok"),
    ),
    "failed, and queued again": Situation(
        "pipeline announced=run-failed\n  stage build : job a : step t",
        ("start", "finished build/a/t fail", "retry queued"),
    ),
    "failed, and running again": Situation(
        "pipeline announced=run-failed\n  stage build : job a : step t",
        ("start", "finished build/a/t fail", "retry"),
    ),
    "canceled in the queue": Situation(
        "pipeline\n  stage build : job a : step t", ("start queued", "cancel")
    ),
    "a matrix that failed": Situation(
        'pipeline\n  stage build : job a matrix=\'{"n": ["1", "2"]}\' : step t on-failure=ask',
        ("start", "finished build/a.0/t fail", "finished build/a.1/t ok"),
    ),
}
"""Other states that events may meet."""

ALL = {**WAITING, **OTHERS}
