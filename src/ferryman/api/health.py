"""Health: alive, ready, and why not, part by part (OPS-1).

A part that is not well makes the server not ready; one that warns does not. What is said of a part names no path and
no secret: anybody may ask.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

State = Literal["ok", "warning", "failed"]
SECONDS = 3.0
"""A part that does not answer in this time is not well."""


class Part(msgspec.Struct, frozen=True):
    """How one part is; `why` where it is not well, in one sentence that says what to do."""

    state: State = "ok"
    why: str = ""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is."""

    alive: bool = True
    ready: bool
    parts: dict[str, Part]


Check = Callable[[], Awaitable[Part]]


async def examined(checks: Mapping[str, Check]) -> Health:
    """How each part is; all are asked at the same time."""
    parts = await asyncio.gather(*(_asked(check) for check in checks.values()))
    found = dict(zip(checks, parts, strict=True))
    return Health(ready=all(part.state != "failed" for part in parts), parts=found)


async def _asked(check: Check) -> Part:
    try:
        async with asyncio.timeout(SECONDS):
            return await check()
    except TimeoutError:
        return Part("failed", f"it did not answer within {SECONDS:g} s")
