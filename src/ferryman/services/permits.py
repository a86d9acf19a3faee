"""Permits: the one question every verb begins with."""

from ferryman.domain.errors import Forbidden, NotFound
from ferryman.services.caller import Caller


def permit(caller: Caller, action: str, *, resource: str = "*", environment: str = "") -> None:
    """Let a caller do what a native action names (`ferryman:VerbNoun`). Raises `Forbidden` with the because, and
    `NotFound` for one who is no member and may not know of the project (API-10)."""
    if caller.rights.account:
        return
    if caller.rights.role is None:
        raise NotFound(f"there is no project {caller.project}")
    raise Forbidden(f"{caller.name} may not do {action} in project {caller.project}")
