"""Rows ↔ nouns: how runs, locks, secrets and artifacts lie in columns, and large states in fewer bytes."""

import zlib

import msgspec

from ferryman.domain.locks import Lock
from ferryman.ports.artifacts import ArtifactRow
from ferryman.ports.secrets import SecretRow
from ferryman.ports.store import LockRow, RunRow
from ferryman.stores.sql.session import Row, Value

PACKED_FROM = 4 * 1024
"""A state larger than this, in bytes, is kept compressed."""
RUN_COLUMNS = len(RunRow.__struct_fields__)

_to_json = msgspec.json.Encoder()
_lock_decoder = msgspec.json.Decoder(Lock)


def run_values(row: RunRow, seq: int) -> dict[str, Value]:
    """A run's columns by name."""
    return {**msgspec.structs.asdict(row), "seq": seq}


def run_of(row: Row) -> RunRow:
    """The run in the first columns of a row: the queries name them in the order of the fields."""
    return RunRow(**dict(zip(RunRow.__struct_fields__, row, strict=False)))


def lock_values(row: LockRow) -> dict[str, Value]:
    """A lock's columns by name."""
    lock = row.lock
    return {
        "project": row.project,
        "kind": row.kind,
        "name": row.name,
        "version": lock.version,
        "idle": int(is_idle(lock)),
        "lock": _to_json.encode(lock),
    }


def is_idle(lock: Lock) -> bool:
    """Whether nobody holds it, has stepped aside from it, or waits for it."""
    return not (lock.holders or lock.aside or lock.waiters)


def lock_of(text: bytes) -> Lock:
    """The lock in its column."""
    return _lock_decoder.decode(text)


def lock_row_of(row: Row) -> LockRow:
    """A lock as it must be given back: `before` is the version it is at."""
    project, kind, name, version, text = row
    return LockRow(project=project, kind=kind, name=name, lock=lock_of(text), before=version)


def secret_of(row: Row) -> SecretRow:
    """A secret from its columns, in the order of the fields."""
    return SecretRow(**dict(zip(SecretRow.__struct_fields__, row, strict=True)))


def artifact_of(row: Row) -> ArtifactRow:
    """An artifact from its columns, in the order of the fields."""
    return ArtifactRow(**dict(zip(ArtifactRow.__struct_fields__, row, strict=True)))


def packed(state: bytes) -> tuple[int, bytes]:
    """Whether a state is kept compressed, and what is kept."""
    return (1, zlib.compress(state)) if len(state) > PACKED_FROM else (0, state)


def unpacked(is_packed: int, kept: bytes) -> bytes:
    """The state that `packed` was given."""
    return zlib.decompress(kept) if is_packed else kept
