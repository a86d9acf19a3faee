"""Open and closed: what a store says when it is not there, and what it still knows when it comes back."""

from ferryman.domain.errors import Refused, Unavailable
from ferryman.testing.stores.sample import (
    Make,
    define,
    entry,
    finished,
    lock_row,
    opened,
    refusal,
    run_row,
    unit,
)
from ferryman.testing.stores.shelves import ARTIFACT, SECRET


async def check_what_was_kept_is_there_when_it_is_opened_again(make: Make) -> None:
    """Runs, journals, snapshots, locks, definitions, secrets and artifacts."""
    async with opened(make) as store:
        row = run_row("r")
        lock = lock_row("quay", before=0, holders=["r"])
        await store.append(unit(row, count=2, locks=[lock], snapshot=b"state"))
        await store.append(unit(row, before=2))
        await store.append(unit(finished(run_row("done")), whole=b"whole"))
        await store.secrets.keep(SECRET)
        await store.artifacts.keep(ARTIFACT)
        await store.close()
        await store.open()
        kept = await store.load("r")
        assert (kept.row, kept.seq, kept.snapshot, kept.entries) == (row, 3, b"state", (entry(3),))
        assert (await store.load("done")).snapshot == b"whole"
        assert await store.lock("local", "mutex", "quay") == lock.lock
        assert await store.pipeline("local", "shop") == (1, b"{}", "stages: []")
        assert await store.secrets.read("local", "key") == SECRET
        assert list(await store.artifacts.of_run("local", "r")) == [ARTIFACT]
        await store.append(unit(row, before=3))


async def check_a_store_that_is_not_open_says_so(make: Make) -> None:
    """Before it is opened and after it was closed; opening twice is refused, closing twice is harmless."""
    store = make()
    await refusal(store.unfinished(), Unavailable)
    await store.open()
    await refusal(store.open(), Unavailable)
    await define(store)
    await store.close()
    await store.close()
    for call in (
        store.append(unit(run_row("r"))),
        store.load("r"),
        store.locks(),
        store.next_number("local", "shop"),
        store.secrets.read("local", "key"),
        store.secrets.keep(SECRET),
        store.artifacts.keep(ARTIFACT),
    ):
        await refusal(call, Unavailable)


async def check_a_store_opened_for_reading_refuses_to_write(make: Make) -> None:
    """It reads all that is there and changes nothing."""
    async with opened(make) as store:
        await store.append(unit(run_row("r")))
        await store.close()
        await store.open(read_only=True)
        assert (await store.load("r")).entries == (entry(1),)
        for call in (
            store.append(unit(run_row("r"), before=1)),
            store.next_number("local", "shop"),
            store.save_pipeline("local", "shop", b"new", "new", at=1, by="ada"),
            store.secrets.keep(SECRET),
            store.artifacts.keep(ARTIFACT),
        ):
            error = await refusal(call, Refused)
            assert isinstance(error, Refused)
            assert error.reason == "read-only"
        assert (await store.load("r")).seq == 1


CHECKS = (
    check_what_was_kept_is_there_when_it_is_opened_again,
    check_a_store_that_is_not_open_says_so,
    check_a_store_opened_for_reading_refuses_to_write,
)
