"""The envelope: every JSON answer, good or bad, is one object of `status`, `message` and `data` (bkci-v3 1.2)."""

from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def success(data: Any) -> bytes:
    """What worked, and what came of it. Fields without a value are left out, at every depth."""
    if data is None:
        return b'{"status":0}'
    body = _encode({"status": 0, "data": data})
    # Wire models never hold a null; what a client has saved may, or the text of a log.
    if b":null" in body:
        body = _encode(_without_nulls(msgspec.json.decode(body)))
    return body


def refusal(status: int, message: str, *, request: str, data: str | None = None) -> bytes:
    """What did not work, and why. The request's id stands in the message: it is all that people see of an answer."""
    told: dict[str, Any] = {"status": status, "message": f"{message} [request {request}]"}
    if data is not None:
        told["data"] = data
    return _encode(told)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value
