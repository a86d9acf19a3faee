"""Verbs: everything that may be asked, each told who asks (STYLE, part 2).

    pipelines   changing: save, create, edit, copy, rename, lock, delete, restore, settings
    catalog     reading pipelines: models, settings, lists, how they stand
    labels      labels in groups, and collections of pipelines
    runs        reading: one run whole, lists, the journal, why, following
    requests    changing: start, cancel, retry, skip, answer, resume, halt, settle
    logs        what steps said
    secrets     names of secrets; values go in and never out
    sealing     the key that secrets are sealed with, changed
    access      who asks; projects, people, roles, keys, policies, the audit
    judging     may somebody do something, and why; pure
    bundle      all of these, for dialects and the API
    desk        all of it by name, for faces that speak in names and plain values

Helpers of these: `permits` (what every verb begins with), `collecting` (what is in a collection), `views` and `waits`
(a run as faces show it), `entries` (a journal, readable), `executions`, `why`, `paths`.
"""

from ferryman.services.bundle import Services
from ferryman.services.caller import LOCAL, Caller
from ferryman.services.catalog import Catalog
from ferryman.services.desk import Desk
from ferryman.services.labels import Labels
from ferryman.services.latest import Latest
from ferryman.services.logs import RunLogs
from ferryman.services.pipelines import Pipelines
from ferryman.services.requests import Requests
from ferryman.services.runs import Runs
from ferryman.services.sealing import SealingKey
from ferryman.services.secrets import SecretNames

__all__ = [
    "LOCAL",
    "Caller",
    "Catalog",
    "Desk",
    "Labels",
    "Latest",
    "Pipelines",
    "Requests",
    "RunLogs",
    "Runs",
    "SealingKey",
    "SecretNames",
    "Services",
]
