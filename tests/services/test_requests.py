"""What is asked of runs: by whom, with what kept of it, and what a run begins with (RULINGS 21; bkci-v3 2.3, 3.3)."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ferryman import definition
from ferryman.app.house import House
from ferryman.domain.access import Rights, Role
from ferryman.domain.errors import Forbidden, NotFound, Refused
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.policies import Exclusion
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors.scripted import Hang, ScriptedExecutor
from ferryman.logs import Logs
from ferryman.ports.access import AuditSearch
from ferryman.ports.history import RunSearch
from ferryman.services import Caller
from ferryman.settings import File, Runs
from ferryman.testing.logs import MemoryPieces
from ferryman.testing.server import serving

SEED = """
[[project]]
name = "demo"
"""
TRIGGER = {"@type": "trigger", "elements": [{"@type": "manualTrigger"}]}


def person(name: str, role: Role | None = Role.DEVELOPER) -> Caller:
    """Somebody with a role in the project."""
    return Caller(name=name, project="demo", rights=Rights(role=role), request="q-1", address="127.0.0.1")


ANN, BOB, ADA = person("ann"), person("bob"), person("ada", Role.ADMIN)
VISITOR, STRANGER = person("vic", Role.VISITOR), person("sam", None)


def model(script: str = "true", name: str = "shop", **trigger: Any) -> dict[str, Any]:
    """A model of one script."""
    element = {"@type": "linuxScript", "scriptType": "SHELL", "script": script}
    job = {"@type": "vmBuild", "baseOS": "LINUX", "elements": [element]}
    return {"name": name, "stages": [{"containers": [{**TRIGGER, **trigger}]}, {"containers": [job]}]}


def told(folder: Path, story: Any, **given: Any) -> None:
    """Tell a story to the services of a house; more is given to its server."""

    async def whole() -> None:
        async with serving(data=folder, seed=SEED, **given) as server:
            await story(server.house)

    asyncio.run(whole())


async def ended(house: House, run: str) -> Any:
    """The run at its end."""
    async for view in house.services.runs.watch(ADA, run=run):
        if view.phase == "finished":
            return view
    raise AssertionError("it did not end")


async def create(house: House, setting: dict[str, Any] | None = None, **more: Any) -> str:
    """A pipeline; its id."""
    head = await house.services.pipelines.create(ADA, model=model(**more), setting=setting)
    return str(head.id)


def test_every_verb_asks_for_a_permit_first(tmp_path: Path) -> None:
    """A visitor may read and change nothing; who is no member learns nothing of what there is (API-10)."""

    async def story(house: House) -> None:
        pipeline, requests, runs = await create(house), house.services.requests, house.services.runs
        run = (await requests.start(ANN, pipeline=pipeline)).id
        path = {"run": run, "path": "s1/j1/t1"}
        changes = [
            lambda by: requests.start(by, pipeline=pipeline),
            lambda by: requests.startup(by, pipeline=pipeline),
            lambda by: requests.cancel(by, run=run),
            lambda by: requests.retry(by, run=run),
            lambda by: requests.restart(by, run=run),
            lambda by: requests.skip(by, **path),
            lambda by: requests.answer(by, **path, yes=True),
            lambda by: requests.judge(by, **path, passed=True),
            lambda by: requests.resume(by, **path),
            lambda by: requests.halt(by, **path),
            lambda by: requests.settle(by, **path, verdict="failed"),
            lambda by: requests.note(by, run=run, text="x"),
        ]
        reads = [
            lambda by: runs.read(by, run=run),
            lambda by: runs.list(by),
            lambda by: runs.unfinished(by),
            lambda by: runs.journal(by, run=run),
            lambda by: runs.why(by, run=run),
            lambda by: runs.whole(by, run=run),
            lambda by: runs.search(by, pipeline=pipeline, wanted=RunSearch()),
            lambda by: runs.expect_pipeline(by, pipeline=pipeline),
        ]
        for change in changes:
            with pytest.raises(Forbidden):
                await change(VISITOR)
        for read in reads:
            await read(VISITOR)
        for verb in (*changes, *reads):
            with pytest.raises(NotFound):
                await verb(STRANGER)
        await ended(house, run)

    told(tmp_path, story)


def test_the_audit_tells_who_asked_for_what_from_where(tmp_path: Path) -> None:
    """With the event it is about, in one transaction; a refusal leaves none."""

    async def story(house: House) -> None:
        pipeline, requests = await create(house, script="sleep 30"), house.services.requests
        run = (await requests.start(ANN, pipeline=pipeline, reason="because")).id
        await requests.cancel(ANN, run=run, reason="enough")
        with pytest.raises(Refused):
            await requests.cancel(ANN, run=run)
        found = [row.entry for row in await house.store.audit.page(AuditSearch(subject=f"run/{run}"))]
        assert [(each.by, each.action, each.reason, each.request, each.address) for each in found] == [
            ("ann", "ferryman:CancelRun", "enough", "q-1", "127.0.0.1"),
            ("ann", "ferryman:StartRun", "because", "q-1", "127.0.0.1"),
        ]
        assert found[0].project == "demo"
        await ended(house, run)

    told(tmp_path, story)


def test_a_run_keeps_the_setting_that_it_began_with(tmp_path: Path) -> None:
    """The definition as the setting had it then; one that says nothing else is kept with its version alone."""

    async def story(house: House) -> None:
        services = house.services
        pipeline = await create(house, {"pipelineName": "shop", "runLockType": "MULTIPLE"})
        first = (await services.requests.start(ANN, pipeline=pipeline)).id
        single = {"pipelineName": "shop", "runLockType": "SINGLE", "maxQueueSize": 3}
        await services.pipelines.change_setting(ADA, pipeline=pipeline, setting=single)
        second = (await services.requests.start(ANN, pipeline=pipeline)).id
        kept = []
        for run in (first, second):
            await ended(house, run)
            stored = await house.store.load(run)
            kept.append(msgspec.json.decode(stored.definition, type=Pipeline).concurrency)
        assert [each.exclusion for each in kept] == [Exclusion.FREE, Exclusion.SINGLE]
        assert kept[1].queue_length == 3

    told(tmp_path, story)


def test_only_the_starter_and_managers_stop_a_run_under_the_policy(tmp_path: Path) -> None:
    """buildCancelPolicy (bkci-v3 2.3; 12, row 13)."""

    async def story(house: House) -> None:
        requests = house.services.requests
        for policy, who in (("RESTRICTED", ADA), ("EXECUTE_PERMISSION", BOB)):
            setting = {"pipelineName": policy, "buildCancelPolicy": policy}
            pipeline = await create(house, setting, script="sleep 30", name=policy)
            run = (await requests.start(ANN, pipeline=pipeline)).id
            if policy == "RESTRICTED":
                with pytest.raises(Forbidden, match="only ann") as refusal:
                    await requests.cancel(BOB, run=run)
                assert refusal.value.reason == "not-yours"
            await requests.cancel(who, run=run)
            assert (await ended(house, run)).outcome == "canceled"

    told(tmp_path, story)


def test_who_made_a_pipeline_stops_its_runs(tmp_path: Path) -> None:
    """A creator manages what he made (bkci-v3 2.3); the policy of a new pipeline is the strict one (12, row 13)."""

    async def story(house: House) -> None:
        services = house.services
        head = await services.pipelines.create(BOB, model=model("sleep 30"))
        run = (await services.requests.start(ANN, pipeline=head.id)).id
        with pytest.raises(Forbidden) as refusal:
            await services.requests.cancel(person("cid"), run=run)
        assert refusal.value.reason == "not-yours"
        await services.requests.cancel(BOB, run=run)
        assert (await ended(house, run)).outcome == "canceled"

    told(tmp_path, story)


def test_a_refused_start_leaves_neither_number_nor_audit(tmp_path: Path) -> None:
    """Locked, without room, without a value, with one that is too long."""
    long = {"v": "x" * 4001}
    param = {"id": "v", "required": True, "type": "STRING", "defaultValue": "d"}

    async def story(house: House) -> None:
        requests, pipelines = house.services.requests, house.services.pipelines
        pipeline = await create(house, script="sleep 30", params=[param])

        async def refused(reason: str, setting: dict[str, Any], **more: Any) -> None:
            await pipelines.change_setting(
                ADA, pipeline=pipeline, setting={"pipelineName": "shop", **setting}
            )
            with pytest.raises(Refused) as refusal:
                await requests.start(ANN, pipeline=pipeline, **more)
            assert refusal.value.reason == reason

        await refused("locked", {"runLockType": "LOCK"})
        await refused(
            "value-too-long", {"runLockType": "MULTIPLE", "failIfVariableInvalid": True}, values=long
        )
        await pipelines.change_setting(ADA, pipeline=pipeline, setting={"pipelineName": "shop"})
        first = await requests.start(ANN, pipeline=pipeline, values=long)
        assert (first.number, first.values["v"]) == (1, "d")
        await refused("queue-full", {"runLockType": "SINGLE", "maxQueueSize": 0})
        await pipelines.change_setting(ADA, pipeline=pipeline, setting={"pipelineName": "shop"})
        second = await requests.start(ANN, pipeline=pipeline)
        assert second.number == 2
        starts = await house.store.audit.page(AuditSearch(project="demo"))
        assert sum(row.entry.action == "ferryman:StartRun" for row in starts) == 2
        for run in (second.id, first.id):
            await requests.cancel(ANN, run=run)
            await ended(house, run)

    told(tmp_path, story)


def test_no_more_starts_of_a_pipeline_are_under_way_than_may_be(tmp_path: Path) -> None:
    """Fifty unless set otherwise (bkci-v3 12, row 14); those of another pipeline do not count."""
    few = File(runs=Runs(starts_at_once=2))

    async def story(house: House) -> None:
        requests = house.services.requests
        crowded, other = await create(house), await create(house, name="other")
        asked = [requests.start(ANN, pipeline=crowded) for _ in range(3)]
        came = await asyncio.gather(*asked, requests.start(ANN, pipeline=other), return_exceptions=True)
        refused = [each for each in came if isinstance(each, Refused)]
        assert [each.reason for each in refused] == ["too-frequent"]
        assert sorted(each.number for each in came if not isinstance(each, Refused)) == [1, 1, 2]
        assert (await requests.start(ANN, pipeline=crowded)).number == 3
        for row in await house.store.unfinished():
            await ended(house, row.id)

    told(tmp_path, story, file=few)


def test_a_lock_without_room_costs_no_number(tmp_path: Path) -> None:
    """Side by side too, where 200 run or wait (semantics 13)."""
    wide = {"pipelineName": "shop", "runLockType": "MULTIPLE", "maxConRunningQueueSize": 200}

    async def story(house: House) -> None:
        pipeline, requests = await create(house, wide, script="sleep 60"), house.services.requests
        for _ in range(2):
            await asyncio.gather(*(requests.start(ANN, pipeline=pipeline) for _ in range(50)))
            await asyncio.gather(*(requests.start(ANN, pipeline=pipeline) for _ in range(50)))
        with pytest.raises(Refused) as refusal:
            await requests.start(ANN, pipeline=pipeline)
        assert refusal.value.reason == "queue-full"
        assert await house.store.next_number("demo", pipeline) == 201

    told(
        tmp_path,
        story,
        executor=ScriptedExecutor({"*": (Hang(),)}, logs=Logs(MemoryPieces()), clock=SystemClock()),
    )


def test_a_number_grows_with_first_successes(tmp_path: Path) -> None:
    """SUCCESS_BUILD_INCREMENT (semantics 14): failures do not count, nor does what was started before they end."""
    number = {"buildNo": 5, "buildNoType": "SUCCESS_BUILD_INCREMENT"}
    param = {"id": "code", "required": True, "type": "STRING", "defaultValue": "0"}

    async def story(house: House) -> None:
        requests = house.services.requests
        pipeline = await create(house, script="exit ${code}", params=[param], buildNo=number)
        seen = []
        for code in ("0", "1", "0", "0"):
            view = await requests.start(ANN, pipeline=pipeline, values={"code": code})
            seen.append(view.values["BK_CI_BUILD_NO"])
            await ended(house, view.id)
        assert seen == ["5", "6", "6", "7"]
        assert (await requests.startup(ANN, pipeline=pipeline)).recommended == 8

    told(tmp_path, story)


def test_a_restart_has_the_same_values_and_another_number(tmp_path: Path) -> None:
    """Semantics 12.3; of the newest version, by whoever asked for it."""

    async def story(house: House) -> None:
        services = house.services
        pipeline = await create(house, script="sleep 30")
        run = (await services.requests.start(ANN, pipeline=pipeline, values={"a": "1"}, reason="why")).id
        await services.pipelines.edit(ADA, pipeline=pipeline, model=model("true"))
        new = await services.requests.restart(BOB, run=run)
        assert (new.number, new.version, new.started_by, new.values["a"]) == (2, 2, "bob", "1")
        assert (await ended(house, run)).outcome == "canceled"
        assert (await ended(house, new.id)).outcome == "succeeded"
        again = await services.requests.restart(ANN, run=run)
        assert (again.number, again.execution) == (3, 1)
        await ended(house, again.id)
        row = await services.runs.find(ANN, new.id)
        assert (row.how, row.message) == ("MANUAL", "why")

    told(tmp_path, story)


def test_a_note_stands_before_the_remark(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        pipeline = await create(house, script="echo '::set-remark by a step'")
        run = (await house.services.requests.start(ANN, pipeline=pipeline)).id
        await ended(house, run)
        assert (await house.services.requests.note(ANN, run=run, text="by ann")).note == "by ann"
        row = await house.store.run(run)
        assert (row.note, row.remark) == ("by ann", "by a step")

    told(tmp_path, story)


def test_a_run_is_seen_as_it_stood_at_the_end_of_an_execution(tmp_path: Path) -> None:
    """As far as the journal goes back; with who asked for each."""

    async def story(house: House) -> None:
        services = house.services
        pipeline = await create(house, script="exit 1")
        run = (await services.requests.start(ANN, pipeline=pipeline)).id
        await ended(house, run)
        await services.requests.retry(BOB, run=run)
        await ended(house, run)
        first = await services.runs.whole(ANN, run=run, execution=1)
        newest = await services.runs.whole(ANN, run=run, retold=True)
        assert (first.run.execution, first.run.outcome, first.starters) == (1, "failed", ("ann",))
        assert (newest.run.execution, newest.starters, newest.place) == (2, ("ann", "bob"), 0)
        assert [(each.execution, each.outcome) for each in newest.earlier] == [(1, "failed")]
        assert newest.model["stages"] == definition.model_of(newest.run.pipeline)["stages"]
        with pytest.raises(Refused) as refusal:
            await services.runs.whole(ANN, run=run, pipeline="p-other")
        assert refusal.value.reason == "run-of-another-pipeline"

    told(tmp_path, story)
