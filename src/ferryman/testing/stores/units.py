"""Units: whole or not at all, and never two at one place."""

from msgspec.structs import replace

from ferryman.domain.errors import Conflict, NotFound
from ferryman.testing.stores.sample import (
    Make,
    define,
    entry,
    finished,
    lock_row,
    opened,
    outcomes,
    refusal,
    run_row,
    unit,
)


async def check_a_unit_is_kept_whole_or_not_at_all(make: Make) -> None:
    """A unit with a stale lock leaves neither entries nor row, snapshot or other locks behind."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(row, locks=[lock_row("quay", before=0, holders=["r/a"])]))
        kept = await store.load("r")
        bad = unit(
            finished(row),
            before=1,
            count=3,
            locks=[lock_row("berth", before=0, holders=["r/b"]), lock_row("quay", before=7, holders=["r/b"])],
            whole=b"whole",
        )
        await refusal(store.append(bad), Conflict)
        assert await store.load("r") == kept
        assert await store.run("r") == row
        assert await store.lock("local", "mutex", "berth") is None


async def check_only_one_of_many_that_write_the_same_entry_does(make: Make) -> None:
    """Two drivers that both think they own a run cannot both write."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(row))
        for before in range(1, 6):
            ends = await outcomes(store.append(unit(row, before=before)) for _ in range(20))
            assert sum(end is None for end in ends) == 1
            assert sum(isinstance(end, Conflict) for end in ends) == 19
        assert (await store.load("r")).seq == 6


async def check_a_conflict_leaves_its_neighbors_alone(make: Make) -> None:
    """Of many units at once each is kept or refused by itself."""
    async with opened(make) as store:
        runs = [f"r{number}" for number in range(60)]
        for run in runs:
            await store.append(unit(run_row(run)))
        stale = {run for number, run in enumerate(runs) if number % 3 == 0}
        ends = await outcomes(
            store.append(unit(run_row(run), before=5 if run in stale else 1, count=2)) for run in runs
        )
        for run, end in zip(runs, ends, strict=True):
            assert isinstance(end, Conflict) if run in stale else end is None, (run, end)
            assert (await store.load(run)).seq == (1 if run in stale else 3)


async def check_a_run_begins_once(make: Make) -> None:
    """A second first unit is refused, and so is a later unit of a run that never began."""
    async with opened(make) as store:
        await store.append(unit(run_row("r")))
        await refusal(store.append(unit(run_row("r"))), Conflict)
        await refusal(store.append(unit(run_row("other"), before=3)), Conflict)
        await refusal(store.append(unit(run_row("empty"), count=0)), Conflict)
        assert [row.id for row in await store.unfinished()] == ["r"]


async def check_entries_follow_without_a_gap(make: Make) -> None:
    """Entries that leave one out, repeat one or stand in the wrong order are refused."""
    async with opened(make) as store:
        row = run_row("r")
        await store.append(unit(row))
        for seqs in ((3,), (1, 2), (2, 4), (3, 2), (2, 2)):
            bad = replace(unit(row, before=1), entries=tuple(entry(seq) for seq in seqs))
            await refusal(store.append(bad), Conflict)
        assert (await store.load("r")).seq == 1


async def check_a_run_needs_its_definition(make: Make) -> None:
    """No run begins under a version that was never saved."""
    async with opened(make) as store:
        await refusal(store.append(unit(replace(run_row("r"), version=2))), NotFound)
        await refusal(store.append(unit(run_row("r", pipeline="nowhere"))), NotFound)
        await refusal(store.append(unit(run_row("r", project="nowhere"))), NotFound)
        await define(store, "nowhere")
        await store.append(unit(run_row("r", pipeline="nowhere")))
        assert (await store.load("r")).definition == b"{}"


async def check_a_run_keeps_what_it_was_born_with(make: Make) -> None:
    """Phase, outcome, reason, start, end and execution change with it; nothing else does."""
    async with opened(make) as store:
        born = run_row("r", queued_at=5, number=3)
        await store.append(unit(born))
        moving = {
            "phase": "finished",
            "outcome": "failed",
            "reason": "exit",
            "started_at": 6,
            "ended_at": 7,
            "execution": 2,
        }
        fixed = {
            "project": "x",
            "pipeline": "x",
            "version": 9,
            "number": 9,
            "started_by": "x",
            "queued_at": 9,
        }
        await store.append(unit(replace(born, **moving, **fixed), before=1))
        assert await store.run("r") == replace(born, **moving)


async def check_what_was_accepted_is_finished_at_close(make: Make) -> None:
    """Who closes the store waits for those that came before."""
    store = make()
    await store.open()
    await define(store)
    runs = [f"r{number}" for number in range(50)]
    *ends, _ = await outcomes([*(store.append(unit(run_row(run))) for run in runs), store.close()])
    assert ends == [None] * 50
    await store.open()
    assert {row.id for row in await store.unfinished()} == set(runs)
    await store.close()


CHECKS = (
    check_a_unit_is_kept_whole_or_not_at_all,
    check_only_one_of_many_that_write_the_same_entry_does,
    check_a_conflict_leaves_its_neighbors_alone,
    check_a_run_begins_once,
    check_entries_follow_without_a_gap,
    check_a_run_needs_its_definition,
    check_a_run_keeps_what_it_was_born_with,
    check_what_was_accepted_is_finished_at_close,
)
