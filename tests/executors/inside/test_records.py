"""The file of what was begun: what is in it after a crash is what was promised."""

import asyncio
import os
from pathlib import Path

import pytest

from ferryman.domain.work import Wait, WorkResult
from ferryman.executors.inside import records as room
from ferryman.executors.inside.records import Record, Records
from tests.executors.inside.world import work


def begun(key: str) -> Record:
    return Record(run="r", key=key, at=5)


def ended(key: str, remark: str = "") -> Record:
    return Record(run="r", key=key, result=WorkResult(run="r", key=key, outcome="succeeded", remark=remark))


def kept(path: Path, *given: Record) -> None:
    async def story() -> None:
        records = Records(path)
        await records.open()
        await asyncio.gather(*(records.keep(record) for record in given))
        await records.close()

    asyncio.run(story())


def known(path: Path, *keys: str) -> list[Record | None]:
    async def story() -> list[Record | None]:
        records = Records(path)
        await records.open()
        found = [records.find("r", key) for key in keys]
        await records.close()
        return found

    return asyncio.run(story())


def test_beginnings_and_ends_are_there_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "begun.jsonl"
    kept(path, begun("a"), begun("b"), ended("b"), Record(run="r", key="c", at=7, work=work(Wait(seconds=1))))
    first, second, third, fourth = known(path, "a", "b", "c", "d")
    assert first == begun("a")
    assert second == ended("b")
    assert third is not None
    assert third.work == work(Wait(seconds=1))
    assert fourth is None
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", range(1, 28, 3))
def test_a_line_that_was_cut_off_is_as_good_as_never_written(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "begun.jsonl"
    kept(path, begun("a"), begun("b"))
    path.write_bytes(path.read_bytes()[:-cut])
    kept(path, begun("c"))
    first, second, third = known(path, "a", "b", "c")
    assert (first, third) == (begun("a"), begun("c"))
    assert second == (begun("b") if cut == 1 else None)


def test_a_line_that_follows_a_cut_one_is_whole(tmp_path: Path) -> None:
    """A disk that was full in the middle of a line, in the same life."""
    path = tmp_path / "begun.jsonl"

    async def story() -> None:
        records = Records(path)
        await records.open()
        await records.keep(begun("a"))
        with open(path, "ab") as file:
            file.write(b'{"run":"r","ke')
        await records.keep(begun("b"))
        await records.close()

    asyncio.run(story())
    assert known(path, "a", "b") == [begun("a"), begun("b")]


def test_many_records_share_a_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(room.os, "fdatasync", flushed.append)
    kept(tmp_path / "begun.jsonl", *(begun(str(number)) for number in range(100)))
    assert len(flushed) <= 2


def test_what_nobody_wants_is_forgotten_for_good(tmp_path: Path) -> None:
    path = tmp_path / "begun.jsonl"
    kept(path, begun("a"), begun("b"), begun("c"), ended("c"), begun("d"), ended("d"))

    async def story() -> None:
        records = Records(path)
        await records.open()
        await records.keep_only({("r", "a"), ("r", "c")})
        assert [record.key for record in records.unended()] == ["a"]
        await records.close()

    asyncio.run(story())
    found = known(path, "a", "b", "c", "d")
    assert [record is not None for record in found] == [True, False, True, False]


def test_old_ends_are_forgotten_and_beginnings_never(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT_BYTES", 2_000)
    path = tmp_path / "begun.jsonl"
    many = [
        record for number in range(100) for record in (begun(f"e{number}"), ended(f"e{number}", "x" * 50))
    ]
    kept(path, begun("open"), *many)
    first, last, still = known(path, "e0", "e99", "open")
    assert (first, last, still) == (None, ended("e99", "x" * 50), begun("open"))
    assert path.stat().st_size < 3_000


def test_the_file_stays_short_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT_BYTES", 1_000)
    path = tmp_path / "begun.jsonl"

    async def story() -> None:
        records = Records(path)
        await records.open()
        await records.keep(begun("open"))
        for number in range(200):
            await records.keep(ended(f"e{number}"))
        await records.close()

    asyncio.run(story())
    assert path.stat().st_size < 10_000
    assert known(path, "open", "e199") == [begun("open"), ended("e199")]


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "begun.jsonl"
    os.mkfifo(path)
    kept(path, begun("a"))
    assert known(path, "a") == [begun("a")]
