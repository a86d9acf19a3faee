"""What a step kind is told when its step is about to run, and what it may look up.

A kind makes an action out of its settings and an `Order`. Both are data: the same order gives the same action, on
whatever machine and as often as it is asked.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import msgspec

from ferryman.domain.pipeline import Step
from ferryman.domain.run import Facts, JobState, Run
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import Impossible

Context = Mapping[str, object]


class Sight(Protocol):
    """An attempt with its surroundings, as the run machine reads it off a run."""

    @property
    def run(self) -> Run:
        """The run it belongs to."""
        ...

    @property
    def key(self) -> str:
        """Its key within the run."""
        ...

    @property
    def define(self) -> Step:
        """Its step, as defined."""
        ...

    @property
    def job(self) -> JobState:
        """The job of its step."""
        ...

    @property
    def facts(self) -> Facts:
        """What its job was told."""
        ...

    @property
    def scope(self) -> Context:
        """First names that its texts may speak of."""
        ...

    @property
    def settings(self) -> Mapping[str, Json]:
        """Its settings before anything in them is replaced."""
        ...


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind is told besides its settings."""

    define: Step
    facts: Facts
    scope: Context
    repositories: Mapping[str, str] = MappingProxyType({})
    """Addresses of source repositories by the name or id under which the project knows them."""

    def ci(self, name: str) -> str:
        """One value of the context `ci`, as text; empty when the run does not have it."""
        value = self.facts.ci.get(name)
        return value if isinstance(value, str) else ""


def unfinished(verb: str) -> Impossible:
    """Says that this server has no means for a kind of step."""
    return Impossible(
        message=f"this server has no environments to {verb}: it can run scripts, reviews, calls and artifacts",
        code=TaskCode.NOT_FOUND,
    )
