"""Snapshots: a run as bytes without its definition, and back.

The definition is kept once, by version, not with every run; what jobs were told when they began is mostly shared and
is kept once as well. `unpack(pack(run), run.pipeline)` is the run.
"""

import msgspec
from msgspec.structs import replace

from ferryman.domain.ids import join
from ferryman.domain.pipeline import Job, Pipeline
from ferryman.domain.run import Facts, JobState, Run
from ferryman.machine import layout

_NO_JOB = Job(id="", steps=())
_NO_PIPELINE = Pipeline(stages=())


class _Packed(msgspec.Struct, frozen=True):
    run: Run
    facts: list[Facts]
    told: dict[str, int]
    """Path of a job → which of the facts it was told."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Packed)


def pack(run: Run) -> bytes:
    """The state of a run, as compact JSON."""
    facts: list[Facts] = []
    places: dict[int, int] = {}
    told: dict[str, int] = {}
    stages = tuple(
        replace(stage, jobs=tuple(_emptied(job, facts, places, told) for job in stage.jobs))
        for stage in run.stages
    )
    return _encoder.encode(_Packed(replace(run, pipeline=_NO_PIPELINE, index={}, stages=stages), facts, told))


def unpack(text: bytes, pipeline: Pipeline) -> Run:
    """The run that was packed, with its definition. Raises msgspec.ValidationError for anything else."""
    packed = _decoder.decode(text)
    defines = {join(stage.id, job.id): job for stage in pipeline.stages for job in stage.jobs}
    stages = tuple(
        replace(stage, jobs=tuple(_filled(packed, job, defines[job.path]) for job in stage.jobs))
        for stage in packed.run.stages
    )
    return replace(packed.run, pipeline=pipeline, index=layout.index_of(pipeline), stages=stages)


def _emptied(job: JobState, facts: list[Facts], places: dict[int, int], told: dict[str, int]) -> JobState:
    if job.facts is not None:
        at = places.get(id(job.facts))
        if at is None:
            at = places[id(job.facts)] = len(facts)
            facts.append(job.facts)
        told[job.path] = at
    children = tuple(_emptied(child, facts, places, told) for child in job.children)
    return replace(job, define=_NO_JOB, facts=None, children=children)


def _filled(packed: _Packed, job: JobState, define: Job) -> JobState:
    at = packed.told.get(job.path)
    children = tuple(_filled(packed, child, define) for child in job.children)
    return replace(job, define=define, facts=None if at is None else packed.facts[at], children=children)
