"""`ferryman secrets`: in from a file or the standard input, used by name, masked, never shown again (CLI-15, SEC-1)."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.cli.workshop import Workshop

VALUE = "correct-horse-battery-staple"
USES = """version: v3.0
name: uses
steps:
  - env: {TOKEN: "${{ settings.registry.token }}"}
    run: echo "it is $TOKEN"; test "$TOKEN" = "$EXPECTED"
"""


def test_a_secret_is_used_and_masked_and_never_shown(workshop: Workshop) -> None:
    """DESIGN, promise 8."""
    kept = workshop.ran(
        "secrets", "set", "registry", "--field", "token", "--from-file", "-", text=f"{VALUE}\n"
    )
    assert (kept.returncode, kept.stdout) == (0, "registry is kept\n")
    (listed,) = workshop.json("secrets", "list")
    assert (listed["name"], listed["fields"]) == ("registry", ["token"])
    workshop.write("uses.yaml", USES.replace("$EXPECTED", VALUE[:7] + '"-"' + VALUE[8:]))
    told = workshop.ran("run", "uses.yaml")
    assert told.returncode == 0, told.stdout + told.stderr + workshop.ran("logs", "latest").stdout
    shown = [
        workshop.ran(*words).stdout for words in (("logs", "latest"), ("show", "latest"), ("secrets", "list"))
    ]
    shown += [
        workshop.ran(word, "latest", "--output", "json").stdout for word in ("show", "events", "why", "logs")
    ]
    assert not any(VALUE in text for text in (*shown, told.stdout, told.stderr))
    assert "it is ******" in shown[0]
    for path in (workshop.folder / ".ferryman").rglob("*"):
        assert not path.is_file() or VALUE.encode() not in path.read_bytes(), path


def test_a_secret_that_is_not_there_fails_the_step_with_its_name(workshop: Workshop) -> None:
    """ERR-1."""
    workshop.write("uses.yaml", USES)
    told = workshop.ran("run", "uses.yaml")
    assert told.returncode == 1
    assert "secret registry" in told.stdout


def test_secrets_go_to_the_holder_and_are_removed(workshop: Workshop) -> None:
    """RULINGS 25: while another process holds the folder it is changed there."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"read line < '{gate}'")
    with workshop.begun("run", "long.yaml") as process:
        process.until("main/task/s1  running")
        words = ("secrets", "set", "key", "--from-file", "-")
        assert workshop.ran(*words, text=VALUE).returncode == 0
        assert [one["name"] for one in workshop.json("secrets", "list")] == ["key"]
        assert workshop.ran("secrets", "remove", "key").stdout == "key is removed\n"
        missing = workshop.ran("secrets", "remove", "key")
        assert missing.returncode == 3
        gate.write_text("go\n")
        assert process.end() == 0
    assert workshop.json("secrets", "list") == []


def test_values_are_never_taken_from_arguments_and_bad_ones_are_refused(workshop: Workshop) -> None:
    """CLI-15, ERR-2, LOG-7."""
    blind = workshop.ran("secrets", "set", "key")
    assert blind.returncode == 2
    assert "--from-file" in blind.stderr
    assert workshop.ran("secrets", "set", "key", VALUE).returncode == 2
    bad = workshop.ran("secrets", "set", "1 bad name", "--field", "nonsense", "--from-file", "-", text=VALUE)
    assert bad.returncode == 1
    assert "fields.nonsense: no such field" in bad.stderr
    assert VALUE not in bad.stderr


SEVERAL = """version: v3.0
name: uses
steps:
  - env: {WHO: "${{ settings.registry.username }}", WORD: "${{ settings.registry.password }}"}
    run: test "$WHO" = release-robot && printf '%s' "$WORD" | wc -l | tr -d ' ' > lines.txt && cat lines.txt
"""


def test_several_fields_are_read_as_json_without_a_terminal(workshop: Workshop) -> None:
    """CLI-15: from the standard input or a file; quotes and line breaks are as JSON writes them."""
    given = json.dumps({"username": "release-robot", "password": f'{VALUE} "quoted"\nsecond long line\n'})
    kept = workshop.ran("secrets", "set", "registry", "--from-json", "-", text=given)
    assert (kept.returncode, kept.stdout) == (0, "registry is kept\n"), kept.stderr
    (listed,) = workshop.json("secrets", "list")
    assert listed["fields"] == ["username", "password"]
    workshop.write("uses.yaml", SEVERAL)
    told = workshop.ran("run", "uses.yaml")
    assert told.returncode == 0, told.stdout + told.stderr
    assert workshop.ran("logs", "latest").stdout.endswith("2\n")
    workshop.write("one.json", f'\ufeff{{"token": "{VALUE}"}}')
    assert workshop.ran("secrets", "set", "registry", "--from-json", "one.json").returncode == 0
    assert [one["fields"] for one in workshop.json("secrets", "list")] == [["token"]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"token={VALUE}", "<stdin> is no JSON: Expecting value at line 1, column 1"),
        (
            f'{{"token": "{VALUE}"\n "password": "x"}}',
            "<stdin> is no JSON: Expecting ',' delimiter at line 2",
        ),
        (f'"{VALUE}"', '<stdin> must hold a JSON object of texts, such as {"username": "…"}'),
        (f'["{VALUE}"]', "must hold a JSON object of texts"),
        (
            f'{{"token": ["{VALUE}"], "password": 1, "value": "{VALUE}"}}',
            "the value of token, password must be a text",
        ),
        (f'{{"token": "{VALUE}", "token": "{VALUE}"}}', "<stdin> gives token more than once"),
        (f'{{"token": "{VALUE}\\ud800"}}', "<stdin> is not text: it holds half of a pair of escapes"),
        (f'{{"token": "{VALUE}", "nonsense": "{VALUE}"}}', "fields.nonsense: no such field (one of "),
        ("{}", "a secret needs at least one field"),
        ("[" * 100_000, "<stdin> is no JSON that can be read"),
    ],
    ids=[
        "no JSON",
        "broken",
        "a text alone",
        "a list",
        "no texts",
        "a name twice",
        "half a character",
        "no such field",
        "nothing",
        "too deep",
    ],
)
def test_what_is_no_object_of_texts_is_refused_without_a_value(
    given: str, said: str, ran: Ran, tmp_path: Path
) -> None:
    """ERR-1, SEC-1."""
    told = ran("secrets", "set", "key", "--from-json", "-", "--data", str(tmp_path), text=given)
    assert (told.code, told.out) == (1, "")
    assert said in told.err
    assert VALUE not in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from-json", "-", "--field", "token"], "leave out --field"),
        (["--from-json", "-", "--from-file", "-"], "leave out --from-file"),
        (["--from-file", "-", "--field", "username", "--field", "token"], "all fields with --from-json"),
        (["--field", "username", "--field", "token"], "--from-json FILE for several fields"),
    ],
    ids=["fields beside JSON", "a file beside JSON", "fields of one value", "no terminal"],
)
def test_values_come_from_one_place(words: list[str], said: str, ran: Ran) -> None:
    """CLI-15: wrong usage says what to write."""
    told = ran("secrets", "set", "key", *words, text="{}")
    assert told.code == 2
    assert said in told.err


def test_the_key_is_changed_while_a_run_is_under_way(workshop: Workshop) -> None:
    """SEC-3: by the process that holds the folder; what was kept before opens as before."""
    words = ("secrets", "set", "registry", "--field", "token", "--from-file", "-")
    assert workshop.ran(*words, text=VALUE).returncode == 0
    file = workshop.folder / ".ferryman" / "private" / "secrets.key"
    gate, before = workshop.pipe("gate"), file.read_text(encoding="utf-8")
    uses = USES.replace("  - env:", f"  - run: read line < '{gate}'\n  - env:")
    workshop.write("uses.yaml", uses.replace("$EXPECTED", VALUE[:7] + '"-"' + VALUE[8:]))
    with workshop.begun("run", "uses.yaml") as process:
        process.until("running")
        told = workshop.ran("secrets", "change-key")
        assert (told.returncode, told.stdout) == (0, "sealed anew under a new key: 1 secret\n"), told.stderr
        assert file.read_text(encoding="utf-8") != before
        gate.write_text("go\n")
        assert process.end() == 0, process.said
    assert workshop.ran("secrets", "change-key").returncode == 0
    (entry, _) = workshop.json("audit", "--all-projects", "--action", "ferryman:ChangeKey")
    assert entry["subject"] == "key"


def test_a_lost_key_is_told_at_the_start_and_by_every_step(workshop: Workshop) -> None:
    """SEC-3, ERR-6: a run began without a word, and its steps never ended, as what they said could not be masked."""
    workshop.steps("plain", "echo hello")
    for value in ("what-it-was-before", VALUE):
        workshop.ran("secrets", "set", "registry", "--from-file", "-", text=value)
    assert "sealed" not in workshop.ran("run", "plain.yaml").stderr
    key = workshop.folder / ".ferryman" / "private" / "secrets.key"
    key.unlink()
    for _ in ("the key file is missing", "the start before has made another one"):
        told = workshop.ran("run", "plain.yaml")
        assert told.returncode == 1
        assert f"warning: 1 access key or secret is sealed with a key that is not in {key}" in told.stderr
        assert "put the old key file back from where it was kept" in told.stderr
        assert "secret registry of project local is sealed with key" in told.stdout
    assert "sealed with a key that is not in it" in workshop.ran("doctor").stdout
    other = workshop.ran("run", "plain.yaml", "--data", "other")
    assert (other.returncode, other.stderr) == (0, "")
    assert workshop.ran("secrets", "remove", "registry").returncode == 0
    assert workshop.ran("run", "plain.yaml").returncode == 0
