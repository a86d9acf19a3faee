"""Fitting one written value to what an input allows: every fault of it, and the typed value.

Files and models are generous about scalars (pipeline-yaml 2): `"30"` is as good as `30`, `5` as good as
`"5"`, `"true"` as good as `true`.

Two moments ask for a fit. When a file is saved, text that holds a placeholder is accepted for any input
(15.1), because only the run knows what it becomes. When the step is about to run, only text may still hold
one: credentials stay placeholders until a process is started.
"""

import math
import re
from collections.abc import Mapping

import msgspec
from msgspec import inspect

from ferryman.domain.dialect import Dialect
from ferryman.expressions import placeholders
from ferryman.steps.faults import FaultCode, SettingsFault, near
from ferryman.steps.inputs import Input, Shape, describe, inputs, shapes

WHOLE_NUMBER = r"^[+-]?[0-9]{1,18}$"
NUMBER = r"^[+-]?[0-9]{1,18}(\.[0-9]{1,18})?$"
TRUTH = r"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"

_STRUCTURED = (inspect.VarTupleType, inspect.DictType, inspect.StructType)


def holds_placeholder(value: object, dialect: Dialect = Dialect.CONSTRAINED) -> bool:
    """Whether the value is text of which a part is replaced before the step runs."""
    return isinstance(value, str) and bool(placeholders(value, dialect))


class Fitting:
    """One walk over written settings. `faults` fills up in the order of the model; nothing is raised.

    Given the dialect of a file being saved, text with its placeholders passes everywhere and the values
    returned are not yet typed; without one, the settings are those of a step about to run.
    """

    def __init__(self, *, saving: Dialect | None) -> None:
        """Begin a walk."""
        self.faults: list[SettingsFault] = []
        self._saving = saving

    def struct(
        self,
        model: type[msgspec.Struct],
        written: Mapping[str, object],
        path: str = "",
        *,
        free: bool = False,
    ) -> msgspec.Struct | None:
        """Fit a mapping to a settings model; None while saving, or when a fault was found in it."""
        before = len(self.faults)
        known = inputs(model)
        if not free:
            self._refuse_unknown(known, written, path)
        values = {
            allowed.attribute: self._value(
                allowed.shapes, written.get(allowed.name), _join(path, allowed.name)
            )
            for allowed in known
            if self._is_given(allowed, written, path)
        }
        return None if self._saving is not None or len(self.faults) > before else model(**values)

    def _refuse_unknown(self, known: tuple[Input, ...], written: Mapping[str, object], path: str) -> None:
        names = [allowed.name for allowed in known]
        for name in written:
            if name not in names:
                where = _join(path, str(name))
                hint = near(str(name), names)
                self._fault(where, f'unknown input "{_short(name)}"', FaultCode.UNKNOWN_OR_EXCLUDED, hint)

    def _is_given(self, allowed: Input, written: Mapping[str, object], path: str) -> bool:
        """Whether there is a value to look at; a null is as good as none where a scalar may be left out."""
        if written.get(allowed.name) is not None:
            return True
        if allowed.required:
            where = _join(path, allowed.name)
            self._fault(
                where, f'required input "{allowed.name}" is missing', FaultCode.MISSING, allowed.meaning
            )
            return False
        return allowed.name in written and all(isinstance(shape, _STRUCTURED) for shape in allowed.shapes)

    def _value(self, allowed: tuple[Shape, ...], value: object, path: str) -> object:
        if self._is_open(allowed, value):
            return value
        if isinstance(value, Mapping):
            return self._mapping(allowed, value, path)
        if isinstance(value, list | tuple):
            return self._list(allowed, value, path)
        return self._scalar(allowed, value, path)

    def _is_open(self, allowed: tuple[Shape, ...], value: object) -> bool:
        """Whether a placeholder leaves open what the value will be, which is fine for now."""
        if self._saving is not None:
            return holds_placeholder(value, self._saving)
        return holds_placeholder(value) and _first(allowed, inspect.StrType) is not None

    def _mapping(self, allowed: tuple[Shape, ...], value: Mapping[str, object], path: str) -> object:
        match _first(allowed, inspect.StructType, inspect.DictType, inspect.AnyType):
            case inspect.StructType(cls=model):
                return self.struct(model, value, path)
            case inspect.DictType(value_type=item):
                return {
                    str(name): self._value(shapes(item), one, _join(path, str(name)))
                    for name, one in value.items()
                }
            case inspect.AnyType():
                return value
            case _:
                return self._wrong(allowed, "a mapping", path)

    def _list(
        self, allowed: tuple[Shape, ...], value: list[object] | tuple[object, ...], path: str
    ) -> object:
        match _first(allowed, inspect.VarTupleType, inspect.AnyType):
            case inspect.VarTupleType(item_type=item, min_length=shortest):
                if len(value) < (shortest or 0):
                    self._fault(path, "must not be an empty list", FaultCode.TOO_LONG_OR_TOO_SHORT)
                return tuple(
                    self._value(shapes(item), one, f"{path}[{index}]") for index, one in enumerate(value)
                )
            case inspect.AnyType():
                return value
            case _:
                return self._wrong(allowed, "a list", path)

    def _scalar(self, allowed: tuple[Shape, ...], value: object, path: str) -> object:
        scalar = next((shape for shape in allowed if not isinstance(shape, _STRUCTURED)), None)
        match scalar:
            case inspect.AnyType():
                return value
            case inspect.StrType():
                return self._text(scalar, value, path)
            case inspect.LiteralType():
                return self._word(scalar, value, path)
            case inspect.IntType() | inspect.FloatType():
                return self._number(scalar, value, path)
            case inspect.BoolType():
                return self._truth(scalar, value, path)
            case _:
                return self._wrong(allowed, _shown(value), path)

    def _text(self, shape: inspect.StrType, value: object, path: str) -> object:
        text = as_text(value)
        if text is None:
            return self._wrong((shape,), _shown(value), path)
        if len(text) < (shape.min_length or 0):
            self._fault(path, "must not be empty", FaultCode.TEXT_DOES_NOT_MATCH)
        if shape.pattern is not None and not re.search(shape.pattern, text):
            self._fault(path, f"must be {describe((shape,))}", FaultCode.TEXT_DOES_NOT_MATCH)
        return text

    def _word(self, shape: inspect.LiteralType, value: object, path: str) -> object:
        words = [str(word) for word in shape.values]
        text = as_text(value)
        if text not in words:
            message = f"must be {describe((shape,))}, not {_shown(value)}"
            self._fault(path, message, FaultCode.NOT_AN_ALLOWED_WORD, _did_you_mean(text, words))
        return text

    def _number(self, shape: inspect.IntType | inspect.FloatType, value: object, path: str) -> object:
        number = as_whole_number(value) if isinstance(shape, inspect.IntType) else as_number(value)
        if number is None:
            return self._wrong((shape,), _shown(value), path)
        lowest, highest = shape.ge, shape.le
        if (lowest is not None and number < lowest) or (highest is not None and number > highest):
            message = f"must be {describe((shape,))}, not {_shown(value)}"
            self._fault(path, message, FaultCode.OUT_OF_RANGE)
        return number

    def _truth(self, shape: inspect.BoolType, value: object, path: str) -> object:
        if isinstance(value, str) and re.search(TRUTH, value):
            return value.lower() == "true"
        return value if isinstance(value, bool) else self._wrong((shape,), _shown(value), path)

    def _wrong(self, allowed: tuple[Shape, ...], found: str, path: str) -> object:
        self._fault(path, f"must be {describe(allowed)}, not {found}", FaultCode.WRONG_TYPE)
        return None

    def _fault(self, path: str, message: str, code: FaultCode, hint: str = "") -> None:
        self.faults.append(SettingsFault(path, message, hint, code))


def as_text(value: object) -> str | None:
    """A scalar as text, the way the file would write it; None for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value)
    return value if isinstance(value, str) else None


def as_whole_number(value: object) -> int | None:
    """A whole number, also when written as text; None for anything else."""
    if isinstance(value, str):
        return int(value) if re.search(WHOLE_NUMBER, value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(value: object) -> float | None:
    """A finite number, also when written as text; None for anything else."""
    if isinstance(value, str):
        return float(value) if re.search(NUMBER, value) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 10**18:
        return None
    return float(value) if math.isfinite(value) else None


def _number_text(value: float) -> str | None:
    """None for a whole number so long that Python refuses to write it out."""
    return None if isinstance(value, int) and value.bit_length() > 4096 else str(value)


def _first(allowed: tuple[Shape, ...], *wanted: type[Shape]) -> Shape | None:
    return next((shape for shape in allowed if isinstance(shape, wanted)), None)


def _did_you_mean(text: str | None, words: list[str]) -> str:
    """The near word alone: the message lists all of them already."""
    hint = near(text or "", words)
    return hint if hint.startswith("did you mean") else ""


def _shown(value: object) -> str:
    """A value in a message: short, and only what people would recognize."""
    if value is None:
        return "empty"
    text = as_text(value)
    if text is None:
        return "a number too long" if isinstance(value, int) else "this"
    return f'"{_short(text)}"' if isinstance(value, str) else _short(text)


def _short(text: object) -> str:
    shown = str(text)
    return shown if len(shown) <= 40 else shown[:37] + "..."


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
