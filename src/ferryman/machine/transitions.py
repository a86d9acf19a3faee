"""The tables: which moves a node may make, and what each event may be told to a node in each phase.

Two kinds of movement exist. An event changes one node; rules settle the rest. Every move of a phase goes through
`check`, so a move that is not in `MOVES` cannot happen, and the tests show that every row does happen.
"""

from ferryman.domain import events as told
from ferryman.domain.gates import GatePhase
from ferryman.domain.status import Phase

PENDING, WAITING, RUNNING, FINISHED = Phase.PENDING, Phase.WAITING, Phase.RUNNING, Phase.FINISHED

MOVES: dict[str, dict[tuple[Phase, Phase], str]] = {
    "run": {
        (WAITING, RUNNING): "its turn came, or a gate let it through",
        (RUNNING, WAITING): "a gate opened",
        (WAITING, FINISHED): "canceled or refused in the queue, or ended at a gate",
        (RUNNING, FINISHED): "its last stage ended",
        (FINISHED, WAITING): "a retry waits for its turn",
        (FINISHED, RUNNING): "a retry has its turn at once",
    },
    "stage": {
        (PENDING, WAITING): "a gate before it opened",
        (PENDING, RUNNING): "its jobs may start",
        (PENDING, FINISHED): "switched off, skipped, or never reached",
        (WAITING, RUNNING): "its gates let it through",
        (WAITING, FINISHED): "a gate refused it, its condition changed, or it was canceled at its gate",
        (RUNNING, FINISHED): "its last job ended",
    },
    "job": {
        (PENDING, WAITING): "it waits for other jobs, for its lock, or for its place among split jobs",
        (PENDING, RUNNING): "it began",
        (PENDING, FINISHED): "switched off, skipped, canceled or never reached",
        (WAITING, RUNNING): "what it waited for came",
        (WAITING, FINISHED): "what it waited for will not come, or it was canceled",
        (RUNNING, FINISHED): "its last step ended",
        (RUNNING, WAITING): "it waits for a person",
        (FINISHED, PENDING): "a step of it is tried again",
    },
    "step": {
        (PENDING, WAITING): "it waits for a person",
        (PENDING, RUNNING): "its first attempt began",
        (PENDING, FINISHED): "switched off, skipped or never reached",
        (WAITING, RUNNING): "a person let it go on, or its next attempt began",
        (WAITING, WAITING): "its pause is over and its question is asked",
        (WAITING, FINISHED): "a person decided, or it was stopped while it waited",
        (RUNNING, WAITING): "contact was lost, or the next attempt is not due yet",
        (RUNNING, RUNNING): "the next attempt began at once",
        (RUNNING, FINISHED): "its attempt ended it",
        (FINISHED, PENDING): "it is tried again by request",
        (FINISHED, FINISHED): "a person skipped it after it had failed",
    },
}
"""Level → (from, to) → what brings it about."""

GATE_MOVES: dict[tuple[GatePhase, GatePhase], str] = {
    (GatePhase.CLOSED, GatePhase.OPEN): "the run reached it",
    (GatePhase.OPEN, GatePhase.PASSED): "enough said yes",
    (GatePhase.OPEN, GatePhase.REJECTED): "somebody said no, nobody could be asked, or the run was stopped",
    (GatePhase.OPEN, GatePhase.EXPIRED): "nobody decided in time",
}
"""The life of a gate."""

COUNTS, REFUSED, IGNORED = "counts", "refused", "ignored"
"""What an event may come to: it changes the run, the asker is told no, or it is a late echo."""

ANSWERS: dict[type, dict[str, dict[Phase, str]]] = {
    told.CancelRequested: {"run": {WAITING: COUNTS, RUNNING: COUNTS, FINISHED: REFUSED}},
    told.RetryRequested: {
        "run": {WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
        "stage": {PENDING: REFUSED, WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
        "job": {PENDING: REFUSED, WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
        "step": {PENDING: REFUSED, WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
    },
    told.SkipRequested: {
        "stage": {PENDING: REFUSED, WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
        "step": {PENDING: REFUSED, WAITING: REFUSED, RUNNING: REFUSED, FINISHED: COUNTS},
    },
    told.GateAnswered: {
        # A stage that has succeeded may be asked about at the gate behind it.
        "stage": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: COUNTS},
        "step": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: REFUSED},
    },
    told.VerdictGiven: {"stage": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: COUNTS}},
    told.Resumed: {"step": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: REFUSED}},
    told.Halted: {"step": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: REFUSED}},
    told.LostSettled: {"step": {PENDING: REFUSED, WAITING: COUNTS, RUNNING: REFUSED, FINISHED: REFUSED}},
    told.StepFinished: {"step": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: COUNTS, FINISHED: IGNORED}},
    told.StepNoted: {"step": {PENDING: IGNORED, WAITING: IGNORED, RUNNING: COUNTS, FINISHED: IGNORED}},
    told.StepLost: {"step": {PENDING: IGNORED, WAITING: IGNORED, RUNNING: COUNTS, FINISHED: IGNORED}},
    told.EnvironmentFailed: {"job": {PENDING: IGNORED, WAITING: IGNORED, RUNNING: COUNTS, FINISHED: IGNORED}},
    told.ReviewersNamed: {
        "stage": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: IGNORED, FINISHED: COUNTS},
        "step": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: IGNORED, FINISHED: IGNORED},
    },
    told.LockGranted: {
        "run": {WAITING: COUNTS, RUNNING: IGNORED, FINISHED: IGNORED},
        "job": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: IGNORED, FINISHED: IGNORED},
    },
    told.LockRefused: {
        "run": {WAITING: COUNTS, RUNNING: IGNORED, FINISHED: IGNORED},
        "job": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: IGNORED, FINISHED: IGNORED},
    },
    told.TimerFired: {
        "stage": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: IGNORED, FINISHED: COUNTS},
        "job": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: COUNTS, FINISHED: IGNORED},
        "step": {PENDING: IGNORED, WAITING: COUNTS, RUNNING: COUNTS, FINISHED: IGNORED},
    },
    # The end of one execution may still have to be told while the next one goes on.
    told.Delivered: {"run": {WAITING: COUNTS, RUNNING: COUNTS, FINISHED: COUNTS}},
    told.Started: {"run": {WAITING: REFUSED, RUNNING: REFUSED, FINISHED: REFUSED}},
}
"""Event → level of the node it names → the node's phase → what it comes to at best. A cell that counts may still be
refused for what the phase alone cannot tell: another reason to wait, a person who may not, an option that is off."""


def check(level: str, before: Phase, after: Phase) -> None:
    """Let a move of a phase happen that the table has; anything else is a fault of the rules themselves."""
    if (before, after) not in MOVES[level]:
        raise AssertionError(f"a {level} cannot go from {before} to {after}")


def check_gate(before: GatePhase, after: GatePhase) -> None:
    """The same for a gate."""
    if (before, after) not in GATE_MOVES:
        raise AssertionError(f"a gate cannot go from {before} to {after}")
