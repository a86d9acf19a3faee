"""All scenarios of the engine, replayed over BK-CI's API (bkci-v3 3.3, 6.1, 9, 11).

A real server on a data folder, its time and the ends of its attempts told by the transcripts. What a client must see is
read off the transcripts too, by the table of statuses; nothing of the server's own run is used for it.
FERRYMAN_REWRITE=1 writes the list of what cannot be said anew.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ferryman.testing.server import serving
from ferryman.testing.told import ToldExecutor
from tests.dialects.bkci.v3.replayed import sayable
from tests.dialects.bkci.v3.replayed.player import PEOPLE, Player
from tests.machine.scenario import FOLDER, Block, Scenario, all_scenarios, read

REPLAYED, PARTLY, LOOKS = 195, 6, 420
"""How many scenarios are replayed whole at least, how many in part, and how often is compared in them together."""
ENOUGH = 10
"""How many scenarios may go wrong before the others are let be: each waits for what does not come."""
LIST = Path(__file__).parent / "not_replayed.txt"
SEED = '[[project]]\nname = "demo"\n' + "".join(
    f'[[principal]]\nname = "{name}"\nroles = {{ demo = "admin" }}\n' for name in PEOPLE
)


def _played(scenarios: Sequence[Scenario]) -> tuple[int, list[str]]:
    """Play these on one server, every other one read over v4; how often was looked, and what was seen otherwise."""

    async def played() -> tuple[int, list[str]]:
        executor, looks, wrong = ToldExecutor(), 0, []
        async with serving(seed=SEED, virtual=True, executor=executor) as server:
            for at, scenario in enumerate(scenarios):
                try:
                    looks += await Player(server, executor, scenario, f"s{at}", newer=at % 2 == 1).play()
                except AssertionError as fault:
                    wrong.append(str(fault))
                    if len(wrong) == ENOUGH:
                        break
        return looks, wrong

    return asyncio.run(played())


def test_clients_see_what_transcripts_tell(record_property: Callable[[str, object], None]) -> None:
    """Issue 4: every scenario that can be said, with the statuses that the reference demands."""
    said = [sayable.said(scenario) for scenario in all_scenarios()]
    whole = sum(not each.reason for each in said)
    partly = sum(bool(each.line) for each in said)
    looks, wrong = _played([each.scenario for each in said if each.scenario.blocks])
    assert not wrong, "\n".join(wrong)
    assert (whole, partly, looks) >= (REPLAYED, PARTLY, LOOKS)
    record_property(
        "proof",
        f"BK-CI: {whole} of {len(said)} scenarios replayed over HTTP, {partly} in part, looked at {looks} times",
    )


def test_what_cannot_be_said_has_a_reason() -> None:
    """The list tells each scenario that is not replayed to its end, and why."""
    said = (sayable.said(scenario) for scenario in all_scenarios())
    told = "".join(
        f"{each.scenario.name}{f' from line {each.line}' if each.line else ''}: {each.reason}\n"
        for each in said
        if each.reason
    )
    if os.environ.get("FERRYMAN_REWRITE") == "1":
        LIST.write_text(told, encoding="utf-8")
    assert told == LIST.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "reason", sorted({*sayable.NO_CALL.values(), sayable.NO_MEMBERS, *sayable.NO_WORD.values()})
)
def test_each_reason_is_needed(reason: str) -> None:
    assert reason in LIST.read_text(encoding="utf-8")


def _with(scenario: Scenario, was: str, becomes: str) -> Scenario:
    """A transcript with another text in every line that follows from its blocks."""
    blocks = [
        Block(line, commands, tuple(each.replace(was, becomes) for each in expected))
        for line, commands, expected in scenario.blocks
    ]
    assert blocks != list(scenario.blocks)
    return scenario._replace(blocks=tuple(blocks))


@pytest.mark.parametrize(
    ("name", "was", "becomes", "noticed"),
    [
        ("07-steps/out-of-time", "timed-out", "exit", "is EXEC_TIMEOUT, not FAILED"),
        ("12-retry/refused", "refused: cannot skip job two/a;", "", "9 refusals were told"),
        ("12-retry/variables-begin-anew", "variable x = ", "variable x = 7", "variable x is"),
        ("12-retry/a-stage", "execution 1", "execution 4", "executeCount is 1, not 4"),
        ("19-times/of-stages-and-the-run", "started 0:01:00", "started 0:02:00", "startTime is"),
        ("11-stops/a-running-step-is-canceled", "by ann", "by bob", "cancelUserId is ann, not bob"),
        ("04-gates/a-retry-asks-again", "open", "closed", "deploy< is REVIEWING, not nothing"),
    ],
)
def test_what_is_seen_otherwise_is_noticed(name: str, was: str, becomes: str, noticed: str) -> None:
    """A transcript that tells something else is not followed."""
    _, wrong = _played([_with(read(FOLDER / f"{name}.txt"), was, becomes)])
    assert len(wrong) == 1
    assert noticed in wrong[0]
