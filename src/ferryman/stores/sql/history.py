"""Runs as lists know them: searched, counted and summed up; recommended numbers."""

from collections.abc import Sequence

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound
from ferryman.ports.history import Order, Recommended, RunRow, RunSearch, RunTotals
from ferryman.stores.sql import audit
from ferryman.stores.sql.named import query
from ferryman.stores.sql.rows import run_of
from ferryman.stores.sql.session import Session, Value, row, rows

LEAST, MOST = -(2**63), 2**63 - 1
EVERYTHING = RunSearch()


def search(
    session: Session, project: str, pipeline: str, wanted: RunSearch, *, order: Order, skip: int, limit: int
) -> tuple[RunRow, ...]:
    """A page of the runs that are meant."""
    values = {**_values(project, pipeline, wanted), "limit": max(limit, 0), "skip": max(skip, 0)}
    if order == "number":
        found = rows(session, query("history", "by number"), **values)
    else:
        direction = 1 if order == "oldest-change" else -1
        found = rows(session, query("history", "by change"), **values, direction=direction)
    return tuple(map(run_of, found))


def count(session: Session, project: str, pipeline: str, wanted: RunSearch) -> int:
    """How many runs are meant."""
    if wanted == EVERYTHING:
        (found,) = rows(session, query("history", "count all"), project=project, pipeline=pipeline)
    else:
        (found,) = rows(session, query("history", "count"), **_values(project, pipeline, wanted))
    return int(found[0])


def totals(session: Session, project: str, pipeline: str, *, without: Sequence[str]) -> RunTotals:
    """What the runs of a pipeline come to; one transaction, so that all is of one moment."""
    values: dict[str, Value] = {"project": project, "pipeline": pipeline, "without": _list(without)}
    session.execute("SAVEPOINT totals", {})
    try:
        newest = row(session, query("history", "newest"), **values)
        unfinished = rows(session, query("history", "unfinished"), **values)
        (finished,) = rows(session, query("history", "finished"), **values)
    finally:
        session.execute("RELEASE totals", {})
    return RunTotals(
        newest=run_of(newest) if newest else None,
        unfinished=tuple(map(run_of, unfinished)),
        finished=int(finished[0]),
    )


def note(session: Session, run: str, text: str, entries: Sequence[AuditEntry]) -> None:
    """Keep what a person says of a run, with the audit of it. Raises `NotFound`."""
    if row(session, query("history", "note"), id=run, note=text) is None:
        raise NotFound(f"there is no run {run}", reason="run")
    audit.add_all(session, entries)


def recommended(session: Session, project: str, pipeline: str) -> Recommended | None:
    """The number as it was last kept."""
    found = row(session, query("history", "recommended"), project=project, pipeline=pipeline)
    return Recommended(base=found[0], number=found[1], since=found[2]) if found else None


def recommend(session: Session, project: str, pipeline: str, number: Recommended) -> None:
    """Keep the number."""
    values = msgspec.structs.asdict(number)
    rows(session, query("history", "recommend"), project=project, pipeline=pipeline, **values)


def succeeded_since(session: Session, project: str, pipeline: str, number: int) -> int:
    """How many later runs have succeeded in their first execution."""
    (found,) = rows(
        session, query("history", "succeeded since"), project=project, pipeline=pipeline, number=number
    )
    return int(found[0])


def _values(project: str, pipeline: str, wanted: RunSearch) -> dict[str, Value]:
    values: dict[str, Value] = {
        "project": project,
        "pipeline": pipeline,
        "states": _list(wanted.states),
        "ids": _list(wanted.ids),
        "hows": _list(wanted.hows or None),
        "started_by": _list(wanted.started_by or None),
        "remark": wanted.remark,
        "message": wanted.message,
    }
    bounds = (
        ("number", wanted.numbers, LEAST),
        ("queued", wanted.queued, 1),
        ("started", wanted.started, 1),
        ("ended", wanted.ended, 1),
        ("took", wanted.took, 0),
    )
    for name, given, least in bounds:
        low, high = (LEAST, MOST) if given is None else (max(given[0], least), given[1])
        values |= {f"{name}_from": low, f"{name}_to": high}
    return values


def _list(texts: Sequence[str] | None) -> str:
    """A JSON list for the query; no text where nothing is to be narrowed."""
    return "" if texts is None else msgspec.json.encode(list(texts)).decode()
