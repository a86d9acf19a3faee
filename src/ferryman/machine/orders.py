"""What a run may tell one of its jobs: the whole of the cut between the two (RULINGS 3).

A job learns of the world outside it only by these and by the events addressed to it; the run learns of a job only what
`Told` holds. Both travel unchanged to another process, which is how a job can be carried out by a worker far away.
"""

import msgspec

from ferryman.domain.run import Facts, JobState, StopOrder, Tells
from ferryman.domain.status import Outcome, Phase, Reason


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="begin"):
    """Start, knowing these facts."""

    at: int
    facts: Facts


class Hold(msgspec.Struct, frozen=True, kw_only=True, tag="hold"):
    """Wait, for this reason."""

    at: int
    reason: Reason


class Dismiss(msgspec.Struct, frozen=True, kw_only=True, tag="dismiss"):
    """End without having begun: skipped, canceled, failed or unreached."""

    at: int
    outcome: Outcome
    reason: Reason


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """Come to an end, as the order says."""

    at: int
    order: StopOrder
    force: bool = False


class Rerun(msgspec.Struct, frozen=True, kw_only=True, tag="rerun"):
    """Run again from this step on, keeping what stands before it; with `skip` the step itself is passed over.

    Without a step: every failed step is skipped (`skip`), or all steps run again.
    """

    at: int
    execution: int
    step: str = ""
    skip: bool = False
    by: str = ""


Order = Begin | Hold | Dismiss | Stop | Rerun
"""Everything a run may tell a job."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a job tells its run."""

    path: str
    phase: Phase
    outcome: Outcome | None
    reason: Reason
    execution: int
    started_at: int
    ended_at: int
    tells: Tells
    resumes: bool = False


def told_by(job: JobState) -> Told:
    """What this job tells its run as it stands."""
    return Told(
        path=job.path,
        phase=job.phase,
        outcome=job.outcome,
        reason=job.reason,
        execution=job.execution,
        started_at=job.started_at,
        ended_at=job.ended_at,
        tells=job.tells,
        resumes=job.resumes,
    )
