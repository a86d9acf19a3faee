"""History: runs of a pipeline searched, counted and summed up; notes; recommended numbers."""

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.access import AuditSearch
from ferryman.ports.history import Recommended, RunRow, RunSearch
from ferryman.ports.store import Store
from ferryman.testing.stores.sample import PIPELINE, PROJECT, Make, define, opened, refusal, run_row, unit

ROWS = (
    replace(
        run_row("a", number=1, queued_at=10), how="manual", message="first", started_at=11, updated_at=40
    ),
    replace(
        run_row("b", number=2, queued_at=20),
        phase="finished",
        outcome="succeeded",
        started_by="bob",
        how="service",
        started_at=22,
        ended_at=30,
        updated_at=30,
    ),
    replace(
        run_row("c", number=3, queued_at=30),
        phase="waiting",
        reason="queued",
        remark="slow today",
        updated_at=35,
    ),
    replace(
        run_row("d", number=4, queued_at=40), phase="finished", outcome="failed", reason="exit", execution=2
    ),
)

SEARCHES: tuple[tuple[RunSearch, str], ...] = (
    (RunSearch(), "dcba"),
    (RunSearch(states=("finished/succeeded/", "waiting//queued")), "cb"),
    (RunSearch(states=()), ""),
    (RunSearch(ids=("a", "c", "x")), "ca"),
    (RunSearch(hows=("manual", "service")), "ba"),
    (RunSearch(started_by=("bob",)), "b"),
    (RunSearch(remark="slow"), "c"),
    (RunSearch(message="irs"), "a"),
    (RunSearch(numbers=(2, 3)), "cb"),
    (RunSearch(queued=(0, 20)), "ba"),
    (RunSearch(started=(0, 99)), "ba"),
    (RunSearch(ended=(0, 99)), "b"),
    (RunSearch(took=(8, 8)), "b"),
    (RunSearch(took=(9, 99)), ""),
    (RunSearch(hows=("service",), message="first"), ""),
)
"""What is searched for, and the runs that are meant, in order."""


async def _filled(store: Store) -> None:
    await define(store, "other")
    for row in ROWS:
        await store.append(unit(row))
    await store.append(unit(run_row("e", number=9, pipeline="other")))


async def check_runs_are_searched_by_all_that_lists_know(make: Make) -> None:
    """Every condition narrows; a page is a part of the whole; the count is that of the whole."""
    async with opened(make) as store:
        await _filled(store)
        for wanted, ids in SEARCHES:
            found = await store.history.search(PROJECT, PIPELINE, wanted)
            assert "".join(row.id for row in found) == ids, wanted
            assert await store.history.count(PROJECT, PIPELINE, wanted) == len(ids), wanted
        page = await store.history.search(PROJECT, PIPELINE, RunSearch(), skip=1, limit=2)
        assert [row.id for row in page] == ["c", "b"]
        assert tuple(await store.history.search(PROJECT, PIPELINE, RunSearch(), limit=-1)) == ()


async def check_runs_are_listed_by_their_last_change(make: Make) -> None:
    """Either way around; of two changed at one moment the higher number is the newer."""
    async with opened(make) as store:
        await _filled(store)
        for order, ids in (("newest-change", "acbd"), ("oldest-change", "dbca")):
            found = await store.history.search(PROJECT, PIPELINE, RunSearch(), order=order)  # type: ignore[arg-type]
            assert "".join(row.id for row in found) == ids


async def check_totals_are_those_of_one_moment(make: Make) -> None:
    """The newest run, those unfinished, how many have finished; some left out; none at all."""
    async with opened(make) as store:
        await _filled(store)
        all_of_them = await store.history.totals(PROJECT, PIPELINE)
        assert all_of_them.newest == ROWS[3]
        assert {row.id for row in all_of_them.unfinished} == {"a", "c"}
        assert all_of_them.finished == 2
        some = await store.history.totals(PROJECT, PIPELINE, without=("d", "a"))
        assert (some.newest, [row.id for row in some.unfinished], some.finished) == (ROWS[2], ["c"], 1)
        none = await store.history.totals(PROJECT, "nowhere")
        assert (none.newest, none.unfinished, none.finished) == (None, (), 0)


async def check_a_note_stays_whatever_the_run_does(make: Make) -> None:
    """It is searched before the remark; a later unit does not touch it."""
    async with opened(make) as store:
        row = replace(run_row("r"), remark="by a step")
        await store.append(unit(row))
        said = AuditEntry(at=1, by="ann", project=PROJECT, action="ferryman:StartRun", subject="run/r")
        await store.history.note("r", "by ann", (said,))
        assert [row.entry for row in await store.audit.page(AuditSearch(subject="run/r"))] == [said]
        assert (await store.run("r")).note == "by ann"
        await store.append(unit(replace(row, remark="by another", updated_at=7), before=1))
        kept = await store.run("r")
        assert (kept.note, kept.remark, kept.updated_at) == ("by ann", "by another", 7)
        assert not await store.history.count(PROJECT, PIPELINE, RunSearch(remark="another"))
        await refusal(store.history.note("nobody", "x"), NotFound)


async def check_a_run_keeps_what_it_began_with(make: Make) -> None:
    """Its own definition where it has one, else that of its version; two may share one."""
    async with opened(make) as store:
        for run, own in (("a", b""), ("b", b'{"own":1}'), ("c", b'{"own":1}')):
            await store.append(replace(unit(run_row(run)), definition=own))
            assert (await store.load(run)).definition == (own or b"{}")
        row: RunRow = run_row("b")
        await store.append(unit(row, before=1))
        assert (await store.load("b")).definition == b'{"own":1}'


async def check_a_recommended_number_is_kept(make: Make) -> None:
    """By pipeline; successes of first executions are counted behind a run."""
    async with opened(make) as store:
        await _filled(store)
        history = store.history
        assert await history.recommended(PROJECT, PIPELINE) is None
        for number in (Recommended(base=1, number=7, since=2), Recommended(base=2, number=2, since=4)):
            await history.recommend(PROJECT, PIPELINE, number)
            assert await history.recommended(PROJECT, PIPELINE) == number
        assert await history.recommended(PROJECT, "other") is None
        assert await history.succeeded_since(PROJECT, PIPELINE, 0) == 1
        assert await history.succeeded_since(PROJECT, PIPELINE, 2) == 0


async def check_the_audit_of_a_unit_is_kept_with_it(make: Make) -> None:
    """And with it only."""
    async with opened(make) as store:
        asked = AuditEntry(at=1, by="ann", project=PROJECT, action="ferryman:StartRun", subject="run/r")
        await store.append(replace(unit(run_row("r")), audit=(asked,)))
        await refusal(store.append(replace(unit(run_row("r")), audit=(asked, asked))), Conflict)
        assert [row.entry for row in await store.audit.page(AuditSearch(subject="run/r"))] == [asked]


CHECKS = (
    check_runs_are_searched_by_all_that_lists_know,
    check_runs_are_listed_by_their_last_change,
    check_totals_are_those_of_one_moment,
    check_a_note_stays_whatever_the_run_does,
    check_a_run_keeps_what_it_began_with,
    check_a_recommended_number_is_kept,
    check_the_audit_of_a_unit_is_kept_with_it,
)
