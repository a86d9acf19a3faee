"""Folds a journal: the state of a run is the fold of its entries, under the rules it was begun with."""

from collections.abc import Iterable

from ferryman.domain.errors import Invalid, Problem
from ferryman.domain.events import Started
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.machine.advance import advance, begin


def replay(pipeline: Pipeline, entries: Iterable[JournalEntry], *, since: Run | None = None) -> Run:
    """The run that these entries amount to; with `since`, a snapshot that the entries follow.

    Raises `Invalid` for entries that do not follow one another, `Refused` for rules that this version does not know.
    """
    run = since
    for entry in entries:
        if run is None:
            if not isinstance(entry.event, Started):
                raise _broken("a journal begins with a start", entry)
            run = begin(pipeline, entry.event).run
        else:
            run = advance(run, entry.event).run
        if run.seq != entry.seq:
            raise _broken(f"entry {run.seq} is missing", entry)
    if run is None:
        raise Invalid([Problem(path="journal", message="the journal is empty", code=0)])
    return run


def _broken(message: str, entry: JournalEntry) -> Invalid:
    return Invalid([Problem(path=f"journal[{entry.seq}]", message=message, code=0)])
