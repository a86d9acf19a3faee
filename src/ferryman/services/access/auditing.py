"""The audit, read: by whom, when, from where, what, before and after (PAGE-19)."""

from collections.abc import Sequence

from ferryman.domain.access_views import AuditView
from ferryman.domain.actions import Action
from ferryman.ports.access import AuditRow, AuditRows, AuditSearch
from ferryman.services.access.asking import Asking
from ferryman.services.caller import Caller
from ferryman.services.permits import permit

MOST = 1_000
"""Entries of one page at most."""


class Audit:
    """What can be read of the audit; nobody can change it."""

    def __init__(self, rows: AuditRows, asking: Asking) -> None:
        """Over these rows."""
        self._rows = rows
        self._asking = asking

    async def list(
        self,
        caller: Caller,
        *,
        project: str = "",
        whole: bool = False,
        by: str = "",
        action: str = "",
        subject: str = "",
        since: int = 0,
        until: int = 0,
        before: int = 0,
        limit: int = 50,
    ) -> Sequence[AuditView]:
        """Entries of a project, by default the caller's, or of the `whole` installation, newest first; what else is
        left empty restricts nothing. `before` is the place of the last entry of the page before."""
        caller = self._asking.in_project(caller, project or caller.project)
        permit(caller, Action.MANAGE_PEOPLE if whole else Action.READ_AUDIT)
        wanted = AuditSearch(
            project="" if whole else caller.project,
            by=by,
            action=action,
            subject=subject,
            since=since,
            until=until,
            before=before,
        )
        return [_view(row) for row in await self._rows.page(wanted, limit=min(limit, MOST))]


def _view(row: AuditRow) -> AuditView:
    entry = row.entry
    return AuditView(
        place=row.place,
        at=entry.at,
        by=entry.by,
        project=entry.project,
        action=entry.action,
        subject=entry.subject,
        request=entry.request,
        address=entry.address,
        reason=entry.reason,
        before=entry.before,
        after=entry.after,
    )
