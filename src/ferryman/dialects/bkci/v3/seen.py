"""What a client sees of a run: the status word of each node, read off its state.

Only this finds out what stands beside a status (`statuses.Beside`); the words themselves are in the table. `preparing`
is true while the place of a job is not there yet, which its driver knows and the run does not.
"""

from collections.abc import Sequence

from ferryman.dialects.bkci.v3.statuses import Beside, Level, word
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.run import GateState, JobState, Run, StageState, StepState
from ferryman.domain.status import Outcome, Why

_WAITS_FOR = {GateKind.REVIEW: Why.REVIEW, GateKind.MANUAL: Why.MANUAL, GateKind.VERDICT: Why.VERDICT}


def of_run(run: Run) -> str:
    """The status of the build."""
    return word(Level.RUN, run.phase, run.outcome, run.reason.kind)


def beside_of(run: Run, stage: StageState, *, preparing: bool = False) -> Beside | None:
    """What stands beside the status of a stage of this run, and of all that is in it."""
    passed_by = stage.outcome is Outcome.UNREACHED and stage.reason.kind is Why.AFTER_END
    if passed_by and not run.pipeline.stages[-1].final:
        return Beside.PASSED_BY
    return Beside.PREPARING if preparing else None


def of_node(level: Level, node: StageState | JobState | StepState, beside: Beside | None = None) -> str:
    """The status of a stage, a job or an element."""
    return word(level, node.phase, node.outcome, node.reason.kind, beside)


def of_check(gates: Sequence[Gate], states: Sequence[GateState]) -> str:
    """The status of a checkIn or checkOut: of its gates, in the order in which they are asked, the last one asked."""
    asked = [
        word(Level.CHECK, state.phase, reason=_WAITS_FOR[gate.kind])
        for gate, state in zip(gates, states, strict=True)
    ]
    return next((status for status in reversed(asked) if status), "")


def of_groups(state: GateState) -> tuple[str, ...]:
    """The status of each review group of a gate. A review that the system ended was refused by whose turn it was."""
    ended = state.phase in (GatePhase.REJECTED, GatePhase.EXPIRED)
    refused = any(group.phase is GatePhase.REJECTED for group in state.groups)
    turn = next((at for at, group in enumerate(state.groups) if group.phase is GatePhase.OPEN), -1)
    return tuple(
        word(
            Level.GROUP,
            group.phase,
            beside=Beside.ITS_TURN if ended and not refused and at == turn else None,
        )
        for at, group in enumerate(state.groups)
    )
