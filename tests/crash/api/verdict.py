"""What must hold after all lives of the server: nothing acknowledged is lost, nothing has happened twice."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeGuard

from ferryman.dialects.bkci.v3.ids import run_of
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.events import CancelRequested, Event, GateAnswered, RetryRequested, Started
from ferryman.domain.journal import JournalEntry
from ferryman.ports.access import AuditSearch
from ferryman.settings import Settings
from ferryman.stores.sqlite import SqliteStore
from tests.crash.api.clients import token_of
from tests.crash.api.ledger import Answer, Ledger
from tests.crash.api.pipelines import PROJECT, Attempt, Tree, Witness
from tests.crash.waiting import whole

NOTED = {
    Started: Action.START_RUN,
    GateAnswered: Action.ANSWER_GATE,
    CancelRequested: Action.CANCEL_RUN,
    RetryRequested: Action.RETRY_RUN,
}
"""What people do to runs, and how the audit calls it."""
MOST = 100_000
DONE = {
    ("quick", "SUCCEED"): 3,
    ("queued", "SUCCEED"): 1,
    ("queued", "CANCELED"): 0,
    ("reviewed", "SUCCEED"): 2,
    ("reviewed", "STAGE_SUCCESS"): 1,
    ("stopped", "CANCELED"): 0,
    ("retried", "SUCCEED"): 2,
}
"""How a build may end, by its pipeline, and how many of its steps were done then."""
UNDONE = {"stopped": 1, "retried": 1}
"""Attempts that a stop ends, or that fail by themselves."""


class Kept(NamedTuple):
    """What is kept of one run."""

    journal: Sequence[JournalEntry]
    audit: Sequence[AuditEntry]

    def told(self, kind: type) -> list[JournalEntry]:
        """Events of this kind."""
        return [each for each in self.journal if type(each.event) is kind]


def kept(data: Path, runs: Sequence[str]) -> dict[str, Kept]:
    """What the database says of these runs, with nobody holding it."""

    async def read() -> dict[str, Kept]:
        store = SqliteStore(Settings(data=data).private)
        await store.open(read_only=True)
        try:
            found = {}
            for run in runs:
                search = AuditSearch(project=PROJECT, subject=f"run/{run}")
                rows = await store.audit.page(search, limit=MOST)
                found[run] = Kept(await store.journal(run, limit=MOST), [row.entry for row in rows])
            return found
        finally:
            await store.close()

    return asyncio.run(read())


def check(data: Path, ledger: Ledger, builds: dict[str, list[Tree]], witness: Witness) -> None:
    """Judge it all: `builds` are those that the server tells of, by pipeline."""
    every = [build for each in builds.values() for build in each]
    status = {build["id"]: build["status"] for build in every}
    records = kept(data, [run_of(build) for build in status])
    by_build = {build: records[run_of(build)] for build in status}
    _check_ends(builds)
    _check_numbers(builds)
    _check_starts(ledger, every)
    _check_reviews(ledger, by_build)
    _check_stops(ledger, by_build, status)
    _check_retries(ledger, by_build, every)
    _check_audit(by_build)
    _check_steps(witness, builds)
    whole(Settings(data=data))


def _check_ends(builds: dict[str, list[Tree]]) -> None:
    """Nothing is stuck."""
    for kind, each in builds.items():
        odd = [build for build in each if (kind, build["status"]) not in DONE or not build.get("endTime")]
        assert not odd, (kind, odd)


def _check_numbers(builds: dict[str, list[Tree]]) -> None:
    for kind, each in builds.items():
        numbers = [build["buildNum"] for build in each]
        assert len(set(numbers)) == len(numbers), (kind, sorted(numbers))


def _check_starts(ledger: Ledger, every: list[Tree]) -> None:
    """An acknowledged start is one build; a refused one is none; one without an answer is one at most."""
    found: dict[str, list[Tree]] = {}
    for build in every:
        found.setdefault(token_of(build), []).append(build)
    for change, (answer,) in ledger.of("start").items():
        mine = [(build["id"], build["buildNum"]) for build in found.pop(change.subject, [])]
        if answer.told == "done":
            assert mine == [(answer.build, answer.number)], (answer, mine)
        else:
            assert len(mine) <= (answer.told == "nothing"), (answer, mine)
    assert not found, f"builds that nobody started: {found}"


def _done(answers: list[Answer]) -> list[Answer]:
    return [each for each in answers if each.told == "done"]


def _check_reviews(ledger: Ledger, builds: dict[str, Kept]) -> None:
    """A group decides once, and as the one was told whose answer counted."""
    for change, answers in ledger.of("review").items():
        decided = [
            each.event
            for each in builds[change.subject].told(GateAnswered)
            if isinstance(each.event, GateAnswered) and each.event.group == change.part
        ]
        assert len(decided) == 1, (change, answers, decided)
        done = _done(answers)
        assert [each.by for each in done] in ([], [decided[0].by]), (change, answers, decided)
        assert done or any(each.told == "nothing" and each.by == decided[0].by for each in answers)


def _check_stops(ledger: Ledger, builds: dict[str, Kept], status: dict[str, str]) -> None:
    for change, answers in ledger.of("stop").items():
        asked = builds[change.subject].told(CancelRequested)
        assert len(asked) == 1, (change, answers, asked)
        assert len(_done(answers)) <= 1, answers
        assert status[change.subject] == "CANCELED"


def _check_retries(ledger: Ledger, builds: dict[str, Kept], every: list[Tree]) -> None:
    count = {build["id"]: build["executeCount"] for build in every}
    for change, answers in ledger.of("retry").items():
        asked = builds[change.subject].told(RetryRequested)
        assert len(asked) == 1, (change, answers, asked)
        assert len(_done(answers)) <= 1, answers
        assert count[change.subject] == 2


def _check_audit(builds: dict[str, Kept]) -> None:
    """Exactly one entry for each change of a person, by that person."""
    for build, record in builds.items():
        events = (each.event for each in record.journal)
        changes = Counter((NOTED[type(each)], each.by) for each in events if _is_of_a_person(each))
        assert changes == Counter((each.action, each.by) for each in record.audit), (build, record)


def _is_of_a_person(event: Event) -> TypeGuard[Started | GateAnswered | CancelRequested | RetryRequested]:
    """Whether somebody asked for this; a build that is pushed out of the queue was not stopped by anybody."""
    return type(event) in NOTED and not (isinstance(event, CancelRequested) and event.pushed_out)


def _check_steps(witness: Witness, builds: dict[str, list[Tree]]) -> None:
    """No attempt has begun twice; what has begun was found again and came to its end; what is told to be done was."""
    begun, ended = _by_run(witness.seen("begin")), _by_run(witness.seen("end"))
    for kind, each in builds.items():
        for build in each:
            run = run_of(build["id"])
            attempts, done = begun.pop(run, Counter()), ended.pop(run, Counter())
            told = (kind, build["id"], attempts, done)
            assert max(attempts.values(), default=1) == 1, told
            assert max(done.values(), default=1) == 1, told
            assert len({key.partition("#")[0] for key in done}) == DONE[kind, build["status"]], told
            assert len(attempts - done) <= UNDONE.get(kind, 0), told
            assert not done - attempts, told
    assert not begun, f"steps of runs that nobody knows: {begun}"


def _by_run(seen: Iterable[Attempt]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for run, key in seen:
        found.setdefault(run, Counter())[key] += 1
    return found
