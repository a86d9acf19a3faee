"""Steps (pipeline-yaml 8)."""

from ferryman.definition.file.shapes import Anything, Forms, Key, Keys, Listing, Text, Whole, Word
from ferryman.definition.file.tables.common import (
    CONDITION,
    ENV,
    FLAG,
    ID,
    IF_MODIFY,
    NAME,
    TEXT,
    TEXTS,
    WORK_MINUTES,
    template,
    write,
)

SHELLS = ("bash", "sh", "cmd", "pwsh", "powershell", "python", "win_bash", "auto")

_REPOSITORY = Keys(
    what="checkout",
    least=1,
    keys=(
        Key("repo-id", TEXT, "Id of the repository."),
        Key("repo-name", TEXT, "Name of the repository."),
    ),
)

STEP = Keys(
    what="a step",
    keys=(
        Key("name", NAME, "Name of the step; that of its kind when absent."),
        Key("id", ID, "Id of the step, unique in its job; outputs are read by it."),
        Key("enable", FLAG, "Whether the step is on.", default=True),
        Key(
            "if", CONDITION, "When the step runs: an expression, FAILURE, ALWAYS_UNLESS_CANCELLED or ALWAYS."
        ),
        Key(
            "uses",
            Text(pattern=r"[^@\s]+@[^@\s]+", rule="a code and its version, such as code@1.*"),
            "Code and version of the kind of step.",
        ),
        Key("with", Keys(what="with", rest=Anything()), "Settings of the step."),
        Key("namespace", TEXT, "A prefix: output KEY is NAMESPACE_KEY too."),
        Key("run", Text(shortest=1), "A script."),
        Key(
            "shell",
            Word(words=SHELLS),
            "What runs the script; cmd on Windows, bash on another named system, else auto when absent.",
        ),
        Key(
            "checkout",
            Forms(scalar=Text(shortest=1), mapping=_REPOSITORY),
            "self, an address or a repository.",
        ),
        Key("env", ENV, "Environment of the step, over that of the job."),
        Key("timeout-minutes", WORK_MINUTES, "Minutes after which the step is ended.", default=900),
        Key(
            "continue-on-error",
            Word(words=("auto", "manual"), flags=True),
            "Whether the job goes on when the step fails; auto is true, manual lets a person skip it.",
            default=False,
        ),
        Key(
            "retry-times",
            Whole(least=0, most=5),
            "How often a failed step is tried again by itself.",
            default=0,
        ),
        Key("can-manually-retry", FLAG, "Whether a person can try a failed step again.", default=False),
        Key(
            "can-pause-before-run", FLAG, "Whether the step waits for a person before it runs.", default=False
        ),
        Key("pause-notice-receivers", TEXTS, "People who are told that it waits."),
    ),
    refusals=(
        write("timeout", "timeout-minutes"),
        write("retry", "retry-times"),
        IF_MODIFY,
        template("run"),
    ),
)

STEPS = Listing(item=STEP, least=1)
