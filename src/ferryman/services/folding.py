"""From what is kept of a run to the run."""

import msgspec

from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.machine import replay, snapshots
from ferryman.ports.store import Stored


def folded(stored: Stored) -> Run:
    """The run that what is kept amounts to."""
    define = msgspec.json.decode(stored.definition, type=Pipeline)
    since = snapshots.unpack(stored.snapshot, define) if stored.snapshot else None
    return replay(define, stored.entries, since=since)
