"""Timers are checked on save (bkci-v3 5.10, 7 row 37)."""

from typing import Any

import pytest

from ferryman import definition
from ferryman.domain.errors import Invalid

ROWS = [
    ("five fields", {"advanceExpression": ["0 3 * * *"]}, 0),
    ("seconds in front", {"newExpression": ["0 5 8 ? * 2,7"]}, 0),
    ("several lines", {"advanceExpression": ["0 3 * * *\n\n30 4 * * mon-fri"]}, 0),
    ("a variable is known only later", {"advanceExpression": ["${{variables.when}}"]}, 0),
    ("switched off", {"advanceExpression": ["soon"], "additionalOptions": {"enable": False}}, 0),
    ("no time at all", {"advanceExpression": ["soon"]}, 2101048),
    ("the second line", {"advanceExpression": ["0 3 * * *\n0 3 * *"]}, 2101048),
    ("marks that no time has", {"newExpression": ["0 0 $ ? * 1"]}, 2101048),
    ("every second", {"newExpression": ["* 0 1 ? * 1"]}, 2101057),
    ("several seconds", {"advanceExpression": ["0,30 0 1 ? * 1 2030"]}, 2101057),
]


@pytest.mark.parametrize(("sentence", "fields", "code"), ROWS, ids=[row[0] for row in ROWS])
def test_a_timer_has_a_time_that_can_be_read(sentence: str, fields: dict[str, Any], code: int) -> None:
    trigger = {"@type": "trigger", "elements": [{"@type": "timerTrigger", **fields}]}
    model = {"name": "shop", "stages": [{"containers": [trigger]}]}
    if not code:
        definition.from_model(model)
        return
    with pytest.raises(Invalid) as caught:
        definition.from_model(model)
    assert [problem.code for problem in caught.value.problems] == [code]
