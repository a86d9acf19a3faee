"""Audit: every change, every decision and every use of a secret, kept for ever (PAGE-19, SEC-1)."""

import msgspec

from ferryman.domain.values import Json

USE_SECRET = "ferryman:UseSecret"
"""What a step does that was given a secret; nobody is asked for a permit of that name."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change, decision or use: who, when, from where, what, before and after. Secrets are no part of it."""

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
