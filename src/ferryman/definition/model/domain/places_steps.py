"""The fields of a step: an element with its options (bkci-v3 5.10, 5.11).

A plugin of the market keeps its settings in `data.input`; other elements keep them among their own fields, as far as
their step kind knows them. The question that a review element asks is a gate and no setting.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ferryman.definition.model.calls import KIND as CALL
from ferryman.definition.model.calls import named_once
from ferryman.definition.model.domain.places import Place, Places, found, plain, put, removed
from ferryman.definition.model.domain.places_common import condition, env, limit
from ferryman.definition.model.domain.places_gates import (
    STEP_REVIEW_FIELDS,
    review_of_step,
    with_review_of_step,
)
from ferryman.definition.model.wire.shapes import Json, Tree
from ferryman.definition.model.wire.words import (
    CHECKOUT,
    MARKET,
    MARKET_TYPES,
    MATCH,
    MATCH_NOT,
    OWN_TYPES,
    REVIEW,
    STEP_CONDITIONS,
)
from ferryman.domain.conditions import Matches
from ferryman.domain.gates import Gate
from ferryman.domain.policies import OnFailure, Retry
from ferryman.steps import find_kind
from ferryman.steps.inputs import inputs

OPTIONS = "additionalOptions"
DEFAULT_VERSION = "1.*"
MATCHES = {MATCH: Matches(()), MATCH_NOT: Matches((), wanted=False)}

# kind and settings


def kind_of(part: Tree) -> str:
    """The step kind of an element: the plugin code in the market, else its type."""
    kind: str = part.get("@type", MARKET)
    return part.get("atomCode") or kind if kind in MARKET_TYPES else kind


def _with_kind(part: Tree, kind: str) -> Tree:
    if kind in OWN_TYPES:
        return {**removed(part, (("atomCode",), ("data",))), "@type": kind}
    market = part.get("@type") if part.get("@type") in MARKET_TYPES else MARKET
    return {**part, "@type": market, "atomCode": kind}


def own_fields(kind: str) -> tuple[str, ...]:
    """The fields of an element outside the market that are settings of its step."""
    known = find_kind(kind)
    names = tuple(known_input.name for known_input in inputs(known.settings)) if known else ()
    return tuple(name for name in names if kind != REVIEW or name not in STEP_REVIEW_FIELDS)


_INPUT = ("data", "input")
_SETTINGS = (_INPUT, *((name,) for kind in OWN_TYPES for name in own_fields(kind)))


def settings_of(part: Tree) -> dict[str, Json]:
    """The settings of an element, in the words of its step kind."""
    if part.get("@type") not in MARKET_TYPES:
        own = {name: part[name] for name in own_fields(part.get("@type", "")) if name in part}
        return named_once(own) if part.get("@type") == CALL else own
    given: dict[str, Json] = found(part, _INPUT, {})
    return _repository_named(given) if kind_of(part) == CHECKOUT else dict(given)


def _with_settings(part: Tree, settings: dict[str, Json]) -> Tree:
    kind = part.get("@type", "")
    if kind not in MARKET_TYPES:
        rest = removed(part, [(name,) for name in own_fields(kind)])
        return {**rest, **settings}
    if kind_of(part) == CHECKOUT:
        settings = _repository_typed(settings)
    return put(part, _INPUT, settings) if settings else removed(part, (_INPUT,))


_REPOSITORIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "URL": ("repositoryUrl", "repository"),
        "ID": ("repositoryHashId", "repo-id"),
        "NAME": ("repositoryName", "repo-name"),
    }
)
"""Which repository a checkout brings, by repositoryType: the field of the model and the word of the step kind."""
_SELF = "self"


def _repository_named(given: dict[str, Json]) -> dict[str, Json]:
    kind = given.get("repositoryType")
    if kind == "SELF":
        return {"repository": _SELF, **removed(given, (("repositoryType",),))}
    if not isinstance(kind, str) or kind not in _REPOSITORIES:
        return dict(given)
    field, word = _REPOSITORIES[kind]
    if field not in given:
        return dict(given)
    return {word: given[field], **removed(given, (("repositoryType",), (field,)))}


def _repository_typed(settings: dict[str, Json]) -> dict[str, Json]:
    for kind, (field, word) in _REPOSITORIES.items():
        if word in settings:
            rest = removed(settings, ((word,),))
            if settings[word] == _SELF and kind == "URL":
                return {**rest, "repositoryType": "SELF"}
            return {**rest, "repositoryType": kind, field: settings[word]}
    return settings


# what happens around it


def _read_retry(part: Tree) -> Retry:
    count = found(part, (OPTIONS, "retryCount"), 1)
    automatic = min(max(count, 1), 5) if found(part, (OPTIONS, "retryWhenFailed"), False) else 0
    return Retry(automatic, found(part, (OPTIONS, "manualRetry"), True))


def _write_retry(part: Tree, value: Retry) -> Tree:
    before = _read_retry(part)
    if before.by_hand != value.by_hand:
        part = put(part, (OPTIONS, "manualRetry"), value.by_hand)
    if before.automatic == value.automatic:
        return part
    part = put(part, (OPTIONS, "retryWhenFailed"), value.automatic > 0)
    return put(part, (OPTIONS, "retryCount"), value.automatic)


def _read_on_failure(part: Tree) -> OnFailure:
    if not found(part, (OPTIONS, "continueWhenFailed"), False):
        return OnFailure.STOP
    return OnFailure.ASK if found(part, (OPTIONS, "manualSkip"), False) else OnFailure.CONTINUE


def _write_on_failure(part: Tree, value: OnFailure) -> Tree:
    part = put(part, (OPTIONS, "continueWhenFailed"), value is not OnFailure.STOP)
    if value is OnFailure.ASK:
        return put(part, (OPTIONS, "manualSkip"), True)
    return removed(part, ((OPTIONS, "manualSkip"),))


_TOLD = (OPTIONS, "subscriptionPauseUser")


def _read_told(part: Tree) -> tuple[str, ...]:
    return tuple(name.strip() for name in found(part, _TOLD, "").split(",") if name.strip())


def _read_review(part: Tree) -> Gate | None:
    return review_of_step(part) if part.get("@type") == REVIEW else None


def _write_review(part: Tree, value: Gate | None) -> Tree:
    return part if value is None else with_review_of_step(part, value)


def _paths(*keys: str) -> tuple[tuple[str, ...], ...]:
    return tuple((OPTIONS, key) for key in keys)


STEP: Places = (
    Place("kind", (("atomCode",),), kind_of, _with_kind),
    plain("name", "name", ""),
    plain("user_id", "stepId", ""),
    plain("version", "version", DEFAULT_VERSION),
    plain("enabled", f"{OPTIONS}.enable", True),
    condition(OPTIONS, STEP_CONDITIONS, matches=MATCHES, blank=True),
    Place("settings", _SETTINGS, settings_of, _with_settings),
    env(),
    limit(OPTIONS),
    Place("retry", _paths("retryWhenFailed", "retryCount", "manualRetry"), _read_retry, _write_retry),
    Place("on_failure", _paths("continueWhenFailed", "manualSkip"), _read_on_failure, _write_on_failure),
    plain("pause_before", f"{OPTIONS}.pauseBeforeExec", False),
    Place(
        "tell_on_pause",
        (_TOLD,),
        _read_told,
        lambda part, value: put(part, _TOLD, ",".join(value)) if value else removed(part, (_TOLD,)),
    ),
    Place("review", tuple((name,) for name in STEP_REVIEW_FIELDS), _read_review, _write_review),
    plain("namespace", "data.namespace", ""),
)
"""An element; `kind` comes first because it settles where the settings stand."""
