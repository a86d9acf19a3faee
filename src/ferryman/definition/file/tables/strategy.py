"""One job for many values: `strategy` (pipeline-yaml 7.3)."""

from ferryman.definition.file.shapes import Forms, Key, Keys, Listing, Text, Whole
from ferryman.definition.file.tables.common import FLAG, PAIRS, VALUE

_EXPRESSION = Text(shortest=1)
_CASES = Forms(scalar=_EXPRESSION, listing=Listing(item=PAIRS))
_INCLUDE = Key("include", _CASES, "Combinations that are added, or values added to some.")
_EXCLUDE = Key("exclude", _CASES, "Combinations that are left out.")

MATRIX = Keys(
    what="matrix",
    keys=(_INCLUDE, _EXCLUDE),
    rest=Forms(scalar=_EXPRESSION, listing=Listing(item=VALUE)),
)

STRATEGY = Keys(
    what="strategy",
    keys=(
        Key("matrix", Forms(scalar=_EXPRESSION, mapping=MATRIX), "Names and the values they take.", True),
        _INCLUDE,
        _EXCLUDE,
        Key("fast-kill", FLAG, "Whether one failure ends the other combinations.", default=False),
        Key("max-parallel", Whole(least=0, most=50), "Combinations that run at once; 5 when absent."),
    ),
)
