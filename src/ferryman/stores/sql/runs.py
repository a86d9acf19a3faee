"""Runs: their rows, their snapshots, and the unit that moves one. The rule of the store stands in `append`."""

from hashlib import sha256

from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.store import RunRow, Stored, Unit
from ferryman.stores.sql import audit, journal, locks, pipelines
from ferryman.stores.sql.named import query
from ferryman.stores.sql.rows import RUN_COLUMNS, packed, run_of, run_values, unpacked
from ferryman.stores.sql.session import Session, row, rows

NEVER = 2**63 - 1
"""Later than any time."""


def append(session: Session, unit: Unit) -> None:
    """Write a unit, as far as it may be. Whoever calls undoes what was written when this raises.

    Raises `Conflict` where somebody else wrote first, `NotFound` where the definition is not there.
    """
    run, last = unit.run, unit.before + len(unit.entries)
    if [entry.seq for entry in unit.entries] != list(range(unit.before + 1, last + 1)):
        raise Conflict(
            f"cannot write to run {run.id}: the entries do not follow entry {unit.before} without a gap"
        )
    place = _begin(session, unit, last) if unit.before == 0 else _move(session, run, unit.before, last)
    journal.append(session, place, unit.entries)
    for each in unit.locks:
        locks.keep(session, each)
    audit.add_all(session, unit.audit)
    if state := unit.finished or unit.snapshot:
        is_packed, kept = packed(state)
        rows(session, query("runs", "keep snapshot"), run=place, seq=last, packed=is_packed, state=kept)


def _begin(session: Session, unit: Unit, last: int) -> int:
    run = unit.run
    if not last:
        raise Conflict(f"cannot begin run {run.id}: a run begins with an entry")
    if not pipelines.is_there(session, run.project, run.pipeline, run.version):
        raise NotFound(
            f"cannot begin run {run.id}: pipeline {run.pipeline} of project {run.project} has no version {run.version}"
        )
    values = {**run_values(run, last), "definition": _keep_definition(session, unit.definition)}
    found = list(session.execute(query("runs", "begin"), values))
    if not found:
        raise Conflict(f"cannot begin run {run.id}: there is a run of this id already")
    return int(found[0][0])


def _keep_definition(session: Session, definition: bytes) -> str | None:
    if not definition:
        return None
    digest = sha256(definition).hexdigest()
    rows(session, query("runs", "keep definition"), digest=digest, definition=definition)
    return digest


def _move(session: Session, run: RunRow, before: int, last: int) -> int:
    found = row(
        session,
        query("runs", "move"),
        id=run.id,
        before=before,
        seq=last,
        phase=run.phase,
        outcome=run.outcome,
        reason=run.reason,
        started_at=run.started_at,
        ended_at=run.ended_at,
        execution=run.execution,
        remark=run.remark,
        updated_at=run.updated_at,
    )
    if found is None:
        stands = row(session, query("runs", "last entry"), id=run.id)
        where = f"its last entry is {stands[0]}, not {before}" if stands else "it is not there"
        raise Conflict(f"cannot write to run {run.id}: {where}; read it again")
    return int(found[0])


def load(session: Session, run: str) -> Stored:
    """A run with its newest snapshot and the entries after it. Raises `NotFound`.

    The entries are read up to the one the row names, so that what is written meanwhile does not tear the picture.
    """
    found = row(session, query("runs", "whole"), id=run)
    if found is None:
        raise NotFound(f"there is no run {run}", reason="run")
    seq, definition, snapshot_seq, is_packed, kept = found[RUN_COLUMNS:]
    return Stored(
        row=run_of(found),
        definition=definition,
        seq=seq,
        entries=journal.read(session, run, after=snapshot_seq or 0, upto=seq, limit=seq),
        snapshot=b"" if kept is None else unpacked(is_packed, kept),
    )


def by_id(session: Session, run: str) -> RunRow:
    """The row of one run. Raises `NotFound`."""
    found = row(session, query("runs", "by id"), id=run)
    if found is None:
        raise NotFound(f"there is no run {run}", reason="run")
    return run_of(found)


def by_number(session: Session, project: str, pipeline: str, number: int) -> RunRow:
    """The row of one run. Raises `NotFound`."""
    found = row(session, query("runs", "by number"), project=project, pipeline=pipeline, number=number)
    if found is None:
        raise NotFound(f"pipeline {pipeline} of project {project} has no run {number}")
    return run_of(found)


def unfinished(session: Session) -> tuple[RunRow, ...]:
    """All runs that have not finished, oldest first."""
    return tuple(map(run_of, rows(session, query("runs", "unfinished"))))


def page(
    session: Session,
    project: str,
    *,
    pipeline: str,
    phase: str,
    before: tuple[int, str] | None,
    limit: int,
) -> tuple[RunRow, ...]:
    """A page of runs, newest first, behind queue time and id of the last row of the page before."""
    queued_at, run = before or (NEVER, "")
    found = rows(
        session,
        query("runs", "of pipeline" if pipeline else "of project"),
        project=project,
        pipeline=pipeline,
        phase=phase,
        queued_at=queued_at,
        id=run,
        limit=max(limit, 0),
    )
    return tuple(map(run_of, found))
