"""What is sealed and cannot be opened: the key file was lost, or is not the one that it was sealed with."""

from ferryman.domain.access import AccessKey, Project, Session
from ferryman.secrets import KeyFile, is_former, sealing
from ferryman.services import LOCAL
from ferryman.services.access import Access
from ferryman.stores.sqlite import SqliteStore

HELP = "put the old key file back from where it was kept; without it, they must be made anew"
"""What to do, behind what `lost` says."""


async def lost(store: SqliteStore, access: Access, keys: KeyFile, *, called: str = "it") -> str:
    """How many secrets and access keys are sealed with a key that the key file, which is `called` so, does not hold, in
    words; empty where all can be opened."""
    index = access.register.index
    sealed = [(key.id, key.sealed) for key in index.every(AccessKey)]
    sealed += [(session.id, session.sealed) for session in index.every(Session)]
    # What was kept before there was any project belongs to this one.
    for project in sorted({LOCAL, *(one.name for one in index.every(Project))}):
        rows = await store.secrets.every(project)
        sealed += [(row.name, row.sealed) for row in rows if not is_former(row.name)]
    count = sum(not keys.holds(sealing.read(row, name).key_id) for name, row in sealed)
    if not count:
        return ""
    what = "access key or secret is" if count == 1 else "access keys and secrets are"
    return f"{count} {what} sealed with a key that is not in {called}"
