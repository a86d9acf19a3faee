"""How refusals look on BK-CI's wire: one table from class and reason to HTTP status and code (bkci-v3 1.5, 10).

A code is the `status` of the envelope: a product code of seven digits, or the HTTP status where a rule has none.
"""

from typing import NamedTuple

from ferryman.domain.errors import (
    Conflict,
    FerrymanError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
)

CODES: dict[tuple[type[FerrymanError], str], tuple[int, int]] = {
    (Invalid, ""): (400, 400),
    (Refused, ""): (400, 400),
    (Refused, "run-of-another-pipeline"): (400, 2101058),
    (Refused, "failed"): (400, 2101012),
    (Refused, "not-offered"): (400, 2101221),
    (Refused, "not-a-reviewer"): (400, 2101018),
    (Refused, "own-run"): (400, 2101018),
    (Refused, "too-soon"): (400, 2101019),
    (Refused, "too-frequent"): (400, 2101020),
    (Refused, "queue-full"): (400, 2101049),
    (Refused, "not-this-group"): (403, 2101073),
    (Refused, "wrong-place"): (403, 2101074),
    (NotFound, "record-gone"): (400, 2101081),
    (Refused, "review-value-too-long"): (400, 2101082),
    (Refused, "not-paused"): (400, 2101107),
    (Refused, "job-not-ended"): (400, 2101110),
    (Refused, "stage-not-failed"): (400, 2101114),
    (Refused, "in-review"): (400, 2101129),
    (Refused, "restarting"): (400, 2101141),
    (Refused, "dependency-circle"): (409, 2101145),
    (NotFound, "stage-unknown"): (404, 2101166),
    (Refused, "gate-not-open"): (400, 2101167),
    (Refused, "no-trigger-review"): (400, 2101169),
    (Refused, "ended"): (400, 2101182),
    (Refused, "value-missing"): (400, 2101254),
    (Refused, "too-old"): (400, 2101258),
    (Refused, "stage-not-running"): (400, 2101273),
    (Refused, "value-too-long"): (400, 2101274),
    (Refused, "step-not-failed"): (400, 2101277),
    (Refused, "no-review"): (400, 2101279),
    (Forbidden, "not-yours"): (400, 2101340),
    (Refused, "run-not-ended"): (400, 2100002),
    (Refused, "log-removed"): (400, 2108008),
    (Refused, "locked"): (400, 2101047),
    (Refused, "too-many-groups"): (400, 2101160),
    (Refused, "too-many-labels"): (400, 2101161),
    (Refused, "label-too-long"): (400, 2101162),
    (NotFound, ""): (404, 404),
    (NotFound, "pipeline-unknown"): (404, 2101038),
    (NotFound, "model-unknown"): (404, 2101039),
    (NotFound, "nothing-to-restore"): (404, 2101024),
    (NotFound, "run"): (404, 2101163),
    (Conflict, ""): (409, 409),
    (Conflict, "name-taken"): (409, 2101013),
    (Conflict, "pipeline-exists"): (409, 2101016),
    (Conflict, "group-exists"): (400, 2101180),
    (Conflict, "label-exists"): (400, 2101181),
    (Conflict, "collection-exists"): (400, 400),
    (Forbidden, ""): (403, 2101008),
    (Forbidden, "may-not-create"): (403, 403),
    (Forbidden, "app-not-registered"): (403, 403),
    (Unauthenticated, ""): (401, 401),
    (Unavailable, ""): (503, 503),
    (Throttled, ""): (429, 429),
}
"""(class, reason) → (HTTP status, code). The row without a reason is for every reason that has none of its own."""

NOT_400: dict[int, int] = {2101145: 409, 2101146: 409, 2101013: 409, 2101016: 409, 2101073: 403}
"""HTTP statuses of codes that problems of a text carry, where they are not 400."""
FIRST_PRODUCT_CODE = 2_100_000
SAID_AS_400 = frozenset({2101054, 2101187})
"""Codes that name a text only: on the wire the fault is a plain 400 (bkci-v3 7, rows 12 and 13)."""


class WireRefusal(Exception):
    """Refused before any verb was asked: the path, the credentials or the form of what was sent."""

    def __init__(
        self,
        http: int,
        message: str,
        *,
        code: int = 0,
        technical: bool = False,
        retry_after: int = 0,
        allow: str = "",
    ) -> None:
        """`code` is `http` unless given; `technical` texts are told as data too; `retry_after` is in seconds; `allow`
        lists the methods that are possible."""
        self.http = http
        self.code = code or http
        self.technical = technical
        self.retry_after = retry_after
        self.allow = allow
        super().__init__(message)


class Told(NamedTuple):
    """A refusal as it goes out."""

    http: int
    code: int
    message: str
    technical: bool = False
    retry_after: int = 0
    """Seconds after which the same may be asked again; 0 where nothing is said of that."""
    allow: str = ""
    """The methods that are possible, where another was used."""


def told(error: FerrymanError | WireRefusal) -> Told:
    """How this refusal looks on the wire."""
    if isinstance(error, WireRefusal):
        return Told(error.http, error.code, str(error), error.technical, error.retry_after, error.allow)
    if isinstance(error, Invalid):
        # Problems come in the order of the checks: the first that failed names the fault.
        code = next((one.code for one in error.problems if one.severity == "error"), 0)
        if code >= FIRST_PRODUCT_CODE and code not in SAID_AS_400:
            return Told(NOT_400.get(code, 400), code, str(error))
        return Told(400, 400, str(error), technical=True)
    reason = getattr(error, "reason", "")
    for kind in type(error).__mro__:
        found = CODES.get((kind, reason)) or CODES.get((kind, ""))
        if found is not None:
            after = -(-error.retry_after // 1000) if isinstance(error, Throttled) else 0
            return Told(*found, str(error), retry_after=after)
    return Told(400, 400, str(error))
