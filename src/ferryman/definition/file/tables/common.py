"""Shapes that several sections share, and the refusals that say the same everywhere."""

from ferryman.definition.file import codes
from ferryman.definition.file.shapes import (
    Flag,
    Forms,
    Key,
    Keys,
    Listing,
    Minutes,
    Refusal,
    Shape,
    Text,
    Word,
)

TEXT = Text()
FLAG = Flag()
NAME = Text(shortest=1, longest=255)
ID = Text(shortest=1, longest=64)
TEXTS = Listing(item=TEXT)
TEXT_OR_TEXTS = Listing(item=TEXT, single=True)
VALUE = Text()
PAIRS = Keys(what="a map of names to values", rest=Text(nothing=True))
SWITCH = Word(words=("enabled", "disabled"))
CONTENT_FORMAT = Word(words=("text", "markdown"))
WORK_MINUTES = Minutes(most=10080)

RUN_WHEN = "RUN_WHEN_ALL_PARAMS_MATCH"
NOT_RUN_WHEN = "NOT_RUN_WHEN_ALL_PARAMS_MATCH"

MATCH = Keys(
    what="a condition",
    keys=(
        Key("mode", Word(words=(RUN_WHEN, NOT_RUN_WHEN)), "Run, or do not run, when all values match.", True),
        Key("params", PAIRS, "Variables by name and the values they are compared with.", True),
    ),
)
CONDITION = Forms(scalar=Text(booleans=False, rule="an expression"), mapping=MATCH)

ENV = Keys(
    what="env",
    rest=Text(longest=4000, longest_code=codes.ENV_SIZE, nothing=True),
    most=100,
    most_code=codes.ENV_COUNT,
    longest_name=128,
    longest_name_code=codes.ENV_SIZE,
)

TEMPLATES_LATER = "templates are not supported yet"
TEMPLATE_STORE = "needs a template or variable store of another server, which Ferryman does not have"
QUALITY_GATES = "quality gates are not part of v3.0"
QUALITY_HINT = "use check-in.reviews or a step that fails"
IF_MODIFY = Refusal("if-modify", "not part of v3.0", "use on.push.paths or an if condition")
CHECK_OUT = Refusal("check-out", QUALITY_GATES, QUALITY_HINT)
GATES = Refusal("gates", QUALITY_GATES, QUALITY_HINT)
NOTIFY_ON_FAIL = Refusal("notify-on-fail", QUALITY_GATES, QUALITY_HINT)


def template(instead: str) -> Refusal:
    """The refusal of a template that stands in the place of the key `instead`."""
    return Refusal("template", TEMPLATES_LATER, f"write the {instead} here", instead=instead)


def write(wrong: str, right: str) -> Refusal:
    """The refusal of a key other formats use, with the right one."""
    return Refusal(wrong, f'unknown key "{wrong}"', f"write {right}", instead=right)


def pair(first: str, shape: Shape, first_help: str, second_help: str) -> tuple[Key, Key]:
    """A list and the list of what it leaves out: `branches` and `branches-ignore`."""
    return (
        Key(first, shape, first_help, standing="N"),
        Key(f"{first}-ignore", shape, second_help, standing="N"),
    )
