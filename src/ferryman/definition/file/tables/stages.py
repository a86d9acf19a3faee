"""Stages and the reviews before them (pipeline-yaml 6)."""

from ferryman.definition.file.shapes import Forms, Key, Keys, Listing, Text, Whole, Word
from ferryman.definition.file.tables.common import (
    CHECK_OUT,
    CONDITION,
    CONTENT_FORMAT,
    FLAG,
    GATES,
    ID,
    IF_MODIFY,
    NAME,
    NOTIFY_ON_FAIL,
    TEXT,
    TEXT_OR_TEXTS,
    TEXTS,
    VALUE,
    template,
)
from ferryman.definition.file.tables.jobs import JOBS

LABELS = ("Build", "Test", "Deploy", "Approve")

_FLOW = Keys(
    what="a review",
    keys=(
        Key("name", Text(shortest=1), "Name of the group that decides.", True),
        Key("reviewers", TEXT_OR_TEXTS, "People of whom one decides."),
        Key("groups", TEXT_OR_TEXTS, "User groups of which one member decides."),
    ),
)

_REVIEW_VARIABLE = Keys(
    what="a review variable",
    keys=(
        Key("label", TEXT, "Name shown in the form."),
        Key(
            "type",
            Word(words=("INPUT", "TEXTAREA", "SELECTOR", "SELECTOR-MULTIPLE", "BOOL", "CHECKBOX")),
            "Kind of the form field.",
            True,
        ),
        Key("default", Forms(scalar=VALUE, listing=TEXTS), "Value the form begins with."),
        Key("values", TEXTS, "Choices of a selector."),
        Key("required", FLAG, "Whether the decision needs a value.", default=False),
        Key("description", TEXT, "Explanation shown in the form."),
    ),
)

_REVIEWS = Keys(
    what="reviews",
    keys=(
        Key("flows", Listing(item=_FLOW, least=1, most=5), "Who decides, one after the other.", True),
        Key("variables", Keys(what="variables", rest=_REVIEW_VARIABLE), "Values asked of who decides."),
        Key("description", TEXT, "What is decided."),
        Key("content-format", CONTENT_FORMAT, "How the description is written.", default="text"),
        Key("notify-type", TEXT_OR_TEXTS, "How people are told."),
        Key("chat-id", TEXT_OR_TEXTS, "Chats that are told."),
    ),
)

CHECK_IN = Keys(
    what="check-in",
    keys=(
        Key("reviews", _REVIEWS, "People who must agree before the stage begins."),
        Key(
            "timeout-hours",
            Whole(least=1, most=720),
            "Hours after which it counts as refused.",
            default=24,
        ),
    ),
    refusals=(GATES, NOTIFY_ON_FAIL),
)

STAGE = Keys(
    what="a stage",
    keys=(
        Key("name", NAME, "Name of the stage; stage-1, stage-2 and so on when absent."),
        Key("id", ID, "Id of the stage."),
        Key(
            "label",
            Listing(item=Word(words=LABELS), single=True),
            "What the stage is for.",
            default=("Build",),
        ),
        Key("enable", FLAG, "Whether the stage is on.", default=True),
        Key("if", CONDITION, "When the stage runs; always when absent."),
        Key("fast-kill", FLAG, "Whether one failed job ends the others of the stage.", default=False),
        Key("check-in", CHECK_IN, "What must be decided before the stage begins."),
        Key("jobs", JOBS, "Jobs of the stage; they run side by side unless depend-on says otherwise.", True),
    ),
    refusals=(CHECK_OUT, NOTIFY_ON_FAIL, IF_MODIFY, template("jobs")),
)

STAGES = Listing(item=STAGE, least=1)
