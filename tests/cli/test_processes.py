"""Real processes: exit codes, streams that close, no terminal, what is imported when (CLI-3, CLI-6)."""

import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FERRYMAN = [sys.executable, "-m", "ferryman"]
HEAVY = {"ruamel", "rich", "jsonschema_rs", "sqlglot", "aiohttp", "sqlalchemy"}


@pytest.fixture
def environment() -> dict[str, str]:
    """What the process finds around it."""
    ours = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES")
    kept = {name: text for name, text in os.environ.items() if name not in ours}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm"}


def shown(leader: int) -> bytes:
    """All that a terminal has been told by processes that have ended; it is closed."""
    told = b""
    with os.fdopen(leader, "rb", buffering=0) as terminal, contextlib.suppress(OSError):
        # The end of a terminal is an error of reading; before, any read may give a part.
        while piece := terminal.read(65536):
            told += piece
    return told


def start(
    arguments: list[str], environment: dict[str, str], **more: object
) -> subprocess.CompletedProcess[str]:
    """One process, to its end."""
    return subprocess.run(
        [*FERRYMAN, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "examples/release.yaml"], 0),
        (["validate", "tests/cli/files/faults.yaml"], 1),
        (["explain", "examples/release.yaml", "--fail", "put"], 0),
        (["explain", "examples/release.yaml", "--fail", "nothing"], 2),
        (["validate", "--nonsense"], 2),
        (["explain", "missing.yaml"], 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes_are_those_of_the_table(
    arguments: list[str], code: int, environment: dict[str, str]
) -> None:
    """CLI-3; ERR-1: no stack trace, whatever happens."""
    told = start(arguments, environment)
    assert told.returncode == code
    assert "Traceback" not in told.stderr


def test_without_a_terminal_there_is_no_color(environment: dict[str, str]) -> None:
    """CLI-6, CLI-13."""
    told = start(["explain", "examples/release.yaml", "--fail", "put"], environment)
    assert "\x1b" not in told.stdout
    assert "\r" not in told.stdout


def test_a_reader_that_goes_away_is_no_fault(environment: dict[str, str]) -> None:
    """ERR-1: nobody reads, nothing is said."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nowhere:
        told = subprocess.run(
            [*FERRYMAN, "schema"], env=environment, stdout=nowhere, stderr=subprocess.PIPE, check=False
        )
    assert (told.returncode, told.stderr) == (141, b"")


def test_an_interrupt_ends_it_with_130(environment: dict[str, str], tmp_path: Path) -> None:
    """CLI-3. The pipe is opened from both ends at once: by then the command is at work."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        subprocess.Popen(
            [*FERRYMAN, "validate", str(pipe)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        pipe.open("wb"),
    ):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.decode().split() == ["interrupted"]


def test_a_terminal_that_knows_few_characters_is_no_fault(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """ERR-1."""
    file = tmp_path / "pipeline.yaml"
    file.write_text("version: v3.0\nname: 发布 café\nsteps: [{run: make}]\n", encoding="utf-8")
    told = subprocess.run(
        [*FERRYMAN, "explain", str(file)],
        env={**environment, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0
    assert "\\u53d1\\u5e03 café would succeed" in told.stdout.decode("latin-1")


def test_a_disk_that_is_full_is_told_in_one_sentence(environment: dict[str, str]) -> None:
    """ERR-1."""
    full = Path("/dev/full")
    if not full.exists():
        return
    with full.open("wb") as disk:
        told = subprocess.run(
            [*FERRYMAN, "schema"], env=environment, stdout=disk, stderr=subprocess.PIPE, check=False
        )
    assert told.returncode == 1
    assert told.stderr.startswith(b"Error: no space left on device")


@pytest.mark.parametrize("arguments", [[], ["explain", "--help"]], ids=["import", "help"])
def test_nothing_heavy_is_imported_before_it_is_needed(
    arguments: list[str], environment: dict[str, str]
) -> None:
    """RULINGS 20, CLI-1: `--help` stays quick because it imports little."""
    code = (
        "import sys\nfrom ferryman.cli.main import run\n"
        f"if {arguments!r}: run({arguments!r})\n"
        "print('MODULES', *{name.partition('.')[0] for name in sys.modules})\n"
        "print('ROOMS', *{'.'.join(name.split('.')[:2]) for name in sys.modules if name.startswith('ferryman.')})\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    modules, rooms = (set(line.split()[1:]) for line in told.stdout.splitlines()[-2:])
    assert not modules & HEAVY
    assert rooms == {"ferryman.cli", "ferryman.domain"}


@pytest.mark.parametrize(
    ("more", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["a terminal", "NO_COLOR", "a dumb terminal"],
)
def test_color_follows_the_terminal(more: dict[str, str], colored: bool, environment: dict[str, str]) -> None:
    """CLI-13."""
    leader, follower = os.openpty()
    with os.fdopen(follower, "wb") as terminal:
        subprocess.run(
            [*FERRYMAN, "validate", "tests/cli/files/faults.yaml"],
            cwd=ROOT,
            env={**environment, **more},
            stdout=terminal,
            check=False,
        )
    told = shown(leader)
    assert (b"\x1b[31m" in told) is colored
    assert b"error" in told


@pytest.mark.parametrize("columns", [30, 200], ids=["a narrow window", "a wide one"])
def test_a_table_is_cut_at_the_edge_of_the_window(
    columns: int, environment: dict[str, str], tmp_path: Path
) -> None:
    """CLI-13: widths follow the window; in a pipe nothing is cut."""
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [*FERRYMAN, "config", "show", "--data", str(tmp_path / "data"), "--color", "never"]
    with os.fdopen(follower, "wb") as terminal:
        subprocess.run(words, env=environment, stdout=terminal, check=True)
    seen = shown(leader).decode().splitlines()
    piped = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert seen == [line[:columns] for line in piped.splitlines()]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_has_closed_are_nobodys(
    closed: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """A database that was opened in their place would be printed into."""
    words = [*FERRYMAN, "projects", "create", "demo", "--data", str(tmp_path / "data")]
    assert subprocess.run(words, env=environment, check=False).returncode == 0
    for words in (["projects", "list"], ["secrets", "remove", "gone"]):
        line = ["sh", "-c", f'exec "$@" {closed}', "sh", *FERRYMAN, *words, "--data", str(tmp_path / "data")]
        told = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == (0 if words[0] == "projects" else 3), told.stderr
        assert "fault of Ferryman" not in told.stderr
