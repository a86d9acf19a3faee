"""Artifacts: files that a run kept under a name, for later jobs, runs and deployments.

A version never changes. Its content is named by one digest: the SHA-256 of what `sha256sum` prints for its files, in
the order of their names, so that anybody can make it again from the files alone.
"""

import hashlib
from collections.abc import Iterable

import msgspec


class ArtifactFile(msgspec.Struct, frozen=True):
    """One file: its name below the artifact, bytes, digest in hexadecimal, and permission bits."""

    name: str
    size: int
    sha256: str
    mode: int = 0o644


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an artifact: what is in it, and who kept it."""

    name: str
    version: str
    pipeline: str
    run: str
    run_number: int
    key: str
    """The attempt that kept it."""
    sha256: str
    files: tuple[ArtifactFile, ...]
    keep_days: int = 0
    """How long it is to be kept; 0: as the project says."""


def content_digest(files: Iterable[ArtifactFile]) -> str:
    """The one digest of these files, whatever their order here."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name.encode()):
        digest.update(_line(file).encode())
    return digest.hexdigest()


def _line(file: ArtifactFile) -> str:
    """As `sha256sum` prints it: a name with a backslash or a line break is escaped, and its line marked."""
    escaped = file.name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if escaped != file.name else ""
    return f"{mark}{file.sha256}  {escaped}\n"
