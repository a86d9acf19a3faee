"""Group commit: one transaction for everything that waits, a savepoint for each of many, one flush of the disk for all.

A job that is refused is undone alone. A fault that takes the transaction with it (the disk is full, another program
holds the file) is everybody's: nothing was kept of any of them, and each is told so.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apsw

from ferryman.stores.sqlite.crew import AnyJob, Serve
from ferryman.stores.sqlite.faults import explained

BATCH = 1_000
"""Most jobs in one transaction: bounds how long the first of them waits for the last."""


def writing(path: Path) -> Serve:
    """How the writer of this file does jobs."""
    return partial(_commit, path=path)


def reading(path: Path) -> Serve:
    """How a reader of this file does jobs: each alone, seeing what was committed before it began."""
    return partial(_read, path=path)


def _commit(connection: apsw.Connection, jobs: Sequence[AnyJob], *, path: Path) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        if len(jobs) == 1:
            # Who is alone needs no savepoint: what undoes the job undoes the transaction.
            jobs[0].result = jobs[0].work(connection)
        else:
            for job in jobs:
                _attempt(connection, job, path)
        connection.execute("COMMIT")
    except Exception as error:
        for job in jobs:
            job.error = _in_our_words(error, path)
        _leave_transaction(connection)


def _attempt(connection: apsw.Connection, job: AnyJob, path: Path) -> None:
    connection.execute("SAVEPOINT job")
    try:
        job.result = job.work(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO job")
        job.error = _in_our_words(error, path)
    connection.execute("RELEASE job")


def _leave_transaction(connection: apsw.Connection) -> None:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except apsw.Error:
        # A rollback that reports a fault has rolled back all the same; the next BEGIN tells if it has not.
        return


def _read(connection: apsw.Connection, jobs: Sequence[AnyJob], *, path: Path) -> None:
    for job in jobs:
        try:
            job.result = job.work(connection)
        except Exception as error:
            job.error = _in_our_words(error, path)


def _in_our_words(error: Exception, path: Path) -> Exception:
    return explained(error, path) if isinstance(error, apsw.Error) else error
