"""The server killed at any moment under load of BK-CI's API: an acknowledged start, review, stop or retry is never
lost, none happens twice, no number comes again, the audit tells each once (issue 4; RULINGS 29)."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.crash.api import verdict
from tests.crash.api.clients import Client, Speaker
from tests.crash.api.ledger import Ledger
from tests.crash.api.pipelines import PROJECT, models
from tests.crash.api.town import Hit, Town
from tests.crash.killing import seed

KILLS = 15
IN_SOAK = 200
CLIENTS = 6
LATEST = 80
"""How many requests may begin before a kill."""
JITTER = 0.03
"""Seconds that a kill comes later at most."""
WHILE_STARTING = 0.15
"""How many of the kills meet a server that does not serve yet."""
SLOWEST_START = 0.8

Record = Callable[[str, object], None]


def _made(town: Town) -> dict[str, str]:
    """The pipelines, made before any kill."""
    found = {}
    for kind, body in models(town.witness).items():
        path = f"/ms/openapi/api/apigw/v4/projects/{PROJECT}/pipelines/pipeline_with_setting"
        answer = town.ask("ann", "POST", path, body)
        assert answer is not None
        assert answer.status == 200, answer.json
        found[kind] = str(answer.json["data"]["id"])
    return found


def _kill(town: Town, dice: random.Random) -> list[Hit]:
    """Kill once, at a moment that is drawn, and start again; what the kill hit."""
    hit = town.kill(after=dice.randint(1, LATEST), delay=dice.random() * JITTER)
    town.start()
    return [hit]


def _kill_while_starting(town: Town, dice: random.Random) -> list[Hit]:
    """Kill, and kill the next server before it serves, if it is not faster; what the kills hit."""
    hits = [town.kill(after=dice.randint(1, LATEST), delay=0)]
    steps = frozenset(town.witness.under_way())
    if not town.start(killed_after=dice.uniform(0.1, SLOWEST_START)):
        hits.append(Hit(0, 0, steps, ready=False))
        town.start()
    return hits


def _ended(town: Town, living: list[Future[int]]) -> int:
    """All clients have come to the end of what they do; how many builds they asked for. Raises what failed first."""
    wait(living)
    if town.fault is not None:
        raise town.fault
    return sum(each.result() for each in living)


def _kill_at_random(folder: Path, kills: int, record: Record) -> None:
    chosen = seed()
    dice = random.Random(chosen)
    ledger, over = Ledger(), threading.Event()
    with Town(folder) as town, ThreadPoolExecutor(CLIENTS) as threads:
        town.start()
        pipelines = _made(town)
        clients = [
            Client(town, ledger, pipelines, name=f"{number}", dice=random.Random(dice.random()))
            for number in range(CLIENTS)
        ]
        living = [threads.submit(client.live, over) for client in clients]
        hits: list[Hit] = []
        try:
            while len(hits) < kills:
                hits += (_kill_while_starting if dice.random() < WHILE_STARTING else _kill)(town, dice)
        except BaseException as fault:
            town.fail(fault)
        finally:
            over.set()
        told = _ended(town, living)
        speaker = Speaker(town, ledger, pipelines)
        builds = {kind: speaker.builds(kind) for kind in pipelines}
        assert town.stop() == 0
        assert not town.faults()
        verdict.check(town.data, ledger, builds, town.witness)
        flying = frozenset().union(*(hit.steps for hit in hits))
        weighty = sum(hit.something for hit in hits)
        record("proof", _proof(chosen, hits, weighty, told, ledger, len(flying)))
        assert weighty * 2 >= len(hits), "half the kills must hit a change or a step in flight"


def _proof(chosen: int, hits: list[Hit], weighty: int, told: int, ledger: Ledger, steps: int) -> str:
    counts = ledger.counts()
    answers = "; ".join(
        f"{kind} {counts[kind, 'done']} acknowledged, {counts[kind, 'nothing']} unanswered"
        for kind in ("start", "review", "stop", "retry")
    )
    return (
        f"server killed under API load, seed {chosen}: {len(hits)} kills, {weighty} with something in flight "
        f"({sum(hit.changes for hit in hits)} changes, {sum(hit.reads for hit in hits)} reads, {steps} steps), "
        f"{sum(not hit.ready for hit in hits)} before it served; {told} builds asked for: {answers}"
    )


def test_killed_under_load_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    tmp_path: Path, record_property: Record
) -> None:
    _kill_at_random(tmp_path, KILLS, record_property)


@pytest.mark.soak
def test_killed_many_times_under_load_nothing_is_lost_or_happens_twice(
    tmp_path: Path, record_property: Record
) -> None:
    _kill_at_random(tmp_path, IN_SOAK, record_property)
