"""Labels in groups, and collections: how the pipelines of a project are sorted by people (bkci-v3 3.5).

Times are milliseconds since 1970.
"""

from enum import StrEnum

import msgspec

from ferryman.domain.values import Json


class LabelGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of labels; its name is unique in the project."""

    project: str
    id: str
    name: str
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A label; its name is unique in its group."""

    project: str
    id: str
    group: str
    """The id of its group."""
    name: str
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""


class Trait(StrEnum):
    """What of a pipeline a filter looks at."""

    NAME = "name"
    CREATOR = "creator"
    LABEL = "label"
    """Labels, by id."""
    REPOSITORY = "repository"
    """The repository that it is kept in."""


class Filter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is asked of a pipeline: that it has one of these texts."""

    trait: Trait
    texts: tuple[str, ...]
    part: bool = False
    """A text may be any part of what the pipeline has, letters in either case."""
    negated: bool = False
    """It must have none of them."""


class Finder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which pipelines are found: those that pass all filters, or any of them."""

    filters: tuple[Filter, ...] = ()
    any: bool = False


class Collection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named set of pipelines; a pipeline may be in any number of them."""

    project: str
    id: str
    name: str
    """Unique among the shared ones of a project, and among those of one person."""
    shared: bool = False
    """The whole project sees it; otherwise only who made it."""
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""
    finder: Finder | None = None
    """What is in it is found by this at every look; None: it holds what was put into it."""
    origin: dict[str, Json] = {}
    """The rest of the vendor's document."""


MOST_GROUPS = 10
"""In a project (bkci-v3 3.5)."""
MOST_LABELS = 12
"""In a group."""
LONGEST_LABEL = 20
"""Characters."""
