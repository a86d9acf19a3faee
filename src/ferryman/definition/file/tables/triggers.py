"""Triggers: `on` (pipeline-yaml 4)."""

from ferryman.definition.file.shapes import (
    Anything,
    Forms,
    Key,
    Keys,
    Listing,
    Refusal,
    Shape,
    Standing,
    Text,
    Word,
)
from ferryman.definition.file.tables.common import (
    FLAG,
    ID,
    NAME,
    PAIRS,
    SWITCH,
    TEXT,
    TEXT_OR_TEXTS,
    TEXTS,
    pair,
)

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_LONG_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _words(*words: str) -> Word:
    return Word(words=words)


def _actions(*words: str) -> Listing:
    return Listing(item=Word(words=words), single=True)


def _own(standing: Standing, enable: Shape = FLAG, on: bool | str = True) -> tuple[Key, ...]:
    """The keys every trigger may carry."""
    return (
        Key("id", ID, "Id of the trigger.", standing=standing),
        Key("name", NAME, "Name of the trigger.", standing=standing),
        Key("enable", enable, "Whether the trigger is on.", standing=standing, default=on),
    )


MANUAL = Keys(
    what="the manual trigger",
    keys=(
        *_own("C"),
        Key("can-skip-step", FLAG, "Whether steps can be left out at the start.", default=False),
        Key(
            "use-latest-inputs",
            FLAG,
            "Whether the form is filled with the values of the last start.",
            default=False,
        ),
    ),
)

_TIME = Text(pattern=r"([01]?[0-9]|2[0-3]):[0-5][0-9]", rule="a time of day such as 08:30")

SCHEDULE = Keys(
    what="a schedule",
    keys=(
        *_own("C"),
        Key("cron", TEXT_OR_TEXTS, "Cron expressions with five fields."),
        Key(
            "interval",
            Keys(
                what="an interval",
                keys=(
                    Key(
                        "week",
                        Listing(item=_words(*WEEKDAYS, *_LONG_WEEKDAYS), least=1),
                        "Days of the week.",
                        True,
                    ),
                    Key("time-points", Listing(item=_TIME, least=1), "Times of day.", default=("00:00",)),
                ),
            ),
            "Days and times instead of a cron expression.",
        ),
        Key("repo-type", _words("ID", "NAME", "SELF", "NONE"), "How the repository is named."),
        Key("repo-id", TEXT, "Id of the repository."),
        Key("repo-name", TEXT, "Name of the repository."),
        Key("branches", Listing(item=TEXT, most=3), "Branches to run for, at most three."),
        Key("always", FLAG, "Whether to run also when nothing was pushed.", default=False),
        Key("start-params", PAIRS, "Values of variables for the runs this schedule starts."),
        Key("nodes", Anything(), "Kept as it is.", standing="N"),
        Key("advance-cron", TEXT_OR_TEXTS, "Further cron expressions."),
    ),
)

REMOTE = Keys(what="the remote trigger", keys=_own("C", SWITCH, "enabled"))

_PATHS = pair("paths", TEXTS, "Changed paths that count.", "Changed paths that do not count.")
_USERS = pair("users", TEXTS, "People whose changes count.", "People whose changes do not count.")
_FILTER = (
    Key(
        "path-filter-type",
        _words("NamePrefixFilter", "RegexBasedFilter"),
        "How paths are compared: by their beginning or as a pattern.",
        standing="N",
        default="NamePrefixFilter",
    ),
    Key("custom-filter", Anything(), "Kept as it is.", standing="N"),
)

PUSH = Keys(
    what="the push trigger",
    keys=(
        *_own("N"),
        *pair("branches", TEXTS, "Branches that count.", "Branches that do not count."),
        *_PATHS,
        *_USERS,
        Key(
            "action",
            _actions("new-branch", "push-file", "new-branch-and-push-file"),
            "What is done to the branch.",
            standing="N",
        ),
        *_FILTER,
    ),
)

TAG = Keys(
    what="the tag trigger",
    keys=(
        *_own("N"),
        *pair("tags", TEXTS, "Tags that count.", "Tags that do not count."),
        Key("from-branches", TEXTS, "Branches the tag is made from.", standing="N"),
        *_USERS,
        Key("action", _actions("create", "delete"), "What is done to the tag.", standing="N"),
    ),
)

_LABELS = pair("labels", TEXTS, "Labels that count.", "Labels that do not count.")
_MERGED = (
    *_own("N"),
    *pair("source-branches", TEXTS, "Branches the request comes from.", "Source branches that do not count."),
    *pair("target-branches", TEXTS, "Branches the request goes to.", "Target branches that do not count."),
    *_PATHS,
    *_USERS,
    Key(
        "webhook-queue", FLAG, "Whether runs of one request wait for each other.", standing="N", default=False
    ),
    Key("report-commit-check", FLAG, "Whether the outcome is shown at the commit.", standing="N"),
    *_FILTER,
    Key("skip-wip", FLAG, "Whether unfinished requests are left out.", standing="N", default=False),
    *_LABELS,
)
_ASSIGNEES = pair("assignees", TEXTS, "Assigned people that count.", "Assigned people that do not count.")

MERGED = Keys(what="the trigger of merged requests", keys=_MERGED)
MERGE_REQUEST = Keys(
    what="the trigger of merge requests",
    keys=(
        *_MERGED,
        Key(
            "action",
            _actions(
                "open",
                "close",
                "reopen",
                "push-update",
                "merge",
                "edit",
                "assigned",
                "unassigned",
                "labeled",
                "unlabeled",
            ),
            "What is done to the request.",
            standing="N",
        ),
        *_ASSIGNEES,
        Key("block-mr", FLAG, "Whether the request waits for the run.", standing="N", default=False),
    ),
)

ISSUE = Keys(
    what="the trigger of issues",
    keys=(
        *_own("N"),
        Key(
            "action",
            _actions("open", "close", "reopen", "update", "assigned", "unassigned", "labeled", "unlabeled"),
            "What is done to the issue.",
            standing="N",
        ),
        *_ASSIGNEES,
        Key("users-ignore", TEXTS, "People whose changes do not count.", standing="N"),
        *_LABELS,
    ),
)

REVIEW = Keys(
    what="the trigger of reviews",
    keys=(
        *_own("N"),
        Key("types", _actions("comparison", "merge_request"), "What is reviewed.", standing="N"),
        Key(
            "states",
            _actions("approved", "approving", "change_denied", "change_required"),
            "How the review stands.",
            standing="N",
        ),
    ),
)

NOTE = Keys(
    what="the trigger of comments",
    keys=(
        *_own("N"),
        Key("types", _actions("commit", "merge_request", "issue"), "What is commented.", standing="N"),
        Key("comment", TEXT_OR_TEXTS, "Texts the comment holds.", standing="N"),
    ),
)

_TRACKER = "events of a tracker Ferryman cannot receive"
_PERFORCE = "Perforce is not supported"
_NOT_V3 = "not part of v3.0"

SCM_TYPE = Word(
    words=("git", "tgit", "github", "gitlab", "svn", "scm_git", "scm_svn"),
    refusals=(Refusal("p4", _PERFORCE, vendor=True), Refusal("tapd", _TRACKER, vendor=True)),
)

TRIGGERS = Keys(
    what="on",
    least=1,
    keys=(
        Key(
            "manual",
            Forms(scalar=SWITCH, mapping=MANUAL),
            "Start by a person or program.",
            default="enabled",
        ),
        Key("schedules", Listing(item=SCHEDULE, single=True), "Start at fixed times."),
        Key("remote", Forms(scalar=SWITCH, mapping=REMOTE), "Start by a call that needs only a token."),
        Key(
            "repo-name", TEXT, "Repository the events come from; that of the file when absent.", standing="N"
        ),
        Key("type", SCM_TYPE, "Kind of the repository.", standing="N"),
        Key("scm-code", TEXT, "Code of the server of the repository.", standing="N"),
        Key("push", Forms(listing=TEXTS, mapping=PUSH), "Start on a push.", standing="N"),
        Key("tag", Forms(listing=TEXTS, mapping=TAG), "Start on a tag.", standing="N"),
        Key("mr", Forms(listing=TEXTS, mapping=MERGE_REQUEST), "Start on a merge request.", standing="N"),
        Key(
            "mr-merged", Forms(listing=TEXTS, mapping=MERGED), "Start when a request is merged.", standing="N"
        ),
        Key("issue", ISSUE, "Start on an issue.", standing="N"),
        Key("review", REVIEW, "Start on a review.", standing="N"),
        Key("note", NOTE, "Start on a comment.", standing="N"),
    ),
    refusals=(
        Refusal("change-*", _PERFORCE, vendor=True),
        Refusal("shelve-*", _PERFORCE, vendor=True),
        Refusal("workspace-id", _TRACKER, vendor=True),
        Refusal("story", _TRACKER, vendor=True),
        Refusal("bug", _TRACKER, vendor=True),
        Refusal("openapi", _NOT_V3),
        Refusal("delete", _NOT_V3),
        Refusal("repo_hook", _NOT_V3),
        Refusal("workflow_dispatch", 'unknown key "workflow_dispatch"', "write manual"),
        Refusal("pull_request", 'unknown key "pull_request"', "write mr"),
        Refusal("schedule", 'unknown key "schedule"', "write schedules"),
    ),
)

ON = Forms(listing=Listing(item=TRIGGERS, least=1), mapping=TRIGGERS)
