"""Requests, answers and refusals as lines of JSON; both ends of the socket use this module.

A request is `{"verb": …, "arguments": {…}}`, its answer `{"result": …}` or `{"error": {class, code, message, facts}}`.
A refusal keeps its class on the way, so that exit codes and texts are the same as in-process.
"""

from typing import Any

import msgspec

from ferryman.domain import errors
from ferryman.domain.errors import FerrymanError, Invalid, Problem, Refused

LONGEST = 64 * 1024 * 1024
"""Bytes of a line; definitions and lists are far below."""


class Request(msgspec.Struct, frozen=True):
    """What is asked."""

    verb: str
    arguments: dict[str, Any] = {}
    project: str = ""
    """Empty: the only one there is."""


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal, written down."""

    kind: str = msgspec.field(name="class")
    code: str
    message: str
    facts: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it: one of the two."""

    result: Any = None
    error: Error | None = None


_REFUSALS: dict[str, type[FerrymanError]] = {
    kind.__name__: kind
    for kind in (
        errors.NotFound,
        errors.Conflict,
        errors.Forbidden,
        errors.Unauthenticated,
        errors.Unavailable,
        errors.Throttled,
    )
}
"""Refusals that are nothing but their sentence."""


def line(message: Request | Answer) -> bytes:
    """One message as one line."""
    return msgspec.json.encode(message) + b"\n"


def request(text: bytes) -> Request:
    """The request in a line. Raises `Invalid`."""
    try:
        return msgspec.json.decode(text, type=Request)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Invalid([Problem(path="", message=f"this is no request: {error}", code=0)]) from error


def answer(text: bytes) -> Answer:
    """The answer in a line. Raises `Unavailable` where it is none."""
    try:
        return msgspec.json.decode(text, type=Answer)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise errors.Unavailable("the answer cannot be read: the other end speaks another version") from error


def packed(error: FerrymanError) -> Error:
    """A refusal, to be sent."""
    facts: dict[str, Any] = {}
    if isinstance(error, Refused):
        facts = {"reason": error.reason, "path": error.path}
    elif isinstance(error, Invalid):
        facts = {"problems": [msgspec.structs.asdict(problem) for problem in error.problems]}
    return Error(kind=type(error).__name__, code=error.code, message=str(error), facts=facts)


def unpacked(error: Error) -> FerrymanError:
    """The refusal that was sent, of its own class."""
    if error.kind == Refused.__name__:
        return Refused(
            error.message, reason=str(error.facts.get("reason", "")), path=str(error.facts.get("path", ""))
        )
    if error.kind == Invalid.__name__:
        try:
            return Invalid(msgspec.convert(error.facts.get("problems", []), tuple[Problem, ...]))
        except msgspec.ValidationError:
            return Invalid([Problem(path="", message=error.message, code=0)])
    return _REFUSALS.get(error.kind, FerrymanError)(error.message)
