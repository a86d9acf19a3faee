"""The top level of a pipeline file (pipeline-yaml 3)."""

from ferryman.definition.file.shapes import Anything, Forms, Key, Keys, Listing, Refusal, Text, Whole, Word
from ferryman.definition.file.tables.common import (
    CHECK_OUT,
    CONTENT_FORMAT,
    FLAG,
    IF_MODIFY,
    NAME,
    NOTIFY_ON_FAIL,
    TEMPLATE_STORE,
    TEXT,
    TEXTS,
)
from ferryman.definition.file.tables.jobs import FINALLY, JOBS
from ferryman.definition.file.tables.stages import STAGES
from ferryman.definition.file.tables.steps import STEPS
from ferryman.definition.file.tables.triggers import ON
from ferryman.definition.file.tables.variables import VARIABLES

VERSION = "v3.0"

CONCURRENCY = Keys(
    what="concurrency",
    keys=(
        Key("group", Text(shortest=1), "Runs of one group run one at a time, whatever their pipelines."),
        Key("cancel-in-progress", FLAG, "Whether a new run ends the others of its group.", default=False),
        Key("queue-length", Whole(least=1, most=200), "How many runs may wait.", default=10),
        Key("queue-timeout-minutes", Whole(least=1, most=1440), "How long a run waits.", default=480),
        Key("max-parallel", Whole(least=1, most=200), "Runs at once without a group.", default=200),
    ),
)

NOTICE_TYPES = ("email", "wework-message", "wework-chat", "sms", "voice")

NOTICE = Keys(
    what="a notice",
    keys=(
        Key(
            "type", Listing(item=Word(words=NOTICE_TYPES), least=1, single=True), "How it is sent.", True, "N"
        ),
        Key("if", Word(words=("SUCCESS", "FAILURE")), "With which end; both when absent.", standing="N"),
        Key(
            "receivers",
            TEXTS,
            "Who gets it; whoever started the run when absent.",
            standing="N",
            default=("${{ci.actor}}",),
        ),
        Key("groups", TEXTS, "Groups that get it.", standing="N"),
        Key("content", TEXT, "What it says; a sentence about the end when absent.", standing="N"),
        Key("chat-id", TEXTS, "Chats that get it.", standing="N"),
        Key("content-format", CONTENT_FORMAT, "How the content is written.", standing="N", default="text"),
        Key(
            "attach-build-url", FLAG, "Whether the address of the run is added.", standing="N", default=False
        ),
    ),
)

_NUMBER = Whole(least=0)

RECOMMENDED_VERSION = Keys(
    what="recommended-version",
    keys=(
        Key("enabled", FLAG, "Whether runs get a version.", standing="N", default=True),
        Key("allow-modify-at-startup", FLAG, "Whether a start can change it.", standing="N", default=True),
        Key("major", _NUMBER, "First number.", standing="N", default=0),
        Key("minor", _NUMBER, "Second number.", standing="N", default=0),
        Key("fix", _NUMBER, "Third number.", standing="N", default=0),
        Key("as-instance-input", FLAG, "Kept; for templates only.", standing="N"),
        Key(
            "build-no",
            Keys(
                what="build-no",
                keys=(
                    Key("initial-value", _NUMBER, "Number of the first run.", standing="N", default=0),
                    Key(
                        "strategy",
                        Word(words=("plus1-everytime", "plus1-when-success", "invariable")),
                        "When the number grows.",
                        standing="N",
                        default="plus1-everytime",
                    ),
                ),
            ),
            "Fourth number.",
            standing="N",
        ),
    ),
)

_TEMPLATE = Keys(
    what="a template",
    keys=(
        Key("path", TEXT, "File of the template.", standing="X"),
        Key("ref", TEXT, "Revision of the file.", standing="X"),
        Key("version", TEXT, "Version of the template.", standing="X"),
        Key("variables", Keys(what="variables", rest=Anything()), "Values of its variables.", standing="X"),
        Key("trigger-conf", Keys(what="trigger-conf", rest=Anything()), "Its triggers.", standing="X"),
        Key("recommended-version", RECOMMENDED_VERSION, "Its version.", standing="X"),
    ),
    refusals=(Refusal("template-id", TEMPLATE_STORE, vendor=True),),
)

EXTENDS = Forms(
    scalar=TEXT,
    mapping=Keys(what="extends", keys=(Key("template", _TEMPLATE, "The template.", True, "X"),)),
)

_RESOURCES = Keys(
    what="resources",
    refusals=(
        Refusal("repositories", TEMPLATE_STORE, vendor=True),
        Refusal("pools", TEMPLATE_STORE, vendor=True),
    ),
)

PIPELINE = Keys(
    what="a pipeline",
    keys=(
        Key("version", Word(words=(VERSION,)), "Version of the format.", True),
        Key("name", NAME, "Name of the pipeline; that of the file when absent."),
        Key("desc", Text(longest=255), "What the pipeline is for."),
        Key("label", TEXTS, "Labels of the pipeline.", standing="N"),
        Key("on", ON, "What starts the pipeline; only people and programs when absent."),
        Key("variables", VARIABLES, "Variables with their values."),
        Key("stages", STAGES, "Stages, one after the other."),
        Key("jobs", JOBS, "Jobs of the only stage."),
        Key("steps", STEPS, "Steps of the only job."),
        Key("finally", FINALLY, "Jobs that run at the end, however it went."),
        Key("concurrency", CONCURRENCY, "Which runs may run at the same time."),
        Key("notices", Listing(item=NOTICE), "Who is told how a run ended.", standing="N"),
        Key("custom-build-num", TEXT, "Rule for the shown number of a run.", standing="N"),
        Key("recommended-version", RECOMMENDED_VERSION, "A version that grows with the runs.", standing="N"),
        Key("disable-pipeline", FLAG, "Whether starts are refused.", default=False),
        Key(
            "fail-if-variable-invalid",
            FLAG,
            "Whether a value above 4000 characters ends the run instead of being dropped.",
            default=False,
        ),
        Key(
            "syntax-dialect",
            Word(words=("INHERIT", "CLASSIC", "CONSTRAINT")),
            "CLASSIC also replaces ${name}; INHERIT leaves it to the project.",
            default="CONSTRAINT",
        ),
        Key(
            "cancel-policy",
            Word(words=("BROAD", "RESTRICTED")),
            "Who may cancel a run: with BROAD whoever may start one.",
            standing="N",
            default="BROAD",
        ),
        Key("extends", EXTENDS, "A template.", standing="X"),
        Key("resources", _RESOURCES, "Other repositories.", standing="X"),
    ),
    refusals=(
        Refusal("runs-on", "belongs to a hosted platform", "write runs-on in a job", vendor=True),
        CHECK_OUT,
        NOTIFY_ON_FAIL,
        IF_MODIFY,
    ),
)
