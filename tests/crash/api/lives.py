"""Clients live on while the server ends again and again; then all is judged."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from tests.crash.api import verdict
from tests.crash.api.clients import Client, Speaker
from tests.crash.api.ledger import KINDS, Ledger
from tests.crash.api.pipelines import PROJECT, Attempt, models
from tests.crash.api.town import Hit, Town
from tests.crash.killing import seed

CLIENTS = 6
LATEST = 80
"""How many requests may begin before the server ends."""
JITTER = 0.03
"""Seconds that it ends later at most."""
WHILE_STARTING = 0.15
"""How many of the kills meet a server that does not serve yet."""
SLOWEST_START = 0.8

Record = Callable[[str, object], None]
Ending = Callable[[Town, random.Random], list[Hit]]
"""Ends the server and starts it again; what that hit."""


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


def killed(town: Town, dice: random.Random) -> list[Hit]:
    """Kill the server, now and then again while it starts; what the kills hit."""
    return (_kill_while_starting if dice.random() < WHILE_STARTING else _kill_serving)(town, dice)


def _kill_serving(town: Town, dice: random.Random) -> list[Hit]:
    """Kill once, at a moment that is drawn, and start again; what the kill hit."""
    hit = town.end(after=dice.randint(1, LATEST), delay=dice.random() * JITTER)
    town.start()
    return [hit]


def _kill_while_starting(town: Town, dice: random.Random) -> list[Hit]:
    """Kill, and kill the next server before it serves, if it is not faster; what the kills hit."""
    hits = [town.end(after=dice.randint(1, LATEST), delay=0)]
    steps = frozenset(town.witness.under_way())
    if not town.start(killed_after=dice.uniform(0.1, SLOWEST_START)):
        hits.append(Hit(0, 0, steps, ready=False))
        town.start()
    return hits


def _ended(town: Town, living: list[Future[int]]) -> int:
    """All clients have come to the end of what they do; how many builds they asked for. Raises where one failed."""
    wait(living)
    if town.fault is not None:
        raise AssertionError(f"what the server had not foreseen: {town.faults()}") from town.fault
    return sum(each.result() for each in living)


def stopped(town: Town, dice: random.Random) -> list[Hit]:
    """Ask it to end, at a moment that is drawn, and start again; what was under way then."""
    hit = town.end(after=dice.randint(1, LATEST), delay=dice.random() * JITTER, gently=True)
    town.start()
    return [hit]


def live_through(folder: Path, ends: int, ending: Ending, record: Record) -> None:
    """Clients live on while the server ends so often; then all is judged."""
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
            while len(hits) < ends:
                hits += ending(town, dice)
        except BaseException as fault:
            town.fail(fault)
        finally:
            over.set()
        told = _ended(town, living)
        speaker = Speaker(town, ledger, pipelines)
        builds = {kind: speaker.builds(kind) for kind in pipelines}
        town.stop()
        assert not town.faults()
        verdict.check(town.data, ledger, builds, town.witness)
        record("proof", _proof(ending, chosen, hits, ledger, told))
        assert sum(hit.something for hit in hits) * 2 >= len(hits), (
            "half of them must hit something in flight"
        )


def _proof(ending: Ending, chosen: int, hits: list[Hit], ledger: Ledger, told: int) -> str:
    counts = ledger.counts()
    answers = "; ".join(
        f"{kind} {counts[kind, 'done']} acknowledged, {counts[kind, 'nothing']} unanswered" for kind in KINDS
    )
    return (
        f"server under API load, seed {chosen}: {len(hits)} times {ending.__name__}, "
        f"{sum(hit.something for hit in hits)} with something in flight "
        f"({sum(hit.changes for hit in hits)} changes, {sum(hit.reads for hit in hits)} reads, "
        f"{len(frozenset[Attempt]().union(*(hit.steps for hit in hits)))} steps), "
        f"{sum(not hit.ready for hit in hits)} before it served; {told} builds asked for: {answers}"
    )
