"""What is decided before anything starts: interpreters, what a machine lacks, placeholders, names of folders."""

import stat
from pathlib import Path

import pytest

from ferryman.domain.policies import RunsOn
from ferryman.domain.work import Action, Nothing, RunScript, Work
from ferryman.executors.local import lacks
from ferryman.executors.local.interpreters import SCRIPT, reading
from ferryman.executors.local.orders import order
from ferryman.executors.local.placeholders import fields, filled
from ferryman.executors.local.results import lasted
from ferryman.executors.local.surroundings import file_name


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A path with a few programs of no content."""
    for name in ("sh", "bash", "zsh", "python3", "pwsh", "ruby"):
        program = tmp_path / name
        program.touch()
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("first_line", "interpreter", "name", "arguments", "shell"),
    [
        pytest.param("", "sh", "sh", (SCRIPT,), True, id="the named shell"),
        pytest.param("", "auto", "bash", (SCRIPT,), True, id="auto takes bash where it is"),
        pytest.param("", "python", "python3", (SCRIPT,), False, id="python by its newer name"),
        pytest.param("#!/usr/bin/env ruby", "sh", "ruby", (SCRIPT,), False, id="the first line wins"),
        pytest.param(
            "#!/usr/bin/env -S ruby -w", "sh", "ruby", ("-w", SCRIPT), False, id="env with arguments"
        ),
        pytest.param(
            "#!/usr/bin/env bash", "python", "bash", (SCRIPT,), True, id="a shell by the first line"
        ),
    ],
)
def test_who_reads_a_script(
    first_line: str, interpreter: str, name: str, arguments: tuple[str, ...], shell: bool, programs: str
) -> None:
    """bkci-v3 5.10; pipeline-yaml 8."""
    found = reading(f"{first_line}\necho", interpreter, path=programs)
    assert (found.argv, found.shell) == ((f"{programs}/{name}", *arguments), shell)


@pytest.mark.parametrize(
    ("script", "interpreter"),
    [
        pytest.param("1", "node", id="by its name"),
        pytest.param("#!/usr/bin/env node\n1", "sh", id="by the first line"),
        pytest.param("#!{}/node\n1", "sh", id="by its place in the first line"),
    ],
)
def test_node_takes_the_script_for_what_it_is_called(script: str, interpreter: str, tmp_path: Path) -> None:
    """It would look for what the name is a link to, and what stands in memory has no place in the file system."""
    program = tmp_path / "node"
    program.touch(0o755)
    found = reading(script.format(tmp_path), interpreter, path=str(tmp_path))
    assert found.argv == (str(program), "--preserve-symlinks-main", SCRIPT)


@pytest.mark.parametrize(
    ("script", "env", "waits"),
    [
        pytest.param("#!/usr/bin/env bash\ntrue", {}, True, id="a shell"),
        pytest.param(
            "#!/usr/bin/env bash\ntrue", {"BASH_ENV": "/a"}, False, id="one that is told to read a file"
        ),
        pytest.param("#!/usr/bin/env -S bash -l\ntrue", {}, False, id="one that logs in"),
        pytest.param("#!/usr/bin/env zsh\ntrue", {}, False, id="one that reads files in any case"),
        pytest.param("#!/usr/bin/env python3\n1", {}, False, id="no shell"),
    ],
)
def test_a_shell_waits_at_the_gate_itself_only_where_it_reads_nothing_before(
    script: str, env: dict[str, str], waits: bool, programs: str
) -> None:
    """Otherwise another one waits in its place: nothing of a step may happen before its start is kept (RULINGS 17)."""
    work = Work(run="r", key="s/j/t#1.1", project="p", action=RunScript(text=script))
    made = order("r s/j/t#1.1", work, {"PATH": programs, "WORKSPACE": "/"} | env, {})
    assert made.gated is waits
    assert ("<&3" in made.text) is waits


@pytest.mark.parametrize(
    ("text", "interpreter", "missing"),
    [
        ("x", "node", "node"),
        ("x", "cmd", "cmd (it is there on Windows only)"),
        ("#!/opt/none/tool -x\n", "sh", "/opt/none/tool"),
        ("#!/usr/bin/env perl6\n", "sh", "perl6"),
    ],
)
def test_a_missing_interpreter_is_named(text: str, interpreter: str, missing: str, programs: str) -> None:
    assert reading(text, interpreter, path=programs).missing == missing


def test_all_programs_that_would_do_are_named() -> None:
    """`auto` is a word of ours."""
    assert reading("x", "auto", path="/nowhere").missing == "bash or sh"


def test_power_shell_reads_the_script_from_memory(programs: str) -> None:
    assert SCRIPT in reading("x", "powershell", path=programs).argv[-1]


@pytest.mark.parametrize(
    ("runs_on", "action", "word"),
    [
        pytest.param(RunsOn(), None, "", id="any machine"),
        pytest.param(
            RunsOn(kind="container"), None, "", id="a container without an image is any Linux worker"
        ),
        pytest.param(RunsOn(kind="container", image="a:1"), None, "image a:1", id="an image"),
        pytest.param(RunsOn(kind="pool", name="P"), None, "pool P", id="a pool"),
        pytest.param(RunsOn(kind="node", name="N"), None, "agent N", id="a node"),
        pytest.param(
            RunsOn(kind="same-node", name="J"), None, "", id="the machine of another job is this one"
        ),
        pytest.param(RunsOn(kind="other", name="moon"), None, "moon", id="something unknown"),
        pytest.param(RunsOn(systems=("windows",)), None, "windows", id="another system"),
        pytest.param(RunsOn(systems=("macos", "linux")), None, "", id="one of several systems"),
        pytest.param(
            RunsOn(kind="agentless"), RunScript(text="x"), "needs a machine", id="a script without one"
        ),
        pytest.param(RunsOn(kind="agentless"), Nothing(), "", id="a server-side step without one"),
    ],
)
def test_what_this_machine_lacks(runs_on: RunsOn, action: Action | None, word: str) -> None:
    """pipeline-yaml 7.1."""
    assert (word in lacks(runs_on, action)) if word else lacks(runs_on, action) == ""


def test_secrets_are_put_into_every_text() -> None:
    value = {"a": ["x ${{ settings.db.password }}", 1], "b": "${{settings.db.user}}${{ settings.no.x }}"}
    assert list(fields(value)) == [("db", "password"), ("db", "user"), ("no", "x")]
    known = {("db", "password"): "p${{ settings.db.user }}", ("db", "user"): "u"}
    # A value is not looked into once more.
    assert filled(value, known) == {
        "a": ["x p${{ settings.db.user }}", 1],
        "b": "u${{ settings.no.x }}",
    }


@pytest.mark.parametrize("text", ["..", ".", "", "../../etc", "a/b", "x" * 500, "ü\0", "-"])
def test_any_text_is_one_name_of_a_file(text: str) -> None:
    name = file_name(text)
    assert name
    assert name not in {".", ".."}
    assert "/" not in name
    assert "\0" not in name
    assert len(name) <= 120


def test_names_of_files_differ() -> None:
    names = ["a/b", "a%2Fb", "a.b", "a b", "", "%", "x" * 500, "x" * 501]
    assert len({file_name(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (12_000, "12 s"), (185_000, "3 min 5 s")],
)
def test_time_spans_for_people(milliseconds: int, text: str) -> None:
    assert lasted(milliseconds) == text
