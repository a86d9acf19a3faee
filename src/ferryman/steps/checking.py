"""Checking and reading what a user wrote as the settings of a step (pipeline-yaml 8.1, 15.1).

`check_settings` is asked when a file is saved and answers with all faults at once; `read_settings` is
asked when the step is about to run, after placeholders were replaced, and gives the typed settings.
"""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Invalid, NotFound, Problem
from ferryman.expressions import ExpressionError, parse
from ferryman.steps import KINDS, find_kind
from ferryman.steps.faults import FaultCode, SettingsFault, near
from ferryman.steps.fitting import Fitting, holds_placeholder
from ferryman.steps.kind import Choice, StepKind

_MOST_REMEMBERED = 16_384
"""Characters of settings; longer ones are fitted each time."""
OWN_PREFIX = "ferryman"
"""Codes that start so are ours alone, so an unknown one can only be a mistake."""


def check_settings(
    kind_name: str,
    settings: Mapping[str, object],
    *,
    agentless: bool = False,
    dialect: Dialect = Dialect.CONSTRAINED,
) -> list[SettingsFault]:
    """Every fault of these settings, as far as it can be told before placeholders are replaced.

    `dialect` says what a placeholder looks like. A code that nobody here knows has no faults: it is kept, and
    fails when it runs. Never raises.
    """
    kind = find_kind(kind_name)
    if kind is None:
        return _unknown_kind(kind_name) if kind_name.startswith(OWN_PREFIX) else []
    homeless = [_needs_machine(kind)] if agentless and kind.needs_machine else []
    _, faults = _fit(kind, settings, saving=dialect)
    return homeless + faults


def without_effect(kind_name: str, settings: Mapping[str, object]) -> list[str]:
    """The settings among these that ask for what is not done here."""
    kind = find_kind(kind_name)
    if kind is None:
        return []
    return [name for name, fine in kind.unheeded.items() if settings.get(name) and settings[name] not in fine]


def read_settings(kind_name: str, settings: Mapping[str, object]) -> msgspec.Struct:
    """The typed settings of a step after replacement; text may still hold placeholders of credentials.

    Raises Invalid with all problems, and NotFound for a kind that does not exist.
    """
    texts = tuple((name, value) for name, value in settings.items() if isinstance(value, str))
    if len(texts) == len(settings) and sum(len(value) for _, value in texts) <= _MOST_REMEMBERED:
        return _read_texts(kind_name, texts)
    return _read(kind_name, settings)


@lru_cache(maxsize=512)
def _read_texts(kind_name: str, settings: tuple[tuple[str, str], ...]) -> msgspec.Struct:
    """Nothing but texts, as most scripts have it: the same ones are fitted once, not for each attempt."""
    return _read(kind_name, dict(settings))


def _read(kind_name: str, settings: Mapping[str, object]) -> msgspec.Struct:
    kind = find_kind(kind_name)
    if kind is None:
        raise NotFound(f"there is no step kind {kind_name}")
    typed, faults = _fit(kind, settings, saving=None)
    if typed is None or faults:
        raise Invalid([_problem(fault) for fault in faults])
    return typed


def _fit(
    kind: StepKind, settings: object, *, saving: Dialect | None
) -> tuple[msgspec.Struct | None, list[SettingsFault]]:
    if not isinstance(settings, Mapping):
        return None, [SettingsFault("", "settings must be a mapping", "", FaultCode.WRONG_TYPE)]
    fitting = Fitting(saving=saving)
    typed = fitting.struct(kind.settings, settings, free=kind.free)
    chosen = [fault for choice in kind.choices for fault in _check_choice(choice, settings)]
    dialect = saving or Dialect.CONSTRAINED
    misread = [
        fault for name in kind.expressions for fault in _check_expression(name, settings.get(name), dialect)
    ]
    return typed, fitting.faults + chosen + misread


def _check_choice(choice: Choice, settings: Mapping[str, object]) -> list[SettingsFault]:
    given = [name for name in choice.names if settings.get(name) is not None]
    names = " or ".join(choice.names)
    if len(given) > 1:
        message = f"{' and '.join(given)} exclude each other"
        return [SettingsFault(given[1], message, f"give {names}", FaultCode.UNKNOWN_OR_EXCLUDED)]
    if choice.needed and not given:
        return [SettingsFault("", f"{names} is required", "", FaultCode.MISSING)]
    return []


def _check_expression(name: str, written: object, dialect: Dialect) -> list[SettingsFault]:
    """Its grammar alone: names are judged when it is asked. What a placeholder makes of it is unknown yet."""
    if not isinstance(written, str) or not written or holds_placeholder(written, dialect):
        return []
    try:
        parse(written)
    except ExpressionError as error:
        (problem,) = error.problems
        return [SettingsFault(name, problem.message, problem.hint, FaultCode.TEXT_DOES_NOT_MATCH)]
    return []


def _unknown_kind(name: str) -> list[SettingsFault]:
    own = [kind.name for kind in KINDS if kind.name.startswith(OWN_PREFIX)]
    message = f'there is no step kind "{name[:64]}"'
    return [SettingsFault("", message, near(name, own), FaultCode.NOT_AN_ALLOWED_WORD)]


def _needs_machine(kind: StepKind) -> SettingsFault:
    hint = "give the job another runs-on than agentless, or move the step to a job that has one"
    return SettingsFault("", f"{kind.name} needs a machine", hint, FaultCode.NO_ALLOWED_FORM)


def _problem(fault: SettingsFault) -> Problem:
    key = fault.path.rpartition(".")[2]
    return Problem(path=fault.path, message=fault.message, code=int(fault.code), key=key, hint=fault.hint)
