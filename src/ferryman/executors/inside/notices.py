"""ferrymanNotify at work: a signed message to a webhook.

The form is that of Standard Webhooks: headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`
(`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`). The id is made from the attempt, so a receiver that
hears of one twice knows it (HOOK-2). A way for which nobody has set up a sender fails the step: a notice that nobody
gets is none.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Notify, Work, WorkResult
from ferryman.executors.inside.attempt import Attempt
from ferryman.executors.inside.credentials import Mask, Revealed, mask_plainly, reveal
from ferryman.executors.inside.fetch import Fetch, NoAnswer, Question, Unsendable
from ferryman.ports.secrets import Secrets

TRIES = 3
FIRST_PAUSE_MS = 1000


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages of one way go, and the key they are signed with."""

    url: str
    key: str


class Notices:
    """Sends the notices of steps. `senders` are webhooks by the way they stand for (email, sms, …)."""

    def __init__(
        self, fetch: Fetch, safe: Secrets, senders: Mapping[str, Webhook], *, mask: Mask = mask_plainly
    ) -> None:
        """`safe` has the secrets that a content may name."""
        self._fetch = fetch
        self._safe = safe
        self._senders = senders
        self._mask = mask

    async def __call__(self, attempt: Attempt, action: Action) -> WorkResult:
        """Send to every way that is asked for; nothing is sent when one of them has no sender."""
        if not isinstance(action, Notify):
            raise TypeError("no notice")
        for way in action.types:
            if way not in self._senders:
                return attempt.failed(
                    f"no sender is set up for {way}; set one up under [notify], or take another type",
                    TaskCode.NOT_FOUND,
                )
        revealed = await reveal(attempt.work, (action.content,), self._safe, self._mask)
        await attempt.masks(revealed.secrets)
        for way in action.types:
            complaint = await self._send(attempt, way, action, revealed)
            if complaint:
                return attempt.ended("failed", message=complaint, code=TaskCode.OUTSIDE)
        return attempt.succeeded()

    async def _send(self, attempt: Attempt, way: str, action: Notify, revealed: Revealed) -> str:
        sender = self._senders[way]
        name = message_id(attempt.work, way)
        body = _body(attempt, name, way, action, revealed.put_into(action.content))
        complaint = ""
        for number in range(1, TRIES + 1):
            if number > 1:
                await attempt.pause(FIRST_PAUSE_MS << (number - 2))
            headers = signed(sender.key, name, attempt.clock.now() // 1000, body)
            try:
                answer = await self._fetch.ask(
                    Question(url=sender.url, method="POST", headers=headers, body=body)
                )
            except (Unsendable, NoAnswer) as fault:
                complaint = revealed.hide(f"the sender for {way} could not be reached: {fault}")
            else:
                if 200 <= answer.status < 300:
                    attempt.say(f"told {', '.join(action.receivers) or 'nobody by name'} by {way} ({name})")
                    return ""
                complaint = f"the sender for {way} answered with {answer.status}"
            attempt.say(f"{complaint} (try {number} of {TRIES})")
        return complaint


def message_id(work: Work, way: str) -> str:
    """The id of a message: the same for the same attempt, for ever."""
    return "msg_" + hashlib.sha256(f"{work.run}\n{work.key}\n{way}".encode()).hexdigest()[:32]


def signed(key: str, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a message, signed."""
    content = f"{name}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key.encode(), content, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _body(attempt: Attempt, name: str, way: str, action: Notify, content: str) -> bytes:
    work = attempt.work
    return msgspec.json.encode(
        {
            "id": name,
            "at": attempt.begun_at,
            "type": way,
            "receivers": action.receivers,
            "content": content,
            "project": work.project,
            "run": work.run,
            "step": work.key,
        }
    )
