"""What the functions of the language do. Source: pipeline-yaml 10.6, semantics 16.4.

Each takes the evaluation and its arguments, pays the evaluation for what it touches, and refuses through
it. Names and counts of arguments stand in `signatures`; the parser has checked them.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ferryman.expressions.errors import ErrorKind, shortened
from ferryman.expressions.evaluation import Evaluation
from ferryman.expressions.values import Kind, equal, kind_of, to_text

Arguments = Sequence[object]
Function = Callable[[Evaluation, Arguments], object]

MAX_JSON_DEPTH = 100
"""Levels of arrays and objects in a JSON text."""

_PIECES = re.compile(r"\{\{|\}\}|\{([0-9]{1,3})\}|[{}]")
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2}))?")


def _contains(run: Evaluation, arguments: Arguments) -> object:
    whole, part = arguments
    match kind_of(whole):
        case Kind.ARRAY:
            items: Sequence[object] = whole  # type: ignore[assignment]
            run.spend(len(items))
            return any(equal(item, part) for item in items)
        case Kind.OBJECT:
            return False
        case _:
            return _is_scalar(part) and run.text(part) in run.text(whole)


def _starts_with(run: Evaluation, arguments: Arguments) -> object:
    whole, part = arguments
    return _is_scalar(whole) and _is_scalar(part) and run.text(whole).startswith(run.text(part))


def _ends_with(run: Evaluation, arguments: Arguments) -> object:
    whole, part = arguments
    return _is_scalar(whole) and _is_scalar(part) and run.text(whole).endswith(run.text(part))


def _is_scalar(value: object) -> bool:
    return kind_of(value) not in (Kind.ARRAY, Kind.OBJECT)


def _format(run: Evaluation, arguments: Arguments) -> object:
    pattern, *values = arguments
    texts = [to_text(value) for value in values]
    form = run.text(pattern)
    pieces: list[str] = []
    length = at = 0
    for brace in _PIECES.finditer(form):
        piece = _piece(run, brace, texts)
        pieces += (form[at : brace.start()], piece)
        length += brace.start() - at + len(piece)
        at = brace.end()
        if length > run.steps_left:
            break
    run.sized(length + len(form) - at)
    return "".join((*pieces, form[at:]))


def _piece(run: Evaluation, brace: re.Match[str], texts: Sequence[str]) -> str:
    index = brace[1]
    if index is None:
        if len(brace[0]) == 2:
            return brace[0][0]
        raise run.refusal(
            ErrorKind.BAD_FORMAT, "the format holds a lone brace; write {{ or }} for one, or {0} for a value"
        )
    if int(index) >= len(texts):
        raise run.refusal(ErrorKind.BAD_FORMAT, f"the format asks for {{{index}}}, which is not given")
    return texts[int(index)]


def _join(run: Evaluation, arguments: Arguments) -> object:
    items, separator = arguments[0], to_text(arguments[1]) if len(arguments) > 1 else ","
    if not isinstance(items, list | tuple):
        return "" if kind_of(items) is Kind.OBJECT else run.text(items)
    run.spend(len(items))
    texts = [to_text(item) for item in items]
    run.sized(sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0))
    return separator.join(texts)


def _from_json(run: Evaluation, arguments: Arguments) -> object:
    """What a matrix left is its JSON list to a text, and a list already to whoever looks into it: read both ways."""
    if kind_of(arguments[0]) in (Kind.ARRAY, Kind.OBJECT):
        return arguments[0]
    text = run.text(arguments[0])
    depth = deepest = 0
    for match in _NESTING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        deepest = max(deepest, depth)
    if deepest > MAX_JSON_DEPTH:
        raise run.refusal(ErrorKind.TOO_DEEP, f"the JSON text is nested deeper than {MAX_JSON_DEPTH} levels")
    try:
        value = json.loads(text, parse_int=float, parse_float=float, parse_constant=_no_constant)
        # An escaped half of a surrogate pair is no text; it could not be stored anywhere.
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError as error:
        raise run.refusal(ErrorKind.BAD_JSON, f"the text is not JSON ({error})") from None
    return value


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON value")


def _to_json(run: Evaluation, arguments: Arguments) -> object:
    return None if arguments[0] is None else json_text(run, arguments[0])


def json_text(run: Evaluation, value: object) -> str:
    """The compact JSON text of any value, always valid: a number that JSON does not know is null."""
    text = json.dumps(_plain(run, value, MAX_JSON_DEPTH), ensure_ascii=False, separators=(",", ":"))
    run.sized(len(text))
    return text


def _plain(run: Evaluation, value: object, levels: int) -> object:
    """The value in the forms that the JSON writer knows, paid for before it is written."""
    run.spend(1)
    if levels < 0:
        message = f"the value is nested deeper than {MAX_JSON_DEPTH} levels"
        raise run.refusal(ErrorKind.TOO_DEEP, message)
    match kind_of(value):
        case Kind.NULL | Kind.BOOLEAN:
            return value
        case Kind.NUMBER:
            return _json_number(value)
        case Kind.STRING:
            return run.text(value)
        case Kind.ARRAY:
            items: Sequence[object] = value  # type: ignore[assignment]
            return [_plain(run, item, levels - 1) for item in items]
    if isinstance(value, Mapping):
        return {run.text(key): _plain(run, value[key], levels - 1) for key in value}
    return {}


def _json_number(value: object) -> object:
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value


def _str_to_time(run: Evaluation, arguments: Arguments) -> object:
    text = to_text(arguments[0])
    shown = shortened(text)
    match = _TIME.fullmatch(text)
    if match is None:
        message = f"{shown!r} is not a time of the form YYYY-MM-DD or YYYY-MM-DD hh:mm:ss"
        raise run.refusal(ErrorKind.BAD_TIME, message)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        zone = ZoneInfo(run.zone)
    except (ValueError, KeyError, OSError):
        raise run.refusal(ErrorKind.BAD_TIME, f"{run.zone!r} is not a time zone") from None
    try:
        return float(int(datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()))
    except ValueError as error:
        raise run.refusal(ErrorKind.BAD_TIME, f"{text!r} is not a time: {error}") from None


def _hash_files(run: Evaluation, arguments: Arguments) -> object:
    raise run.refusal(ErrorKind.ONLY_ON_WORKER, "hashFiles works only on a worker, where the files are")


CALLS: Mapping[str, Function] = MappingProxyType(
    {
        "contains": _contains,
        "startsWith": _starts_with,
        "endsWith": _ends_with,
        "format": _format,
        "join": _join,
        "fromJSON": _from_json,
        "toJSON": _to_json,
        "strToTime": _str_to_time,
        "hashFiles": _hash_files,
    }
)
"""What each function of `signatures.FUNCTIONS` does."""
