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
    Unauthenticated,
    Unavailable,
)

CODES: dict[tuple[type[FerrymanError], str], tuple[int, int]] = {
    (Invalid, ""): (400, 400),
    (Refused, ""): (400, 400),
    (Refused, "run-of-another-pipeline"): (400, 2101058),
    (Refused, "log-removed"): (400, 2108008),
    (NotFound, ""): (404, 404),
    (NotFound, "run"): (404, 2101163),
    (Conflict, ""): (409, 409),
    (Forbidden, ""): (403, 2101008),
    (Forbidden, "app-not-registered"): (403, 403),
    (Unauthenticated, ""): (401, 401),
    (Unavailable, ""): (503, 503),
}
"""(class, reason) → (HTTP status, code). The row without a reason is for every reason that has none of its own."""

NOT_400: dict[int, int] = {2101145: 409, 2101146: 409, 2101013: 409, 2101016: 409, 2101073: 403}
"""HTTP statuses of codes that problems of a text carry, where they are not 400."""
FIRST_PRODUCT_CODE = 2_100_000


class WireRefusal(Exception):
    """Refused before any verb was asked: the path, the credentials or the form of what was sent."""

    def __init__(self, http: int, message: str, *, code: int = 0, technical: bool = False) -> None:
        """`code` is `http` unless given; `technical` texts are told as data too."""
        self.http = http
        self.code = code or http
        self.technical = technical
        super().__init__(message)


class Told(NamedTuple):
    """A refusal as it goes out."""

    http: int
    code: int
    message: str
    technical: bool = False


def told(error: FerrymanError | WireRefusal) -> Told:
    """How this refusal looks on the wire."""
    if isinstance(error, WireRefusal):
        return Told(error.http, error.code, str(error), error.technical)
    if isinstance(error, Invalid):
        code = next((one.code for one in error.problems if one.code >= FIRST_PRODUCT_CODE), 0)
        if code:
            return Told(NOT_400.get(code, 400), code, str(error))
    reason = getattr(error, "reason", "")
    for kind in type(error).__mro__:
        found = CODES.get((kind, reason)) or CODES.get((kind, ""))
        if found is not None:
            return Told(*found, str(error))
    return Told(400, 400, str(error))
