"""concurrency, notices and other settings of a file (pipeline-yaml 3, 3.1, 3.2); see `writing.setting`."""

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.tables import CONCURRENCY, NOTICE, SETTING
from ferryman.definition.model.files.values import Tree, flag, mapping, mappings, text, texts
from ferryman.definition.model.files.words import CANCEL_POLICIES, CHAT, CHAT_TYPE, DIALECTS, NOTICE_TYPES

OWN_GROUP = "${{ci.pipeline_id}}"
"""The lock group of a pipeline that shares none."""
DEFAULT_CONTENT = {
    "SUCCESS": "${{ci.pipeline_name}} #${{ci.build_num}} succeeded",
    "FAILURE": "${{ci.pipeline_name}} #${{ci.build_num}} failed",
}
"""What a notice says when the file does not."""


def setting(tree: Tree, name: str, desc: str) -> Tree:
    """The setting that a file asks for. Labels are named; whoever keeps labels finds or makes their ids."""
    notices = [part for notice in mappings(tree.get("notices")) for part in _one_way_each(notice)]
    found: Tree = {
        "pipelineName": name,
        "desc": desc,
        "labelNames": texts(tree.get("label")),
        **_locks(tree),
        **read_fields(SETTING, tree),
        "buildCancelPolicy": CANCEL_POLICIES.get(text(tree.get("cancel-policy")), CANCEL_POLICIES["BROAD"]),
        "successSubscriptionList": _subscriptions(notices, "SUCCESS"),
        "failSubscriptionList": _subscriptions(notices, "FAILURE"),
        "pipelineAsCodeSettings": _dialect(text(tree.get("syntax-dialect"))),
    }
    return found


def _locks(tree: Tree) -> Tree:
    concurrency = mapping(tree.get("concurrency"))
    group = text(concurrency.get("group"))
    kind = "LOCK" if flag(tree.get("disable-pipeline")) else "GROUP_LOCK" if group else "MULTIPLE"
    return {
        "runLockType": kind,
        "concurrencyGroup": group or OWN_GROUP,
        **read_fields(CONCURRENCY, concurrency),
    }


def _dialect(word: str) -> Tree:
    """A file without the key is read as CONSTRAINT (10.7); the model says so, as its own default differs."""
    if word == "INHERIT":
        return {"inheritedDialect": True}
    return {"inheritedDialect": False, "pipelineDialect": DIALECTS.get(word, DIALECTS["CONSTRAINT"])}


def _one_way_each(notice: Tree) -> list[Tree]:
    """A notice to people and to a chat at once is two: in the model both are one type with a flag."""
    ways = texts(notice.get("type"))
    if CHAT in ways and "wework-message" in ways:
        return [{**notice, "type": [way for way in ways if way != CHAT]}, {**notice, "type": [CHAT]}]
    return [notice]


def _subscriptions(notices: list[Tree], outcome: str) -> list[Tree]:
    return [_subscription(notice, outcome) for notice in notices if notice.get("if") in (None, outcome)]


def _subscription(notice: Tree, outcome: str) -> Tree:
    ways = texts(notice.get("type"))
    types = [
        CHAT_TYPE if way == CHAT else NOTICE_TYPES[way] for way in ways if way == CHAT or way in NOTICE_TYPES
    ]
    return {
        "types": types,
        "wechatGroupFlag": CHAT in ways,
        **read_fields(NOTICE, notice),
        "content": text(notice.get("content")) or DEFAULT_CONTENT[outcome],
    }
