"""Runs pipelines for real in a house inside this process: real store, real driver, real steps on this machine."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ferryman.app.house import House
from ferryman.domain.views import JobView, RunView, StepView

PEOPLE = frozenset({"review", "manual-start"})


class Ended(NamedTuple):
    """How a run ended: its view, and what each step said, attempt after attempt."""

    view: RunView
    logs: dict[str, str]

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each step, by its path."""
        return {step.path: step.outcome for step in self.steps}

    @property
    def steps(self) -> Iterator[StepView]:
        """Every step; of a matrix those of the jobs that it is split into."""
        for stage in self.view.stages:
            for job in stage.jobs:
                for one in _split(job):
                    yield from one.steps


def _split(job: JobView) -> Iterator[JobView]:
    yield from job.split or (job,)


async def run(
    house: House,
    text: str,
    *,
    values: Mapping[str, str] | None = None,
    reviewers: Mapping[str, str] | None = None,
) -> Ended:
    """Save a file and run it to its end. `reviewers` are gates and who says yes to each."""
    client = house.client()
    saved = await client.save(text=text, name="example.yaml")
    begun = await client.start(saved.pipeline, values=values)
    answered: set[str] = set()
    view = begun
    async for view in client.watch(begun.id):
        for wait in view.waiting:
            if wait.kind in PEOPLE and wait.path not in answered:
                answered.add(wait.path)
                name = (reviewers or {})[wait.path]
                given = {asked.name: "something" for asked in wait.values}
                await client.answer(
                    begun.id, wait.path, yes=True, name=name, values=given, comment="it is well"
                )
    logs: dict[str, str] = {}
    for attempt in await client.attempts(begun.id):
        lines = await client.lines(begun.id, attempt.key)
        logs[attempt.path] = logs.get(attempt.path, "") + "".join(f"{line.text}\n" for line in lines)
    return Ended(view, logs)


def read(path: Path) -> str:
    """The text of a page or a file."""
    return path.read_text(encoding="utf-8")
