"""`ferryman logs`: whole, filtered, followed, raw (CLI-6, CLI-7, LOG-2, LOG-5, LOG-8)."""

import apsw
import msgspec

from tests.cli.workshop import Workshop


def test_lines_are_picked_and_shown_as_asked(workshop: Workshop) -> None:
    """CLI-7: `--step`, `--tail`, `--grep`, `--since`, `--timestamps`, `--raw`; CLI-2: forms."""
    workshop.steps("talk", "for n in 1 2 3 4 5; do echo line $n; done", "printf 'no end \\033[31mred'")
    assert workshop.ran("run", "talk.yaml").returncode == 0
    whole = workshop.ran("logs", "latest").stdout.splitlines()
    assert whole == [
        "== main/task/s1#1.1",
        *(f"line {number}" for number in range(1, 6)),
        "== main/task/s2#1.1",
        "no end red",
    ]
    assert workshop.ran("logs", "latest", "--step", "s1", "--tail", "2").stdout == "line 4\nline 5\n"
    assert workshop.ran("logs", "latest", "--grep", "[24]$").stdout.count("line") == 2
    assert workshop.ran("logs", "latest", "--grep", "nothing like it").stdout == ""
    assert workshop.ran("logs", "latest", "--since", "1d", "--step", "s1").stdout.count("\n") == 5
    (stamped,) = workshop.ran(
        "logs", "latest", "--grep", "line 3", "--timestamps", "--step", "s1"
    ).stdout.splitlines()
    assert stamped.endswith("  line 3")
    assert stamped[4] == stamped[7] == "-"
    raw = workshop.ran("logs", "latest", "--step", "s2", "--raw")
    assert (raw.stdout, raw.stderr) == ("no end \x1b[31mred", "15 bytes\n"), "LOG-5: the size first"
    lines = workshop.json("logs", "latest", "--step", "main/task/s1#1.1")
    assert [(one["number"], one["text"], one["kind"]) for one in lines][:2] == [
        (1, "line 1", "out"),
        (2, "line 2", "out"),
    ]
    assert workshop.ran("logs", "latest", "--step", "s1#1.1", "--tail", "1").stdout == "line 5\n"
    for key, why in (
        ("s1#1.2", "its newest is main/task/s1#1.1"),
        ("task#1.1", "only a step that has begun"),
    ):
        never = workshop.ran("logs", "latest", "--step", key)
        assert (never.returncode, never.stdout) == (3, ""), "CLI-3"
        assert why in never.stderr
    assert workshop.ran("logs", "latest", "--since", "soon").returncode == 2
    for words in (("--follow",), ("--tail", "1"), ("--grep", "x"), ("--output", "json")):
        both = workshop.ran("logs", "latest", "--raw", *words)
        assert (both.returncode, both.stdout) == (2, "")
        assert "leave out all options but --step" in both.stderr


def test_following_shows_each_line_once_while_it_is_written(workshop: Workshop) -> None:
    """CLI-7, LOG-1: from another process, without a gap or a repeat, to the end of the run."""
    gate = workshop.pipe("gate")
    workshop.steps("slow", f"echo first; read line < '{gate}'; echo $line", "echo last")
    with workshop.begun("run", "slow.yaml") as process:
        process.until("main/task/s1  running")
        with workshop.begun("logs", "latest", "--follow") as reader:
            reader.until("first")
            gate.write_text("second\n")
            assert reader.end() == 0
        assert process.end() == 0
    assert reader.said.splitlines() == [
        "main/task/s1 | first",
        "main/task/s1 | second",
        "main/task/s2 | last",
    ]


def test_following_goes_on_over_the_death_of_the_process_that_runs_it(workshop: Workshop) -> None:
    """CLI-7: once and in order across a restart; LOG-2: what was written meanwhile is there."""
    gate = workshop.pipe("gate")
    workshop.steps("slow", f"echo first; read line < '{gate}'; echo $line")
    with workshop.begun("run", "slow.yaml") as process:
        process.until("main/task/s1  running")
        with workshop.begun("logs", "latest", "--follow", "--output", "json") as reader:
            reader.until("first")
            process.kill()
            gate.write_text("second\n")
            assert workshop.ran("recover").returncode == 0
            assert reader.end() == 0
    lines = [msgspec.json.decode(line) for line in reader.said.splitlines()]
    assert [(one["number"], one["text"]) for one in lines] == [(1, "first"), (2, "second")]


def test_following_ends_with_the_run_though_a_log_was_never_closed(workshop: Workshop) -> None:
    """Whoever moved the run was killed between its end and that of a log: nobody adds to that log now."""
    workshop.steps("open", "echo first", "echo last")
    assert workshop.ran("run", "open.yaml").returncode == 0
    kept = apsw.Connection(str(workshop.folder / ".ferryman" / "private" / "logs.db"))
    kept.execute("UPDATE log SET ended_at = 0")
    kept.close()
    told = workshop.ran("logs", "latest", "--follow")
    assert (told.returncode, told.stdout) == (0, "main/task/s1 | first\nmain/task/s2 | last\n")
    assert "the log of main/task/s2#1.1 is not closed" in told.stderr
    assert "recover" in told.stderr


def test_a_folder_without_logs_can_be_read_and_says_so(workshop: Workshop) -> None:
    """docs/guide/logs.md: a backup may leave the logs out, runs do not need them."""
    workshop.steps("small", "echo first")
    assert workshop.ran("run", "small.yaml").returncode == 0
    for file in (workshop.folder / ".ferryman" / "private").glob("logs.db*"):
        file.unlink()
    assert workshop.json("show", "latest")["outcome"] == "succeeded"
    assert len(workshop.json("runs")) == 1
    for words in ((), ("--follow",), ("--step", "s1"), ("--raw",)):
        told = workshop.ran("logs", "latest", *words)
        assert (told.returncode, told.stdout) == (0, ""), told.stderr
    assert workshop.ran("run", "small.yaml").returncode == 0
    assert workshop.ran("logs", "latest").stdout == "first\n"
