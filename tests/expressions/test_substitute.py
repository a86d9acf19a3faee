"""Placeholders in texts (pipeline-yaml 10.7, semantics 15.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.expressions import Dialect, placeholders, substitute, substitute_tree

CONTEXT = {
    "variables": {
        "a": "x",
        "b": "it's",
        "n": "12",
        "empty": "",
        "brace": "}} ${{",
        "lines": "1\n2",
        "once": "${{ variables.a }}",
        "twice": "${{ variables.once }}",
        "thrice": "${{ variables.twice }}",
        "self": "${{ variables.self }}",
        "half": "${{ variables.",
        "classic": "${a} ${{ a }}",
    },
    "ci": {"build_num": 12.0, "list": [1, "b"], "flag": True, "none": None},
    "a": "plain",
    "my-app": "m",
    "deep": "${a}",
    "deeper": "${deep}",
    "deepest": "${deeper}",
    "loop": "<${loop}>",
    "mixed": "${{ variables.a }}",
    "dotted.name": "d",
}

CONSTRAINED = [
    ("${{ variables.a }}", "x"),
    ("${{variables.a}}", "x"),
    ("pre ${{ variables.a }} mid ${{ variables.n }} post", "pre x mid 12 post"),
    ("${{ variables.a == 'x' && variables.n }}", "12"),
    ("two\n${{ variables.a }}\r\nlines ${{ variables.a }}\n", "two\nx\r\nlines x\n"),
    # Result to text; the JSON text of a whole array or object.
    ("${{ ci.build_num }}|${{ ci.flag }}|${{ ci.none }}|${{ 1.50 }}", "12|true||1.5"),
    ("${{ ci.list }}", '[1,"b"]'),
    ("${{ fromJSON('{\"a\":[12.0]}') }}", '{"a":[12]}'),
    # Inner placeholders first, put in as quoted texts.
    ("${{ ${{ variables.a }} == 'x' }}", "true"),
    ("${{ ${{ variables.b }} }}", "it's"),
    ("${{ format('{0}{1}', ${{ variables.a }}, ${{ ci.build_num }}) }}", "x12"),
    ("${{ ${{ ci.list }} }}", '[1,"b"]'),
    ("${{ ${{ variables.lines }} == 'x' }}", "false"),
    # At most two levels: a deeper nest stays as it is.
    ("${{ ${{ ${{ variables.a }} }} }}", "${{ ${{ ${{ variables.a }} }} }}"),
    # One more pass over the result.
    ("${{ variables.once }}", "x"),
    ("${{ variables.twice }}", "${{ variables.a }}"),
    ("${{ variables.thrice }}", "${{ variables.once }}"),
    ("${{ variables.self }}", "${{ variables.self }}"),
    ("${{ variables.half }}a }}", "x"),
    # An unknown first name, or no expression: it stays as it is.
    ("${{ nope }} ${{ variables.a }}", "${{ nope }} x"),
    ("${{ settings.key.password }}", "${{ settings.key.password }}"),
    ("${{ a b }}", "${{ a b }}"),
    ("${{ variables.a || nope }}", "${{ variables.a || nope }}"),
    ("${{ ${{ nope }} == variables.a }}", "${{ ${{ nope }} == variables.a }}"),
    ("${{ see ${{ variables.a }} }}", "${{ see ${{ variables.a }} }}"),
    ("${{ fromJSON('{') }}", "${{ fromJSON('{') }}"),
    ("${{ hashFiles('*') }}", "${{ hashFiles('*') }}"),
    ("${{ success() }}", "${{ success() }}"),
    # An unknown later step is empty text.
    ("[${{ variables.nope }}]", "[]"),
    ("[${{ variables.nope.more }}]", "[]"),
    # Unpaired and empty ones are left alone.
    ("${{ variables.a", "${{ variables.a"),
    ("variables.a }}", "variables.a }}"),
    ("}} ${{ variables.a }} }}", "}} x }}"),
    ("${{ ${{ variables.a }}", "${{ x"),
    ("${{ variables.a\n}}", "${{ variables.a\n}}"),
    ("${{ open\n${{ variables.a }} }}", "${{ open\nx }}"),
    ("${{ }} ${{}} ${{\t}}", "${{ }} ${{}} ${{\t}}"),
    ("${{ variables.a }}}", "x}"),
    ("{${{ variables.a }}}", "{x}"),
    ("$${{ variables.a }}", "$x"),
    # Brackets pair without regard to quotes.
    ("${{ format('{{0}}') }}", "${{ format('{{0}}') }}"),
    # `${name}` belongs to the shell.
    ("${HOME} ${a} $a $(a) {{ a }}", "${HOME} ${a} $a $(a) {{ a }}"),
    ("${{ a }}${a}", "plain${a}"),
]

CLASSIC = [
    ("${a} and ${{ a }}", "plain and plain"),
    ("${ a }${{a}}${\ta\t}", "plainplainplain"),
    # Contexts are names with dots.
    ("${variables.a} ${{ variables.a }} ${{ci.build_num}}", "x x 12"),
    ("${dotted.name} ${my-app}", "d m"),
    ("${ci.list} ${ci.list.1} ${ci.flag}", '[1,"b"] b true'),
    ("[${variables.empty}${ci.none}]", "[]"),
    # Nothing is calculated.
    ("${{ a == 'x' }}", "${{ a == 'x' }}"),
    ("${{ 'x' }} ${{ 1 }} ${{ toJSON(a) }}", "${{ 'x' }} ${{ 1 }} ${{ toJSON(a) }}"),
    # An unknown name, or one of an object, leaves the text as it is.
    ("${nope} ${{ nope }} ${variables.nope}", "${nope} ${{ nope }} ${variables.nope}"),
    ("${variables} ${{ ci }}", "${variables} ${{ ci }}"),
    # A value that holds such a form is substituted one level further.
    ("${deep}", "plain"),
    ("${deeper}", "${a}"),
    ("${deepest}", "${deep}"),
    ("${loop}", "<<${loop}>>"),
    ("${mixed}", "x"),
    ("${variables.classic}", "plain plain"),
    # What is no such form stays.
    ("${a", "${a"),
    ("${{ a }", "${{ a }"),
    ("${} ${{}} ${ } $a {a}", "${} ${{}} ${ } $a {a}"),
    ("${a b} ${a\n}", "${a b} ${a\n}"),
    ("${${a}}", "${plain}"),
    ("'${a}' == 'plain'", "'plain' == 'plain'"),
]


@pytest.mark.parametrize(("text", "result"), CONSTRAINED)
def test_constrained(text: str, result: str) -> None:
    assert substitute(text, CONTEXT) == result
    assert substitute(text, CONTEXT, dialect=Dialect.CONSTRAINED) == result


@pytest.mark.parametrize(("text", "result"), CLASSIC)
def test_classic(text: str, result: str) -> None:
    assert substitute(text, CONTEXT, dialect="classic") == result
    assert substitute(text, CONTEXT, dialect=Dialect.CLASSIC) == result


def test_a_flat_context_serves_too() -> None:
    flat = {"variables.a": "x", "a": "y"}
    assert substitute("${{ variables.a }}${{ a }}", flat) == "xy"
    assert substitute("${variables.a}${a}", flat, dialect="classic") == "xy"


def test_the_zone_reaches_the_functions() -> None:
    text = "${{ strToTime('1970-01-01 08:00:00') }}"
    assert substitute(text, {}, zone="Asia/Shanghai") == "0"


def test_a_tree_is_substituted_leaf_by_leaf() -> None:
    tree = {
        "${{ variables.a }}": ["${{ variables.a }}", {"k": "a${{ variables.n }}"}, ("${{ nope }}",)],
        "number": 1.5,
        "none": None,
        "flag": True,
    }
    assert substitute_tree(tree, CONTEXT) == {
        "${{ variables.a }}": ["x", {"k": "a12"}, ["${{ nope }}"]],
        "number": 1.5,
        "none": None,
        "flag": True,
    }
    assert substitute_tree(["${a}"], CONTEXT, dialect="classic") == ["plain"]
    assert substitute_tree("${{ variables.a }}", CONTEXT) == "x"


def test_an_unknown_dialect_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="modern"):
        substitute("${{ a }}", CONTEXT, dialect="modern")


def test_placeholders_stand_with_their_place_and_content() -> None:
    text = "a ${{ b }}\n${{ ${{ c }} == d }} ${{ }} ${e} ${{ open"
    found = placeholders(text)
    assert [content for _, _, content in found] == ["b", "${{ c }} == d", "c"]
    assert [text[start:end] for start, end, _ in found] == ["${{ b }}", "${{ ${{ c }} == d }}", "${{ c }}"]
    classic = placeholders(text, "classic")
    assert [(text[start:end], name) for start, end, name in classic] == [
        ("${{ b }}", "b"),
        ("${{ c }}", "c"),
        ("${e}", "e"),
    ]


@given(st.text().filter(lambda text: "${" not in text), st.sampled_from(Dialect))
def test_a_text_without_placeholders_is_itself(text: str, dialect: Dialect) -> None:
    assert substitute(text, CONTEXT, dialect=dialect) is text
    assert placeholders(text, dialect) == ()


@given(st.text(alphabet="ab \n'"), st.text(alphabet="xy${}'\"\n"), st.text(alphabet="ab \n'"))
def test_a_value_stands_where_its_placeholder_stood(before: str, value: str, after: str) -> None:
    context = {"v": value}
    if "${" not in value:
        assert substitute(f"{before}${{{{ v }}}}{after}", context) == before + value + after
        assert substitute(f"{before}${{v}}{after}", context, dialect="classic") == before + value + after
