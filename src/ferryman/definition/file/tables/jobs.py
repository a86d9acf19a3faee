"""Jobs, locks between them, and the jobs of finally (pipeline-yaml 7, 7.2 and 9)."""

from ferryman.definition.file import codes
from ferryman.definition.file.shapes import Key, Keys, Listing, Minutes, Refusal, Text, Whole, Word
from ferryman.definition.file.tables.common import (
    CONDITION,
    ENV,
    FLAG,
    ID,
    IF_MODIFY,
    NAME,
    TEXT,
    WORK_MINUTES,
    template,
    write,
)
from ferryman.definition.file.tables.runs_on import RUNS_ON
from ferryman.definition.file.tables.steps import STEPS
from ferryman.definition.file.tables.strategy import STRATEGY

FINALLY_WORDS = ("ALWAYS", "SUCCESS", "FAILURE", "CANCELED")

MUTEX = Keys(
    what="mutex",
    keys=(
        Key("label", Text(shortest=1), "Name of the lock, shared by all pipelines of the project.", True),
        Key(
            "queue-length",
            Whole(least=0),
            "How many jobs may wait, at most 50; without it a job that finds the lock taken fails.",
        ),
        Key("timeout-minutes", Minutes(least=0, most=480), "How long a job waits; 900 when absent."),
        Key("queue-enable", FLAG, "Without effect; write queue-length.", standing="N"),
    ),
)

_SERVICE = Keys(
    what="a service",
    keys=(
        Key("image", TEXT, "Image with its tag.", True, "N"),
        Key(
            "with",
            Keys(what="with", keys=(Key("password", TEXT, "Password of the service.", standing="N"),)),
            "Settings of the service.",
            standing="N",
        ),
    ),
)

_IF = Key("if", CONDITION, "When the job runs; always when absent.")
_FINALLY_IF = Key(
    "if", Word(words=FINALLY_WORDS), "With which end of the stages before the job runs.", default="ALWAYS"
)
_BEFORE_IF = (
    Key("name", NAME, "Name of the job; Job-1, Job-2 and so on in its stage when absent."),
    Key("enable", FLAG, "Whether the job is on.", default=True),
    Key("runs-on", RUNS_ON, "The machine of the job.", default="docker"),
    Key("steps", STEPS, "Steps of the job, in order.", True),
)
_BEHIND_IF = (
    Key("depend-on", Listing(item=ID), "Jobs of the same stage that must have ended before."),
    Key("timeout-minutes", WORK_MINUTES, "Minutes after which the job is ended.", default=900),
    Key("env", ENV, "Environment of all steps."),
    Key("continue-on-error", FLAG, "Whether the stage goes on when the job fails.", default=False),
    Key("mutex", MUTEX, "A lock the job holds while it runs."),
)
_ONLY_IN_STAGES = (
    Key("strategy", STRATEGY, "Values for each of which the job runs once."),
    Key("show-runs-on", FLAG, "Whether the machine is shown.", standing="N", default=False),
)
_SERVICES = Key("services", Keys(what="services", rest=_SERVICE), "Containers beside the job.", standing="N")

_REFUSALS = (
    write("needs", "depend-on"),
    write("depends-on", "depend-on"),
    write("runs_on", "runs-on"),
    write("timeout", "timeout-minutes"),
    Refusal("retry", 'unknown key "retry"', "write retry-times on a step"),
    Refusal("id", 'unknown key "id"', "the id of a job is its key in the map of jobs"),
    IF_MODIFY,
    template("steps"),
)

JOB = Keys(
    what="a job",
    keys=(*_BEFORE_IF, _IF, *_BEHIND_IF, *_ONLY_IN_STAGES, _SERVICES),
    refusals=_REFUSALS,
)

FINALLY_JOB = Keys(
    what="a job of finally",
    keys=(*_BEFORE_IF, _FINALLY_IF, *_BEHIND_IF, _SERVICES),
    refusals=(
        *(Refusal(key.name, f"{key.name} is not allowed in finally", "remove it") for key in _ONLY_IN_STAGES),
        *_REFUSALS,
    ),
)

JOBS = Keys(
    what="jobs",
    rest=JOB,
    least=1,
    longest_name=64,
    longest_name_code=codes.JOB_ID_LENGTH,
    refusals=(template("jobs"),),
)

FINALLY = Keys(
    what="finally",
    rest=FINALLY_JOB,
    least=1,
    longest_name=64,
    longest_name_code=codes.JOB_ID_LENGTH,
    refusals=(template("jobs"),),
)
