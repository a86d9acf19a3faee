"""Pipelines, labels and views over real HTTP, under the paths of both versions (bkci-v3 3.1, 3.2, 3.5, 4.1)."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ferryman.testing.http import Answered, ask
from ferryman.testing.server import serving

API = "/ms/openapi/api/apigw"
P3 = "/v3/projects/demo/pipelines"
P4 = "/v4/projects/demo/pipelines"
MANUAL = {"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1"}
SCRIPT = {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": "echo hi"}
TRIGGER = {"containers": [{"@type": "trigger", "name": "T", "elements": [MANUAL], "params": []}]}


def model(name: str = "shop", **more: Any) -> dict[str, Any]:
    """A small model: a trigger and one job with one script."""
    job = {"@type": "vmBuild", "name": "Linux", "baseOS": "LINUX", "elements": [SCRIPT]}
    return {"name": name, "stages": [TRIGGER, {"containers": [job]}], **more}


class Client:
    """Somebody who speaks BK-CI."""

    def __init__(self, address: str, user: str = "operator") -> None:
        self._address = address
        self._user = user

    def as_user(self, user: str) -> "Client":
        """Somebody else."""
        return Client(self._address, user)

    async def answer(self, method: str, path: str, body: Any = None) -> Answered:
        """The whole answer."""
        headers = {"X-DEVOPS-UID": self._user}
        return await ask(self._address, method, API + path, json=body, headers=headers)

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """What came of it."""
        answer = await self.answer(method, path, body)
        assert (answer.status, answer.json["status"]) == (200, 0), answer.json
        return answer.json.get("data")

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, int]:
        """HTTP status and code of a refusal."""
        answer = await self.answer(method, path, body)
        assert "data" not in answer.json or answer.status == 400 == answer.json["status"]
        return answer.status, answer.json["status"]

    async def made(self, name: str = "shop", **more: Any) -> str:
        """The id of a new pipeline."""
        return str((await self.do("POST", P3, model(name, **more)))["id"])


@asynccontextmanager
async def client() -> AsyncIterator[Client]:
    """A client of a server of its own."""
    async with serving() as server:
        yield Client(server.address)


def test_a_pipeline_lives_from_create_to_restore() -> None:
    """Operations 1, 2, 5, 8, 9, 11, 12: every change shows at the next reading."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made(desc="sells")
            assert re.fullmatch("p-[0-9a-f]{32}", made)
            one = f"{P3}/{made}"
            got = await ci.do("GET", one)
            assert (got["name"], got["desc"], got["latestVersion"]) == ("shop", "sells", 1)
            assert got["pipelineCreator"] == "operator"
            assert [stage["id"] for stage in got["stages"]] == ["stage-1", "stage-2"]
            trigger, job = (stage["containers"][0] for stage in got["stages"])
            assert (trigger["id"], job["id"]) == ("0", "1")
            assert next(iter(job["elements"][0])) == "@type"
            assert (job["elements"][0]["classType"], job["elements"][0]["elementEnable"]) == (
                "linuxScript",
                True,
            )
            assert await ci.do("PUT", one, model()) is True
            assert await ci.do("PUT", f"{one}/", model()) is True
            status = await ci.do("GET", f"{one}/status")
            assert (status["pipelineVersion"], status["pipelineDesc"], status["taskCount"]) == (3, "sells", 2)
            assert await ci.do("POST", f"{one}/rename", {"name": "store", "oldName": "shop"}) is True
            assert (await ci.do("GET", one))["name"] == "store"
            assert await ci.do("DELETE", one) is True
            assert await ci.do("GET", f"{one}/status") is None
            assert await ci.refused("GET", one) == (404, 2101038)
            assert await ci.refused("DELETE", one) == (404, 2101039)
            assert (await ci.do("GET", P3))["count"] == 0
            await ci.made("store")
            assert await ci.do("PUT", f"{one}/restore") is True
            back = (await ci.do("GET", one))["name"]
            assert re.fullmatch(r"store_\d{14}", back)
            assert await ci.refused("PUT", f"{one}/restore") == (404, 2101024)

    asyncio.run(story())


def test_the_paths_of_version_4_are_the_same_operations() -> None:
    """3.1: ids in the query."""

    async def story() -> None:
        async with client() as ci:
            made = (await ci.do("POST", f"{P4}/pipeline", model()))["id"]
            query = f"?pipelineId={made}"
            both = {"model": model("other"), "setting": {"pipelineName": "other", "desc": "x"}}
            other = (await ci.do("POST", f"{P4}/pipeline_with_setting", both))["id"]
            assert await ci.do("PUT", f"{P4}/pipeline{query}", model()) is True
            deployed = await ci.do(
                "PUT", f"{P4}/pipeline_with_setting{query}", {"model": model(), "setting": {}}
            )
            assert deployed == {
                "pipelineId": made,
                "pipelineName": "shop",
                "version": 3,
                "versionNum": 3,
            }
            assert (await ci.do("GET", f"{P4}/pipeline{query}"))["name"] == "shop"
            batch = await ci.do("POST", f"{P4}/pipeline_batch_get", [other, "p-x", made])
            assert [one["pipelineId"] for one in batch] == [other, made]
            assert all(one["model"]["stages"] for one in batch)
            page = await ci.do("GET", f"{P4}/pipeline_list?page=1&pageSize=1")
            assert (page["count"], page["totalPages"], len(page["records"])) == (2, 2, 1)
            assert "model" not in page["records"][0]
            assert (await ci.do("GET", f"{P4}/pipeline_status{query}"))["pipelineId"] == made
            copied = (await ci.do("POST", f"{P4}/pipeline_copying{query}", {"name": "twin"}))["id"]
            assert await ci.do("POST", f"{P4}/pipeline_name?pipelineId={copied}", {"name": "triplet"}) is True
            assert await ci.do("POST", f"{P4}/pipeline_lock{query}&enable=false") is True
            assert (await ci.do("GET", f"{P4}/pipeline_status{query}"))["lock"] is True
            assert await ci.do("POST", f"{P4}/pipeline_lock{query}&enable=true") is True
            assert (await ci.do("GET", f"{P4}/pipeline_status{query}"))["lock"] is False
            found = await ci.do("GET", f"{P4}/search_by_name?pipelineName=TRI")
            assert found == [{"pipelineId": copied, "pipelineName": "triplet", "channelCode": "BS"}]
            found = await ci.do("GET", f"{P4}/paging_search_by_name?pipelineName=o&page=1&pageSize=-1")
            assert (found["totalPages"], len(found["records"])) == (1, 2)
            assert await ci.do("DELETE", f"{P4}/pipeline?pipelineId={copied}") is True
            counts = await ci.do("GET", f"{P4}/pipeline_count")
            assert (counts["totalCount"], counts["myPipelineCount"], counts["recycleCount"]) == (2, 2, 1)
            assert await ci.do("PUT", f"{P4}/pipeline_restore?pipelineId={copied}") is True

    asyncio.run(story())


def test_what_is_saved_is_checked_in_order() -> None:
    """Section 7: permission, form, setting, name, then the other rows."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made()
            long = "x" * 256
            rows: list[tuple[dict[str, Any], tuple[int, int]]] = [
                ({"name": "shop"}, (400, 400)),
                (
                    {"name": "shop", "stages": [{"containers": [{"@type": "odd", "elements": []}]}]},
                    (400, 400),
                ),
                ({"name": "shop", "stages": []}, (409, 2101013)),
                ({"name": long, "stages": []}, (400, 2101025)),
                (model(long), (400, 2101015)),
                (model("b", desc=long), (400, 2101056)),
                ({"name": "b", "stages": [TRIGGER] * 21}, (400, 2101069)),
            ]
            for sent, code in rows:
                assert await ci.refused("POST", P3, sent) == code
            assert await ci.refused("PUT", f"{P3}/{made}", {"name": "shop", "stages": [TRIGGER]}) == (
                400,
                2101189,
            )
            assert await ci.made("only a trigger", stages=[TRIGGER])
            both = {"model": model(), "setting": {"maxQueueSize": 900}}
            assert await ci.refused("POST", f"{P3}/pipeline_upload", both) == (400, 2100004)
            assert await ci.as_user("visitor").refused("POST", P3, {"name": 3}) == (403, 2101008)
            assert await ci.as_user("visitor").refused("GET", f"{P3}/p-x") == (404, 2101038)
            bad = [{"id": "a", "type": "STRING", "required": True, "defaultValue": "", "constant": True}]
            trigger = {"containers": [{**TRIGGER["containers"][0], "params": bad}]}
            assert await ci.refused("POST", P3, {"name": "c", "stages": [trigger]}) == (400, 400)

    asyncio.run(story())


def test_settings_are_read_and_replaced() -> None:
    """Operations 13 and 14: a new version each time; name, description and labels are the pipeline's."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made(desc="sells")
            one = f"{P4}/setting?pipelineId={made}"
            fresh = await ci.do("GET", one)
            assert (fresh["runLockType"], fresh["buildCancelPolicy"]) == ("MULTIPLE", "RESTRICTED")
            assert (fresh["pipelineName"], fresh["desc"], fresh["version"]) == ("shop", "sells", 1)
            sent = {
                "pipelineId": "p-other",
                "runLockType": "LOCK",
                "pipelineName": "store",
                "odd": {"a": [1]},
            }
            assert await ci.do("PUT", f"{P3}/{made}/setting_update", sent) is True
            changed = await ci.do("GET", one)
            assert (changed["pipelineId"], changed["pipelineName"], changed["version"]) == (made, "store", 2)
            assert (changed["odd"], changed["desc"]) == ({"a": [1]}, "")
            status = await ci.do("GET", f"{P3}/{made}/status")
            assert (status["lock"], status["pipelineName"]) == (True, "store")
            assert await ci.refused("PUT", one, {"waitQueueTimeMinute": 0}) == (400, 2100004)
            notice = {"successSubscription": {"types": ["EMAIL"]}}
            assert await ci.refused("PUT", one, notice) == (400, 2101231)
            await ci.made("taken")
            assert await ci.refused("PUT", one, {"pipelineName": "taken"}) == (409, 2101013)
            assert await ci.do("PUT", one, {}) is True
            assert (await ci.do("GET", one))["runLockType"] == "SINGLE_LOCK"

    asyncio.run(story())


def test_labels_are_attached_and_shown_by_group() -> None:
    """Operations 50 to 56 (3.5): limits, names, groups with their labels."""

    async def story() -> None:
        async with client() as ci:
            groups, labels = (
                "/v3/projects/demo/pipelineGroups/groups",
                "/v3/projects/demo/pipelineGroups/labels",
            )
            assert await ci.do("POST", groups, {"projectId": "demo", "name": "kind"}) is True
            assert await ci.refused("POST", groups, {"projectId": "demo", "name": "kind"}) == (400, 2101180)
            (group,) = await ci.do("GET", groups)
            for name in ("web", "app"):
                assert await ci.do("POST", labels, {"groupId": group["id"], "name": name}) is True
            assert await ci.refused("POST", labels, {"groupId": group["id"], "name": "web"}) == (400, 2101181)
            assert await ci.refused("POST", labels, {"groupId": group["id"], "name": "x" * 21}) == (
                400,
                2101162,
            )
            (group,) = await ci.do("GET", "/v4/projects/demo/pipelineGroups/group")
            ids = {label["name"]: label["id"] for label in group["labels"]}
            assert "uptimeTime" in group["labels"][0]
            made = await ci.made(labels=[ids["web"], ids["app"], "unknown"])
            status = await ci.do("GET", f"{P3}/{made}/status")
            assert status["groupLabel"] == [{"groupName": "kind", "labelName": ["app", "web"]}]
            assert sorted((await ci.do("GET", f"{P3}/{made}"))["labels"]) == sorted(ids.values())
            change = {"id": ids["web"], "groupId": group["id"], "name": "site"}
            assert await ci.do("PUT", labels, change) is True
            assert await ci.do("DELETE", f"{labels}/{ids['app']}") is True
            status = await ci.do("GET", f"{P3}/{made}/status")
            assert status["groupLabel"] == [{"groupName": "kind", "labelName": ["site"]}]
            assert (
                await ci.do("PUT", groups, {"id": group["id"], "projectId": "demo", "name": "sort"}) is True
            )
            assert await ci.do("DELETE", f"{groups}/{group['id']}") is True
            assert "groupLabel" not in await ci.do("GET", f"{P3}/{made}/status")
            for number in range(10):
                await ci.do("POST", groups, {"projectId": "demo", "name": str(number)})
            assert await ci.refused("POST", groups, {"projectId": "demo", "name": "x"}) == (400, 2101160)
            full = (await ci.do("GET", groups))[0]["id"]
            for number in range(12):
                await ci.do("POST", labels, {"groupId": full, "name": str(number)})
            assert await ci.refused("POST", labels, {"groupId": full, "name": "x"}) == (400, 2101161)

    asyncio.run(story())


def test_views_hold_pipelines() -> None:
    """3.1: the views of version 4; they do not touch the labels."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made()
            root = "/v4/projects/demo/pipelineView"
            view = (await ci.do("POST", root, {"name": "mine", "viewType": 2, "pipelineIds": [made]}))["id"]
            shared = (await ci.do("POST", root, {"name": "ours", "projected": True}))["id"]
            assert (await ci.do("GET", f"{root}?viewId={view}"))["pipelineIds"] == [made]
            names = [one["name"] for one in await ci.do("GET", f"{root}/list")]
            assert names == ["mine", "ours"]
            assert [one["name"] for one in await ci.as_user("visitor").do("GET", f"{root}/list")] == ["ours"]
            assert (
                await ci.do("POST", f"{root}/bulkAdd", {"pipelineIds": [made], "viewIds": [shared]}) is True
            )
            # A view of one member is named to nobody, or others would read of it.
            assert (await ci.do("GET", f"{P3}/{made}/status"))["viewNames"] == ["ours"]
            page = await ci.do("GET", f"{root}/listViewPipelines?viewName=ours")
            assert (page["count"], page["records"][0]["pipelineId"]) == (1, made)
            body = {"pipelineIds": [made], "viewId": shared}
            assert await ci.do("POST", f"{root}/bulkRemove", body) is True
            assert await ci.do("PUT", f"{root}?viewId={view}", {"name": "my own"}) is True
            assert (await ci.do("GET", f"{root}?viewName=my%20own"))["pipelineIds"] == [made]
            assert await ci.do("DELETE", f"{root}?viewId={view}") is True
            assert await ci.refused("GET", f"{root}?viewId={view}") == (404, 404)
            assert await ci.as_user("visitor").refused("DELETE", f"{root}?viewId={shared}") == (403, 2101008)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("query", "size"), [("", 20), ("?pageSize=0", 10), ("?pageSize=500", 100), ("?page=0&pageSize=7", 7)]
)
def test_pages_have_their_bounds(query: str, size: int) -> None:
    """1.4."""

    async def story() -> None:
        async with client() as ci:
            page = await ci.do("GET", P3 + query)
            assert (page["page"], page["pageSize"], page["count"], page["records"]) == (1, size, 0, [])

    asyncio.run(story())


def test_membership_and_permissions_can_be_asked_for() -> None:
    """3.1, operations that the API lacks: of oneself by everybody, of others by who manages access."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made()
            member = "/v3/auth/validate/projects/demo/isProjectUsers"
            assert await ci.do("GET", member) is True
            assert await ci.do("GET", f"{member}?group=CI_MANAGER") is True
            assert await ci.do("GET", f"{member}?group=DEVELOPER") is False
            assert await ci.do("GET", f"{member}?group=admin") is True, "our own word for it"
            assert await ci.do("GET", f"{member}?group=visitor") is False
            assert await ci.do("GET", "/v4/auth/validate/projects/demo/check_project_users") is True
            assert await ci.as_user("stranger").do("GET", member) is False
            asked = f"/v4/auth/validate/projects/demo/permission/validate?resourceCode={made}"
            for user, word, answer in (
                ("operator", "pipeline_execute", True),
                ("visitor", "pipeline_execute", False),
                ("visitor", "pipeline_view", True),
                ("nobody", "pipeline_view", False),
                ("operator", "pipeline_odd", False),
            ):
                found = await ci.do("GET", f"{asked}&resourceType=pipeline&userId={user}&action={word}")
                assert found is answer
            others = f"{asked}&resourceType=pipeline&userId=operator&action=pipeline_view"
            assert await ci.as_user("visitor").refused("GET", others) == (403, 2101008)

    asyncio.run(story())


async def until(ci: Client, path: str, key: str, value: object) -> dict[str, Any]:
    """The status as soon as it says so; asked again and again, for a server has nothing better to wait for."""
    async with asyncio.timeout(60):
        while (status := await ci.do("GET", path)).get(key) != value:
            await asyncio.sleep(0.02)
    found: dict[str, Any] = status
    return found


def test_a_status_shows_the_newest_build_and_its_model_as_it_ran() -> None:
    """4.1; 12, rows 1 and 2: runtime fields stand in the model while the newest build runs the newest version."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made()
            status = f"{P3}/{made}/status"
            before = await ci.do("GET", status)
            assert (before["buildCount"], before["latestBuildNum"], before["latestBuildStartTime"]) == (
                0,
                0,
                0,
            )
            assert before["latestBuildUserId"] == ""
            assert not {"latestBuildStatus", "latestBuildId", "trigger"} & set(before)
            assert before["model"] == await ci.do("GET", f"{P3}/{made}")
            started = await ci.do("POST", f"{P3}/{made}/builds/start", {})
            ended = await until(ci, status, "latestBuildStatus", "SUCCEED")
            assert (ended["latestBuildId"], ended["latestBuildNum"]) == (started["id"], 1)
            assert (ended["buildCount"], ended["runningBuildCount"]) == (1, 0)
            assert (ended["latestBuildTaskName"], ended["latestBuildUserId"]) == ("Bash", "operator")
            assert ended["latestBuildEndTime"] >= ended["latestBuildStartTime"] > 0
            assert (ended["startType"], ended["lastBuildTotalCount"]) == ("remoteTrigger", 2)
            assert ended["lastBuildFinishCount"] == 2
            job = ended["model"]["stages"][1]["containers"][0]
            assert (job["status"], job["elements"][0]["status"]) == ("SUCCEED", "SUCCEED")
            assert [one["status"] for one in ended["latestBuildStageStatus"]] == ["SUCCEED", "SUCCEED"]
            assert "status" not in (await ci.do("GET", f"{P3}/{made}"))["stages"][1]
            # A version that no build ran shows nothing of one.
            await ci.do("PUT", f"{P3}/{made}", model())
            later = await ci.do("GET", status)
            assert (later["latestBuildStatus"], later["pipelineVersion"]) == ("SUCCEED", 2)
            assert "status" not in later["model"]["stages"][1]

    asyncio.run(story())


def test_a_locked_pipeline_is_not_started() -> None:
    """3.2, 18; 6.4: disabled, or by its run lock, whatever version it is."""

    async def story() -> None:
        async with client() as ci:
            made = await ci.made()
            start = f"{P3}/{made}/builds/start"
            await ci.do("POST", f"{P4}/pipeline_lock?pipelineId={made}&enable=false")
            assert await ci.refused("POST", start, {}) == (400, 2101047)
            await ci.do("POST", f"{P4}/pipeline_lock?pipelineId={made}&enable=true")
            await ci.do("PUT", f"{P3}/{made}/setting_update", {"runLockType": "LOCK"})
            assert await ci.refused("POST", start, {}) == (400, 2101047)
            await ci.do("PUT", f"{P3}/{made}/setting_update", {"runLockType": "MULTIPLE"})
            assert (await ci.do("POST", start, {}))["id"].startswith("b-")
            assert await ci.refused("POST", f"{P3}/p-{'0' * 32}/builds/start", {}) == (404, 2101038)

    asyncio.run(story())


def test_deleting_ends_what_runs() -> None:
    """12, row 16: builds stay, and those that ran are canceled."""

    async def story() -> None:
        async with client() as ci:
            job = {"@type": "vmBuild", "name": "L", "elements": [{**SCRIPT, "script": "sleep 60"}]}
            made = await ci.made(stages=[TRIGGER, {"containers": [job]}])
            started = await ci.do("POST", f"{P3}/{made}/builds/start", {})
            await until(ci, f"{P3}/{made}/status", "latestBuildStatus", "RUNNING")
            assert await ci.do("DELETE", f"{P3}/{made}") is True
            assert await ci.do("GET", f"{P3}/{made}/status") is None
            build = f"{P3}/{made}/builds/{started['id']}/status"
            assert (await until(ci, build, "status", "CANCELED"))["id"] == started["id"]
            assert await ci.refused("POST", f"{P3}/{made}/builds/start", {}) == (404, 2101038)

    asyncio.run(story())


def test_the_recommended_number_is_shown_as_it_stands() -> None:
    """3.2, 5: `currentBuildNo`, whatever a client sent there."""

    async def story() -> None:
        async with client() as ci:
            number = {
                "buildNo": 7,
                "buildNoType": "EVERY_BUILD_INCREMENT",
                "currentBuildNo": 99,
                "required": False,
            }
            job = {"@type": "vmBuild", "name": "L", "elements": [SCRIPT]}
            trigger = {"containers": [{**TRIGGER["containers"][0], "buildNo": number}]}
            made = await ci.made(stages=[trigger, {"containers": [job]}])

            async def shown() -> Any:
                return (await ci.do("GET", f"{P3}/{made}"))["stages"][0]["containers"][0]["buildNo"]

            assert await shown() == {**number, "currentBuildNo": 7}
            await ci.do("POST", f"{P3}/{made}/builds/start", {})
            assert await shown() == {**number, "currentBuildNo": 8}

    asyncio.run(story())


def test_a_step_calls_a_pipeline_by_id_or_by_name() -> None:
    """5.10: subPipelineCall."""

    async def story() -> None:
        async with client() as ci:
            child = await ci.made("child")
            for at, called in enumerate(({"subPipelineId": child}, {"subPipelineName": "child"}), start=1):
                call = {"@type": "subPipelineCall", "name": "call", "asynchronous": True, **called}
                job = {"@type": "normal", "name": "L", "elements": [call]}
                made = await ci.made(f"caller {at}", stages=[TRIGGER, {"containers": [job]}])
                await ci.do("POST", f"{P3}/{made}/builds/start", {})
                await until(ci, f"{P3}/{made}/status", "latestBuildStatus", "SUCCEED")
                assert (await ci.do("GET", f"{P3}/{child}/status"))["latestBuildNum"] == at

    asyncio.run(story())
