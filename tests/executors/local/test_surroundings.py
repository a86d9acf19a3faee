"""Folders of jobs: made while those of other jobs of the same run are taken away."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferryman.domain.work import Nothing, Work
from ferryman.executors.local.surroundings import Surroundings


def test_a_job_is_given_its_folders_while_the_last_one_before_it_is_released(tmp_path: Path) -> None:
    """The run's own folder goes with its last job: it went between two steps of making the next one's, once."""
    surroundings = Surroundings(tmp_path, "/bin")

    def come_and_go(name: str) -> None:
        for _ in range(400):
            surroundings.make(Work(run="r", key=f"{name}/t#1.1", project="p", action=Nothing(), folder=name))
            surroundings.remove("r", name)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, ["s/a", "s/b", "s/c", "s/d"]))
    assert list(tmp_path.iterdir()) == []


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
