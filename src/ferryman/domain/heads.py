"""Heads: what is known of a pipeline beside its definitions. One head for each pipeline, above all its versions.

A definition is kept for ever and a run keeps the one it began with; the head is what changes: name, settings, whether
it may be started, whether it is there at all.
"""

from enum import StrEnum

import msgspec

from ferryman.domain.dialect import Dialect
from ferryman.domain.policies import Concurrency, Exclusion
from ferryman.domain.values import Json


class CancelPolicy(StrEnum):
    """Who may stop a run, of those who may start one (bkci-v3 2.3)."""

    ANYONE = "anyone"
    STARTER = "starter"
    """Only who started it, and who manages the pipeline."""


class RunPolicies(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a setting tells the rules; it counts for runs that begin later, whatever version they run."""

    concurrency: Concurrency = Concurrency()
    dialect: Dialect = Dialect.CONSTRAINED
    clear_variables_on_retry: bool = False
    fail_on_long_value: bool = False
    announced: tuple[str, ...] = ()
    """Moments that somebody is to be told of: run-succeeded, run-failed."""
    cancel: CancelPolicy = CancelPolicy.ANYONE

    @property
    def is_closed(self) -> bool:
        """Whether every start is refused."""
        return self.concurrency.exclusion is Exclusion.CLOSED


class PipelineSetting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a pipeline's setting. `origin` is the rest of the vendor's document; no rule reads it."""

    policies: RunPolicies = RunPolicies()
    number_rule: str = ""
    """How runs are numbered for people, as the vendor writes it."""
    origin: dict[str, Json] = {}


class PipelineHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pipeline as lists show it. Times are milliseconds since 1970."""

    project: str
    id: str
    name: str
    """Unique among the pipelines of the project that are not deleted."""
    version: int
    """The newest version of its definition."""
    setting_version: int
    description: str = ""
    creator: str = ""
    created_at: int = 0
    updater: str = ""
    updated_at: int = 0
    """The last change of its name, setting or definition."""
    tasks: int = 0
    """Steps of the newest version, its triggers counted."""
    startable: bool = False
    """Whether the newest version lets people start it by hand."""
    disabled: bool = False
    """Nothing may be started."""
    deleted_at: int = 0
    """0: it is there."""
