"""Tables of conditions: on every level, and of steps by how their job stands. Source: semantics 3.2, 5.2, 5.3, 7.2."""

import pytest

from tests.machine.scenario import talk

LEVELS = {
    "stage": "pipeline\n stage one {} : job a : step t\n stage two : job a : step t",
    "job": "pipeline\n stage one\n job a {} : step t\n job b : step t",
    "step": "pipeline\n stage one : job a\n step t {}\n step u",
}
NODES = {"stage": "one", "job": "one/a", "step": "one/a/t"}
RUNS, SKIPS = "running", "skipped"

VALUES = "start set x=1 y=2 copy=1"
"""Every case begins with these."""

SAME = dict.fromkeys(LEVELS, RUNS)
NEVER = dict.fromkeys(LEVELS, SKIPS)
ON_VALUES = [
    ("nothing is asked", "", SAME),
    ("one value is equal", "match=x=1", SAME),
    ("all values are equal", "match=x=1,y=2", SAME),
    ("one of two differs", "match=x=1,y=1", NEVER),
    ("not equal, and it differs", "match-not=x=2", SAME),
    ("not all equal, and one differs", "match-not=x=1,y=1", SAME),
    ("not all equal, but all are", "match-not=x=1,y=2", NEVER),
    ("a variable that is unknown equals nothing", "match=nope=1", NEVER),
    ("nor does it equal the empty text", "match=nope=", NEVER),
    ("an unknown variable is not equal", "match-not=nope=1", SAME),
    ("a true expression", "when=\"variables.x == '1'\"", SAME),
    ("a false expression", "when=\"variables.x == '2'\"", NEVER),
    ("a blank expression", "when=' '", {"stage": SKIPS, "job": SKIPS, "step": RUNS}),
    ("an expression with an error", "when='1 +'", NEVER),
    ("an unknown name", "when=\"nope == ''\"", NEVER),
    ("wanted values with a placeholder", "match='x=${{ variables.copy }}'", {**SAME, "stage": SKIPS}),
    (
        "a wanted placeholder, taken literally",
        "match-not='x=${{ variables.copy }}'",
        {**NEVER, "stage": RUNS},
    ),
    ("an empty list that must be equal", "match=", {"stage": RUNS, "step": RUNS}),
    ("an empty list that must not be equal", "match-not=", {"stage": SKIPS, "step": RUNS}),
]


@pytest.mark.parametrize(
    ("words", "level", "expected"),
    [
        pytest.param(words, level, how, id=f"{level}: {name}")
        for name, words, table in ON_VALUES
        for level, how in table.items()
    ],
)
def test_conditions_on_values(words: str, level: str, expected: str) -> None:
    """Semantics 3.2.a, 3.2.b, 3.2.c, 3.2.d, 3.2.e, 3.2.f, 3.2.g, 3.2.h, 3.2.i, 3.2.j, 5.2.a, 5.2.b: the table."""
    conversation = talk(LEVELS[level].format(words), VALUES)
    assert conversation.how(NODES[level]) == expected


JOB = "pipeline\n stage one : job a\n step first on-failure=continue\n step second\n step looks {}"
FINE = ("finished one/a/first ok", "finished one/a/second ok")
STANDINGS = {
    "fine": FINE,
    "fine, had": ("finished one/a/first fail", "finished one/a/second ok"),
    "failed": ("finished one/a/first ok", "finished one/a/second fail"),
    "failed, had": ("finished one/a/first fail", "finished one/a/second fail"),
    "canceled": ("finished one/a/first ok", "cancel", "finished one/a/second errored"),
    "canceled, had": ("finished one/a/first fail", "cancel", "finished one/a/second errored"),
}
"""How a job may stand when a step is reached, and what brings it there."""

LOOKING_BACK = {
    "": "fine; fine, had",
    "after=success": "fine; fine, had",
    "after=unless-canceled": "fine; fine, had; failed; failed, had",
    "after=always": "fine; fine, had; failed; failed, had; canceled; canceled, had",
    "after=failure": "fine, had; failed; failed, had; canceled, had",
    "after=failure-not-continued": "failed; failed, had",
    "match=x=1": "fine; fine, had",
    "match-not=x=2": "fine; fine, had",
    "when=\"variables.x == '1'\"": "fine; fine, had",
    "after=other-running": "fine; fine, had",
    "after=parent-stopped": "fine; fine, had",
    "after=parent-ended": "fine; fine, had",
}
"""Condition → the standings in which it lets a step run; in all others it does not."""


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("words", LOOKING_BACK)
def test_conditions_of_steps(words: str, standing: str) -> None:
    """Semantics 7.2.a, 7.2.b, 7.2.c, 7.2.d, 7.2.e, 7.2.f, 7.2.g, 7.2.h, 7.2.3, 20.h: the table, cell by cell."""
    conversation = talk(JOB.format(words), "start set x=1", *STANDINGS[standing])
    if standing in LOOKING_BACK[words].split("; "):
        expected = "running"
    else:
        expected = "skipped" if standing.startswith("fine") else "unreached"
    assert conversation.how("one/a/looks") == expected


NEEDED = {
    "succeeded": (("finished one/a/t ok",), "running"),
    "skipped by its condition": ((), "skipped"),
    "switched off": ((), "skipped"),
    "failed": (("finished one/a/t fail",), "skipped"),
    "failed, but may": (("finished one/a/t fail",), "skipped"),
    "out of time": (("after 5m", "after 10s"), "skipped"),
    "canceled by a person": (("halt one/a/t",), "skipped"),
    "running": ((), "waiting"),
}
OPTIONS = {
    "skipped by its condition": "when=false",
    "switched off": "off",
    "failed, but may": "continue",
    "out of time": "minutes=5",
}


@pytest.mark.parametrize("case", NEEDED)
def test_dependencies(case: str) -> None:
    """Semantics 5.3.a, 5.3.b, 5.3.c, 5.3.6: what each end of a needed job means for the one that needs it."""
    commands, expected = NEEDED[case]
    pause = "pause" if case.startswith("canceled") else ""
    pipeline = (
        f"pipeline\n stage one\n job a {OPTIONS.get(case, '')} : step t {pause}\n job b needs=a : step t"
    )
    pipeline += "\n job c : step t"
    assert talk(pipeline, "start", *commands).how("one/b") == expected
