"""Clients that work against this very server, for a person to begin with."""

from collections.abc import Iterable

from ferryman.app import whereabouts
from ferryman.app.beside import is_held
from ferryman.app.furnished import chosen
from ferryman.app.house import KEYS
from ferryman.domain.access import Principal, Project, Role
from ferryman.domain.errors import NotFound, Unavailable
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.secrets import KeyFile
from ferryman.services.access import Access
from ferryman.settings import Settings
from ferryman.stores.sqlite import SqliteStore

BKCI = """\
import json, os, urllib.request

straight = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))  # a proxy does not reach this machine
def call(method, path, body=None, token=os.environ.get("FERRYMAN_TOKEN", "")):
    url = f"{address}/ms/openapi/api/apigw/v3/projects/{project}/{{path}}" + ("?access_token=" + token if token else "")
    headers = {{"X-DEVOPS-UID": "{user}", "Content-Type": "application/json"}}
    sent = None if body is None else json.dumps(body).encode()
    with straight.open(urllib.request.Request(url, sent, headers, method=method)) as answer:
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
        known = [one.name for one in access.register.index.every(Project) if not one.disabled]
    finally:
        await store.close()
    # Where nobody said which, any one that has a member shows how it is done.
    wanted = [project] if settings.project or project in known else known
    for name in wanted:
        if members := _members(people, name):
            return BKCI.format(address=_reachable(found.address), project=name, user=members[0])
    raise NotFound(
        f"project {', '.join(wanted or [project])} has no member; `ferryman roles` makes somebody one"
    )


def _members(people: Iterable[Principal], project: str) -> list[str]:
    """Who may act in a project, the mightiest first."""
    members = [one for one in people if not one.disabled and (one.account or project in one.roles)]
    members.sort(key=lambda one: (one.account, one.roles.get(project) == Role.ADMIN), reverse=True)
    return [one.name for one in members]


def _reachable(address: str) -> str:
    """The address as a client on this machine uses it."""
    return address.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")
