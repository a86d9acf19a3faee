"""Folders of jobs: made while those of other jobs of the same run are taken away."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferryman.domain.work import Nothing, Work
from ferryman.executors.local.surroundings import Surroundings


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


def test_only_a_folder_that_nobody_has_changed_is_given_to_another_job(tmp_path: Path) -> None:
    """Not one with a file, other rights, another folder in it, one missing, or notes of the file system's own."""
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
    }
    for name, change in changes.items():
        change(Path(surroundings.make(order(name))["WORKSPACE"]))
        surroundings.remove(f"run-{name}", name)
        assert not list(tmp_path.glob("work.spare/*")), name
    first = Path(surroundings.make(order("first"))["WORKSPACE"]).stat().st_ino
    surroundings.remove("run-first", "first")
    assert not surroundings.has("run-first", "first")
    assert Path(surroundings.make(order("second"))["WORKSPACE"]).stat().st_ino == first
    # What an earlier server has put aside goes, and one that has gone is made.
    surroundings.remove("run-second", "second")
    Surroundings(tmp_path / "work", "/bin").keep_only(())
    assert not list(tmp_path.glob("work.spare/*"))
    assert Path(surroundings.make(order("third"))["WORKSPACE"]).is_dir()
