"""How the exit of an attempt reads for rules and for people (semantics 7.6, bkci-v3 6.9, ERR-5)."""

import json
import os

import msgspec

from ferryman.domain.status import NO_REASON, Reason, Why
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import WorkResult
from ferryman.executors.local.sayings import Sayings, pairs
from ferryman.ports.processes import Exit

_LARGEST_FILE = 4 * 1024 * 1024
_NO_ANSWER: dict[str, Json] = {"outputs": {}, "message": "", "error_code": 0, "fault": ""}


def ended(
    run: str, key: str, exit: Exit, sayings: Sayings, handed: str, *, was_set: dict[str, str], answers: bool
) -> WorkResult:
    """The result of an attempt whose program has ended, with the variables that it has set, all else that it handed
    over in files that begin so, and its answer where it `answers` as a plugin does."""
    plugin = _plugin_answer(f"{handed}.json") if answers else _NO_ANSWER
    outputs: dict[str, Json] = {
        **sayings.values["output"],
        **_read_pairs(f"{handed}.output"),
        **plugin["outputs"],
    }
    reason, code = _reason(exit, sayings.error or plugin["message"])
    if plugin["fault"] and not reason:
        reason, code = Reason(Why.EXIT, {"code": "0", "message": plugin["fault"]}), TaskCode.WENT_WRONG
    return WorkResult(
        run=run,
        key=key,
        outcome="failed" if reason else "succeeded",
        reason=reason,
        error_code=(plugin["error_code"] or code) if reason else 0,
        outputs=outputs,
        variables=was_set,
        gate_values=sayings.values["gate-value"],
        remark=sayings.remark,
        spawned_at=exit.at,
        ended_at=exit.ended,
    )


def variables(sayings: Sayings, handed: str) -> dict[str, str]:
    """The variables that an attempt set, by what it printed and in its file."""
    return sayings.values["variable"] | _read_pairs(f"{handed}.env")


def left_out(handed: str) -> list[str]:
    """What to say of files that hold more than is read of them."""
    names = {"FERRYMAN_OUTPUT": f"{handed}.output", "FERRYMAN_ENV": f"{handed}.env"}
    return [
        f"${name} is too long: what stands behind its first {_LARGEST_FILE:,} bytes is left out"
        for name, path in names.items()
        if os.path.isfile(path) and os.path.getsize(path) > _LARGEST_FILE
    ]


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


def packed(result: WorkResult) -> str:
    """A result as text, to be kept in place of its output."""
    return msgspec.json.encode(result).decode()


def unpacked(text: str) -> WorkResult:
    """A kept result."""
    return msgspec.json.decode(text, type=WorkResult)


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
    how = f"signal {exit.signal}" if exit.signal else f"exit code {exit.code}"
    if exit.memory:
        facts["memory"] = "exceeded"
        message = f"killed: out of memory ({how}, after {span})"
    elif exit.stopped:
        message = f"stopped ({how}, after {span})"
    else:
        message = f"ended with {how} after {span}"
    message = f"{own_words} ({message})" if own_words else message
    return Reason(
        Why.EXIT, {**facts, "message": message, "milliseconds": str(exit.ended - exit.at)}
    ), TaskCode.EXIT_CODE


def _read_pairs(path: str) -> dict[str, str]:
    # A look before it is opened: mostly it is not there, and what is no file, a pipe say, might never open.
    if not os.path.isfile(path):
        return {}
    try:
        with open(path, "rb") as file:
            raw = file.read(_LARGEST_FILE)
            if file.read(1):
                # Half a value is none.
                raw = raw[: raw.rfind(b"\n") + 1]
            # Nothing but a line feed ends a line: whatever else may break one is part of a value.
            return pairs(raw.decode(errors="replace").removesuffix("\n").split("\n"))
    except OSError:
        return {}


def _plugin_answer(path: str) -> dict[str, Json]:
    """What a plugin wrote: outputs, message, error_code; and what is wrong with the file, which says nothing then."""
    empty = _NO_ANSWER
    if not os.path.isfile(path):
        return empty
    try:
        with open(path, encoding="utf-8") as file:
            if not (text := file.read(_LARGEST_FILE)).strip():
                return empty
            answer = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        return empty | {"fault": f"what it left in $FERRYMAN_RESULT is no JSON: {error}"}
    if not isinstance(answer, dict):
        return empty | {"fault": "what it left in $FERRYMAN_RESULT is JSON, but no object"}
    known = {name: answer[name] for name in ("outputs", "message", "error_code") if name in answer}
    odd = [name for name, value in known.items() if type(value) is not type(empty[name])]
    if odd:
        kinds = {"outputs": "an object", "message": "text", "error_code": "a whole number"}
        known = {name: value for name, value in known.items() if name not in odd}
        known["fault"] = f"in $FERRYMAN_RESULT, {odd[0]} must be {kinds[odd[0]]}"
    return empty | known
