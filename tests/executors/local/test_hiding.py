"""What a step hands over holds no secret (DESIGN, promise 8)."""

from functools import partial

import pytest

from ferryman.domain.status import Reason, Why
from ferryman.domain.work import WorkResult
from ferryman.executors.local.hiding import hidden, mask_plainly, says_something

VALUE = "correct-horse"
PLAIN = WorkResult(run="r", key="a/a/t#1.1", outcome="failed", error_code=7)


@pytest.mark.parametrize(
    "more",
    [
        {"outputs": {"a": f"it is {VALUE}"}},
        {"outputs": {"a": {"b": [1, None, VALUE]}}},
        {"outputs": {VALUE: "a name is a value too"}},
        {"outputs": {"a": {VALUE: 1}}},
        {"variables": {"a": VALUE}},
        {"variables": {VALUE: "a"}},
        {"gate_values": {"a": VALUE}},
        {"remark": f"remember {VALUE}"},
        {"reason": Reason(Why.EXIT, {"code": "1", "message": f"no entry for {VALUE}"})},
    ],
    ids=lambda more: repr(more)[:60],
)
def test_wherever_a_secret_is_handed_over_it_is_masked(more: dict[str, object]) -> None:
    told = WorkResult(**{**{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__}, **more})
    assert says_something(told)
    result = hidden(told, partial(mask_plainly, secrets=("", "horse", VALUE)))
    assert "horse" not in repr(result)
    assert "******" in repr(result)
    assert (result.key, result.outcome, result.error_code) == (told.key, told.outcome, told.error_code)


def test_what_holds_none_stays_as_it_is() -> None:
    told = WorkResult(run="r", key="k", outcome="succeeded", outputs={"a": [1, {"b": "c"}]}, remark="fine")
    assert hidden(told, partial(mask_plainly, secrets=(VALUE,))) == told
    assert not says_something(PLAIN)
