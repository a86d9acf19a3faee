"""Values pasted into scripts are found, and the safe form is shown in the script's language (RULINGS 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.dialect import Dialect
from ferryman.steps.pasting import PastedValue, pasted_values
from tests.steps.samples import JSON, NAMES, WORDS


@pytest.mark.parametrize(
    ("name", "reader", "safe"),
    [
        ("run", {}, '"$target"'),
        ("run", {"shell": "bash"}, '"$target"'),
        ("run", {"shell": "sh"}, '"$target"'),
        ("run", {"shell": "cmd"}, "%target%"),
        ("run", {"shell": "pwsh"}, "$env:target"),
        ("run", {"shell": "powershell"}, "$env:target"),
        ("run", {"shell": "python"}, 'os.environ["target"]'),
        ("linuxScript", {}, '"$target"'),
        ("linuxScript", {"scriptType": "PYTHON3"}, 'os.environ["target"]'),
        ("windowsScript", {}, "%target%"),
        ("windowsScript", {"scriptType": "POWER_SHELL"}, "$env:target"),
        ("windowsScript", {"scriptType": "SHELL"}, '"$target"'),
    ],
)
def test_a_variable_is_read_from_the_environment(name: str, reader: dict[str, object], safe: str) -> None:
    settings = {"script": "deploy ${{ variables.target }}", **reader}
    assert pasted_values(name, settings) == [
        PastedValue(
            "script", "${{ variables.target }}", f"write {safe}: every variable is in the environment"
        )
    ]


def test_another_value_goes_through_the_environment_of_the_step() -> None:
    (pasted,) = pasted_values("run", {"script": "echo ${{ ci.actor }}"})
    assert pasted.hint == 'give the step env: {VALUE: "${{ ci.actor }}"} and write "$VALUE"'


def test_each_text_is_told_once_in_the_order_of_the_script() -> None:
    script = "${{ b }} ${{ a }} ${{ b }} ${NOT_PASTED} }} ${{ c"
    assert [pasted.text for pasted in pasted_values("run", {"script": script})] == ["${{ b }}", "${{ a }}"]


def test_an_inner_placeholder_belongs_to_the_outer_one() -> None:
    script = "echo ${{ ${{ variables.a }} == 'x' }}"
    assert [pasted.text for pasted in pasted_values("run", {"script": script})] == [script[5:]]


def test_the_classic_dialect_pastes_the_short_form_too() -> None:
    """10.7, RULINGS 2."""
    settings = {"script": "echo ${target} $HOME"}
    (pasted,) = pasted_values("run", settings, dialect=Dialect.CLASSIC)
    assert pasted.text == "${target}"
    assert pasted.hint.startswith('write "$target"')
    assert pasted_values("run", settings) == []


@pytest.mark.parametrize("name", ["ferrymanHttp", "codeScan"])
def test_what_has_no_script_has_nothing_pasted(name: str) -> None:
    assert pasted_values(name, {"script": "${{ a }}", "body": "${{ a }}"}) == []


def test_a_script_that_is_no_text_is_for_the_check_of_settings_to_tell() -> None:
    assert pasted_values("run", {"script": ["${{ a }}"]}) == []


@given(name=st.sampled_from(NAMES), settings=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=4))
def test_any_settings_are_searched(name: str, settings: dict[str, object]) -> None:
    pasted_values(name, settings)
