"""The language of conditions: parse, evaluate with its because, substitute.

Reads texts and values, nothing else. Which node is judged when, and what follows, is the machine's; which
texts of a definition hold placeholders is the definition's. The user's page is docs/guide/expressions.md.

How a condition travels: `tokens` → `parser` → `tree` → `program` (closures, kept by text) → value, with
`values` (conversions), `access` (steps into values) and `functions` below it; `placeholders` finds `${{ }}`
in texts and `substitution` fills them. `language` holds the verbs.
"""

from ferryman.domain.dialect import Dialect
from ferryman.domain.judgement import Because, Judgement, Operand
from ferryman.expressions.errors import ErrorKind, ExpressionError
from ferryman.expressions.language import (
    evaluate,
    first_names,
    judge,
    names,
    placeholders,
    substitute,
    substitute_tree,
)
from ferryman.expressions.parser import parse
from ferryman.expressions.signatures import FUNCTIONS, Signature
from ferryman.expressions.values import to_number, to_text, truthy

__all__ = [
    "FUNCTIONS",
    "Because",
    "Dialect",
    "ErrorKind",
    "ExpressionError",
    "Judgement",
    "Operand",
    "Signature",
    "evaluate",
    "first_names",
    "judge",
    "names",
    "parse",
    "placeholders",
    "substitute",
    "substitute_tree",
    "to_number",
    "to_text",
    "truthy",
]
