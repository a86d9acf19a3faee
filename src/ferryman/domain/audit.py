"""Audit: every change and every decision, kept for ever (PAGE-19)."""

import msgspec

from ferryman.domain.values import Json


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change or decision: who, when, from where, what, before and after. Secrets are no part of it."""

    at: int
    """Milliseconds since 1970."""
    by: str
    project: str = ""
    """Empty: the whole installation."""
    action: str
    """The native action that was done: `ferryman:CreateProject`."""
    subject: str
    """What it was done to: `project/demo`."""
    request: str = ""
    address: str = ""
    reason: str = ""
    """What whoever did it said why."""
    before: Json = None
    after: Json = None
