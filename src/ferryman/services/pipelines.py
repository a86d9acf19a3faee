"""Pipelines: definitions kept version by version, each for ever."""

from typing import Any

import msgspec

from ferryman import definition
from ferryman.domain import views
from ferryman.domain.errors import Invalid, Problem
from ferryman.domain.ids import encoded
from ferryman.domain.pipeline import Pipeline
from ferryman.ports.clock import Clock
from ferryman.ports.store import PipelineStore
from ferryman.services.caller import Caller


class Pipelines:
    """What can be done with definitions."""

    def __init__(self, *, store: PipelineStore, clock: Clock) -> None:
        """Over this store."""
        self._store = store
        self._clock = clock

    async def save(
        self,
        caller: Caller,
        *,
        text: str = "",
        model: dict[str, Any] | None = None,
        name: str = "",
        pipeline: str = "",
    ) -> views.Saved:
        """Keep a definition, given as a file's text or as a model; raises `Invalid` with every problem.

        `name` is the file's, for a pipeline that does not name itself. `pipeline` is the identifier it is kept under;
        without one its name is. What is there already makes no new version.
        """
        if model is not None:
            found = definition.from_model(model)
        else:
            found = definition.load(text, name=name, accept_vendor_keys=True)
        identifier = pipeline or encoded(found.pipeline.name)
        if not identifier:
            raise Invalid([Problem(path="name", message="the pipeline has no name", code=0)])
        version = await self._store.save_pipeline(
            caller.project,
            identifier,
            msgspec.json.encode(found.pipeline),
            text or definition.to_yaml(found),
            at=self._clock.now(),
            by=caller.name,
        )
        return views.Saved(pipeline=identifier, version=version, name=found.pipeline.name)

    async def read(self, caller: Caller, *, pipeline: str, version: int = 0) -> views.Definition:
        """One version, by default the newest. Raises `NotFound`."""
        number, _, text = await self._store.pipeline(caller.project, pipeline, version)
        return views.Definition(pipeline=pipeline, version=number, text=text)

    async def define(self, caller: Caller, pipeline: str, version: int = 0) -> tuple[int, Pipeline]:
        """What one version says, for whoever starts a run of it. Raises `NotFound`."""
        number, content, _ = await self._store.pipeline(caller.project, pipeline, version)
        return number, msgspec.json.decode(content, type=Pipeline)
