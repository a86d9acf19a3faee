"""BK-CI's API over HTTP: paths, credentials, bodies, envelopes around the rows of operations (bkci-v3 1, 2).

The order of questions: is there such a path · under this method · who asks, and is there the project for them · does
the body come within its limits, as JSON · does it fit · may it be done (the verb judges that).
"""

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote

import msgspec

from ferryman.asgi import BodyLimits, Exchange, TooLarge, TooSlow
from ferryman.asgi.origin import foreign, sender
from ferryman.dialects.bkci import conversion, envelope
from ferryman.dialects.bkci.binding import Bound
from ferryman.dialects.bkci.credentials import Trust, identified, presented
from ferryman.dialects.bkci.errors import Told, WireRefusal, told
from ferryman.dialects.bkci.paths import is_ours, place_of
from ferryman.dialects.bkci.v3.hot import STATUS, HotStatus, asked
from ferryman.dialects.bkci.v3.ids import run_of
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.dialects.bkci.v3.wire.builds import BuildId
from ferryman.dialects.operation import Download, Operation
from ferryman.dialects.rest import Routes
from ferryman.domain.errors import FerrymanError, NotFound, Throttled
from ferryman.services import Caller, Services
from ferryman.services.access import Access
from ferryman.services.permits import expect_member

PROJECT, PIPELINE, BUILD = "projectId", "pipelineId", "buildId"
CHANNEL = "BS"
"""The one channel there is."""
NO_PIPELINE = 2101038
TRUST = Trust()
LIMITS = BodyLimits()


class BkCi:
    """Answers BK-CI's API."""

    def __init__(
        self,
        services: Services,
        access: Access,
        *,
        trust: Trust = TRUST,
        limits: BodyLimits = LIMITS,
        operations: Iterable[Operation] = OPERATIONS,
    ) -> None:
        """Over these services; `access` tells who asks."""
        rows = tuple(operations)
        self._routes = Routes(rows)
        self._bound = {row.name: Bound(row, services) for row in rows}
        self._hot = HotStatus(services.catalog) if STATUS in rows else None
        self._access = access
        self._trust = trust
        self._limits = limits

    def answers(self, path: str) -> bool:
        """Whether a path is for this API."""
        return is_ours(path)

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        try:
            answer = await self._answered(exchange)
            if isinstance(answer, Download):
                await exchange.stream(
                    answer.pieces,
                    media=answer.media,
                    headers=[("content-disposition", _as_file(answer.filename))],
                )
                return
            body = answer if isinstance(answer, bytes) else envelope.success(answer)
        except (FerrymanError, WireRefusal) as error:
            await _refuse(exchange, told(error))
        except TooLarge as error:
            await _refuse(exchange, Told(413, 413, str(error)), close=True)
        except TooSlow as error:
            await _refuse(exchange, Told(408, 408, str(error)), close=True)
        except Exception as fault:
            exchange.fault = fault
            if exchange.status:
                # The answer has begun: all that is left is to break it off.
                raise
            await _refuse(
                exchange, Told(500, 500, "a fault of the server; its log tells more", technical=True)
            )
        else:
            await exchange.answer(200, body)

    async def _answered(self, exchange: Exchange) -> object:
        """What came of it; bytes are a body as it goes out."""
        channel, method = _channel(exchange), _method(exchange)
        if self._hot is not None and method == "GET" and channel == CHANNEL:
            hot = asked(exchange.path, exchange.query)
            if hot is not None:
                caller = self._caller(exchange, hot.type, hot.project, STATUS)
                return await self._hot.body(caller, hot.pipeline)
        place = place_of(exchange.path)
        if place is None:
            raise WireRefusal(
                400, "the path names none of apigw, apigw-user, apigw-app and a version", technical=True
            )
        found = self._routes.find(method, place.path)
        if isinstance(found, frozenset):
            if not found:
                raise WireRefusal(404, f"there is no operation at {place.path[:200]}", technical=True)
            allowed = ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))
            text = f"{exchange.method} is not possible here, but {allowed}"
            raise WireRefusal(405, text, technical=True, allow=allowed)
        bound = self._bound[found.operation.name]
        caller = self._caller(exchange, place.type, found.values.get(PROJECT, ""), found.operation)
        if channel != CHANNEL and PIPELINE in found.operation.takes.__struct_fields__:
            # What another channel holds is none of ours, and a status of nothing is no fault (bkci-v3 2.1, 11).
            if found.operation is STATUS:
                return None
            raise WireRefusal(404, f"channel {channel[:50]} has no such pipeline", code=NO_PIPELINE)
        body = await self._body(exchange) if bound.reads_body else None
        taken = bound.taken(found.values, exchange.query, exchange.headers, body)
        _note_run(exchange, getattr(taken, BUILD, None))
        answer = await bound.ask(caller, taken)
        if isinstance(answer, BuildId):
            _note_run(exchange, answer.id)
        return answer

    def _caller(self, exchange: Exchange, kind: str, project: str, operation: Operation) -> Caller:
        exchange.notes["operation"] = operation.name
        headers = exchange.headers
        if not project.strip():
            raise WireRefusal(400, f"{PROJECT} is blank")
        exchange.notes["project"] = project
        try:
            caller = identified(
                kind,
                presented(headers, exchange.query),
                self._access,
                project=project,
                trust=self._trust,
                foreign=foreign(exchange, self._trust.networks),
                address=sender(exchange),
            )
        except Throttled:
            exchange.notes |= {"reason": "too-many-wrong", "sender": sender(exchange)}
            raise
        exchange.notes["actor"] = caller.name
        if not operation.tells_strangers:
            expect_member(caller)
        self._count(exchange, caller)
        return msgspec.structs.replace(
            caller, actions=operation.actions, request=exchange.request, address=exchange.address
        )

    def _count(self, exchange: Exchange, caller: Caller) -> None:
        """One more call by this caller, who is told what is left where there is a limit (API-7)."""
        allowance = self._access.asking.allowance(caller, writes=_method(exchange) != "GET")
        if allowance.limit:
            exchange.announced += [
                ("x-ratelimit-limit", str(allowance.limit)),
                ("x-ratelimit-remaining", str(allowance.remaining)),
            ]
        if not allowance.allowed:
            seconds = -(-allowance.retry_after // 1000)
            raise WireRefusal(
                429,
                f"more than {allowance.limit} calls a second; ask again in {seconds} s",
                retry_after=seconds,
            )

    async def _body(self, exchange: Exchange) -> object:
        content = await exchange.body(self._limits)
        if not content.strip():
            return None
        media = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise WireRefusal(415, "a body needs Content-Type: application/json")
        return conversion.decoded(content)


def _note_run(exchange: Exchange, build: object) -> None:
    """Have the server's log say which run a request is about (LOG-10)."""
    if isinstance(build, str) and build:
        with suppress(NotFound):
            exchange.notes["run"] = run_of(build)


def _channel(exchange: Exchange) -> str:
    """The channel that is asked, by the query or else a header (bkci-v3 2.1)."""
    named = next((value for name, value in exchange.query if name == "channelCode"), "")
    return named or exchange.headers.get("x-devops-channel", "") or CHANNEL


def _method(exchange: Exchange) -> str:
    """The method that is asked for: HEAD is GET, whose body the server leaves out."""
    return "GET" if exchange.method == "HEAD" else exchange.method


def _as_file(name: str) -> str:
    """How a file's name is told: for old clients in ASCII, and whole for all others (RFC 6266)."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


async def _refuse(exchange: Exchange, refusal: Told, *, close: bool = False) -> None:
    body = envelope.refusal(
        refusal.code,
        refusal.message,
        request=exchange.request,
        data=refusal.message if refusal.technical else None,
    )
    headers = [("retry-after", str(refusal.retry_after))] if refusal.retry_after else []
    if refusal.allow:
        headers.append(("allow", refusal.allow))
    await exchange.answer(refusal.http, body, headers=headers, close=close)
