"""Changes of runs that have a key and a reason (CLI-8): asked for again they change nothing, and the journal and the
audit say why they were made."""

import asyncio
from typing import Any

import pytest

from ferryman.domain.errors import Refused
from ferryman.executors.scripted import Fail, Hang, Lose, Succeed
from ferryman.ports.access import AuditSearch
from tests.services.stand import Stand, stand

STEP = "ship/put/put"
FILE = """version: v3.0
name: keyed
stages:
  - name: Ship
    id: ship
    jobs:
      put: {steps: [{id: put, run: make put, SETTINGS}, {id: end, run: make end}]}
"""
PLAIN = FILE.replace("SETTINGS", "name: put")
SKIPPED = FILE.replace("SETTINGS", "continue-on-error: manual")
PAUSED = FILE.replace("SETTINGS", "can-pause-before-run: true")
ASKED = FILE.replace(
    "    id: ship\n",
    "    id: ship\n    check-in: {reviews: {flows: [{name: owners, reviewers: [ann]}]}}\n",
).replace("SETTINGS", "name: put")


def runs(view: Any) -> bool:
    return bool(view.progress.running)


def waits(view: Any) -> bool:
    return bool(view.waiting)


def ended(view: Any) -> bool:
    return bool(view.phase == "finished")


CHANGES: dict[str, tuple[str, str, Any, Any, dict[str, Any], str]] = {
    "cancel": ("runs.cancel", PLAIN, Hang(), runs, {}, "cancel-requested"),
    "retry": ("runs.retry", PLAIN, Fail(code=2), ended, {}, "retry-requested"),
    "skip": ("runs.skip", SKIPPED, Fail(code=2), ended, {"path": STEP}, "skip-requested"),
    "approve": ("runs.answer", ASKED, Succeed(), waits, {"path": "ship", "yes": True}, "gate-answered"),
    "reject": ("runs.answer", ASKED, Succeed(), waits, {"path": "ship", "yes": False}, "gate-answered"),
    "resume": ("runs.resume", PAUSED, Succeed(), waits, {"path": STEP}, "resumed"),
    "halt": ("runs.halt", PAUSED, Succeed(), waits, {"path": STEP}, "halted"),
    "settle": ("runs.settle", PLAIN, Lose(), waits, {"path": STEP, "verdict": "failed"}, "lost-settled"),
}
"""Verb, file, what its first step does, where the run has to stand, what is asked, the event it comes to."""


async def brought(at: Stand, text: str, stands: Any) -> str:
    """A run of the file, as soon as it stands there."""
    run = str((await at.start(text)).id)
    await at.until(run, stands)
    return run


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_key_changes_nothing_twice_and_the_reason_is_kept(change: str) -> None:
    """CLI-8; also when both come at once, and when the run has ended meanwhile."""
    verb, text, does, stands, given, event = CHANGES[change]

    async def story() -> None:
        async with stand({"*/put": (does, Succeed())}) as at:
            run = await brought(at, text, stands)
            why = {"comment" if verb == "runs.answer" else "reason": "it has to be"}

            async def asked() -> Any:
                return await at.ask(verb, run=run, **given, **why, key="k-1")

            await asyncio.gather(asked(), asked())
            end = await at.until(run, ended)
            again = await asked()
            assert (again.seq, again.outcome, again.execution) == (end.seq, end.outcome, end.execution)
            told = [one for one in await at.ask("runs.journal", run=run) if one.event == event]
            assert len(told) == 1
            assert "it has to be" in told[0].sentence
            kept = [one.entry for one in await at.store.audit.page(AuditSearch(subject=f"run/{run}"))]
            assert [one.reason for one in kept] == ["it has to be", ""]

    asyncio.run(story())


def test_a_key_of_another_change_is_refused() -> None:
    """CLI-8: a key that stands for something else is a mistake of whoever asks; a change of another run is none."""

    async def story() -> None:
        async with stand({"*/put": (Hang(),)}) as at:
            first = await brought(at, PLAIN, runs)
            second = await brought(at, PLAIN, runs)
            await at.ask("runs.cancel", run=first, key="k-1")
            with pytest.raises(Refused, match="key k-1 stands for another change of run 1"):
                await at.ask("runs.retry", run=first, key="k-1")
            with pytest.raises(Refused, match="key k-1 stands for another change of run 1"):
                await at.ask("runs.cancel", run=first, force=True, key="k-1")
            await at.ask("runs.cancel", run=second, key="k-1")
            assert (await at.until(second, ended)).outcome == "canceled"

    asyncio.run(story())


def test_a_key_of_another_start_is_refused() -> None:
    """CLI-8: of another pipeline, or with other values; whoever asks would take the run that is there for theirs."""
    text = PLAIN.replace("stages:", "variables: {color: red}\nstages:")

    async def story() -> None:
        async with stand() as at:
            first = await at.start(text, key="k-1", values={"color": "blue"})
            await at.until(first.id, ended)
            assert (await at.start(text, key="k-1", values={"color": "blue"})).id == first.id
            for other in ({"color": "red"}, {}):
                with pytest.raises(
                    Refused, match="key k-1 stands for run 1 of keyed, which was started with"
                ):
                    await at.start(text, key="k-1", values=other)
            with pytest.raises(Refused, match="key k-1 stands for run 1 of keyed; take a new one"):
                await at.start(
                    text.replace("name: keyed", "name: another"), key="k-1", values={"color": "blue"}
                )

    asyncio.run(story())


def test_a_key_is_found_behind_many_changes() -> None:
    """However much of a run is kept in the audit since."""

    async def story() -> None:
        async with stand({"*/put": (Fail(code=2),) * 60}) as at:
            run = await brought(at, PLAIN, ended)
            for number in range(55):
                await at.ask("runs.retry", run=run, key=f"k-{number}")
                await at.until(run, ended)
            assert (await at.ask("runs.retry", run=run, key="k-0")).execution == 56

    asyncio.run(story())
