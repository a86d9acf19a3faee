"""Rows ↔ nouns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.locks import Holder, Lock, Terms, Waiter
from ferryman.ports.store import LockRow, RunRow
from ferryman.stores.sql.rows import (
    PACKED_FROM,
    lock_row_of,
    lock_values,
    packed,
    run_of,
    run_values,
    unpacked,
)

TEXT = st.text(max_size=20)
NUMBER = st.integers(0, 2**53)
RUNS = st.builds(
    RunRow,
    **{name: NUMBER if kind is int else TEXT for name, kind in RunRow.__annotations__.items()},
)
HOLDERS = st.lists(st.builds(Holder, TEXT, NUMBER, TEXT), max_size=3).map(tuple)
LOCKS = st.builds(
    Lock,
    TEXT,
    holders=HOLDERS,
    aside=HOLDERS,
    waiters=st.lists(st.builds(Waiter, TEXT, NUMBER, st.builds(Terms, capacity=NUMBER)), max_size=3).map(
        tuple
    ),
    version=NUMBER,
)


@given(RUNS)
def test_a_run_comes_back_from_its_columns(run: RunRow) -> None:
    values = run_values(run, 7)
    assert values.pop("seq") == 7
    assert run_of((*values.values(), "more", "columns")) == run


@given(LOCKS)
def test_a_lock_comes_back_from_its_columns(lock: Lock) -> None:
    row = LockRow(project="p", kind="runs", name="n", lock=lock, before=0)
    values = lock_values(row)
    assert values["idle"] == (not lock.holders and not lock.aside and not lock.waiters)
    again = lock_row_of(tuple(values[name] for name in ("project", "kind", "name", "version", "lock")))
    assert again == LockRow(project="p", kind="runs", name="n", lock=lock, before=lock.version)


@given(st.binary(max_size=64), st.integers(0, 500))
def test_a_state_comes_back_from_what_is_kept(state: bytes, times: int) -> None:
    assert unpacked(*packed(state * times)) == state * times


@pytest.mark.parametrize(("size", "is_packed"), [(0, 0), (PACKED_FROM, 0), (PACKED_FROM + 1, 1)])
def test_a_large_state_is_kept_in_fewer_bytes(size: int, is_packed: int) -> None:
    found, kept = packed(b"x" * size)
    assert found == is_packed
    assert (len(kept) < size) == bool(is_packed)
