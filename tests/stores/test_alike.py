"""A law: whatever is asked of them in whatever order, the store on disk and the one in memory answer alike."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ferryman.domain.errors import FerrymanError
from ferryman.ports.store import Store
from ferryman.stores.memory import MemoryStore
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.stores.sample import lock_row, run_row, unit

RUNS = st.sampled_from(["a", "b", "c"])
SMALL = st.integers(0, 4)
NAMES = st.sampled_from(["p", "q"])
APPEND = st.builds(
    lambda run, number, phase, before, count, locks, snapshot, whole: (
        "append",
        (
            unit(
                replace(run_row(run, queued_at=number, number=number, pipeline="p"), phase=phase),
                before=before,
                count=count,
                locks=[lock_row(name, before=at, holders=held) for name, (at, held) in locks.items()],
                snapshot=snapshot,
                whole=whole,
            ),
        ),
        {},
    ),
    RUNS,
    SMALL,
    st.sampled_from(["running", "finished", "waiting"]),
    st.integers(0, 6),
    st.integers(0, 3),
    st.dictionaries(NAMES, st.tuples(SMALL, st.lists(RUNS, max_size=2)), max_size=2),
    st.sampled_from([b"", b"", b"s", b"s" * 5_000]),
    st.sampled_from([b"", b"", b"w" * 5_000]),
)
READS = (
    *(("load", (run,), {}) for run in "abc"),
    *(("journal", (run,), {"after": after, "limit": 2}) for run in "abc" for after in (0, 2)),
    *(("run_numbered", ("local", "p", number), {}) for number in range(5)),
    *(("lock", ("local", "mutex", name), {}) for name in "pq"),
    *(("pipeline", ("local", name, version), {}) for name in "pq" for version in range(4)),
    *(
        ("runs", ("local",), {"phase": phase, "pipeline": name})
        for phase in ("", "running")
        for name in ("", "p")
    ),
    ("runs", ("local",), {"before": (2, "b"), "limit": 2}),
    ("unfinished", (), {}),
    ("locks", (), {}),
)
Call = tuple[str, tuple[Any, ...], dict[str, Any]]
CALLS = st.one_of(
    APPEND,
    APPEND,
    APPEND,
    st.builds(
        lambda name, text: ("save_pipeline", ("local", name, text.encode(), text), {"at": 1, "by": "ada"}),
        NAMES,
        st.sampled_from(["x", "y"]),
    ),
    st.builds(lambda name: ("next_number", ("local", name), {}), NAMES),
    st.sampled_from(READS),
)


async def _answer(store: Store, call: Call) -> object:
    name, given_, named = call
    try:
        return await getattr(store, name)(*given_, **named)
    except FerrymanError as error:
        return type(error), str(error)


async def _compare(calls: list[Call]) -> None:
    with TemporaryDirectory() as folder:
        stores: tuple[Store, Store] = (MemoryStore(), SqliteStore(Path(folder)))
        first: Call = ("save_pipeline", ("local", "p", b"x", "x"), {"at": 1, "by": "ada"})
        for store in stores:
            await store.open()
        for call in (first, *calls, *READS):
            in_memory, on_disk = [await _answer(store, call) for store in stores]
            assert in_memory == on_disk, call
        for store in stores:
            await store.close()


@given(st.lists(CALLS, max_size=30))
@settings(max_examples=60)
def test_two_stores_answer_alike(calls: list[Call]) -> None:
    asyncio.run(_compare(calls))
