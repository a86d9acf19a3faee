"""Identifiers of builds on BK-CI's wire (bkci-v3 8)."""

import re

from ferryman.domain.errors import NotFound

_BUILD = re.compile("b-([0-9a-f]{32})")


def build_id(run: str) -> str:
    """What a run is called."""
    return f"b-{run}"


def run_of(build: str) -> str:
    """The run that a build id means. Raises `NotFound` for what is no such id, as for a build that is not there."""
    found = _BUILD.fullmatch(build.strip())
    if found is None:
        raise NotFound(f"there is no build {build[:100]}", reason="run")
    return found[1]
