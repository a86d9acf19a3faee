"""The fields of a stage, of a parameter and of the pipeline as a whole (bkci-v3 5.1, 5.2, 5.12, 5.13)."""

from ferryman.definition.model.domain.places import (
    Path,
    Place,
    Places,
    always,
    found,
    plain,
    put,
    removed,
    word,
)
from ferryman.definition.model.domain.places_common import condition
from ferryman.definition.model.domain.places_gates import gates, options
from ferryman.definition.model.wire.shapes import Json, Tree
from ferryman.definition.model.wire.words import (
    CLASSIC,
    CONSTRAINED,
    EXCLUSIONS,
    LOCK_WHEN_PARSED,
    MATCH,
    MATCH_NOT,
    OWN_GROUP,
    PARAMETER_KINDS,
    SECRET,
    STAGE_CONDITIONS,
    STAGE_TAGS,
    reverse,
)
from ferryman.domain.conditions import Always, Condition, Matches
from ferryman.domain.dialect import Dialect
from ferryman.domain.policies import Concurrency

# stage

STAGE_OPTIONS = "stageControlOption"
STAGE_MATCHES = {
    MATCH: Matches((), substituted=False),
    MATCH_NOT: Matches((), wanted=False, substituted=False, when_empty=False),
}
_STAGE_CONDITION = condition(STAGE_OPTIONS, STAGE_CONDITIONS, matches=STAGE_MATCHES, blank=False)
_TAGS_BY_LABEL = reverse(STAGE_TAGS)


def _stage_condition(part: Tree) -> Condition:
    """A finally stage has no condition, whatever its options say (semantics 3.1)."""
    return Always() if part.get("finally") else _STAGE_CONDITION.read(part)


STAGE: Places = (
    plain("final", "finally", False),
    plain("name", "name", ""),
    plain("user_id", "stageIdForUser", ""),
    plain("enabled", f"{STAGE_OPTIONS}.enable", True),
    Place("condition", _STAGE_CONDITION.paths, _stage_condition, _STAGE_CONDITION.write),
    gates("before", "checkIn", people=True),
    gates("after", "checkOut", people=False),
    plain("fast_kill", "fastKill", False),
    Place(
        "env",
        (("customBuildEnv",),),
        lambda part: dict(part.get("customBuildEnv", {})),
        lambda part, value: (
            put(part, ("customBuildEnv",), dict(value)) if value else removed(part, (("customBuildEnv",),))
        ),
    ),
    Place(
        "labels",
        (("tag",),),
        lambda part: tuple(STAGE_TAGS.get(tag, tag) for tag in part.get("tag", ())),
        lambda part, value: (
            put(part, ("tag",), [_TAGS_BY_LABEL.get(label, label) for label in value])
            if value
            else removed(part, (("tag",),))
        ),
    ),
)
"""A stage; `final` comes first because gates and conditions depend on it."""

# parameters of a start


def _is_secret(part: Tree) -> bool:
    """A password is secret without being marked (semantics 15.2)."""
    return bool(part.get("sensitive")) or part.get("type") == SECRET


PARAMETER: Places = (
    always("name", "id", ""),
    always("default", "defaultValue", ""),
    word("kind", "type", PARAMETER_KINDS, "STRING", needed=True),
    plain("label", "name", ""),
    plain("description", "desc", ""),
    always("settable", "required", True),
    plain("read_only", "readOnly", False),
    plain("constant", "constant", False),
    plain("not_empty", "valueNotEmpty", False),
    Place("sensitive", (("sensitive",),), _is_secret, lambda part, value: put(part, ("sensitive",), value)),
    options(),
)

# the pipeline: places in {"model": …, "setting": …}


def _in_both(attribute: str, model: Path, setting: Path, *, needed: bool = False) -> Place:
    """A text that stands in the model and once more in the setting; the model's counts."""

    def write(part: Tree, value: Json) -> Tree:
        part = put(part, model, value)
        return put(part, setting, value) if found(part, setting) is not None else part

    return Place(attribute, (model, setting), lambda part: found(part, model, ""), write, needed=needed)


DIALECT = ("setting", "pipelineAsCodeSettings")


def dialect_of(said: Tree, default: Dialect = Dialect.CLASSIC) -> Dialect:
    """The pipeline's own dialect, or the project's where it is inherited; the default where nobody says (RULINGS 2)."""
    word = said.get("projectDialect" if said.get("inheritedDialect") else "pipelineDialect")
    return {CONSTRAINED: Dialect.CONSTRAINED, CLASSIC: Dialect.CLASSIC}.get(str(word), default)


def _write_dialect(part: Tree, value: Dialect) -> Tree:
    before = found(part, DIALECT, {})
    word = CONSTRAINED if value is Dialect.CONSTRAINED else CLASSIC
    if before.get("inheritedDialect") and "projectDialect" not in before:
        return put(part, DIALECT, {**before, "projectDialect": word})
    return put(part, DIALECT, {**before, "inheritedDialect": False, "pipelineDialect": word})


def with_dialect_settled(document: Tree, default: Dialect) -> Tree:
    """The document, saying its dialect where it left that to others."""
    settled = dialect_of(found(document, DIALECT, {}), default)
    return (
        document if settled is dialect_of(found(document, DIALECT, {})) else _write_dialect(document, settled)
    )


_GROUP = ("setting", "concurrencyGroup")
_CONCURRENCY: Places = (
    word("exclusion", "setting.runLockType", EXCLUSIONS, LOCK_WHEN_PARSED, needed=True),
    Place(
        "group",
        (_GROUP,),
        lambda part: "" if found(part, _GROUP) == OWN_GROUP else found(part, _GROUP, ""),
        lambda part, value: put(part, _GROUP, value or OWN_GROUP),
    ),
    plain("cancel_in_progress", "setting.concurrencyCancelInProgress", False),
    plain("queue_length", "setting.maxQueueSize", 10),
    plain("waiting_minutes", "setting.waitQueueTimeMinute", 10),
    plain("most_running", "setting.maxConRunningQueueSize", 200),
)


def _read_concurrency(part: Tree) -> Concurrency:
    return Concurrency(**{place.attribute: place.read(part) for place in _CONCURRENCY})


def _write_concurrency(part: Tree, value: Concurrency) -> Tree:
    for place in _CONCURRENCY:
        part = place.laid(part, getattr(value, place.attribute))
    return part


_NOTICES = {
    "run-succeeded": ("successSubscription", "successSubscriptionList", "succeeded"),
    "run-failed": ("failSubscription", "failSubscriptionList", "failed"),
}
"""Moments that somebody is told of: the old and the new field of the setting, and the word for the notice."""


def _is_told(part: Tree, moment: str) -> bool:
    former, present, _ = _NOTICES[moment]
    notices = [found(part, ("setting", former), {}), *found(part, ("setting", present), [])]
    return any(notice.get("types") for notice in notices)


def _read_announced(part: Tree) -> tuple[str, ...]:
    return tuple(moment for moment in _NOTICES if _is_told(part, moment))


def _write_announced(part: Tree, value: tuple[str, ...]) -> Tree:
    """A moment that is new gets a notice to who started the run; one that is gone loses all its notices."""
    for moment, (former, present, told) in _NOTICES.items():
        if (moment in value) == _is_told(part, moment):
            continue
        part = removed(part, (("setting", former), ("setting", present)))
        if moment in value:
            content = "${{ci.pipeline_name}} #${{ci.build_num}} " + told
            notice = {"types": ["EMAIL"], "users": "${{ci.actor}}", "content": content}
            part = put(part, ("setting", present), [notice])
    return part


PIPELINE: Places = (
    _in_both("name", ("model", "name"), ("setting", "pipelineName"), needed=True),
    _in_both("description", ("model", "desc"), ("setting", "desc")),
    Place("dialect", (DIALECT,), lambda part: dialect_of(found(part, DIALECT, {})), _write_dialect),
    Place(
        "concurrency",
        tuple(path for place in _CONCURRENCY for path in place.paths),
        _read_concurrency,
        _write_concurrency,
        needed=True,
    ),
    plain("clear_variables_on_retry", "setting.cleanVariablesWhenRetry", False),
    plain("fail_on_long_value", "setting.failIfVariableInvalid", False),
    Place(
        "announced",
        tuple(("setting", key) for former, present, _ in _NOTICES.values() for key in (former, present)),
        _read_announced,
        _write_announced,
    ),
)
"""The pipeline as a whole; its stages and parameters are put in their places by `to_domain` and `from_domain`."""
