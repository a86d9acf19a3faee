"""Plugins: step codes that are nobody's kind here, bound by the settings to a command of the machine.

A binding names a code, a pattern of versions and a command. The command gets the step's input as a JSON file and
leaves its output in another; how is told in docs/guide/plugins.md.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec

from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline
from ferryman.steps import find_kind


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """One code and the command that does its work. `version` may hold `*`: `1.*`, `2.3.1`, `*`."""

    code: str
    command: tuple[str, ...]
    version: str = "*"


class Unbound(msgspec.Struct, frozen=True, kw_only=True):
    """A step whose code nobody here knows: its path in the run and what it asks for."""

    path: str
    code: str
    version: str


def find_binding(bindings: Sequence[Binding], code: str, version: str) -> Binding | None:
    """The first binding of this code that fits the version.

    Either side may be a pattern: `1.*` asked of a binding of `1.4.0` fits as well as `1.4.0` asked of `1.*`.
    """
    for binding in bindings:
        if binding.code == code and _fits(binding.version, version):
            return binding
    return None


def unbound(pipeline: Pipeline, bindings: Sequence[Binding]) -> list[Unbound]:
    """Every step that could not run: no kind and no binding has its code. Each is named, in the order of the file."""
    return [
        Unbound(path=path, code=code, version=version)
        for path, code, version in _codes(pipeline)
        if find_kind(code) is None and find_binding(bindings, code, version) is None
    ]


def _codes(pipeline: Pipeline) -> Iterator[tuple[str, str, str]]:
    for stage in pipeline.stages:
        for job in stage.jobs:
            for step in job.steps:
                yield join(stage.id, job.id, step.id), step.kind, step.version


def _fits(bound: str, asked: str) -> bool:
    return bound == asked or fnmatchcase(asked, bound) or fnmatchcase(bound, asked)
