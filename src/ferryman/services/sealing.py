"""The key that secrets are sealed with, changed while everything runs (SEC-3)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from ferryman.domain import views
from ferryman.domain.access import Project
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.ports.access import AuditRows
from ferryman.ports.clock import Clock
from ferryman.services.access import Access
from ferryman.services.caller import LOCAL, Caller
from ferryman.services.permits import permit


class Resealing(Protocol):
    """Seals everything anew."""

    async def rotate(
        self, projects: Iterable[str], *, also: Sequence[Callable[[], Awaitable[int]]] = ()
    ) -> int:
        """Seal the secrets of these projects, and what `also` seals, under a new key, and forget those before; how many
        there were."""
        ...


class SealingKey:
    """The one key of an installation."""

    def __init__(self, safe: Resealing, access: Access, audit: AuditRows, clock: Clock) -> None:
        """That seals what is in this safe, and what access keeps."""
        self._safe = safe
        self._access = access
        self._audit = audit
        self._clock = clock

    async def change(self, caller: Caller) -> views.Resealed:
        """Make a new key, seal all secrets and access keys anew under it, and forget the one before. Interrupted, it
        leaves both keys, and the next change ends the work; so its entry of the audit comes first."""
        permit(caller, Action.CHANGE_KEY)
        await self._audit.add(
            (
                AuditEntry(
                    at=self._clock.now(),
                    by=caller.name,
                    action=Action.CHANGE_KEY,
                    subject="key",
                    request=caller.request,
                    address=caller.address,
                ),
            )
        )
        # What was kept before there was any project belongs to this one.
        projects = {LOCAL, *(project.name for project in self._access.register.index.every(Project))}
        count = await self._safe.rotate(sorted(projects), also=(self._access.furnishing.reseal,))
        return views.Resealed(count=count)
