"""A place to test access in: a store, a key file, a clock that stands still, and a seed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ferryman.domain.audit import AuditEntry
from ferryman.drivers.embedded.clock import VirtualClock
from ferryman.ports.access import AuditSearch
from ferryman.ports.store import Store
from ferryman.secrets import KeyFile
from ferryman.services import Caller
from ferryman.services.access import Access, read_seed
from ferryman.stores.memory import MemoryStore

NOW = 1_800_000_000_000
SEED = """
[[project]]
name = "demo"
number = 10000
id = "0605767f2e00d5762fb7c00f9fd4d3e1"
connections = ["warehouse"]

[[project]]
name = "far"
mode = "simple"

[[principal]]
name = "owner"
account = true
tokens = [ { value = "owner-token" } ]

[[principal]]
name = "operator"
account = false
user_id = "2003001"
password = "correct horse battery"
domain = "demo-domain"
roles = { demo = "admin" }
access_keys = [ { id = "AK", secret = "key-secret-of-operator", enabled = true } ]
tokens = [ { value = "operator-token", expires = 2030-01-01T00:00:00Z } ]
sessions = [
  { id = "STS.x", secret = "session-secret", token = "session-token", expires = 2030-01-01T00:00:00Z },
]

[[principal]]
name = "reader"
user_id = ""
roles = { demo = "admin" }
policies = ["read-only"]
tokens = [ { value = "reader-token" } ]

[[principal]]
name = "stranger"
roles = { far = "admin" }
tokens = [ { value = "stranger-token" } ]

[[policy]]
name = "read-only"
document = '''{"Version":"1","Statement":[{"Effect":"Allow","Action":"*:Get*","Resource":"*"}]}'''

[[bkci_app]]
code = "app"
secret = "secret-of-the-app"
projects = ["demo"]

[[extension]]
name = "reviewer"
project = "demo"
events = ["deploy-file"]
url = ""

[[environment]]
project = "demo"
name = "production"

[[cross_project]]
source = "demo"
target = "far"

[[plugin]]
code = "atom-code"
version = "1.*"
command = ["python3", "plugin.py"]

[fetch]
allow = ["127.0.0.0/8"]

[limits]
"""
"""Every heading of the issue's form."""
SECRETS = (
    "correct horse battery",
    "key-secret-of-operator",
    "operator-token",
    "owner-token",
    "session-secret",
    "session-token",
    "secret-of-the-app",
)
"""Every text of the seed that nobody may see again."""


class Place:
    """Access over a store that is open."""

    def __init__(self, store: Store, access: Access, clock: VirtualClock, keys: KeyFile) -> None:
        self.store = store
        self.access = access
        self.clock = clock
        self.keys = keys

    def caller(self, name: str, project: str = "demo") -> Caller:
        """Somebody, in a project."""
        return self.access.asking.by_name(name, project=project)

    async def audit(self) -> list[AuditEntry]:
        """Every entry, newest first."""
        return [row.entry for row in await self.store.audit.page(AuditSearch(), limit=1_000)]

    async def again(self) -> Access:
        """What another process would know."""
        access = Access(rows=self.store.access, audit=self.store.audit, keys=self.keys, clock=self.clock)
        await access.open()
        return access


@asynccontextmanager
async def place(folder: Path, *, seed: str = SEED, store: Store | None = None) -> AsyncIterator[Place]:
    """Open everything, apply the seed, and close it again."""
    store = store or MemoryStore()
    await store.open()
    keys = KeyFile(folder / "secrets.key")
    keys.open()
    clock = VirtualClock(NOW)
    access = Access(rows=store.access, audit=store.audit, keys=keys, clock=clock)
    try:
        await access.open()
        if seed:
            await access.furnishing.apply(read_seed(seed))
        yield Place(store, access, clock, keys)
        await access.close()
    finally:
        await store.close()
