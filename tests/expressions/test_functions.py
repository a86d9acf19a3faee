"""What the functions do (pipeline-yaml 10.6, semantics 16.4)."""

import pytest

from ferryman.expressions import FUNCTIONS, ErrorKind, ExpressionError, evaluate
from ferryman.expressions.functions import CALLS

CONTEXT = {
    "list": ["a", 1, True, None, "", "x,y", ["n"]],
    "empty": [],
    "object": {"a": 1},
    "nothing": None,
    "text": "Hello",
    "quoted": 'say "é\n"',
}

VALUES = [
    # contains
    ("contains('Hello', 'ell')", True),
    ("contains('Hello', 'ELL')", False),
    ("contains('Hello', '')", True),
    ("contains(1234, 23)", True),
    ("contains(true, 'ru')", True),
    ("contains(null, '')", True),
    ("contains(null, 'null')", False),
    ("contains('Array', list)", False),
    ("contains('Object', object)", False),
    ("contains(list, 'a')", True),
    ("contains(list, 'A')", False),
    ("contains(list, '1')", True),
    ("contains(list, 'x')", False),
    ("contains(list, null)", True),
    ("contains(list, list)", False),
    ("contains(empty, '')", False),
    ("contains(empty, null)", False),
    ("contains(object, 'a')", False),
    # startsWith, endsWith
    ("startsWith('Hello', 'He')", True),
    ("startsWith('Hello', 'he')", False),
    ("startsWith(1234, 12)", True),
    ("startsWith(true, 'tr')", True),
    ("startsWith(null, '')", True),
    ("startsWith(list, 'A')", False),
    ("startsWith('Array', list)", False),
    ("endsWith('Hello', 'lo')", True),
    ("endsWith('Hello', 'LO')", False),
    ("endsWith(12.50, '.5')", True),
    ("endsWith(object, 't')", False),
    ("ENDSWITH('a', 'a')", True),
    # format
    ("format('plain')", "plain"),
    ("format('{0}-{1}-{0}', 'a', 2)", "a-2-a"),
    ("format('{{{0}}}', 'a')", "{a}"),
    ("format('{{0}}')", "{0}"),
    ("format('{0}{1}{2}{3}{4}', null, true, 1.50, list, object)", "true1.5ArrayObject"),
    ("format('{0}', '{1}')", "{1}"),
    ("format(12)", "12"),
    ("format('', 'unused')", ""),
    # join
    ("join(list)", "a,1,true,,,x,y,Array"),
    ("join(list, '')", "a1truex,yArray"),
    ("join(fromJSON('[1,2]'), ' + ')", "1 + 2"),
    ("join(fromJSON('[1,2]'), null)", "12"),
    ("join(fromJSON('[1,2]'), 0)", "102"),
    ("join('text', '+')", "text"),
    ("join(12.0)", "12"),
    ("join(null)", ""),
    ("join(object)", ""),
    ("join(empty)", ""),
    # fromJSON
    ("fromJSON('12')", 12.0),
    ("fromJSON('true')", True),
    ("fromJSON('null')", None),
    ("fromJSON('\"a\"')", "a"),
    ("fromJSON(' [1, {\"a\": [2.5]}] ')[1].a[0]", 2.5),
    ('fromJSON(\'{"a":1,"a":2}\').a', 2.0),
    ("fromJSON(true)", True),
    ("fromJSON(fromJSON('[1, [2]]'))[1][0]", 2.0),
    ("fromJSON(object) == object", True),
    ("fromJSON(3)", 3.0),
    ("fromJSON('\"\\u00e9\\ud83d\\ude00\"')", "é\U0001f600"),
    # toJSON
    ("toJSON(list)", '["a",1,true,null,"","x,y",["n"]]'),
    ("toJSON(object)", '{"a":1}'),
    ("toJSON(null)", None),
    ("toJSON('a')", '"a"'),
    ("toJSON(quoted)", '"say \\"é\\n\\""'),
    ("toJSON(true)", "true"),
    ("toJSON(12.0)", "12"),
    ("toJSON(0.25)", "0.25"),
    ("toJSON(NaN)", "null"),
    ("toJSON(fromJSON('[1e999, -0.0]'))", "[null,0]"),
    ("toJSON(list.*)", '["a",1,true,null,"","x,y",["n"]]'),
    ("fromJSON(toJSON(object)).a", 1.0),
    # strToTime
    ("strToTime('1970-01-02')", 86400.0),
    ("strToTime('2024-02-29 12:34:56')", 1709210096.0),
    ("strToTime('2024-02-29') < strToTime('2024-03-01')", True),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_function_gives(text: str, value: object) -> None:
    found = evaluate(text, CONTEXT)
    assert found == value
    assert type(found) is type(value)


BAD = {
    ErrorKind.BAD_FORMAT: [
        "format('{0}')",
        "format('{1}', 'a')",
        "format('{')",
        "format('}')",
        "format('{}', 'a')",
        "format('{0:x}', 'a')",
        "format('{ 0 }', 'a')",
        "format('{-1}', 'a')",
        "format('{0}}', 'a')",
        "format('{99999999999999999999}', 'a')",
    ],
    ErrorKind.BAD_JSON: [
        "fromJSON('')",
        "fromJSON(null)",
        "fromJSON('{')",
        "fromJSON('[1,]')",
        "fromJSON('a')",
        "fromJSON('NaN')",
        "fromJSON('Infinity')",
        "fromJSON('1 2')",
        "fromJSON('\"\\ud83d\"')",
        "fromJSON('''a''')",
    ],
    ErrorKind.BAD_TIME: [
        "strToTime('')",
        "strToTime(null)",
        "strToTime('2024-1-1')",
        "strToTime('2024-02-30')",
        "strToTime('2024-01-01 25:00:00')",
        "strToTime('2024-01-01T00:00:00')",
        "strToTime('2024-01-01 00:00')",
        "strToTime(' 2024-01-01')",
        "strToTime('0000-01-01')",
        "strToTime('２０２４-01-01')",
        "strToTime(20240101)",
    ],
    ErrorKind.ONLY_ON_WORKER: ["hashFiles('*')", "HashFiles('a', 'b')"],
}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for kind, texts in BAD.items() for text in texts])
def test_a_bad_argument_is_an_error_at_the_place_of_the_call(text: str, kind: ErrorKind) -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate(f"!{text}", CONTEXT)
    assert refusal.value.kind is kind
    assert refusal.value.position == 2


def test_times_are_read_in_the_zone_that_is_given() -> None:
    text = "strToTime('1970-01-01 08:00:00')"
    assert evaluate(text, {}) == 8 * 3600
    assert evaluate(text, {}, zone="Asia/Shanghai") == 0
    assert evaluate("strToTime('0001-01-01')", {}, zone="Asia/Shanghai") == -62135625943
    assert evaluate("strToTime('9999-12-31')", {}, zone="America/New_York") == 253402232400


@pytest.mark.parametrize("zone", ["", "Nowhere/Town", "../etc", "/etc/passwd", "\0"])
def test_an_unknown_zone_is_an_error(zone: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate("strToTime('2024-01-01')", {}, zone=zone)
    assert refusal.value.kind is ErrorKind.BAD_TIME


def test_each_function_of_the_table_does_something() -> None:
    assert set(FUNCTIONS) == set(CALLS)
    assert all(name == signature.name for name, signature in FUNCTIONS.items())
