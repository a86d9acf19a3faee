"""Where jobs and steps of a pipeline stand in the file it came from (pipeline-yaml 3)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ferryman.definition.file import paths


class JobPlace(NamedTuple):
    """The path of a job in its file, and those of its steps, in order."""

    path: str
    steps: tuple[str, ...]


def places(value: dict[str, Any]) -> list[list[JobPlace]]:
    """The jobs of each stage in the order in which they run, `finally` last; of a checked file."""
    if "stages" in value:
        stages = [
            list(_jobs(stage.get("jobs"), f"{paths.item('stages', at)}.jobs"))
            for at, stage in enumerate(value["stages"])
        ]
    elif "jobs" in value:
        stages = [list(_jobs(value["jobs"], "jobs"))]
    else:
        stages = [[JobPlace("steps", _steps(value.get("steps"), "steps"))]]
    if value.get("finally"):
        stages.append(list(_jobs(value["finally"], "finally")))
    return stages


def _jobs(jobs: Any, path: str) -> Iterator[JobPlace]:
    for name, job in (jobs or {}).items():
        at = paths.key(path, name)
        yield JobPlace(at, _steps(job.get("steps"), f"{at}.steps"))


def _steps(steps: Any, path: str) -> tuple[str, ...]:
    return tuple(paths.item(path, at) for at in range(len(steps or ())))
