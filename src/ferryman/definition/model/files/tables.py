"""Keys of a file that are fields of the model one to one (pipeline-yaml 3 to 8), a table for each mapping."""

from ferryman.definition.model.files.fields import Field
from ferryman.definition.model.files.values import (
    Json,
    Tree,
    flag,
    join_commas,
    mapping,
    mappings,
    same,
    split_commas,
    text,
    texts,
    whole,
    whole_or_none,
)


def pairs(value: Json) -> list[dict[str, str]]:
    """A map of a file as the list of {key, value} that the model has in its place."""
    return [{"key": key, "value": text(item)} for key, item in mapping(value).items()]


def from_pairs(value: Json) -> dict[str, str]:
    """A list of {key, value} as a map; pairs without a key are dropped."""
    return {key: text(pair.get("value")) for pair in mappings(value) if (key := text(pair.get("key")))}


def minutes(value: Json) -> int | str | None:
    """Minutes as a file says them: a number from 1 to 10080, or a text with a placeholder."""
    number = whole_or_none(value)
    if number is None:
        return told if "${{" in (told := text(value)) else None
    return number if 0 < number <= LONGEST else LONGEST


LONGEST = 10080
"""Minutes; numbers outside 1 to this count as this (BK-CI data model 5.8, 5.11)."""

DEFAULT_MINUTES = 900
"""The time limit of a job, of a step and of a wait for a lock."""


def minutes_fields(written: Json) -> Tree:
    """A time limit as the model has it: a number, and a text that may hold a placeholder."""
    told = text(written) or str(DEFAULT_MINUTES)
    return {"timeout": whole(told, DEFAULT_MINUTES), "timeoutVar": told}


ENV = (Field("env", "customEnv", None, pairs, from_pairs),)

SETTING = (
    Field("custom-build-num", "buildNumRule", None, text, text),
    Field("fail-if-variable-invalid", "failIfVariableInvalid", False, flag, flag, always=True),
)

CONCURRENCY = (
    Field("cancel-in-progress", "concurrencyCancelInProgress", False, flag, flag, always=True),
    Field("queue-length", "maxQueueSize", 10, whole, whole_or_none, always=True),
    Field("queue-timeout-minutes", "waitQueueTimeMinute", 480, whole, whole_or_none, always=True),
    Field("max-parallel", "maxConRunningQueueSize", 200, whole, whole_or_none),
)

NOTICE = (
    Field("receivers", "users", ["${{ci.actor}}"], join_commas, split_commas, always=True),
    Field("groups", "groups", [], texts, texts, always=True),
    Field("chat-id", "wechatGroup", [], join_commas, split_commas, always=True),
    Field(
        "content-format",
        "wechatGroupMarkdownFlag",
        "text",
        lambda value: value == "markdown",
        lambda value: "markdown" if flag(value) else "text",
        always=True,
    ),
    Field("attach-build-url", "detailFlag", False, flag, flag, always=True),
)

MANUAL = (
    Field("can-skip-step", "canElementSkip", False, flag, flag),
    Field("use-latest-inputs", "useLatestParameters", False, flag, flag),
)

SCHEDULE = (
    Field("repo-type", "repositoryType", None, text, text),
    Field("repo-id", "repoHashId", None, text, text),
    Field("repo-name", "repoName", None, text, text),
    Field("branches", "branches", None, texts, texts),
    Field(
        "always", "noScm", False, lambda value: not flag(value), lambda value: not flag(value), always=True
    ),
    Field("nodes", "nodes", None, same, same),
)

_USERS = (
    Field("users", "includeUsers", None, texts, texts),
    Field("users-ignore", "excludeUsers", None, texts, texts),
)
_TARGETS = ("branchName", "excludeBranchName")
_PATHS = (
    Field("paths", "includePaths", None, join_commas, split_commas),
    Field("paths-ignore", "excludePaths", None, join_commas, split_commas),
)
_FILTERS = (
    Field("path-filter-type", "pathFilterType", "NamePrefixFilter", text, text),
    Field("custom-filter", "customFilter", None, same, same),
)
_PEOPLE = (
    Field("assignees", "includeAssignees", None, texts, texts),
    Field("assignees-ignore", "excludeAssignees", None, texts, texts),
)
_LABELS = (
    Field("labels", "includeLabels", None, texts, texts),
    Field("labels-ignore", "excludeLabels", None, texts, texts),
)
_MERGE = (
    Field("source-branches", "includeSourceBranchName", None, join_commas, split_commas),
    Field("source-branches-ignore", "excludeSourceBranchName", None, join_commas, split_commas),
    Field("target-branches", _TARGETS[0], None, join_commas, split_commas),
    Field("target-branches-ignore", _TARGETS[1], None, join_commas, split_commas),
    *_PATHS,
    Field("action", "includeMrAction", None, texts, texts),
    *_USERS,
    *_PEOPLE,
    Field("block-mr", "block", False, flag, flag),
    Field("webhook-queue", "webhookQueue", False, flag, flag),
    Field("report-commit-check", "enableCheck", None, flag, flag),
    *_FILTERS,
    Field("skip-wip", "skipWip", False, flag, flag),
    *_LABELS,
)
EVENTS: dict[str, tuple[Field, ...]] = {
    "push": (
        Field("branches", _TARGETS[0], None, join_commas, split_commas),
        Field("branches-ignore", _TARGETS[1], None, join_commas, split_commas),
        *_PATHS,
        *_USERS,
        Field("action", "includePushAction", None, texts, texts),
        *_FILTERS,
    ),
    "tag": (
        Field("tags", "tagName", None, join_commas, split_commas),
        Field("tags-ignore", "excludeTagName", None, join_commas, split_commas),
        Field("from-branches", "fromBranches", None, join_commas, split_commas),
        *_USERS,
        Field("action", "includeTagAction", None, texts, texts),
    ),
    "mr": _MERGE,
    "mr-merged": tuple(
        row for row in _MERGE if row.key not in {"action", "assignees", "assignees-ignore", "block-mr"}
    ),
    "review": (
        Field("types", "includeCrTypes", None, texts, texts),
        Field("states", "includeCrState", None, texts, texts),
    ),
    "issue": (
        Field("action", "includeIssueAction", None, texts, texts),
        *_PEOPLE,
        Field("users-ignore", "excludeUsers", None, texts, texts),
        *_LABELS,
    ),
    "note": (
        Field("types", "includeNoteTypes", None, texts, texts),
        Field("comment", "includeNoteComment", None, same, same),
    ),
}
"""The filters of each repository event; a list in place of the mapping stands for the first row."""

VARIABLE = (
    Field("sensitive", "sensitive", False, flag, flag),
    Field("if", "displayCondition", None, same, mapping),
)

PROPS = (
    Field("label", "name", None, text, text),
    Field("description", "desc", None, text, text),
    Field("group", "category", None, text, text),
    Field("required", "valueNotEmpty", False, flag, flag),
    Field("repo-id", "repoHashId", None, text, text),
    Field("relative-path", "relativePath", None, text, text),
    Field("scm-type", "scmType", None, text, text),
    Field("filter-rule", "glob", None, text, text),
    Field("version-control", "enableVersionControl", False, flag, flag),
    Field("metadata", "properties", None, same, same),
    Field("payload", "payload", None, same, same),
)

REVIEW = (
    Field("description", "reviewDesc", None, text, text),
    Field(
        "content-format",
        "markdownContent",
        "text",
        lambda value: value == "markdown",
        lambda value: "markdown" if flag(value) else "text",
        always=True,
    ),
    Field("notify-type", "notifyType", [], texts, texts, always=True),
    Field("chat-id", "notifyGroup", [], texts, texts),
)

JOB_CONTROL = (
    Field("enable", "enable", True, flag, lambda value: flag(value, True), always=True),
    Field("continue-on-error", "continueWhenFailed", False, flag, flag, always=True),
)

RUNS_ON_CONTROL = (
    Field("queue-timeout-minutes", "prepareTimeout", 10, whole, whole_or_none, always=True),
    Field("concurrency-limit-per-node", "singleNodeConcurrency", None, whole, whole_or_none),
    Field("concurrency-limit-total", "allNodeConcurrency", None, whole, whole_or_none),
)

STRATEGY = (
    Field("fast-kill", "fastKill", False, flag, flag),
    Field("max-parallel", "maxConcurrency", None, whole, whole_or_none),
)

STEP_CONTROL = (Field("enable", "enable", True, flag, lambda value: flag(value, True), always=True),)
