"""Input alone never breaks BK-CI's API: whatever any operation is asked, its answer keeps to the laws (ERR-8, API-11,
RULINGS 28).

Each noun's operations are asked in a town of their own: reading first, while nothing else goes on, so that it shows
that reading changes nothing; then changing. A breach is told with the request that led to it.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ferryman.dialects.bkci.errors import WireRefusal, told
from ferryman.dialects.bkci.v3.operations import builds, labels, logs, pipelines, projects
from ferryman.dialects.operation import Operation
from ferryman.domain.errors import FerrymanError
from tests.dialects.bkci.fuzz import laws, shapes
from tests.dialects.bkci.fuzz.town import Scene, Town, town

NOUNS = {
    "pipelines": pipelines.OPERATIONS,
    "builds": builds.OPERATIONS,
    "logs": logs.OPERATIONS,
    "labels": labels.OPERATIONS,
    "projects": projects.OPERATIONS,
}
CALLS = {"soak": 2_000, "quick": 10}.get(os.environ.get("FERRYMAN_PROFILE", ""), 34)
"""Calls of each operation: more than 2,000 of all together, and 2,000 of each in the soak."""
LEAST_GOOD = 0.3
USED_UP: dict[str, tuple[str, ...]] = {
    "build-stop": ("working", "review", "pause"),
    "build-retry": ("failed",),
    "build-pause": ("pause",),
    "build-stage-review": ("review",),
    "build-manual-review": ("question",),
    "build-restart": ("failed", "working"),
    "build-quality-verdict": ("verdict",),
}
"""Operation → builds of its own that it is mostly asked about."""
OWN = {
    "pipeline-delete": "spare",
    "pipeline-restore": "deleted",
    "pipeline-edit": "spare",
    "pipeline-update": "spare",
    "pipeline-rename": "spare",
    "pipeline-lock": "spare",
    "setting-update": "spare",
    "label-group-delete": "label",
    "label-group-change": "label",
    "label-delete": "label",
    "label-change": "label",
    "label-group-add": "label",
    "label-add": "label",
    "view-delete": "view",
    "view-change": "view",
    "view-bulk-add": "view",
    "view-bulk-remove": "view",
}
"""Operation → what else it is given as its own."""
ALWAYS_OWN = {"pipeline-delete"}
"""Operations that are never given what others are asked about: soon there would be nothing left for these."""
STARTING = {"build-start", "build-restart"}
"""Operations that answer with a new build."""
NEVER_GOOD = {"build-trigger-review"}
"""No build waits before the queue here."""
FORESEEN = (FerrymanError, WireRefusal)


def reads(operation: Operation) -> bool:
    """Whether an operation only reads."""
    return all(route.startswith("GET ") for route in operation.routes)


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Every refusal on its way out: what it was raised for stands behind it."""
    found: list[BaseException] = []

    def listening(error: FerrymanError | WireRefusal) -> Any:
        found.append(error)
        return told(error)

    monkeypatch.setattr("ferryman.dialects.bkci.app.told", listening)
    return found


def unforeseen(refusal: BaseException) -> list[str]:
    """Exceptions that were turned into this refusal, and that nobody had foreseen: those it was raised amid, and not
    from."""
    found, seen, error = [], [refusal], refusal
    # Python keeps chains free of circles only where it makes the links itself.
    while (behind := error.__cause__ or error.__context__) is not None and behind not in seen:
        if error.__cause__ is None and not error.__suppress_context__ and not isinstance(behind, FORESEEN):
            found.append(repr(behind))
        seen.append(error := behind)
    return found


def scene_of(operation: Operation, draw: Callable[[Any], Any], there: Town) -> Scene:
    """What an operation is asked about."""
    scene: Scene = dict(draw(st.sampled_from(there.standing)))
    if operation.name in USED_UP and draw(st.integers(0, 4)):
        scene |= there.scene(draw(st.sampled_from(USED_UP[operation.name])))
    if operation.name in OWN and (draw(st.integers(0, 4)) or operation.name in ALWAYS_OWN):
        kind = OWN[operation.name]
        scene |= there.scene(kind) if kind == "spare" else there.only(kind)
    return scene


class Asked:
    """What came of all calls."""

    def __init__(self, there: Town, refusals: list[BaseException]) -> None:
        self.there = there
        self.refusals = refusals
        self.calls: Counter[str] = Counter()
        self.good: Counter[str] = Counter()
        self.breaches: list[str] = []

    def ask(self, operation: Operation, draw: Callable[[Any], Any]) -> None:
        """One call."""
        scene = scene_of(operation, draw, self.there)
        call = shapes.call(draw, operation, scene, self.there)
        self.refusals.clear()
        server = self.there.server
        answer = server.ask(call.method, call.path, headers=call.headers, body=call.body)
        self.calls[operation.name] += 1
        self.good[operation.name] += answer.status == 200
        found = list(laws.breaches(answer, is_file=operation.name == "logs-download"))
        found += [each for refusal in self.refusals for each in unforeseen(refusal)]
        found += [repr(fault) for fault in server.faults]
        server.faults.clear()
        if found:
            self.breaches.append(
                f"{operation.name}: {found}\n  {call}\n  {answer.status} {answer.body[:400]!r}"
            )

    def search(self, operation: Operation) -> None:
        """All calls of one operation."""

        # A breach is noted, so nothing is asked again to make it smaller: the town has gone on meanwhile.
        @settings(
            max_examples=CALLS,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def calls(data: st.DataObject) -> None:
            self.ask(operation, data.draw)

        calls()


@pytest.mark.parametrize("noun", NOUNS)
def test_whatever_is_asked_is_answered_by_the_laws(
    noun: str,
    refusals: list[BaseException],
    record_property: Callable[[str, object], None],
) -> None:
    operations = NOUNS[noun]
    with town() as there:
        asked = Asked(there, refusals)
        before = there.digests()
        for operation in filter(reads, operations):
            asked.search(operation)
        assert there.digests() == before, "reading has changed something"
        for operation in operations:
            if not reads(operation):
                asked.search(operation)
    assert not asked.breaches, "\n".join((f"{len(asked.breaches)} breaches", *asked.breaches[:20]))
    calls, good = asked.calls.total(), asked.good.total()
    record_property("proof", f"BK-CI fuzz, {noun}: {calls} calls, {good} did something ({good / calls:.0%})")
    assert good >= LEAST_GOOD * calls, asked.good
    assert {row.name for row in operations if not asked.good[row.name]} <= NEVER_GOOD
