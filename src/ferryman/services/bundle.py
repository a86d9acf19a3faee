"""All services of one process, by name: what dialects, the API and the desk are given."""

from typing import NamedTuple

from ferryman.services.access.people import People
from ferryman.services.catalog import Catalog
from ferryman.services.labels import Labels
from ferryman.services.logs import RunLogs
from ferryman.services.pipelines import Pipelines
from ferryman.services.requests import Requests
from ferryman.services.runs import Runs
from ferryman.services.secrets import SecretNames


class Services(NamedTuple):
    """The services of a process that moves runs."""

    pipelines: Pipelines
    catalog: Catalog
    labels: Labels
    runs: Runs
    requests: Requests
    logs: RunLogs
    secrets: SecretNames
    people: People
