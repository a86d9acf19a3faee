"""What the checks of meaning look at: one plain tree, its stages, jobs and steps."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from ferryman.definition.file import paths
from ferryman.definition.file.findings import Findings
from ferryman.definition.file.limits import Limits
from ferryman.domain.dialect import Dialect

Plain = dict[str, Any]


class Step(NamedTuple):
    """A step with its place."""

    path: str
    body: Plain


class Job(NamedTuple):
    """A job with its place; `id` is empty for the only job of a file that begins with steps."""

    id: str
    path: str
    body: Plain

    def steps(self) -> Iterator[Step]:
        """The steps of the job that have the shape of one."""
        path = paths.key(self.path, "steps")
        for index, step in enumerate(self.body.get("steps") or ()):
            if isinstance(step, dict):
                yield Step(paths.item(path, index), step)


class Stage(NamedTuple):
    """A stage with its place and jobs; also the jobs at the top of a file and those of finally."""

    path: str
    body: Plain
    jobs: tuple[Job, ...]


class Subject:
    """One file under check, and where its problems go."""

    def __init__(
        self,
        value: Plain,
        findings: Findings,
        limits: Limits,
        *,
        accept_vendor_keys: bool = False,
        strict_scripts: bool = False,
    ) -> None:
        """Look at a plain tree."""
        self.value = value
        self.findings = findings
        self.limits = limits
        self.accept_vendor_keys = accept_vendor_keys
        self.strict_scripts = strict_scripts

    @property
    def dialect(self) -> Dialect:
        """The dialect of the texts of this file; strict unless the file says otherwise."""
        return Dialect.CLASSIC if self.value.get("syntax-dialect") == "CLASSIC" else Dialect.CONSTRAINED

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the file in order, finally last."""
        found = []
        for index, stage in enumerate(self.value.get("stages") or ()):
            if isinstance(stage, dict):
                path = paths.item("stages", index)
                found.append(Stage(path, stage, _jobs(stage.get("jobs"), paths.key(path, "jobs"))))
        if self.value.get("jobs"):
            found.append(Stage("", {}, _jobs(self.value["jobs"], "jobs")))
        if self.value.get("steps"):
            found.append(Stage("", {}, (Job("", "", {"steps": self.value["steps"]}),)))
        if self.value.get("finally"):
            found.append(Stage("finally", {}, _jobs(self.value["finally"], "finally")))
        return tuple(found)

    @cached_property
    def job_ids(self) -> dict[str, None]:
        """The ids of all jobs, in order."""
        return dict.fromkeys(job.id for job in self.jobs() if job.id)

    @cached_property
    def variables(self) -> dict[str, None]:
        """Variables of the file and of its reviews, which become variables when somebody decides."""
        names = dict.fromkeys(self.value.get("variables") or {})
        for stage in self.stages:
            reviews = (stage.body.get("check-in") or {}).get("reviews") or {}
            names |= dict.fromkeys(reviews.get("variables") or {})
        return names

    def jobs(self) -> Iterator[Job]:
        """Every job of the file."""
        for stage in self.stages:
            yield from stage.jobs


def _jobs(jobs: Plain | None, path: str) -> tuple[Job, ...]:
    return tuple(
        Job(name, paths.key(path, name), body)
        for name, body in (jobs or {}).items()
        if isinstance(body, dict)
    )
