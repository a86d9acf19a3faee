"""Secrets by name: written and removed, never shown again."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound
from ferryman.ports.clock import Clock
from ferryman.services.caller import Caller
from ferryman.services.permits import judged, permit


class Listed(Protocol):
    """What the safe tells of a secret."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of its fields."""
        ...

    @property
    def at(self) -> int:
        """When it was written."""
        ...

    @property
    def by(self) -> str:
        """Who wrote it."""
        ...


class Safe(Protocol):
    """Keeps secrets sealed."""

    async def write(
        self,
        project: str,
        name: str,
        fields: Mapping[str, str],
        *,
        by: str,
        audit: Sequence[AuditEntry] = (),
    ) -> tuple[str, ...]:
        """Keep a secret and the audit, in place of one of the same name; what its writer should know."""
        ...

    async def remove(self, project: str, name: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a secret and keep the audit. Raises `NotFound`."""
        ...

    async def names(self, project: str) -> Sequence[Listed]:
        """All secrets of a project, without their values."""
        ...


class SecretNames:
    """What can be done with secrets by people and programs."""

    def __init__(self, safe: Safe, clock: Clock) -> None:
        """Over this safe."""
        self._safe = safe
        self._clock = clock

    async def write(self, caller: Caller, *, name: str, fields: dict[str, str]) -> views.Written:
        """Keep a secret; raises `Invalid` with every problem of its name, fields and values."""
        permit(caller, Action.WRITE_SECRET, resource=f"secret/{name}")
        entry = await self._noted(caller, Action.WRITE_SECRET, name, after=tuple(fields))
        remarks = await self._safe.write(caller.project, name, fields, by=caller.name, audit=[entry])
        return views.Written(name=name, remarks=remarks)

    async def remove(self, caller: Caller, *, name: str) -> views.Done:
        """Remove a secret. Raises `NotFound`."""
        permit(caller, Action.REMOVE_SECRET, resource=f"secret/{name}")
        entry = await self._noted(caller, Action.REMOVE_SECRET, name)
        try:
            await self._safe.remove(caller.project, name, audit=[entry])
        except NotFound as missing:
            raise NotFound(f"{missing}{await self._near(caller, name)}", reason=missing.reason) from None
        return views.Done()

    async def list(self, caller: Caller) -> Sequence[views.SecretName]:
        """All secrets of the project, without their values."""
        permit(caller, Action.LIST_SECRETS)
        return [
            views.SecretName(name=one.name, fields=one.fields, created_at=one.at, created_by=one.by)
            for one in await self._safe.names(caller.project)
        ]

    async def _near(self, caller: Caller, name: str) -> str:
        """A hint at the secret that may be meant, for who may list them; else empty (ERR-3)."""
        if not judged(caller, Action.LIST_SECRETS).allowed:
            return ""
        known = [one.name for one in await self._safe.names(caller.project)]
        return "".join(f"; did you mean {near}?" for near in get_close_matches(name, known, n=1))

    async def _noted(
        self, caller: Caller, action: str, name: str, *, after: tuple[str, ...] | None = None
    ) -> AuditEntry:
        """The entry about a change of a secret, told by the names of its fields."""
        before = next(
            (one.fields for one in await self._safe.names(caller.project) if one.name == name), None
        )
        return AuditEntry(
            at=self._clock.now(),
            by=caller.name,
            project=caller.project,
            action=action,
            subject=f"secret/{name}",
            request=caller.request,
            address=caller.address,
            before=None if before is None else {"fields": list(before)},
            after=None if after is None else {"fields": list(after)},
        )
