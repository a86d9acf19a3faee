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
