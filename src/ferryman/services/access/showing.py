"""Records as people see them, and as the audit remembers them: never with a secret, a hash or a digest."""

from typing import Any

import msgspec

from ferryman.domain.access import Record, Token
from ferryman.services.access.index import kind_of

HIDDEN = frozenset({"sealed", "digest", "hash", "token_digest"})
"""Fields that are never shown."""


def plain(record: Record | None) -> dict[str, Any] | None:
    """The fields of a record that may be seen, as plain values."""
    if record is None:
        return None
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(record))
    return {name: value for name, value in fields.items() if name not in HIDDEN}


def subject(record: Record) -> str:
    """What the audit calls a record: `project/demo`, `token/5f0c…`."""
    name = record.id if isinstance(record, Token) else record.key
    return f"{kind_of(record)}/{name}"
