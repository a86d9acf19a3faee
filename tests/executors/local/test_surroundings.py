"""Folders of jobs: made while those of other jobs of the same run are taken away."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ferryman.domain.work import Nothing, Work
from ferryman.executors.local.surroundings import Surroundings, is_settled

GET_FLAGS, SET_FLAGS, NO_DUMP = 0x80086601, 0x40086602, 0x40


def test_a_job_is_given_its_folders_while_the_last_one_before_it_is_released(tmp_path: Path) -> None:
    """The run's own folder goes with its last job: it went between two steps of making the next one's, once."""
    surroundings = Surroundings(tmp_path / "work", "/bin")

    def come_and_go(name: str) -> None:
        for _ in range(400):
            surroundings.make(Work(run="r", key=f"{name}/t#1.1", project="p", action=Nothing(), folder=name))
            surroundings.remove("r", name)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, ["s/a", "s/b", "s/c", "s/d"]))
    assert list((tmp_path / "work").iterdir()) == []


def test_a_folder_goes_whatever_was_left_in_it(tmp_path: Path) -> None:
    """Nothing, files, what a step handed over, closed folders, a link in place of a folder, one that is gone."""
    surroundings, other = Surroundings(tmp_path / "work", "/bin"), tmp_path / "other"
    other.mkdir()
    (other / "kept").touch()

    def leave(name: str, env: dict[str, str]) -> None:
        space = Path(env["WORKSPACE"])
        match name:
            case "files":
                (space / "a").touch()
                Path(env["FERRYMAN_TEMP"], "b").touch()
            case "handed over":
                Path(env["FERRYMAN_OUTPUT"]).touch()
            case "closed":
                (space / "in").mkdir()
                (space / "in" / "c").touch()
                (space / "in").chmod(0)
            case "link":
                space.rmdir()
                space.symlink_to(other)
            case "gone":
                space.rmdir()

    for name in ("nothing", "files", "handed over", "closed", "link", "gone"):
        work = Work(run="r", key=f"{name}/t#1.1", project="p", action=Nothing(), folder=name)
        leave(name, surroundings.make(work))
        surroundings.remove("r", name)
        assert not surroundings.has("r", name)
    assert list((tmp_path / "work").iterdir()) == []
    assert (other / "kept").exists()


def test_folders_are_their_owners_alone_whatever_is_usual_here(tmp_path: Path) -> None:
    """Who may write to one of them could give a step another's folder."""
    surroundings = Surroundings(tmp_path / "data" / "work", "/bin")
    usual = os.umask(0)
    try:
        for name in ("a", "b"):
            surroundings.make(Work(run="r", key=f"{name}/t#1.1", project="p", action=Nothing(), folder=name))
        assert surroundings.spare("r", "a")
        surroundings.make(Work(run="q", key="a/t#1.1", project="p", action=Nothing(), folder="a"))
        assert surroundings.spare("r", "b")
    finally:
        os.umask(usual)
    folders = [each for each in (tmp_path / "data").rglob("*") if each.is_dir()]
    assert len(folders) == 3 + 2 * 4
    assert {each.stat().st_mode & 0o777 for each in folders} == {0o700}


def release(surroundings: Surroundings, run: str, folder: str) -> None:
    """As an executor does it when a job has ended."""
    if not surroundings.spare(run, folder):
        surroundings.remove(run, folder)


def wait_for_another_time(folder: Path) -> None:
    """Return when what is changed now is changed at another time than the folders in this one."""
    latest = max(each.stat().st_ctime_ns for each in folder.iterdir())
    probe = folder.parent / "probe"
    probe.touch()
    while probe.stat().st_ctime_ns <= latest:
        probe.chmod(0o600)
    probe.unlink()


def no_dump(folder: Path) -> None:
    """`chattr +d`, which its owner may set as root may set that nothing can be put into it (`chattr +i`)."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        before = int.from_bytes(fcntl.ioctl(fd, GET_FLAGS, bytes(8))[:4], sys.byteorder)
        fcntl.ioctl(fd, SET_FLAGS, (before | NO_DUMP).to_bytes(8, sys.byteorder))
    finally:
        os.close(fd)


def test_what_cannot_be_taken_away_is_left_and_nothing_ends_by_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a container of root or `chattr +i` leaves in a working folder: no process could use the data folder then."""

    def not_permitted(path: str, *words: object, **facts: object) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    surroundings = Surroundings(tmp_path / "work", "/bin")
    work = Work(run="r", key="s/a/t#1.1", project="p", action=Nothing(), folder="s/a")
    stays = Path(surroundings.make(work)["WORKSPACE"], "build", "object")
    stays.mkdir(parents=True)
    with monkeypatch.context() as system:
        for call in ("rmdir", "unlink", "chmod"):
            system.setattr(os, call, not_permitted)
        surroundings.remove("r", "s/a")
        surroundings.keep_only([])
    assert stays.is_dir()
    Surroundings(tmp_path / "work", "/bin").keep_only([])
    assert not stays.exists()


@pytest.mark.parametrize("settled", [False, True], ids=["just made", "seen before"])
def test_only_a_folder_that_nobody_has_changed_is_given_to_another_job(
    settled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one with a file, other rights, another folder in it, one missing, or notes of the file system's own."""
    monkeypatch.setattr("ferryman.executors.local.surroundings.is_settled", lambda changed, now: settled)
    surroundings = Surroundings(tmp_path / "work", "/bin")

    def order(name: str) -> Work:
        return Work(run=f"run-{name}", key=f"{name}/t#1.1", project="p", action=Nothing(), folder=name)

    changes: dict[str, Callable[[Path], object]] = {
        "file": lambda space: (space / "a").touch(),
        "hidden file": lambda space: (space.parent / "home" / ".a").touch(),
        "handed over": lambda space: (space.parent / "x.output").touch(),
        "rights": lambda space: space.chmod(0o777),
        "rights of all": lambda space: space.parent.chmod(0o755),
        "missing": lambda space: (space.parent / "temp").rmdir(),
        "notes": lambda space: os.setxattr(space, "user.note", b"1"),
        "flags": no_dump,
    }
    for name, change in changes.items():
        surroundings.make(order("before"))
        release(surroundings, "run-before", "before")
        space = Path(surroundings.make(order(name))["WORKSPACE"])
        wait_for_another_time(space.parent)
        change(space)
        release(surroundings, f"run-{name}", name)
        assert not list(tmp_path.glob("work.spare/*")), name
    first = Path(surroundings.make(order("first"))["WORKSPACE"]).stat().st_ino
    release(surroundings, "run-first", "first")
    assert not surroundings.has("run-first", "first")
    assert Path(surroundings.make(order("second"))["WORKSPACE"]).stat().st_ino == first
    # One that has gone is made.
    release(surroundings, "run-second", "second")
    (spare,) = tmp_path.glob("work.spare/*")
    shutil.rmtree(spare)
    assert Path(surroundings.make(order("third"))["WORKSPACE"]).is_dir()


@pytest.mark.parametrize(
    ("told", "age_ms", "settled"),
    [
        (1_000_000_000_123_456_789, 50, False),
        (1_000_000_000_123_456_789, 150, True),
        (1_000_000_000_123_456_789, -50, False),
        (1_000_000_000_120_000_000, 150, False),
        (1_000_000_000_000_000_000, 4_900, False),
        (1_000_000_000_000_000_000, 5_100, True),
    ],
    ids=["just now", "a while ago", "in the future", "ten milliseconds told", "a second told", "long ago"],
)
def test_a_time_of_change_is_trusted_when_the_file_systems_clock_has_ticked(
    told: int, age_ms: int, settled: bool
) -> None:
    assert is_settled(told, told + age_ms * 1_000_000) is settled


def test_a_folder_that_looks_as_before_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ferryman.executors.local.surroundings.is_settled", lambda changed, now: True)
    surroundings = Surroundings(tmp_path / "work", "/bin")
    looked: list[str] = []
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda place: looked.append(str(place)) or listdir(place))
    for run in ("a", "b", "c"):
        surroundings.make(Work(run=run, key="j/t#1.1", project="p", action=Nothing(), folder="j"))
        looked.clear()
        assert surroundings.spare(run, "j")
    assert looked == [str(tmp_path / "work" / "c" / "j")]


def test_a_job_that_has_folders_of_an_earlier_process_keeps_them(tmp_path: Path) -> None:
    """And what was put aside for it is there for another one."""
    before, after = (Surroundings(tmp_path / "work", "/bin") for _ in range(2))

    def order(run: str) -> Work:
        return Work(run=run, key="j/t#1.1", project="p", action=Nothing(), folder="j")

    Path(before.make(order("a"))["WORKSPACE"], "left").touch()
    after.make(order("b"))
    assert after.spare("b", "j")
    (spare,) = tmp_path.glob("work.spare/*")
    number = (spare / "space").stat().st_ino
    assert Path(after.make(order("a"))["WORKSPACE"], "left").exists()
    assert Path(after.make(order("c"))["WORKSPACE"]).stat().st_ino == number


def test_what_an_earlier_server_has_put_aside_is_taken_over_as_far_as_nobody_has_changed_it(
    tmp_path: Path,
) -> None:
    before, after = (Surroundings(tmp_path / "work", "/bin") for _ in range(2))

    def order(run: str) -> Work:
        return Work(run=run, key="j/t#1.1", project="p", action=Nothing(), folder="j")

    for run in ("a", "b"):
        before.make(order(run))
    for run in ("a", "b"):
        assert before.spare(run, "j")
    kept, changed = sorted(tmp_path.glob("work.spare/*"))
    (changed / "space" / "left").touch()
    number = (kept / "space").stat().st_ino
    after.keep_only(())
    assert list(tmp_path.glob("work.spare/*")) == [kept]
    assert Path(after.make(order("c"))["WORKSPACE"]).stat().st_ino == number


@pytest.mark.parametrize("name", ["work", "work.spare"])
def test_a_link_in_place_of_all_working_folders_takes_nothing_of_ours_away(tmp_path: Path, name: str) -> None:
    """A step may have put it there; what lies behind one that leads elsewhere is kept where it is."""
    (tmp_path / "data/private/contents/ab").mkdir(parents=True)
    (tmp_path / "data" / name).symlink_to(tmp_path / "data/private")
    Surroundings(tmp_path / "data/work", "/bin").keep_only(())
    assert (tmp_path / "data/private/contents/ab").is_dir()
    assert not (tmp_path / "data" / name).is_symlink()
    (tmp_path / "disk").mkdir()
    (tmp_path / "data/work").symlink_to(tmp_path / "disk")
    Surroundings(tmp_path / "data/work", "/bin").keep_only(())
    assert (tmp_path / "data/work").is_symlink()
