"""ferrymanNotify at work: signed as Standard Webhooks say, with an id that stays (HOOK-2)."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

from aiohttp import web

from ferryman.domain.work import Notify
from ferryman.executors.inside import Webhook
from ferryman.executors.inside.notices import message_id, signed
from tests.executors.inside.world import KEY, TOKEN, World, lived, served, work

NOTICE = Notify(types=("email",), receivers=("alice", "bob"), content="released ${{ settings.hooks.token }}")


def test_a_notice_is_signed_and_says_who_where_and_what(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        got: list[tuple[dict[str, str], bytes]] = []

        async def take(request: web.Request) -> web.Response:
            got.append((dict(request.headers), await request.read()))
            return web.Response(status=202)

        async with served(take) as url:
            senders = {"email": Webhook(url=url, key="k3y")}
            result = await world.result(work(NOTICE, secrets=("hooks",)), senders=senders)
        assert result.outcome == "succeeded"
        ((headers, body),) = got
        assert json.loads(body) == {
            "id": headers["webhook-id"],
            "at": 1_000_000,
            "type": "email",
            "receivers": ["alice", "bob"],
            "content": f"released {TOKEN}",
            "project": "p",
            "run": "shop-12",
            "step": KEY,
        }
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(b"k3y", content, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert headers["webhook-id"] == message_id(work(NOTICE), "email")
        assert TOKEN not in str(world.book.lines) + str(result)

    lived(story())


def test_a_signature_that_was_made_elsewhere_is_the_same() -> None:
    """Made with `openssl dgst -sha256 -hmac`."""
    headers = signed("key", "msg_1", 1700000000, b"{}")
    assert headers["webhook-signature"] == "v1,XaXLFEFQ69Q4+demDWPEv5ydXczDW2mM5crCUEFcFBA="


def test_ids_differ_by_attempt_and_way_and_by_nothing_else() -> None:
    first = work(NOTICE)
    assert message_id(first, "email") == message_id(work(Notify(types=())), "email")
    others = [work(NOTICE, key="s/j/t#1.2"), work(NOTICE, run="shop-13")]
    ids = {
        message_id(first, "email"),
        message_id(first, "sms"),
        *(message_id(one, "email") for one in others),
    }
    assert len(ids) == 4


def test_a_way_without_a_sender_fails_and_nothing_is_sent(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        result = await world.result(work(NOTICE))
        assert (result.outcome, result.error_code) == ("failed", 2199003)
        assert "no sender is set up for email" in result.reason.facts["message"]
        assert world.book.lines == [result.reason.facts["message"]]

    lived(story())


def test_a_sender_that_says_no_is_tried_again_and_then_told(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        ids: list[str] = []

        async def refuse(request: web.Request) -> web.Response:
            ids.append(request.headers["webhook-id"])
            return web.Response(status=500)

        async with served(refuse) as url:
            senders = {"email": Webhook(url=url, key="k")}
            result = await world.result(work(Notify(types=("email",), content="a")), senders=senders)
        assert (result.outcome, result.error_code) == ("failed", 2199501)
        assert result.reason.facts["message"] == "the sender for email answered with 500"
        assert len(ids) == 3
        assert len(set(ids)) == 1
        assert world.clock.slept == [1000, 2000]

    lived(story())
