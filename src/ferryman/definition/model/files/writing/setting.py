"""A setting to concurrency, notices and the other settings of a file (pipeline-yaml 3, 3.1, 3.2, 12.1)."""

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.reading.setting import DEFAULT_CONTENT, OWN_GROUP
from ferryman.definition.model.files.tables import CONCURRENCY, NOTICE, SETTING
from ferryman.definition.model.files.values import Tree, flag, mapping, mappings, ordered, text, texts, whole
from ferryman.definition.model.files.words import (
    CANCEL_POLICIES,
    CHAT,
    CHAT_TYPE,
    DIALECTS,
    NOTICE_TYPES,
    reverse,
)
from ferryman.definition.model.files.writing.losses import Losses

_UNSAYABLE_LOCKS = ("SINGLE", "SINGLE_LOCK")
_RANGES = {"queue-length": 200, "queue-timeout-minutes": 1440, "max-parallel": 200}
SILENT_MINUTES = 10
"""How long a run waits by a setting that does not say it (semantics 18)."""
_LOST = {"cleanVariablesWhenRetry": "that variables are cleared at a retry"}
_NOTICE_KEYS = (
    "type",
    "if",
    "receivers",
    "groups",
    "content",
    "chat-id",
    "content-format",
    "attach-build-url",
)


def write_setting(setting: Tree, losses: Losses) -> Tree:
    """The keys of the top level that come from the setting."""
    losses.tell_fields("setting", setting, _LOST)
    keys = {
        "concurrency": _concurrency(setting, losses),
        "notices": _notices(setting, losses),
        "syntax-dialect": _dialect(mapping(setting.get("pipelineAsCodeSettings"))),
        **write_fields(SETTING, setting),
    }
    if setting.get("runLockType") == "LOCK":
        keys["disable-pipeline"] = True
    if setting.get("buildCancelPolicy") == CANCEL_POLICIES["RESTRICTED"]:
        keys["cancel-policy"] = "RESTRICTED"
    return keys


def _concurrency(setting: Tree, losses: Losses) -> Tree:
    """The lock and its queue; a group makes a group lock, so it is written only for one, or a shut door."""
    kind = text(setting.get("runLockType"))
    if kind in _UNSAYABLE_LOCKS:
        losses.tell("setting.runLockType", f"the run lock {kind}", key="runLockType")
    group = text(setting.get("concurrencyGroup"))
    if kind == "GROUP_LOCK":
        group = group or OWN_GROUP
    elif kind != "LOCK" or group == OWN_GROUP:
        group = ""
    # A setting that is silent waits less long than a file that is (16.4).
    waits = {"waitQueueTimeMinute": SILENT_MINUTES} if kind else {}
    keys = ({"group": group} if group else {}) | write_fields(CONCURRENCY, waits | setting)
    for key, most in _RANGES.items():
        if key in keys and not 1 <= whole(keys[key]) <= most:
            losses.tell("setting", f"{key}: {keys.pop(key)}", key=key)
    return keys


def _dialect(settings: Tree) -> str:
    """A model that says nothing is read as classic, a file that says nothing as constrained (10.7)."""
    if flag(settings.get("inheritedDialect")):
        return "INHERIT"
    dialect = text(settings.get("pipelineDialect")) or DIALECTS["CLASSIC"]
    return "" if dialect == DIALECTS["CONSTRAINT"] else "CLASSIC"


def _notices(setting: Tree, losses: Losses) -> list[Tree]:
    """One notice for what stands in both lists, others with their case; each list keeps its order."""
    failed = _written(setting, "failSubscription", "FAILURE", losses)
    notices: list[Tree] = []
    for notice in _written(setting, "successSubscription", "SUCCESS", losses):
        if notice in failed:
            position = failed.index(notice)
            notices += [*(before | {"if": "FAILURE"} for before in failed[:position]), notice]
            failed = failed[position + 1 :]
        else:
            notices.append(notice | {"if": "SUCCESS"})
    notices += [notice | {"if": "FAILURE"} for notice in failed]
    return [ordered(notice, _NOTICE_KEYS) for notice in notices]


def _written(setting: Tree, field: str, outcome: str, losses: Losses) -> list[Tree]:
    """The notices of one list, or of the single field that older settings have."""
    name = f"{field}List" if setting.get(f"{field}List") is not None else field
    found: list[Tree] = []
    for position, subscription in enumerate(mappings(setting.get(name))):
        path = f"setting.{name}[{position}]" if name.endswith("List") else f"setting.{name}"
        ways = _ways(subscription, path, losses)
        if not ways:
            continue
        notice = {"type": ways[0] if len(ways) == 1 else ways, **write_fields(NOTICE, subscription)}
        content = text(subscription.get("content"))
        found.append(notice if content in ("", DEFAULT_CONTENT[outcome]) else notice | {"content": content})
    return found


def _ways(subscription: Tree, path: str, losses: Losses) -> list[str]:
    ways: list[str] = []
    names: dict[str, str] = reverse(NOTICE_TYPES)
    if flag(subscription.get("wechatGroupFlag")):
        names[CHAT_TYPE] = CHAT
    for kind in texts(subscription.get("types")):
        if kind in names:
            ways.append(names[kind])
        else:
            losses.tell(path, f"a notice by {kind}", key="types")
    return list(dict.fromkeys(ways))
