"""Reading: what was written comes back, whole and in order."""

import asyncio

from ferryman.domain.errors import NotFound
from ferryman.testing.stores.sample import Make, define, entry, finished, opened, refusal, run_row, unit


async def check_entries_come_back_as_written(make: Make) -> None:
    """The whole journal, and any part of it, in order."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(row, count=4))
        await store.append(unit(row, before=4, count=6))
        wanted = tuple(entry(seq) for seq in range(1, 11))
        assert (await store.load("r")).entries == wanted
        assert tuple(await store.journal("r")) == wanted
        assert tuple(await store.journal("r", after=3, limit=4)) == wanted[3:7]
        assert tuple(await store.journal("r", after=10)) == ()
        assert tuple(await store.journal("r", limit=0)) == ()
        assert tuple(await store.journal("r", limit=-1)) == ()


async def check_a_snapshot_stands_for_the_entries_before_it(make: Make) -> None:
    """The newest one only; the journal keeps every entry all the same."""
    async with opened(make) as store:
        row = run_row("r")
        large = b"state " * 2_000
        await store.append(unit(row, count=3, snapshot=b"first"))
        assert (await store.load("r")).snapshot == b"first"
        await store.append(unit(row, before=3, count=2, snapshot=large))
        await store.append(unit(row, before=5, count=2))
        kept = await store.load("r")
        assert (kept.snapshot, kept.seq) == (large, 7)
        assert kept.entries == (entry(6), entry(7))
        assert len(await store.journal("r")) == 7


async def check_a_finished_run_is_read_whole(make: Make) -> None:
    """Its last snapshot is all of it, small or large, and it is unfinished no more."""
    async with opened(make) as store:
        for run, whole in (("small", b"whole"), ("large", bytes(range(256)) * 100)):
            row = run_row(run)
            await store.append(unit(row, count=3, snapshot=b"older"))
            await store.append(unit(finished(row), before=3, whole=whole))
            kept = await store.load(run)
            assert (kept.snapshot, kept.entries, kept.seq) == (whole, (), 4)
            assert kept.row == finished(row)
        assert await store.unfinished() == ()


async def check_a_retry_opens_a_finished_run_again(make: Make) -> None:
    """It goes on from what was kept whole, and is unfinished again."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(finished(row), whole=b"whole"))
        await store.append(unit(row, before=1))
        kept = await store.load("r")
        assert (kept.row, kept.snapshot, kept.entries) == (row, b"whole", (entry(2),))
        assert tuple(await store.unfinished()) == (row,)


async def check_a_reader_sees_whole_units(make: Make) -> None:
    """While a run moves on, whoever reads sees the entries that its row tells of, whole units, and never fewer
    than before."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(row, count=3))

        async def write() -> None:
            for before in range(3, 90, 3):
                await store.append(unit(row, before=before, count=3, snapshot=b"s" if before % 2 else b""))

        writer = asyncio.ensure_future(write())
        seen = 0
        while not writer.done():
            kept = await store.load("r")
            assert kept.seq % 3 == 0
            assert kept.seq >= seen
            assert not kept.entries or kept.entries[-1].seq == kept.seq
            seen = kept.seq
            await asyncio.sleep(0)
        await writer
        assert (await store.load("r")).seq == 90


async def check_unfinished_runs_are_listed_oldest_first(make: Make) -> None:
    """Of all projects; the finished ones are left out."""
    async with opened(make) as store:
        await define(store, project="other")
        for run, queued_at in (("c", 30), ("a", 10), ("d", 20), ("b", 20)):
            await store.append(unit(run_row(run, queued_at=queued_at)))
        await store.append(unit(run_row("e", queued_at=15, project="other")))
        await store.append(unit(finished(run_row("z", queued_at=1))))
        await store.append(unit(finished(run_row("d", queued_at=20)), before=1))
        assert [row.id for row in await store.unfinished()] == ["a", "e", "b", "c"]


async def check_pages_of_runs_neither_skip_nor_repeat(make: Make) -> None:
    """Though many were queued at the same moment, and new ones arrive between two pages."""
    async with opened(make) as store:
        for number in range(25):
            await store.append(unit(run_row(f"r{number:02}", queued_at=100 + number // 10, number=number)))
        seen: list[str] = []
        before = None
        while page := await store.runs("local", before=before, limit=4):
            seen += [row.id for row in page]
            before = (page[-1].queued_at, page[-1].id)
            await store.append(unit(run_row(f"new{len(seen)}", queued_at=200, number=99)))
        assert seen == [f"r{number:02}" for number in reversed(range(25))]


async def check_runs_are_found_by_what_they_are(make: Make) -> None:
    """By project, pipeline, phase and number."""
    async with opened(make) as store:
        await define(store, "other")
        await define(store, project="far")
        await store.append(unit(run_row("a", queued_at=1, number=1)))
        await store.append(unit(finished(run_row("b", queued_at=2, number=2))))
        await store.append(unit(run_row("c", queued_at=3, number=1, pipeline="other")))
        await store.append(unit(run_row("d", queued_at=4, number=1, project="far")))

        async def found(project: str = "local", *, pipeline: str = "", phase: str = "") -> list[str]:
            return [row.id for row in await store.runs(project, pipeline=pipeline, phase=phase)]

        assert await found() == ["c", "b", "a"]
        assert await found("far") == ["d"]
        assert await found(pipeline="shop") == ["b", "a"]
        assert await found(phase="running") == ["c", "a"]
        assert await found(phase="running", pipeline="shop") == ["a"]
        assert await found(pipeline="nowhere") == []
        assert await store.runs("local", limit=0) == ()
        assert await store.runs("local", limit=-1) == ()
        assert (await store.run_numbered("local", "shop", 2)).id == "b"
        assert (await store.run_numbered("far", "shop", 1)).id == "d"
        await refusal(store.run_numbered("local", "shop", 3), NotFound)


async def check_what_is_not_there_is_not_found(make: Make) -> None:
    """Every look-up by name says so; lists are empty."""
    async with opened(make) as store:
        await refusal(store.load("r"), NotFound)
        await refusal(store.run("r"), NotFound)
        assert await store.journal("r") == ()
        assert await store.unfinished() == ()
        assert await store.runs("local") == ()
        assert await store.locks() == ()
        assert await store.lock("local", "runs", "x") is None


CHECKS = (
    check_entries_come_back_as_written,
    check_a_snapshot_stands_for_the_entries_before_it,
    check_a_finished_run_is_read_whole,
    check_a_retry_opens_a_finished_run_again,
    check_a_reader_sees_whole_units,
    check_unfinished_runs_are_listed_oldest_first,
    check_pages_of_runs_neither_skip_nor_repeat,
    check_runs_are_found_by_what_they_are,
    check_what_is_not_there_is_not_found,
)
