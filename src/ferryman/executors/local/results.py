"""How the exit of an attempt reads for rules and for people (semantics 7.6, bkci-v3 6.9, ERR-5)."""

import errno
import json
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ferryman.domain.status import NO_REASON, Reason, Why
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import WorkResult
from ferryman.executors.local.sayings import Sayings, pairs
from ferryman.ports.processes import Exit

_LARGEST_FILE = 4 * 1024 * 1024
_DEEPEST = 100
"""Levels of lists and objects in a plugin's answer: as many as `fromJSON` takes. All that keeps or shows a value walks
through it."""
_NO_ANSWER: dict[str, Json] = {"outputs": {}, "message": "", "error_code": 0, "fault": ""}


class Handed(NamedTuple):
    """What an attempt left in the files that are there for it to hand something over."""

    outputs: dict[str, str]
    variables: dict[str, str]
    answer: dict[str, Json]
    """A plugin's: outputs, message, error_code, and what is wrong with the file."""
    left_out: tuple[str, ...]
    """What to say of files that hold more than is read of them."""


def handed(path: str, *, answers: bool) -> Handed:
    """Read the files whose names begin so, and the answer where the attempt `answers` as a plugin does."""
    outputs, less_outputs = _read_pairs(f"{path}.output", "FERRYMAN_OUTPUT")
    variables, less_variables = _read_pairs(f"{path}.env", "FERRYMAN_ENV")
    answer = _plugin_answer(f"{path}.json") if answers else _NO_ANSWER
    return Handed(outputs, variables, answer, less_outputs + less_variables)


def ended(run: str, key: str, exit: Exit, sayings: Sayings, handed: Handed) -> WorkResult:
    """The result of an attempt whose program has ended, from what it printed and what it handed over."""
    plugin = handed.answer
    reason, code = _reason(exit, sayings.error or plugin["message"])
    if plugin["fault"] and not reason:
        reason, code = Reason(Why.EXIT, {"code": "0", "message": plugin["fault"]}), TaskCode.WENT_WRONG
    return WorkResult(
        run=run,
        key=key,
        outcome="failed" if reason else "succeeded",
        reason=reason,
        error_code=(plugin["error_code"] or code) if reason else 0,
        outputs={**sayings.values["output"], **handed.outputs, **plugin["outputs"]},
        variables=variables(sayings, handed),
        gate_values=sayings.values["gate-value"],
        remark=sayings.remark,
        spawned_at=exit.at,
        ended_at=exit.ended,
    )


def variables(sayings: Sayings, handed: Handed) -> dict[str, str]:
    """The variables that an attempt set, by what it printed and in its file."""
    return sayings.values["variable"] | handed.variables


def refused(run: str, key: str, message: str, code: int, at: int, *, outcome: str = "failed") -> WorkResult:
    """The result of an attempt that could not even be prepared."""
    return WorkResult(
        run=run,
        key=key,
        outcome=outcome,
        reason=Reason(Why.ENVIRONMENT_FAILED, {"message": message}),
        error_code=code,
        ended_at=at,
    )


def placeless(run: str, key: str, message: str, at: int) -> WorkResult:
    """The result of an attempt whose job asks for a place that is not here."""
    failed = refused(run, key, message, TaskCode.CANNOT_RUN, at)
    return replace(failed, placeless=True)


def packed(result: WorkResult) -> str:
    """A result as text, to be kept in place of its output."""
    return msgspec.json.encode(result).decode()


def unpacked(text: str) -> WorkResult:
    """A kept result."""
    return msgspec.json.decode(text, type=WorkResult)


def how(exit: Exit) -> str:
    """What ended a program, for people: exit code 1, signal SIGKILL."""
    return f"signal {exit.signal}" if exit.signal else f"exit code {exit.code}"


def lasted(milliseconds: int) -> str:
    """A time span for people: 23 ms, 2.3 s, 12 s, 3 min 5 s."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _reason(exit: Exit, own_words: str) -> tuple[Reason, int]:
    """Why it failed, and its code; no reason when it did not."""
    if exit.error:
        return Reason(Why.ENVIRONMENT_FAILED, {"message": exit.error}), TaskCode.CANNOT_RUN
    if exit.code == 0:
        return NO_REASON, 0
    span = lasted(exit.ended - exit.at)
    facts = {"signal": exit.signal} if exit.signal else {"code": str(exit.code)}
    if exit.memory:
        facts["memory"] = "exceeded"
        message = f"killed: out of memory ({how(exit)}, after {span})"
    elif exit.stopped:
        message = f"stopped ({how(exit)}, after {span})"
    else:
        message = f"ended with {how(exit)} after {span}"
    message = f"{own_words} ({message})" if own_words else message
    return Reason(
        Why.EXIT, {**facts, "message": message, "milliseconds": str(exit.ended - exit.at)}
    ), TaskCode.EXIT_CODE


def _opened(path: str) -> bytes | str:
    """What stands in a file that a step had for its own, and one byte more than is taken of it where it is too long; or
    what is there in place of a file.

    The step may have put a link there. It is not followed: the step does not see Ferryman's own files, but we do, and
    would hand over what it asked for (RULINGS 18). Nor is waited for what a named pipe may never bring.
    """
    # Mostly it is not there.
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    except OSError as fault:
        return "a link" if fault.errno == errno.ELOOP else f"not to be read ({os.strerror(fault.errno or 0)})"
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return "no file"
        with open(fd, "rb", closefd=False) as file:
            return file.read(_LARGEST_FILE + 1)
    except OSError as fault:
        return f"not to be read ({os.strerror(fault.errno or 0)})"
    finally:
        os.close(fd)


def _read_pairs(path: str, name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values in a file that steps know by this name, and what to say of what is not taken from it."""
    raw = _opened(path)
    if isinstance(raw, str):
        return {}, (f"${name} is {raw}: nothing of it is taken",)
    is_too_long = len(raw) > _LARGEST_FILE
    said: list[str] = []
    if is_too_long:
        # Half a value is none.
        raw = raw[: raw.rfind(b"\n", 0, _LARGEST_FILE) + 1]
        said.append(f"${name} is too long: what stands behind its first {_LARGEST_FILE:,} bytes is left out")
    # Nothing but a line feed ends a line: whatever else may break one is part of a value.
    odd: list[int] = []
    unended: list[str] = []
    values = pairs(raw.decode(errors="replace").removesuffix("\n").split("\n"), odd, unended)
    for each in unended:
        if is_too_long:
            del values[each]
        else:
            said.append(f"${name}: {each}<< is never ended: all lines below belong to its value")
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        said.append(
            f"${name}: line {odd[0]}{more} left out: not NAME=VALUE; a value of several lines stands between NAME<<END "
            "and END"
        )
    return values, tuple(said)


def _plugin_answer(path: str) -> dict[str, Json]:
    """What a plugin wrote: outputs, message, error_code; and what is wrong with the file, which says nothing then."""
    empty = _NO_ANSWER
    raw = _opened(path)
    if isinstance(raw, str):
        return empty | {"fault": f"what it left in $FERRYMAN_RESULT is {raw}, and not read"}
    if len(raw) > _LARGEST_FILE:
        return empty | {"fault": f"what it left in $FERRYMAN_RESULT is longer than {_LARGEST_FILE:,} bytes"}
    if not raw.strip():
        return empty
    try:
        answer = json.loads(raw.decode())
        # Half of a surrogate pair is no text, and what is no number is no JSON: neither could be kept anywhere.
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        return empty | {"fault": f"what it left in $FERRYMAN_RESULT is no JSON: {error}"}
    if not isinstance(answer, dict):
        return empty | {"fault": "what it left in $FERRYMAN_RESULT is JSON, but no object"}
    if _is_too_deep(answer):
        return empty | {"fault": f"what it left in $FERRYMAN_RESULT is nested deeper than {_DEEPEST} levels"}
    known = {name: answer[name] for name in ("outputs", "message", "error_code") if name in answer}
    odd = [name for name, value in known.items() if type(value) is not type(empty[name])]
    if odd:
        kinds = {"outputs": "an object", "message": "text", "error_code": "a whole number"}
        known = {name: value for name, value in known.items() if name not in odd}
        known["fault"] = f"in $FERRYMAN_RESULT, {odd[0]} must be {kinds[odd[0]]}"
    return empty | known


def _is_too_deep(answer: Json) -> bool:
    level = [answer]
    for _ in range(_DEEPEST):
        level = [inner for item in level for inner in _inside(item) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(item: Json) -> Iterable[Json]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
