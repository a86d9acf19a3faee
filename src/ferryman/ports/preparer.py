"""Who makes the order for an attempt out of a run: bound in `app` to the step kinds (RULINGS 27)."""

from typing import Protocol

from ferryman.domain.run import Run
from ferryman.domain.work import Work


class Preparer(Protocol):
    """Turns a wanted attempt into work."""

    def prepare(self, run: Run, key: str, *, project: str) -> Work:
        """The whole order for this attempt of a run of this project; what cannot be done becomes work that fails with
        its reason."""
        ...
