"""Heads of pipelines in a store: one change is one transaction, with the audit of it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.heads import PipelineHead, PipelineSetting


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A definition to be kept, with what its head says of it."""

    definition: bytes
    text: str
    tasks: int
    startable: bool
    anew: bool = False
    """Make a new version although nothing differs from the newest."""


class HeadChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a head; None leaves a thing as it is. All of it is kept, or nothing."""

    project: str
    id: str
    at: int
    by: str
    expects: Literal["none", "there", "deleted", "any"] = "there"
    """What must be found: none at all, one that is there, one that is deleted; with `any` it is made where it is not
    there."""
    name: str | None = None
    description: str | None = None
    written: Written | None = None
    """Needed where a head is made."""
    setting: PipelineSetting | None = None
    """A new version of it is made unless it is the newest already and `setting_anew` is false."""
    setting_anew: bool = False
    disabled: bool | None = None
    deleted: bool | None = None
    labels: tuple[str, ...] | None = None
    """All that it carries from now on, by id; those that are not there are passed over."""
    collections: tuple[str, ...] | None = None
    """All that it is in from now on, by id; those that are not there are passed over."""


class KnownHead(NamedTuple):
    """A head with its newest setting; None: saved before there were settings, its definition says its own."""

    head: PipelineHead
    setting: PipelineSetting | None


class HeadCounts(NamedTuple):
    """How many pipelines a project has: those that are there, those of one creator, those that are deleted."""

    there: int
    own: int
    deleted: int


class Heads(Protocol):
    """Heads and settings by project and pipeline."""

    async def change(self, change: HeadChange, *, audit: Sequence[AuditEntry] = ()) -> PipelineHead:
        """Make or change a head, durably; as it is then. Raises `Conflict` (name-taken, pipeline-exists) and `NotFound`
        (pipeline-unknown), and keeps nothing then."""
        ...

    async def read(self, project: str, pipeline: str, *, deleted: bool = False) -> KnownHead:
        """One head, with `deleted` one that is deleted. Raises `NotFound` (pipeline-unknown)."""
        ...

    async def several(self, project: str, pipelines: Sequence[str]) -> Sequence[KnownHead]:
        """Heads that are there, in the order of their ids as given; unknown ids are left out."""
        ...

    async def named(self, project: str, name: str) -> PipelineHead | None:
        """The head of this very name that is there."""
        ...

    async def page(
        self, project: str, *, name: str = "", skip: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[KnownHead]]:
        """How many there are, and some of them: newest creation first, those whose name has `name` in it (letters of
        ASCII in either case)."""
        ...

    async def counts(self, project: str, creator: str) -> HeadCounts:
        """How many there are; `own` are those of `creator`."""
        ...
