"""CLI-1: the help of every command has one sentence of purpose, an example, and lists defaults."""

import re
import shlex

import click
import pytest

from ferryman import __version__
from ferryman.cli.main import COMMANDS, ferryman, words
from tests.cli.conftest import Ran

WORDS = tuple(words())


@pytest.mark.parametrize(("name", "command"), WORDS, ids=[name for name, _ in WORDS])
def test_help_says_what_for_how_and_with_which_defaults(name: str, command: click.Command, ran: Ran) -> None:
    """CLI-1."""
    told = ran(*name.split(), "--help")
    assert (told.code, told.err) == (0, "")
    usage, purpose, *_ = told.out.split("\n\n")
    assert usage.startswith(f"Usage: ferryman {name}")
    assert re.fullmatch(r"  [A-Z][^.]*\.", purpose, re.DOTALL), purpose
    assert "\n  Examples:\n    " in told.out
    for option in command.params:
        if isinstance(option, click.Option) and isinstance(option.default, str) and option.default:
            assert "[default:" in told.out.partition(option.opts[0])[2], option.opts[0]


@pytest.mark.parametrize(("name", "command"), WORDS, ids=[name for name, _ in WORDS])
def test_every_example_of_a_help_is_one_that_the_command_takes(name: str, command: click.Command) -> None:
    """CLI-1: an example that is refused as wrong usage is worse than none."""
    examples = (command.help or "").partition("Examples:")[2].splitlines()
    calls = [line.partition("ferryman ")[2].partition(" | ")[0] for line in examples if "ferryman " in line]
    assert calls
    for call in calls:
        called = shlex.split(call)
        assert called[: len(name.split())] == name.split()
        command.make_context(name, called[len(name.split()) :]).close()


@pytest.mark.parametrize(
    "name", ["run", "cancel", "approve", "reject", "retry", "skip", "resume", "halt", "settle"]
)
def test_every_change_of_a_run_takes_a_reason_and_a_key(name: str) -> None:
    """CLI-8; each can be waited for too, as `run` does by itself."""
    taken = {option for each in dict(WORDS)[name].params for option in each.opts}
    assert {"--reason", "--key"} | (set() if name == "run" else {"--wait"}) <= taken


READING = re.compile(
    r"(\w+ )?(list|show|tokens|why)|runs|show|watch|logs|events|why|audit|doctor|validate|explain|evaluate"
)


@pytest.mark.parametrize("name", [name for name, _ in WORDS if READING.fullmatch(name)])
def test_every_word_that_reads_has_forms_for_programs(name: str) -> None:
    """CLI-2; the third is for people, a table or text."""
    (output,) = (each for each in dict(WORDS)[name].params if "--output" in each.opts)
    assert isinstance(output.type, click.Choice)
    assert {"json", "yaml"} < set(output.type.choices)
    assert output.type.choices[0] in ("table", "text")


def test_every_option_says_what_it_does() -> None:
    """CLI-1."""
    for name, command in words():
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.opts[0]}"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]], ids=["nothing", "--help", "-h"])
def test_the_group_lists_its_commands(arguments: list[str], ran: Ran) -> None:
    """CLI-1; without a word the same stands on the standard error, and the usage was wrong."""
    told = ran(*arguments)
    assert told.code == (0 if arguments else 2)
    text = told.out if arguments else told.err
    for command in COMMANDS:
        assert re.search(rf"^  {command.name} +\w[^\n]*\.$", text, re.MULTILINE)
    assert "..." not in text.partition("Commands:")[2]


def test_the_version_is_told(ran: Ran) -> None:
    assert ran("--version") == (0, f"ferryman {__version__}\n", "")


def test_an_unknown_command_is_wrong_usage(ran: Ran) -> None:
    """CLI-3, ERR-3."""
    told = ran("valdate")
    assert told.code == 2
    assert "No such command 'valdate'" in told.err
    assert set(ferryman.commands) == {command.name for command in COMMANDS}
