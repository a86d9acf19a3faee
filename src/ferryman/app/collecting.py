"""The collector of cycles, set for a process that holds many runs in memory.

Runs are frozen trees without cycles, freed by counting. The collector finds nothing in them, yet by its default it
walks all of them again and again while a crowd of runs moves: a quarter of the loop's time. So it looks less often, and
never at what was made before the first run: modules, schemas, tables.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 20_000, 20, 100
"""New objects before the young are looked at; rounds of these before the next generation is, and the one after."""


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Collect rarely until left; then as before."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
