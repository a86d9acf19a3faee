"""The schema of `with` says what checking says (pipeline-yaml 14, 15.1)."""

import jsonschema_rs
import pytest

from ferryman.steps import KINDS, find_kind
from ferryman.steps.inputs import inputs
from ferryman.steps.kind import StepKind
from ferryman.steps.schema import settings_schema
from tests.steps.samples import ALL_GOOD, BAD

BY_EYE_ONLY = {"no number at all"}
"""Bad samples JSON cannot hold."""

JSON_BAD = [row for row in BAD if row[0] not in BY_EYE_ONLY]


def validator(name: str) -> jsonschema_rs.Draft7Validator:
    kind = find_kind(name)
    assert kind is not None
    return jsonschema_rs.Draft7Validator(settings_schema(kind))


@pytest.mark.parametrize(("name", "settings"), ALL_GOOD)
def test_good_settings_fit_the_schema(name: str, settings: dict[str, object]) -> None:
    given = {key: value for key, value in settings.items() if value is not None}
    assert [error.message for error in validator(name).iter_errors(given)] == []


@pytest.mark.parametrize(
    ("name", "settings"), [row[1:3] for row in JSON_BAD], ids=[row[0] for row in JSON_BAD]
)
def test_bad_settings_do_not_fit_the_schema(name: str, settings: dict[str, object]) -> None:
    assert not validator(name).is_valid(settings)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_schema_allows_a_placeholder_everywhere(kind: StepKind) -> None:
    excluded = {name for choice in kind.choices for name in choice.names[1:]}
    settings = {one.name: "${{ a }}" for one in inputs(kind.settings) if one.name not in excluded}
    assert validator(kind.name).is_valid(settings)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_schema_carries_the_help_text(kind: StepKind) -> None:
    schema = settings_schema(kind)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert schema["description"] == kind.summary
    assert {name: one["description"] for name, one in properties.items()} == {
        one.name: one.meaning for one in inputs(kind.settings)
    }


def test_the_schema_names_defaults() -> None:
    kind = find_kind("ferrymanHttp")
    assert kind is not None
    properties = settings_schema(kind)["properties"]
    assert isinstance(properties, dict)
    assert {name: one["default"] for name, one in properties.items() if "default" in one} == {
        "method": "GET",
        "expect-status": 200,
        "retry": 0,
    }
