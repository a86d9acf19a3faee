"""ferrymanHttp at work: one request, asked again if that is wanted, and the answer judged."""

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, CallHttp, WorkResult
from ferryman.executors.inside.attempt import Attempt
from ferryman.executors.inside.credentials import Mask, Revealed, mask_plainly, reveal
from ferryman.executors.inside.fetch import BODY_LIMIT, Answer, Fetch, NoAnswer, Question, Unsendable
from ferryman.ports.secrets import Secrets

FIRST_PAUSE_MS = 1000
"""How long after a bad answer the next request is sent; it doubles each time."""
OUTPUT_LIMIT = 64 << 10
"""Characters of the answer that become an output."""
EXCERPT = 200


class HttpCalls:
    """Sends the requests of steps."""

    def __init__(self, fetch: Fetch, safe: Secrets, *, mask: Mask = mask_plainly) -> None:
        """`safe` has the secrets that requests name."""
        self._fetch = fetch
        self._safe = safe
        self._mask = mask

    async def __call__(self, attempt: Attempt, action: Action) -> WorkResult:
        """Ask until the answer is as expected, or the tries are used up."""
        if not isinstance(action, CallHttp):
            raise TypeError("no request")
        texts = (action.url, action.body, *action.headers.values())
        revealed = await reveal(attempt.work, texts, self._safe, self._mask)
        await attempt.masks(revealed.secrets)
        question = _question(action, revealed)
        shown = revealed.hide(f"{action.method} {question.url}")
        complaint = ""
        for number in range(1, action.tries + 1):
            if number > 1:
                await attempt.pause(FIRST_PAUSE_MS << (number - 2))
            try:
                answer = await self._fetch.ask(question)
            except Unsendable as refusal:
                return attempt.failed(revealed.hide(str(refusal)), TaskCode.BAD_INPUT)
            except NoAnswer as fault:
                complaint = revealed.hide(f"{shown}: {fault}")
            else:
                said = answer.text()
                text = revealed.hide(said)
                complaint = _complaint(shown, action, answer, text, as_expected=action.expect_text in said)
                if not complaint:
                    return attempt.succeeded(_outputs(attempt, shown, answer, text))
            attempt.say(f"{complaint} (try {number} of {action.tries})")
        return attempt.ended("failed", message=complaint, code=TaskCode.OUTSIDE)


def _question(action: CallHttp, revealed: Revealed) -> Question:
    headers = {name: revealed.put_into(text) for name, text in action.headers.items()}
    is_json = any(name.lower() == "content-type" and "json" in text.lower() for name, text in headers.items())
    body = revealed.put_into_json(action.body) if is_json else revealed.put_into(action.body)
    return Question(
        url=revealed.put_into(action.url),
        method=action.method,
        headers=headers,
        body=body.encode("utf-8", errors="replace"),
    )


def _complaint(shown: str, action: CallHttp, answer: Answer, text: str, *, as_expected: bool) -> str:
    """What is wrong with the answer, in one sentence; empty when nothing is. `text` is what may be shown of it."""
    if answer.status != action.expect_status:
        said = f"{shown} was answered with {answer.status}, wanted {action.expect_status}"
        if 300 <= answer.status < 400:
            said += "; redirects are not followed"
        return said + _excerpt(text)
    if not as_expected:
        part = "" if answer.whole else f" within its first {BODY_LIMIT >> 10} KiB"
        return f"{shown} was answered with {answer.status}, but without the expected text{part}" + _excerpt(
            text
        )
    return ""


def _excerpt(text: str) -> str:
    begin = " ".join(text[: 2 * EXCERPT].split())[:EXCERPT]
    return f"; the answer begins: {begin}" if begin else "; the answer is empty"


def _outputs(attempt: Attempt, shown: str, answer: Answer, text: str) -> dict[str, str]:
    attempt.say(f"{shown} was answered with {answer.status}, {len(answer.body)} bytes")
    if not answer.whole or len(text) > OUTPUT_LIMIT:
        attempt.say(f"the answer is long: the output body has its first {OUTPUT_LIMIT >> 10} KiB")
    return {"status": str(answer.status), "body": text[:OUTPUT_LIMIT]}
