"""Clients that work against this very server, for a person to begin with."""

from ferryman.app import whereabouts
from ferryman.app.beside import is_held
from ferryman.app.furnished import chosen
from ferryman.app.house import KEYS
from ferryman.domain.access import Principal, Role
from ferryman.domain.errors import NotFound, Unavailable
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.secrets import KeyFile
from ferryman.services.access import Access
from ferryman.settings import Settings
from ferryman.stores.sqlite import SqliteStore

BKCI = """\
import json, os, urllib.request

def call(method, path, body=None, token=os.environ.get("FERRYMAN_TOKEN", "")):
    url = f"{address}/ms/openapi/api/apigw/v3/projects/{project}/{{path}}" + ("?access_token=" + token if token else "")
    headers = {{"X-DEVOPS-UID": "{user}", "Content-Type": "application/json"}}
    sent = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, sent, headers, method=method)) as answer:
        return json.load(answer).get("data")

print(call("GET", "pipelines"))
"""


async def bkci(settings: Settings) -> str:
    """A client of BK-CI's API in ten lines of Python, without any package. Raises `Unavailable` where no server
    answers, and `NotFound` where the project has no member."""
    found = whereabouts.read(settings) if is_held(settings) else None
    if found is None:
        raise Unavailable(f"no server answers for {settings.data}; `ferryman up` starts one")
    store = SqliteStore(settings.private)
    await store.open(read_only=True)
    try:
        keys = KeyFile(settings.private / KEYS)
        access = Access(rows=store.access, audit=store.audit, keys=keys, clock=SystemClock())
        await access.open()
        project = chosen(access, settings.project)
        people = access.register.index.every(Principal)
    finally:
        await store.close()
    members = [one for one in people if not one.disabled and (one.account or project in one.roles)]
    members.sort(key=lambda one: (one.account, one.roles.get(project) == Role.ADMIN), reverse=True)
    if not members:
        raise NotFound(f"project {project} has no member; `ferryman roles` makes somebody one")
    return BKCI.format(address=_reachable(found.address), project=project, user=members[0].name)


def _reachable(address: str) -> str:
    """The address as a client on this machine uses it."""
    return address.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")
