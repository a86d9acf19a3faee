"""What every answer keeps to, from the reference alone (bkci-v3 1.2, 1.5, 10)."""

import re
from collections.abc import Iterator
from typing import Any

from ferryman.testing.http import Answered

JSON = "application/json; charset=utf-8"
FIRST_CODE = 2_100_000
NOT_400 = {
    404: {2101009, 2101024, 2101027, 2101038, 2101039, 2101163, 2101164, 2101166, 2101184, 2108007},
    403: {2100054, 2100055, 2101008, 2101073, 2101074},
    409: {2101013, 2101016, 2101145, 2101146},
}
"""HTTP status → the product's codes that go with it; all others go with 400."""


def breaches(answer: Answered, *, is_file: bool) -> Iterator[str]:
    """What is wrong with an answer; nothing of one that keeps to the laws."""
    if answer.status >= 500:
        yield "a fault of the server"
    if not re.fullmatch(r"[0-9a-f]{32}", answer.headers.get("x-request-id", "")):
        yield "no x-request-id"
    if is_file and answer.status == 200:
        if "attachment" not in answer.headers.get("content-disposition", ""):
            yield "a file that is no attachment"
        return
    if answer.headers.get("content-type") != JSON:
        yield f"content type {answer.headers.get('content-type')}"
        return
    told = answer.json
    if not isinstance(told, dict) or not isinstance(told.get("status"), int):
        yield "no envelope"
        return
    if not told.keys() <= {"status", "message", "data"}:
        yield f"fields of the envelope: {sorted(told)}"
    if has_null(told):
        yield "a null"
    yield from _of_status(answer.status, told)


def _of_status(http: int, told: dict[str, Any]) -> Iterator[str]:
    status = told["status"]
    if (status == 0) != (http == 200):
        yield f"status {status} with HTTP {http}"
    elif status == 0:
        if "message" in told:
            yield "a message on success"
    else:
        if not (isinstance(told.get("message"), str) and told["message"]):
            yield "a refusal without a message"
        if "data" in told and not (status == http and isinstance(told["data"], str)):
            yield "data of a refusal that is no technical text"
        if http != _http_of(status):
            yield f"code {status} with HTTP {http}"


def _http_of(status: int) -> int:
    if status < FIRST_CODE:
        return status
    return next((http for http, codes in NOT_400.items() if status in codes), 400)


def has_null(value: Any) -> bool:
    """Whether there is a null anywhere."""
    if isinstance(value, dict):
        return any(has_null(one) for one in value.values())
    if isinstance(value, list):
        return any(has_null(one) for one in value)
    return value is None
