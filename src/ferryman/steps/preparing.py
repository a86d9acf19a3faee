"""Preparing: an attempt and its surroundings become work that an executor carries out as it stands.

Pure: nothing is looked up in the world. What cannot be done becomes work that fails with its reason, never an
exception (RULINGS 27). Placeholders of credentials stay in the texts as they are; which credentials the step may have
is read from the definition alone, so that no value that a run brings along can name another one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from ferryman import expressions
from ferryman.domain.errors import Invalid
from ferryman.domain.policies import RunsOn
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import Action, Checkout, Impossible, RunPlugin, RunScript, Work
from ferryman.expressions import ExpressionError
from ferryman.steps import find_kind
from ferryman.steps.checking import read_settings
from ferryman.steps.kind import StepKind
from ferryman.steps.order import Order, Sight
from ferryman.steps.plugins import Binding, find_binding

_IN_PROCESS = (RunScript, Checkout, RunPlugin)
_CREDENTIAL = re.compile(r"\bsettings\.([A-Za-z0-9_-]+)")
_TICKET = "ticketId"
"""The setting by which a checkout names its credential."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings of the server and the project say: commands of plugins, addresses of repositories."""

    bindings: tuple[Binding, ...] = ()
    repositories: Mapping[str, str] = MappingProxyType({})


NOTHING_KNOWN = Known()


def prepare(sight: Sight, *, project: str, known: Known = NOTHING_KNOWN) -> Work:
    """The whole order for this attempt."""
    try:
        action = _action(sight, known)
        env = _env(sight) if isinstance(action, _IN_PROCESS) else {}
        runs_on = _runs_on(sight)
    except ExpressionError as error:
        action, env, runs_on = _wrong(sight, str(error)), {}, sight.job.define.runs_on
    except Invalid as invalid:
        action, env, runs_on = (
            _wrong(sight, "; ".join(map(str, invalid.problems))),
            {},
            sight.job.define.runs_on,
        )
    return Work(
        run=sight.run.id,
        key=sight.key,
        project=project,
        action=action,
        env=env,
        secrets=tuple(dict.fromkeys(_credentials(sight, action))),
        masked=_masked(sight),
        folder=sight.job.path,
        runs_on=runs_on,
        patience_ms=sight.facts.patience_ms,
    )


def _masked(sight: Sight) -> tuple[str, ...]:
    """What sensitive parameters are worth: as the run was started, and as the job found them (semantics 15.2)."""
    known = (sight.run.values, sight.facts.variables)
    texts = (values.get(name, "") for name in sorted(sight.facts.hidden) for values in known)
    return tuple(dict.fromkeys(filter(None, texts)))


def _action(sight: Sight, known: Known) -> Action:
    define = sight.define
    kind = find_kind(define.kind)
    if kind is None:
        return _plugin(sight, known.bindings)
    typed = read_settings(kind.name, _settings(sight, kind))
    order = Order(define=define, facts=sight.facts, scope=sight.scope, repositories=known.repositories)
    return kind.prepare(typed, order)


def _settings(sight: Sight, kind: StepKind) -> dict[str, Json]:
    """Settings with their placeholders replaced; expressions are not texts and stay (pipeline-yaml 10.7)."""
    return {
        name: value if name in kind.expressions else _filled(value, sight)
        for name, value in sight.settings.items()
    }


def _plugin(sight: Sight, bindings: Sequence[Binding]) -> Action:
    """The bound command of a code that is no kind here; without one the attempt fails (bkci-v3 12, row 8)."""
    define = sight.define
    asked = f"{define.kind}@{define.version}"
    binding = find_binding(bindings, define.kind, define.version)
    if binding is None:
        return Impossible(
            message=f"nobody here knows plugin {asked}: bind it to a command under [[plugins]] in the settings",
            code=TaskCode.NOT_FOUND,
        )
    given: dict[str, Json] = {name: _filled(value, sight) for name, value in sight.settings.items()}
    return RunPlugin(command=binding.command, plugin=asked, input=given)


def _filled(value: Json, sight: Sight) -> Any:
    facts = sight.facts
    return expressions.substitute_tree(value, sight.scope, dialect=facts.dialect, zone=facts.zone)


def _env(sight: Sight) -> dict[str, str]:
    """Every variable whose name has no dot and no hyphen, then stage, job and step env (semantics 15.3).

    What no environment can hold is left out: names that are empty or have a `=`, and the character with number 0.
    """
    env: dict[str, str] = {}
    variables = sight.scope["variables"]
    if isinstance(variables, Mapping):
        for name, text in variables.items():
            if "." not in name and "-" not in name:
                env[name] = text
    for given in (sight.facts.stage_env, sight.job.define.env, sight.define.env):
        for name, text in given.items():
            env[name] = _filled(text, sight) if "$" in text else text
    return {name: text for name, text in env.items() if name and "=" not in name and "\0" not in name + text}


def _runs_on(sight: Sight) -> RunsOn:
    asked = sight.job.define.runs_on
    if "$" not in asked.name + asked.image + asked.workspace:
        return asked
    return replace(
        asked,
        name=_filled(asked.name, sight),
        image=_filled(asked.image, sight),
        workspace=_filled(asked.workspace, sight),
    )


def _credentials(sight: Sight, action: Action) -> Iterator[str]:
    """Names of credentials that the definition's own texts speak of, and the one that a checkout logs in with."""
    define = sight.define
    if isinstance(action, Checkout) and action.secret and action.secret == define.settings.get(_TICKET):
        yield action.secret
    yield from _named([define.settings, define.env, sight.job.define.env, sight.facts.stage_env])


def _named(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        if "settings." in value and "${" in value:
            for text in (
                hole[2]
                for dialect in expressions.Dialect
                for hole in expressions.placeholders(value, dialect)
            ):
                yield from _CREDENTIAL.findall(text)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)


def _wrong(sight: Sight, what: str) -> Impossible:
    return Impossible(
        message=f"the settings of {sight.define.name or sight.define.kind} cannot be used: {what}",
        code=TaskCode.BAD_INPUT,
    )
