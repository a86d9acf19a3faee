"""A document that may be wrong anywhere, seen as stages, jobs and steps: what does not fit counts as absent."""

from collections.abc import Iterator
from typing import NamedTuple

from ferryman.definition.file.limits import Limits
from ferryman.definition.model.checks.findings import Findings, Spot
from ferryman.definition.model.domain.places_pipeline import dialect_of
from ferryman.definition.model.wire.shapes import FLAG, TEXT, Json, Tree, fit_scalar
from ferryman.definition.model.wire.words import AGENTLESS
from ferryman.domain.dialect import Dialect


class Part(NamedTuple):
    """An object of the document and where it stands."""

    tree: Tree
    spot: Spot

    def part(self, key: str) -> "Part":
        """The object behind a key; an empty one where there is none."""
        inner = self.tree.get(key)
        return Part(inner if isinstance(inner, dict) else {}, (*self.spot, key))

    def parts(self, key: str) -> "list[Part]":
        """The objects in the list behind a key."""
        items = self.tree.get(key)
        if not isinstance(items, list):
            return []
        return [Part(item, (*self.spot, key, at)) for at, item in enumerate(items) if isinstance(item, dict)]

    def listed(self, key: str) -> list[Json]:
        """The list behind a key."""
        items = self.tree.get(key)
        return items if isinstance(items, list) else []

    def text(self, key: str) -> str:
        """The text behind a key."""
        return fit_scalar(self.tree.get(key), TEXT) or ""

    def flag(self, key: str) -> bool:
        """Whether what stands behind a key is true."""
        return fit_scalar(self.tree.get(key), FLAG) is True

    def at(self, key: str) -> Spot:
        """Where a field stands, there or missing."""
        return (*self.spot, key)


class Subject(NamedTuple):
    """One document under check."""

    document: Part
    findings: Findings
    limits: Limits

    @property
    def model(self) -> Part:
        """The model."""
        return self.document.part("model")

    @property
    def setting(self) -> Part:
        """The setting; empty when there is none."""
        return self.document.part("setting")

    @property
    def stages(self) -> list[Part]:
        """All stages, the trigger stage first."""
        return self.model.parts("stages")

    @property
    def working(self) -> list[Part]:
        """All stages but the trigger stage. Of stages, jobs and steps, those beyond the limit are not looked at."""
        return [stage for stage in self.stages if stage.spot[-1] != 0][: self.limits.stages]

    def jobs_of(self, stage: Part) -> list[Part]:
        """The jobs of a stage."""
        return stage.parts("containers")[: self.limits.jobs]

    def steps_of(self, job: Part) -> list[Part]:
        """The steps of a job."""
        return job.parts("elements")[: self.limits.steps]

    @property
    def dialect(self) -> Dialect:
        """The dialect its texts are read in."""
        return dialect_of(self.setting.part("pipelineAsCodeSettings").tree)

    def jobs(self) -> Iterator[tuple[Part, Part]]:
        """Every job with its stage."""
        for stage in self.working:
            for job in self.jobs_of(stage):
                yield stage, job


def is_agentless(job: Part) -> bool:
    """Whether a job has no machine."""
    return job.text("@type") == AGENTLESS
