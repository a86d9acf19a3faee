"""Locks: versioned rows that move with the unit that moves them (RULINGS 10)."""

from msgspec.structs import replace

from ferryman.domain.errors import Conflict
from ferryman.domain.locks import Holder, Lock, Terms, Waiter
from ferryman.testing.stores.sample import Make, lock_row, opened, outcomes, refusal, run_row, unit


async def check_a_lock_comes_back_as_written(make: Make) -> None:
    """With holders, those who stepped aside, and those who wait on terms of their own."""
    async with opened(make) as store:
        lock = Lock(
            name="quay",
            holders=(Holder("r/a", 1, "s"),),
            aside=(Holder("r/b", 2),),
            waiters=(Waiter("r/c", 3, Terms(capacity=2, minutes=5)),),
            version=4,
        )
        await store.append(
            unit(run_row("r"), locks=[replace(lock_row("quay", before=0, holders=[]), lock=lock)])
        )
        assert await store.lock("local", "mutex", "quay") == lock
        (row,) = await store.locks()
        assert (row.project, row.kind, row.name, row.lock, row.before) == ("local", "mutex", "quay", lock, 4)


async def check_a_lock_that_moved_is_a_conflict(make: Make) -> None:
    """Of two runs that take one lock at the same moment, one is refused and keeps nothing of its unit."""
    async with opened(make) as store:
        for run in ("a", "b"):
            await store.append(unit(run_row(run)))
        for before in range(3):
            stands = {run: (await store.load(run)).seq for run in ("a", "b")}
            ends = await outcomes(
                store.append(
                    unit(
                        run_row(run),
                        before=stands[run],
                        locks=[lock_row("quay", before=before, holders=[run])],
                    )
                )
                for run in ("a", "b")
            )
            assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]
            winner = "a" if ends[0] is None else "b"
            lock = await store.lock("local", "mutex", "quay")
            assert lock is not None
            assert [holder.name for holder in lock.holders] == [winner]
            for run in ("a", "b"):
                assert (await store.load(run)).seq == stands[run] + (run == winner)


async def check_an_idle_lock_is_remembered_but_not_listed(make: Make) -> None:
    """Its version is never given out again, so that who read it long ago cannot write."""
    async with opened(make) as store:
        await store.append(unit(run_row("r"), locks=[lock_row("quay", before=0, holders=["r"])]))
        await store.append(unit(run_row("r"), before=1, locks=[lock_row("quay", before=1, holders=[])]))
        assert await store.locks() == ()
        lock = await store.lock("local", "mutex", "quay")
        assert lock == Lock(name="quay", version=2)
        for before in (0, 1):
            late = unit(run_row("r"), before=2, locks=[lock_row("quay", before=before, holders=["s"])])
            await refusal(store.append(late), Conflict)
        await store.append(unit(run_row("r"), before=2, locks=[lock_row("quay", before=2, holders=["r"])]))
        assert [row.before for row in await store.locks()] == [3]


async def check_locks_of_one_name_are_kept_apart_by_kind_and_project(make: Make) -> None:
    """Groups of runs and mutexes of jobs are two sets of names, in each project."""
    async with opened(make) as store:
        mutex = lock_row("quay", before=0, holders=["m"])
        group = lock_row("quay", before=0, holders=["g"], kind="runs")
        far = replace(mutex, project="far", lock=replace(mutex.lock, holders=(Holder("f", 1),)))
        await store.append(unit(run_row("r"), locks=[mutex, group, far]))
        for project, kind, holder in (
            ("local", "mutex", "m"),
            ("local", "runs", "g"),
            ("far", "mutex", "f"),
        ):
            lock = await store.lock(project, "runs" if kind == "runs" else "mutex", "quay")
            assert lock is not None
            assert lock.holders[0].name == holder
        assert len(await store.locks()) == 3


CHECKS = (
    check_a_lock_comes_back_as_written,
    check_a_lock_that_moved_is_a_conflict,
    check_an_idle_lock_is_remembered_but_not_listed,
    check_locks_of_one_name_are_kept_apart_by_kind_and_project,
)
