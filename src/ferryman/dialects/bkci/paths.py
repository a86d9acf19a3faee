"""The paths under which BK-CI's API is found: its public form and every alias of it (bkci-v3 1.1)."""

import re
from typing import NamedTuple

TYPES = ("apigw", "apigw-user", "apigw-app")
"""How a caller is authenticated; the same operations under each."""

_TYPE = "|".join(TYPES)
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:/ms/openapi|/openapi)?/api/(?P<type>{_TYPE})(?P<rest>/.*)",
        rf"/prod/(?P<version>v[34])/(?P<type>{_TYPE})(?P<rest>/.*)",
        rf"/(?P<version>v4)/(?P<type>{_TYPE})(?P<rest>/.*)",
    )
)
_OURS = re.compile(rf"/ms/openapi/|/openapi/|/api/(?:{_TYPE})/|/prod/v[34]/|/v4/(?:{_TYPE})/")


class Place(NamedTuple):
    """Where a path leads: the type of caller, and the path below it as the operations write it (`/v3/projects/…`)."""

    type: str
    path: str


def is_ours(path: str) -> bool:
    """Whether a path is for this API to answer, if only by refusing it."""
    return _OURS.match(path) is not None


def place_of(path: str) -> Place | None:
    """Where a path leads; None for one that names no type of caller."""
    for form in _FORMS:
        if found := form.fullmatch(path):
            parts = found.groupdict()
            version = f"/{parts['version']}" if parts.get("version") else ""
            return Place(parts["type"], version + parts["rest"])
    return None
