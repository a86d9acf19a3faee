"""What parses, to which tree, and how a fault is told (pipeline-yaml 10.2, 10.8)."""

import pytest

from ferryman.domain.errors import Invalid
from ferryman.expressions import ErrorKind, ExpressionError, parse
from ferryman.expressions.tree import All, And, Call, Compare, Index, Literal, Name, Not, Or

A, B, C = Name("a"), Name("b"), Name("c")

TREES = {
    "null": Literal(None),
    "true": Literal(True),
    "false": Literal(False),
    "711": Literal(711.0),
    "-9.2": Literal(-9.2),
    "+5": Literal(5.0),
    "-2.99e-2": Literal(-0.0299),
    "1E3": Literal(1000.0),
    "0o17": Literal(15.0),
    "Infinity": Literal(float("inf")),
    "'it''s'": Literal("it's"),
    "''": Literal(""),
    "''''": Literal("'"),
    "'a\nb'": Literal("a\nb"),
    "_x-1": Name("_x-1"),
    "variables.my-app": Index(Name("variables"), Literal("my-app")),
    "a['b']": Index(A, Literal("b")),
    "a.b": Index(A, Literal("b")),
    "a . b": Index(A, Literal("b")),
    "a.0.b": Index(Index(A, Literal(0.0)), Literal("b")),
    "a[0].b": Index(Index(A, Literal(0.0)), Literal("b")),
    "a.null": Index(A, Literal("null")),
    "a.contains": Index(A, Literal("contains")),
    "a[b.c]": Index(A, Index(B, Literal("c"))),
    "a.*": All(A),
    "a[*]": All(A),
    "a [ * ] . b": Index(All(A), Literal("b")),
    "(a).b": Index(A, Literal("b")),
    "('x').b": Index(Literal("x"), Literal("b")),
    "fromJSON(a).b": Index(Call("fromJSON", (A,)), Literal("b")),
    "FROMJSON (a)": Call("fromJSON", (A,)),
    "contains(a, b)": Call("contains", (A, B)),
    "join((a), ',')": Call("join", (A, Literal(","))),
    "a == b": Compare("==", A, B),
    "a==-1": Compare("==", A, Literal(-1.0)),
    # All binary operators associate to the left.
    "a == b == c": Compare("==", Compare("==", A, B), C),
    "a < b < c": Compare("<", Compare("<", A, B), C),
    "a || b || c": Or((A, B, C)),
    "a && b && c": And((A, B, C)),
    "(a || b) || c": Or((Or((A, B)), C)),
    "a || (b || c)": Or((A, Or((B, C)))),
    # `!` binds tighter than comparison, comparison tighter than equality, that than &&, that than ||.
    "!a.b": Not(Index(A, Literal("b"))),
    "!a == b": Compare("==", Not(A), B),
    "a == !b": Compare("==", A, Not(B)),
    "!!a": Not(Not(A)),
    "a == b < c": Compare("==", A, Compare("<", B, C)),
    "a < b == c": Compare("==", Compare("<", A, B), C),
    "a && b == c": And((A, Compare("==", B, C))),
    "a || b && c": Or((A, And((B, C)))),
    "a && b || c": Or((And((A, B)), C)),
    "(a || b) && c": And((Or((A, B)), C)),
    "\ta\n!= b ": Compare("!=", A, B),
}


@pytest.mark.parametrize("text", TREES)
def test_a_text_has_the_tree_that_its_grammar_says(text: str) -> None:
    assert repr(parse(text)) == repr(TREES[text])


def test_nan_is_a_literal() -> None:
    assert repr(parse("NaN")) == "Literal(value=nan)"


S, E = ErrorKind.UNEXPECTED_SYMBOL, ErrorKind.UNEXPECTED_END

FAULTS = {
    "": (ErrorKind.EMPTY, 0, ""),
    " \n": (ErrorKind.EMPTY, 0, ""),
    "a b": (S, 3, "b"),
    "a == ": (E, 6, ""),
    "(a": (E, 3, ""),
    "a[": (E, 3, ""),
    "contains(a": (E, 11, ""),
    "a)": (S, 2, ")"),
    "(a]": (S, 3, "]"),
    "a[b)": (S, 4, ")"),
    "()": (S, 2, ")"),
    "a,b": (S, 2, ","),
    "(a, b)": (S, 3, ","),
    "contains(a,)": (S, 12, ")"),
    "contains(,a)": (S, 10, ","),
    "a &": (S, 3, "&"),
    "a = b": (S, 3, "="),
    '"a"': (S, 1, '"'),
    "'a": (S, 1, "'"),
    "a ! b": (S, 3, "!"),
    "!": (E, 2, ""),
    "a + 1": (S, 3, "+"),
    "a ? b": (S, 3, "?"),
    "${{ a }}": (S, 1, "$"),
    # Literals cannot be followed by `.` or `[`.
    "'x'.y": (S, 4, ".y"),
    "'x'[0]": (S, 4, "["),
    "true.x": (S, 5, ".x"),
    "1 .x": (S, 3, ".x"),
    "1.x": (S, 1, "1.x"),
    "null[*]": (S, 5, "[*]"),
    # Numbers stand alone.
    "5-3": (S, 1, "5-3"),
    "1.2.3": (S, 1, "1.2.3"),
    "0o18": (S, 1, "0o18"),
    "0x1F": (S, 1, "0x1F"),
    ".5": (S, 1, ".5"),
    "-Infinity": (S, 1, "-Infinity"),
    "a.": (S, 2, "."),
    "a.0b": (S, 4, "b"),
    "a.b(c)": (S, 4, "("),
    # There are no status functions and no others.
    "nope(a)": (ErrorKind.UNKNOWN_FUNCTION, 1, "nope"),
    "a || nope()": (ErrorKind.UNKNOWN_FUNCTION, 6, "nope"),
    "null(a)": (ErrorKind.UNKNOWN_FUNCTION, 1, "null"),
    "success()": (ErrorKind.UNKNOWN_FUNCTION, 1, "success"),
    # Counts of arguments.
    "contains(a)": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "contains"),
    "contains(a, b, c)": (ErrorKind.TOO_MANY_ARGUMENTS, 1, "contains"),
    "startswith(a)": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "startsWith"),
    "endsWith(a, b, c)": (ErrorKind.TOO_MANY_ARGUMENTS, 1, "endsWith"),
    "format()": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "format"),
    "join()": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "join"),
    "join(a, b, c)": (ErrorKind.TOO_MANY_ARGUMENTS, 1, "join"),
    "fromJSON()": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "fromJSON"),
    "toJSON(a, b)": (ErrorKind.TOO_MANY_ARGUMENTS, 1, "toJSON"),
    "strToTime()": (ErrorKind.TOO_FEW_ARGUMENTS, 1, "strToTime"),
    "a && hashFiles()": (ErrorKind.TOO_FEW_ARGUMENTS, 6, "hashFiles"),
    "format(" + ",".join("a" * 128) + ")": (ErrorKind.TOO_MANY_ARGUMENTS, 1, "format"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_kind_symbol_and_position_counted_from_1(text: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse(text)
    error = refusal.value
    assert (error.kind, error.position, error.symbol) == FAULTS[text]
    assert isinstance(error, Invalid)
    (problem,) = error.problems
    assert problem.column == error.position
    assert problem.code == 2100149


def test_127_arguments_are_not_too_many() -> None:
    assert isinstance(parse("format(" + ",".join("a" * 127) + ")"), Call)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("success()", "SUCCESS"),
        ("!Failure()", "FAILURE"),
        ("a == always()", "ALWAYS"),
        ("cancelled()", "CANCELED"),
        ("cancelled()", "ALWAYS_UNLESS_CANCELLED"),
    ],
)
def test_a_status_function_is_refused_with_the_word_to_use_instead(text: str, word: str) -> None:
    """pipeline-yaml 10.6."""
    with pytest.raises(ExpressionError, match=rf"\b{word}\b"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("contain(a, b)", "did you mean contains?"),
        ("fromjsn(a)", "did you mean fromJSON?"),
        ("zzz(a)", ""),
        ('a == "b"', "texts stand in single quotes"),
        ("a = b", "equality is =="),
        ("a + 'b'", "there is no arithmetic"),
        ("-a", "there is no arithmetic"),
        ("'a", "this quote is not closed"),
    ],
)
def test_a_fault_says_what_would_help(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse(text)
    assert refusal.value.problems[0].hint == hint


def test_keywords_are_case_sensitive() -> None:
    assert parse("True") == Name("True")
    assert parse("NULL") == Name("NULL")
