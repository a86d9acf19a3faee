"""The parser beside another one: a grammar written apart, read by lark (rulings 1.1).

Both accept the same texts, and give the same tree.
"""

from functools import cache
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from lark import Lark, Transformer, UnexpectedInput, v_args

from ferryman.expressions import ExpressionError, parse

GRAMMAR = r"""
?start: any_of
any_of: all_of ("||" all_of)*
all_of: equal ("&&" equal)*
equal: order (EQUALITY order)*
order: unary (ORDER unary)*
?unary: "!" unary -> not_
      | access
      | literal
?access: atom
       | access "." NAME -> child
       | access "." DIGITS -> numbered
       | access "[" any_of "]" -> index
       | access "." "*" -> every
       | access "[" "*" "]" -> every
?atom: NAME "(" [any_of ("," any_of)*] ")" -> call
     | NAME -> name
     | "(" any_of ")"
literal: "null" -> null
       | "true" -> true
       | "false" -> false
       | "NaN" -> nan
       | "Infinity" -> infinity
       | NUMBER -> number
       | STRING -> string
EQUALITY: "==" | "!="
ORDER: "<=" | ">=" | "<" | ">"
NAME: /[A-Za-z_][A-Za-z0-9_-]*/
DIGITS: /[0-9]+/
NUMBER: /0o[0-7]+|[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/
STRING: /'([^']|'')*'/
%ignore /\s+/
"""

ARITIES = {
    "contains": ("contains", 2, 2),
    "startswith": ("startsWith", 2, 2),
    "endswith": ("endsWith", 2, 2),
    "format": ("format", 1, 127),
    "join": ("join", 1, 2),
    "fromjson": ("fromJSON", 1, 1),
    "tojson": ("toJSON", 1, 1),
    "strtotime": ("strToTime", 1, 1),
    "hashfiles": ("hashFiles", 1, 127),
}


class Refused(Exception):
    """A text that the grammar allows and the rules beside it do not."""


@v_args(inline=True)
class Spell(Transformer[Any, str]):
    """A tree of the oracle, written as the parser's tree prints itself."""

    def null(self) -> str:
        return "Literal(value=None)"

    def true(self) -> str:
        return "Literal(value=True)"

    def false(self) -> str:
        return "Literal(value=False)"

    def nan(self) -> str:
        return "Literal(value=nan)"

    def infinity(self) -> str:
        return "Literal(value=inf)"

    def number(self, text: str) -> str:
        return f"Literal(value={float(int(text[2:], 8) if text.startswith('0o') else text)!r})"

    def string(self, text: str) -> str:
        return f"Literal(value={str(text[1:-1]).replace(chr(39) * 2, chr(39))!r})"

    def name(self, text: str) -> str:
        return f"Name(name={str(text)!r})"

    def child(self, of: str, text: str) -> str:
        return f"Index(of={of}, key=Literal(value={str(text)!r}))"

    def numbered(self, of: str, text: str) -> str:
        return f"Index(of={of}, key=Literal(value={float(text)!r}))"

    def index(self, of: str, key: str) -> str:
        return f"Index(of={of}, key={key})"

    def every(self, of: str) -> str:
        return f"All(of={of})"

    def call(self, name: str, *arguments: str | None) -> str:
        given_ = tuple(argument for argument in arguments if argument is not None)
        if name.lower() not in ARITIES:
            raise Refused
        canonical, least, most = ARITIES[name.lower()]
        if not least <= len(given_) <= most:
            raise Refused
        comma = "," if len(given_) == 1 else ""
        return f"Call(name={canonical!r}, arguments=({', '.join(given_)}{comma}))"

    def not_(self, of: str) -> str:
        return f"Not(of={of})"

    def order(self, first: str, *rest: str) -> str:
        for operator, right in zip(rest[::2], rest[1::2], strict=True):
            first = f"Compare(operator={str(operator)!r}, left={first}, right={right})"
        return first

    equal = order

    def any_of(self, *operands: str) -> str:
        return operands[0] if len(operands) == 1 else f"Or(operands=({', '.join(operands)}))"

    def all_of(self, *operands: str) -> str:
        return operands[0] if len(operands) == 1 else f"And(operands=({', '.join(operands)}))"


@cache
def oracle() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual")


def by_oracle(text: str) -> str | None:
    try:
        tree = oracle().parse(text)
    except UnexpectedInput:
        return None
    try:
        return str(Spell().transform(tree))
    except Exception as error:
        if isinstance(error, Refused) or isinstance(getattr(error, "orig_exc", None), Refused):
            return None
        raise


def by_parser(text: str) -> str | None:
    try:
        return repr(parse(text))
    except ExpressionError:
        return None


PIECES = [
    "a",
    "b",
    "variables",
    "my-app",
    "_x",
    "null",
    "true",
    "false",
    "NaN",
    "Infinity",
    "True",
    "0",
    "1",
    "-9.2",
    "+5",
    "1e3",
    "2.5E-1",
    "0o17",
    "0o9",
    "5.",
    ".5",
    ".a",
    ".b-c",
    ".0",
    ".0.5",
    ".*",
    "[*]",
    "[",
    "]",
    "(",
    ")",
    ",",
    "!",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "=",
    "&",
    "|",
    "'x'",
    "''",
    "'it''s'",
    "'",
    '"',
    "$",
    "contains",
    "contains(",
    "join(",
    "join",
    "(",
    "toJSON(",
    "FORMAT(",
    "nope(",
    "hashFiles(",
    ".",
    "*",
    "-",
    "+",
    "é",
]

soup = st.lists(st.sampled_from(PIECES), max_size=14).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda glue: glue.join(pieces))
)

operand = st.sampled_from(
    [
        "a",
        "b.c",
        "x-y",
        "a.0.b",
        "a[0]",
        "a['b']",
        "a.*",
        "a[*].b",
        "null",
        "true",
        "NaN",
        "1",
        "-2.5",
        "0o7",
        "'s'",
    ]
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["||", "&&", "==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.tuples(inner, operators, inner).map(" ".join),
        st.tuples(inner, operators, inner, operators, inner).map("".join),
        inner.map("({})".format),
        inner.map("!{}".format),
        inner.map("toJSON({})".format),
        inner.map("({}).key".format),
        inner.map("a[{}]".format),
        st.lists(inner, min_size=0, max_size=3).map(lambda items: f"join( {','.join(items)} )"),
        st.lists(inner, min_size=1, max_size=4).map(lambda items: f"Format({', '.join(items)})"),
    )


expressions = st.recursive(operand, larger, max_leaves=20)


@given(soup)
def test_any_row_of_tokens_is_accepted_or_refused_alike(text: str) -> None:
    expected = by_oracle(text)
    event("accepted" if expected else "refused")
    assert by_parser(text) == expected


@given(expressions)
def test_any_expression_has_the_same_tree(text: str) -> None:
    assert by_parser(text) == by_oracle(text)


@given(expressions, st.integers(min_value=0), st.sampled_from([*PIECES, ""]))
def test_an_expression_with_one_piece_changed_is_judged_alike(text: str, at: int, piece: str) -> None:
    at %= len(text) + 1
    changed = text[:at] + piece + text[at + 1 :]
    assert by_parser(changed) == by_oracle(changed)
