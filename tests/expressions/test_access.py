"""Names, steps and filtered arrays (pipeline-yaml 10.5, semantics 16.2, 16.3)."""

from collections.abc import Iterator, Mapping

import pytest

from ferryman.expressions import ErrorKind, ExpressionError, evaluate, first_names, names

CONTEXT = {
    "variables": {
        "branch": "main",
        "my-app": "x",
        "a.b": "dotted",
        "a.c.d": "deep",
        "e": "short",
        "e.f": "long",
        "7": "seven",
    },
    "jobs": {"build": {"0": {"steps": {"pack": "p0"}}, "1": {"steps": {"pack": "p1"}}, "status": "SUCCEED"}},
    "list": ["zero", "one", {"name": "two"}],
    "rows": [{"n": 1, "tags": ["a", "b"]}, {"m": 2}, {"n": None, "tags": []}, "text", ["inner"]],
    "text": "hello",
    "nothing": None,
    "number": 1.5,
    "key": "branch",
}

VALUES = [
    ("variables.branch", "main"),
    ("variables['branch']", "main"),
    ("variables[key]", "main"),
    ("variables.my-app", "x"),
    ("(variables).branch", "main"),
    # Every later step that does not exist gives null, also on null and on scalars.
    ("variables.nope", None),
    ("variables.nope.more['x'][0]", None),
    ("text.length", None),
    ("nothing.x", None),
    ("number.x", None),
    ("variables.nope == ''", True),
    ("variables.Branch", None),
    # A number index on an object looks up its text.
    ("jobs.build[0].steps.pack", "p0"),
    ("jobs.build.1.steps.pack", "p1"),
    ("jobs.build['1'].steps.pack", "p1"),
    ("jobs.build[1.0].steps.pack", "p1"),
    ("variables.007", "seven"),
    ("jobs.build.2.steps.pack", None),
    # An array index is converted to a number and rounded down.
    ("list[1]", "one"),
    ("list.1", "one"),
    ("list[1.9]", "one"),
    ("list['1']", "one"),
    ("list[true]", "one"),
    ("list[null]", "zero"),
    ("list['']", "zero"),
    ("list[2].name", "two"),
    ("list[-1]", None),
    ("list[-0.5]", None),
    ("list[3]", None),
    ("list[NaN]", None),
    ("list[Infinity]", None),
    ("list[list]", None),
    ("list.name", None),
    ("list['x']", None),
    ("variables[list]", None),
    ("variables[variables]", None),
    # `.*` gives the values of an object, the items of an array, nothing of a scalar.
    ('fromJSON(\'{"a":1,"b":2}\').*', [1, 2]),
    ("list.*[0]", []),
    ("text.*", []),
    ("nothing[*]", []),
    ("join(jobs.build.*.steps.pack)", "p0,p1"),
    ("join(jobs.build[*].steps.pack, '+')", "p0+p1"),
    # Access on a filtered array is done on each item, and drops items that lack the key.
    ("rows.*.n", [1, None]),
    ("rows.*.m", [2]),
    ("rows.*.tags", [["a", "b"], []]),
    ("rows.*.tags.*", ["a", "b"]),
    ("rows.*.tags[0]", ["a"]),
    ("rows.*[0]", ["inner"]),
    ("rows.*.*", [1, ["a", "b"], 2, None, [], "inner"]),
    ("rows.*.nope", []),
    ("rows.*['n'].x", []),
    ("contains(rows.*.m, 2)", True),
    # Names that share a prefix are an object; where both `e` and `e.f` are names, each is found.
    ("variables.a.b", "dotted"),
    ("variables['a.b']", "dotted"),
    ("variables['a'].b", "dotted"),
    ("variables.a['c'].d", "deep"),
    ("toJSON(variables.a)", '{"b":"dotted","c":{"d":"deep"}}'),
    ("variables.a && true", True),
    ("variables.a == variables.a", True),
    ("variables.a == variables.a.c", False),
    ("variables.e", "short"),
    ("variables.e.f", "long"),
    ("variables.e.g", None),
    ("variables.a.x", None),
    ("join(variables.a.*)", "dotted,Object"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_step_finds(text: str, value: object) -> None:
    assert evaluate(text, CONTEXT) == value


@pytest.mark.parametrize(
    ("text", "name", "position"),
    [
        ("nope", "nope", 1),
        ("nope.x.y", "nope", 1),
        ("True", "True", 1),
        # Wherever it stands, also where nobody would look (rulings 1.2).
        ("true || nope", "nope", 9),
        ("false && nope", "nope", 10),
        ("variables[nope]", "nope", 11),
        ("contains(text, nope)", "nope", 16),
        ("'a' || text.x[nope.y].*", "nope", 15),
        ("Text", "Text", 1),
    ],
)
@pytest.mark.parametrize("dialect", ["constrained", "classic"])
def test_an_unknown_first_name_is_an_error_wherever_it_stands(
    text: str, name: str, position: int, dialect: str
) -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate(text, CONTEXT, dialect=dialect)
    assert (refusal.value.kind, refusal.value.symbol, refusal.value.position) == (
        ErrorKind.UNKNOWN_NAME,
        name,
        position,
    )


def test_an_unknown_name_suggests_a_near_one() -> None:
    with pytest.raises(ExpressionError, match="did you mean variables"):
        evaluate("variable.x", CONTEXT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("variables.branch", "main"),
        ("variables.a.b", 1),
        ("variables['a'].b", 1),
        ("variables.a.c", None),
        ("ci.build_num", 12),
        ("ci.build_num == '12'", True),
        ("jobs.x.status", "SUCCEED"),
        ("plain", "p"),
        ("mixed.a", 1),
        ("mixed.b", 2),
        ("toJSON(variables)", '{"branch":"main","a":{"b":1}}'),
    ],
)
def test_a_plain_dict_with_dotted_names_is_read_as_nested_objects(text: str, value: object) -> None:
    flat = {
        "variables.branch": "main",
        "variables.a.b": 1,
        "ci.build_num": 12,
        "jobs.x.status": "SUCCEED",
        "plain": "p",
        "mixed": {"a": 1},
        "mixed.b": 2,
    }
    assert evaluate(text, flat) == value


class Asked(Mapping[str, object]):
    """A context that only answers for names; listing it is a fault."""

    def __getitem__(self, key: str) -> object:
        if key == "variables":
            return {"x": "y", "a.b": "c"}
        if key == "plain.dotted":
            return "z"
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the context was listed")

    def __len__(self) -> int:
        return 1


def test_any_other_mapping_is_asked_for_names_only() -> None:
    assert evaluate("variables.x", Asked()) == "y"
    assert evaluate("variables.a.b", Asked()) == "c"
    assert evaluate("variables.nope", Asked()) is None
    with pytest.raises(ExpressionError, match="unknown name nope"):
        evaluate("nope", Asked())


def test_names_are_the_paths_and_first_names_their_roots() -> None:
    text = (
        "${{ variables.a == 'x' }} || contains(jobs.b.0['c'], variables.a) && list.*.z[variables[key]] && x"
    )
    assert names(text) == ("variables.a", "jobs.b.0.c", "list", "variables", "key", "x")
    assert first_names(text) == {"variables", "jobs", "list", "key", "x"}
    for ask in (names, first_names):
        with pytest.raises(ExpressionError):
            ask("a b")
