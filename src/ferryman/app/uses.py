"""Uses of secrets are on record: who was given which one, when, in which run (SEC-1)."""

from ferryman.domain.audit import USE_SECRET, AuditEntry
from ferryman.domain.errors import Unavailable
from ferryman.ports.access import AuditRows
from ferryman.ports.clock import Clock
from ferryman.ports.logs import LogBook
from ferryman.ports.secrets import SecretUse

PATIENCE_MS = 30_000
"""How long a use is tried to be kept: a full disk or a locked database passes, and costs a run nothing."""
RETRY_MS = 200


class NotedUses:
    """Keeps each use in the audit, and says it in the log of the attempt."""

    def __init__(self, logs: LogBook, audit: AuditRows, clock: Clock) -> None:
        """Say it in this log book, and keep it in this audit."""
        self._logs, self._audit, self._clock = logs, audit, clock

    async def record(self, use: SecretUse) -> None:
        """Keep a use, durably. Raises `Unavailable` where it cannot be kept for half a minute: no value is given out
        unseen."""
        entry = AuditEntry(
            at=use.at,
            by=f"run {use.run}",
            project=use.project,
            action=USE_SECRET,
            subject=f"secret/{use.name}",
            after={"field": use.field, "attempt": use.key},
        )
        await self._keep(entry, until=self._clock.now() + PATIENCE_MS)
        if use.key:
            self._logs.note(use.run, use.key, f"uses {use.field} of secret {use.name}", at=use.at)

    async def _keep(self, entry: AuditEntry, *, until: int) -> None:
        while True:
            try:
                return await self._audit.add([entry])
            except Unavailable:
                if self._clock.now() >= until:
                    raise
            await self._clock.sleep_until(self._clock.now() + RETRY_MS)
