"""Pipelines run for real: to their end, to a failure, canceled, reviewed, killed and recovered (CLI-3 to CLI-6, ERR-5,
ERR-6; DESIGN, promises 2, 3, 6)."""

import os
import re
from pathlib import Path

import pytest

from ferryman.cli.shown import moment
from ferryman.testing.server import started
from tests.cli.workshop import Workshop

REVIEW = """    check-in:
      reviews:
        flows:
          - {name: owners, reviewers: [alice, bob]}
        description: May it go on?
"""


def test_a_run_to_its_end(workshop: Workshop) -> None:
    """CLI-3, CLI-6: plain lines without a terminal, each change once; then everything can be read."""
    workshop.steps("small", "echo hello $WHO", "echo again")
    told = workshop.ran("run", "small.yaml", "--param", "WHO=world")
    assert told.returncode == 0, told.stdout + told.stderr
    lines = [line.partition("  ")[2] for line in told.stdout.splitlines()]
    assert "\x1b" not in told.stdout
    assert len(lines) == len(set(lines))
    steps = [line.partition(" in ")[0] for line in lines if line.startswith("main/task/s")]
    assert steps == [
        "main/task/s1  running",
        "main/task/s1  succeeded",
        "main/task/s2  running",
        "main/task/s2  succeeded",
    ]
    assert told.stdout.splitlines()[-1].startswith("small #1 succeeded, ")
    view = workshop.json("show", "latest")
    assert (view["outcome"], view["number"], view["values"]) == ("succeeded", 1, {"WHO": "world"})
    assert view["progress"] == {"steps": 2, "done": 2, "running": 0, "expected_ms": 0}
    assert workshop.json("watch", "latest") == view
    assert workshop.ran("logs", "small#1", "--step", "s1").stdout == "hello world\n"
    assert [one["outcome"] for one in workshop.json("runs")] == ["succeeded"]
    assert workshop.json("events", "#1")[0]["event"] == "started"
    assert "main/task/s1: ran" in workshop.ran("why", "latest").stdout


def test_a_second_run_goes_on_where_the_first_left_the_lock(workshop: Workshop) -> None:
    """RULINGS 10: the pipeline's lock outlives the process; history tells how long a run takes (CLI-4)."""
    workshop.steps("small", "true")
    assert [workshop.ran("run", "small.yaml").returncode for _ in range(2)] == [0, 0]
    runs = workshop.json("runs")
    assert [one["number"] for one in runs] == [2, 1]
    assert [one["version"] for one in runs] == [1, 1]
    assert workshop.json("show", "#2")["progress"]["expected_ms"] > 0


def test_the_expected_time_left_is_told_once_there_is_history(workshop: Workshop) -> None:
    """CLI-4, CLI-6: once, by `run` and by whoever watches, also without a terminal."""
    gate = workshop.pipe("gate")
    workshop.steps("small", f"read line < '{gate}'")
    for number in (1, 2):
        with workshop.begun("run", "small.yaml") as process:
            process.until("main/task/s1  running")
            if number == 2:
                with workshop.begun("watch", "latest") as watcher:
                    watcher.until("main/task/s1  running")
                    gate.write_text("go\n")
                    assert watcher.end() == 0
                    assert (
                        len(re.findall(r"  run  (about .* left|longer than usual by .*)\n", watcher.said))
                        == 1
                    )
            else:
                gate.write_text("go\n")
            assert process.end() == 0
            told = re.findall(r"  run  (about .* left|longer than usual by .*)\n", process.said)
            assert len(told) == number - 1


def test_a_failure_says_what_failed_and_why(workshop: Workshop) -> None:
    """ERR-5: exit code, duration, the last lines; CLI-3: 1."""
    workshop.steps("bad", "echo before; echo the disk is on fire; exit 3", "echo never")
    told = workshop.ran("run", "bad.yaml")
    assert told.returncode == 1
    assert "main/task/s1 failed after " in told.stdout
    assert "exit code 3" in told.stdout
    assert "    the disk is on fire\n" in told.stdout
    assert "s2" not in told.stdout
    view = workshop.ran("run", "bad.yaml", "--output", "json")
    assert view.returncode == 1
    assert '"kind": "stage-failed"' in view.stdout


def test_ctrl_c_cancels_and_says_so(workshop: Workshop) -> None:
    """CLI-3: 130 after Ctrl-C only; the finally stage still runs (promise 6)."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"echo begun; read line < '{gate}'")
    with (workshop.folder / "long.yaml").open("a") as file:
        file.write("finally:\n  clean:\n    steps:\n      - run: echo cleaned\n")
    with workshop.begun("run", "long.yaml") as process:
        process.until("main/task/s1  running")
        process.interrupt()
        assert process.end() == 130, process.said
    assert "Ctrl-C again forces it" in process.said
    view = workshop.json("show", "latest")
    assert view["outcome"] == "canceled"
    assert view["reason"]["facts"]["why"] == "interrupted at the terminal"
    assert view["stages"][-1]["outcome"] == "succeeded"


def test_a_second_ctrl_c_forces(workshop: Workshop) -> None:
    """A step that ignores TERM does not outlive the second Ctrl-C (promise 6); what it said is kept (promise 7)."""
    gate, begun = workshop.pipe("gate"), workshop.pipe("begun")
    stubborn = f"trap '' TERM INT; echo begun; echo > '{begun}'; while :; do read line < '{gate}'; done"
    workshop.steps("stubborn", stubborn)
    with workshop.begun("run", "stubborn.yaml") as process:
        begun.read_text()
        process.interrupt()
        process.until("Ctrl-C again forces it")
        process.interrupt()
        assert process.end() == 130, process.said
    assert workshop.json("show", "latest")["outcome"] in ("canceled", "errored")
    followed = workshop.ran("logs", "latest", "--follow")
    said = [line.removeprefix("main/task/s1 | ") for line in followed.stdout.splitlines()]
    assert (followed.returncode, said[0], said[-1]) == (0, "begun", "the step is ended at once")


def test_a_review_is_answered_by_another_process(workshop: Workshop) -> None:
    """RULINGS 25: changes go to the holder; ERR-6: a run that waits says for whom, and how it is ended."""
    workshop.steps("gated", "echo through", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        line = process.until("waits for owners")
        assert "alice or bob" in line
        assert "`approve` or `reject` main" in line
        (wait,) = workshop.json("show", "latest")["waiting"]
        assert (wait["path"], wait["kind"], wait["who"], wait["needed"]) == (
            "main",
            "review",
            ["alice", "bob"],
            1,
        )
        assert wait["description"] == "May it go on?"
        assert wait["since"] < wait["until"]
        assert f", until {moment(wait['until'])}; " in line
        refused = workshop.ran("approve", "latest")
        assert refused.returncode == 5
        assert "the reviewers of owners are alice, bob" in refused.stderr
        approved = workshop.ran("approve", "latest", "main", "--as", "bob", "--reason", "fine")
        assert (approved.returncode, approved.stdout) == (0, "gated #1: main is approved\n")
        assert process.end() == 0, process.said
    votes = [one for one in workshop.json("events", "latest") if one["event"] == "gate-answered"]
    assert votes[0]["by"] == "bob"
    assert votes[0]["facts"]["comment"].startswith("fine (given by ")


def test_what_is_kept_at_a_retry_is_not_said_to_run_again(workshop: Workshop) -> None:
    """CLI-6, PAGE-5: of a stage whose failed jobs run again, the others are told once, as kept."""
    mark = workshop.folder / "fixed"
    workshop.write(
        "two.yaml",
        "version: v3.0\nname: two\nstages:\n  - name: main\n    id: main\n    jobs:\n"
        f"      bad: {{steps: [{{run: \"test -f '{mark}'\"}}]}}\n      good: {{steps: [{{run: echo done}}]}}\n",
    )
    assert workshop.ran("run", "two.yaml").returncode == 1
    mark.touch()
    told = workshop.ran("retry", "latest", "main", "--failed-only", "--wait")
    assert told.returncode == 0, told.stdout + told.stderr
    (kept,) = (line for line in told.stdout.splitlines() if "main/good" in line)
    assert kept.partition("  ")[2].startswith("main/good  succeeded in ")
    assert kept.endswith(", before; it is kept")
    assert "main/bad  running" in told.stdout


def test_a_run_keeps_the_definition_that_it_began_with(workshop: Workshop) -> None:
    """CFG-8: what is changed in the file meanwhile is for later runs, also when the earlier one is run again."""
    workshop.steps("gated", "echo old", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        process.kill()
    workshop.steps("gated", "echo new", "echo more", more=REVIEW)
    assert workshop.ran("run", "gated.yaml", "--approve", "main").returncode == 0
    assert workshop.ran("approve", "#1", "--as", "bob", "--wait").returncode == 0
    assert workshop.ran("logs", "#1", "--step", "s1").stdout == "old\n"
    assert workshop.ran("logs", "#2").stdout == "== main/task/s1#1.1\nnew\n== main/task/s2#1.1\nmore\n"
    assert [one["version"] for one in workshop.json("runs")] == [2, 1]
    with workshop.begun("retry", "#1", "--wait") as process:
        process.until("waits for owners")
        assert workshop.ran("approve", "#1", "--as", "bob").returncode == 0
        assert process.end() == 0, process.said
    assert (
        workshop.ran("logs", "#1", "--step", "s1").stdout
        == "== main/task/s1#1.1\nold\n== main/task/s1#2.1\nold\n"
    )


def test_who_decides_second_is_told_what_happened(workshop: Workshop) -> None:
    """PAGE-9: one outcome; ERR-1: the second hears who was first, whether they name the gate or not."""
    workshop.steps("gated", "echo through", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        assert workshop.ran("approve", "latest", "--as", "alice", "--reason", "fine").returncode == 0
        assert process.end() == 0, process.said
    named = workshop.ran("reject", "latest", "main", "--as", "bob")
    assert (named.returncode, named.stderr) == (
        5,
        "Error: cannot answer main: alice has approved it already\n",
    )
    unnamed = workshop.ran("reject", "latest", "--as", "bob")
    assert unnamed.returncode == 5
    assert "run #1 asks nobody now: alice approved main: fine (given by " in unnamed.stderr
    assert workshop.json("show", "latest")["outcome"] == "succeeded"


def test_a_rejected_run_exits_with_1(workshop: Workshop) -> None:
    """RULINGS 25: refused runs exit 1 with the reason."""
    workshop.steps("gated", "echo through", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        assert workshop.ran("reject", "latest", "--as", "alice", "--reason", "no").returncode == 0
        assert process.end() == 1
    assert workshop.json("show", "latest")["reason"]["kind"] == "review-rejected"


def test_a_promised_approval_is_given(workshop: Workshop) -> None:
    """Issue 3: `--approve GATE`; the journal says who gave it, and in whose name."""
    workshop.steps("gated", "echo through", more=REVIEW)
    told = workshop.ran("run", "gated.yaml", "--approve", "main")
    assert told.returncode == 0, told.stdout + told.stderr
    (vote,) = [one for one in workshop.json("events", "latest") if one["event"] == "gate-answered"]
    assert vote["by"] == "alice"
    assert "promised with --approve (given by " in vote["sentence"]


def test_a_promise_for_a_gate_that_is_not_there_is_refused_before_anything_starts(workshop: Workshop) -> None:
    """ERR-3: else the run would wait for an approval that was meant to be given."""
    workshop.steps("gated", "echo through", more=REVIEW)
    told = workshop.ran("run", "gated.yaml", "--approve", "mian")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "Error: --approve mian: there is no such stage or step; did you mean main?\n"
    assert workshop.ran("run", "gated.yaml", "--approve", "main/task/s1", "--approve", "main").returncode == 0


@pytest.mark.parametrize("damaged", [False, True], ids=["", "with a line of the record of processes damaged"])
def test_killed_and_recovered_with_nothing_repeated(workshop: Workshop, damaged: bool) -> None:
    """Promises 2 and 3: what was recorded is not done again, what runs is found again (DESIGN 4)."""
    gate, begun = workshop.pipe("gate"), workshop.pipe("begun")
    witness = workshop.folder / "witness"
    workshop.steps(
        "killed",
        f"echo one >> '{witness}'",
        f"echo two >> '{witness}'\necho here > '{begun}'\nread line < '{gate}'\necho $line >> '{witness}'",
        f"echo three >> '{witness}'",
    )
    with workshop.begun("run", "killed.yaml") as process:
        process.until("main/task/s2  running")
        assert begun.read_text() == "here\n"
        process.kill()
    if damaged:
        with (workshop.folder / ".ferryman/private/supervisor/book").open("r+b") as record:
            begins = record.read(200).index(b'["start"')
            record.seek(begins)
            record.write(b"damaged!")
    assert workshop.json("show", "latest")["phase"] == "running"
    with workshop.begun("recover") as process:
        process.until("main/task/s2  running")
        gate.write_text("released\n")
        assert process.end() == 0, process.said
    assert workshop.lines("witness") == ["one", "two", "released", "three"]
    assert workshop.json("show", "latest")["outcome"] == "succeeded"


def test_what_ended_while_nobody_looked_is_not_done_again(workshop: Workshop) -> None:
    """Promise 3: the exit record counts. The next `run` takes the old one up too (RULINGS 25)."""
    gate, ended = workshop.pipe("gate"), workshop.pipe("ended")
    witness = workshop.folder / "witness"
    workshop.steps(
        "first",
        f"read line < '{gate}'; echo one >> '{witness}'; echo over > '{ended}'",
        f"echo two >> '{witness}'",
    )
    workshop.steps("second", "true")
    with workshop.begun("run", "first.yaml") as process:
        process.until("main/task/s1  running")
        process.kill()
    gate.write_text("go\n")
    assert ended.read_text() == "over\n"
    told = workshop.ran("run", "second.yaml")
    assert told.returncode == 0
    assert "taking up 1 interrupted run" in told.stdout
    assert workshop.ran("recover").returncode == 0
    assert workshop.lines("witness") == ["one", "two"]
    assert workshop.json("show", "first#1")["outcome"] == "succeeded"


def test_term_lets_go_and_recover_goes_on(workshop: Workshop) -> None:
    """START-5: TERM ends the command, not the step; the run is taken up again."""
    gate = workshop.pipe("gate")
    witness = workshop.folder / "witness"
    workshop.steps("handed", f"echo begun >> '{witness}'; read line < '{gate}'; echo done >> '{witness}'")
    with workshop.begun("run", "handed.yaml") as process:
        process.until("main/task/s1  running")
        process.terminate()
        assert process.end() == 143, process.said
    assert "`ferryman recover` takes run" in process.said
    with workshop.begun("recover") as process:
        process.until("main/task/s1  running")
        gate.write_text("go\n")
        assert process.end() == 0, process.said
    assert workshop.lines("witness") == ["begun", "done"]


def test_recover_stops_where_people_are_asked(workshop: Workshop) -> None:
    """Issue 3: until they end or wait for people. Then a change takes the folder and moves the run on itself."""
    workshop.steps("gated", "echo through", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        process.kill()
    told = workshop.ran("recover")
    assert told.returncode == 0
    assert "waits for owners" in told.stdout
    approved = workshop.ran("approve", "latest", "--as", "alice")
    assert approved.returncode == 0, approved.stdout + approved.stderr
    assert "gated #1 succeeded" in approved.stdout


def test_a_second_process_starts_its_run_with_the_holder(workshop: Workshop) -> None:
    """RULINGS 25: one lock names the driving process; START-3: who must hold the folder is refused with its name."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"read line < '{gate}'")
    workshop.steps("short", "echo quick")
    with workshop.begun("run", "long.yaml") as process:
        process.until("main/task/s1  running")
        told = workshop.ran("run", "short.yaml")
        assert told.returncode == 0, told.stdout + told.stderr
        assert "short #1 succeeded" in told.stdout
        refused = workshop.ran("recover")
        assert refused.returncode == 6
        assert "ferryman run long.yaml" in refused.stderr
        assert refused.stderr.count("\n") == 1
        gate.write_text("go\n")
        assert process.end() == 0, process.said


def test_who_follows_a_run_goes_on_with_it_when_its_mover_dies(workshop: Workshop) -> None:
    """CLI-5: no state is lost; the step is found again, not repeated."""
    gate = workshop.pipe("gate")
    witness = workshop.folder / "witness"
    workshop.steps("long", f"echo begun >> '{witness}'; read line < '{gate}'; echo done >> '{witness}'")
    with workshop.begun("run", "long.yaml") as mover:
        mover.until("main/task/s1  running")
        with workshop.begun("watch", "latest") as watcher:
            watcher.until("main/task/s1  running")
            mover.kill()
            gate.write_text("go\n")
            assert watcher.end() == 0, watcher.said
            assert watcher.said.count("has ended; going on with it here") == 1
    assert workshop.lines("witness") == ["begun", "done"]


def test_a_mover_that_died_and_was_not_asked_after_is_gone_too(workshop: Workshop) -> None:
    """CLI-5: what is left of it in the table of processes moves nothing."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"read line < '{gate}'")
    with workshop.begun("run", "long.yaml") as mover:
        mover.until("main/task/s1  running")
        with workshop.begun("watch", "latest") as watcher:
            watcher.until("main/task/s1  running")
            mover.kill_unseen()
            watcher.until("has ended; going on with it here")
            gate.write_text("go\n")
            assert watcher.end() == 0, watcher.said


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_who_follows_a_run_waits_for_a_server_that_is_started_again(how: str, workshop: Workshop) -> None:
    """CLI-5: it says so once and loses no state; the folder is free for the server, whoever looks at its runs."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"read line < '{gate}'; echo $line")
    data = workshop.folder / "data"
    with started(data=data) as server, workshop.begun("run", "long.yaml", "--data", "data") as runner:
        runner.until("main/task/s1  running")
        with workshop.begun("watch", "latest", "--data", "data") as watcher:
            watcher.until("main/task/s1  running")
            getattr(server, how)()
            for one in (runner, watcher):
                one.until("the server has ended; waiting for the next one")
            # A command that holds the folder for a moment, as no server does, is none to take the place of.
            passing = ("secrets", "set", "passing", "--from-file", "-", "--data", "data")
            assert workshop.ran(*passing, text="a-value").returncode == 0
            with started(data=data):
                gate.write_text("go\n")
                for one in (runner, watcher):
                    assert one.end() == 0, one.said
                    assert one.said.count("main/task/s1  running") == 1
                    assert "going on with it here" not in one.said
                    assert "long #1 succeeded" in one.said


def test_who_waits_for_a_server_can_stop_waiting(workshop: Workshop) -> None:
    """CLI-5, CLI-3: Ctrl-C is 130; nothing was canceled, as nobody is there to do it."""
    gate = workshop.pipe("gate")
    workshop.steps("long", f"read line < '{gate}'")
    data = workshop.folder / "data"
    with started(data=data) as server, workshop.begun("run", "long.yaml", "--data", "data") as runner:
        runner.until("main/task/s1  running")
        server.stop()
        runner.until("the server has ended; waiting for the next one")
        runner.interrupt()
        assert runner.end() == 130, runner.said
    assert workshop.json("show", "latest", "--data", "data")["phase"] == "running"
    gate.write_text("go\n")


def test_ctrl_c_of_who_only_approved_cancels_nothing(workshop: Workshop) -> None:
    """CLI-3: it is the server that moves the run; whoever looks on after a decision may stop looking."""
    gate = workshop.pipe("gate")
    workshop.steps("gated", f"read line < '{gate}'", more=REVIEW)
    with started(data=workshop.folder / "data"):
        assert workshop.ran("run", "gated.yaml", "--data", "data", "--detach").returncode == 0
        with workshop.begun("approve", "latest", "--as", "bob", "--wait", "--data", "data") as process:
            process.until("main/task/s1  running")
            process.interrupt()
            assert process.end() == 130, process.said
        assert workshop.json("show", "latest", "--data", "data")["canceling"] is False
        gate.write_text("go\n")
        assert workshop.ran("watch", "latest", "--data", "data").returncode == 0


def test_a_failed_run_is_retried_and_skipped(workshop: Workshop) -> None:
    """CLI-8; promise 4: attempts are added."""
    workshop.steps("flaky", 'test -f "$MARK"')
    mark = workshop.folder / "fixed"
    assert workshop.ran("run", "flaky.yaml", "--param", f"MARK={mark}").returncode == 1
    mark.touch()
    told = workshop.ran("retry", "latest", "main", "--failed-only")
    assert told.returncode == 0, told.stdout + told.stderr
    view = workshop.json("show", "latest")
    assert (view["outcome"], view["execution"]) == ("succeeded", 2)
    assert view["stages"][0]["jobs"][0]["steps"][0]["key"] == "main/task/s1#2.1"
    refused = workshop.ran("skip", "latest", "main/task/s1")
    assert refused.returncode == 5
    assert "has not failed" in refused.stderr


def test_a_start_with_the_same_key_is_the_same_run(workshop: Workshop) -> None:
    """CLI-8: repeating the same key changes nothing."""
    workshop.steps("small", f"echo x >> '{workshop.folder}/witness'")
    for _ in range(2):
        assert workshop.ran("run", "small.yaml", "--key", "release-7").returncode == 0
    assert workshop.lines("witness") == ["x"]
    assert len(workshop.json("runs")) == 1


def test_a_change_with_the_same_key_is_made_once(workshop: Workshop) -> None:
    """CLI-8: repeating the same key changes nothing; the reason is in the journal and the audit."""
    workshop.steps("flaky", f"echo x >> '{workshop.folder}/witness'; exit 1")
    assert workshop.ran("run", "flaky.yaml").returncode == 1
    for _ in range(2):
        told = workshop.ran("retry", "latest", "--reason", "the disk was full", "--key", "once")
        assert told.returncode == 1, told.stdout + told.stderr
    assert workshop.lines("witness") == ["x", "x"]
    other = workshop.ran("retry", "latest", "main", "--key", "once")
    assert (other.returncode, "stands for another change" in other.stderr) == (5, True)
    retried = next(one for one in workshop.json("events", "latest") if one["event"] == "retry-requested")
    assert retried["sentence"].endswith(": the disk was full")
    assert workshop.json("audit")[0]["reason"] == "the disk was full"
    unnamed = workshop.ran("approve", "latest", "--key", "two")
    assert (unnamed.returncode, "name the GATE" in unnamed.stderr) == (2, True)


def test_a_pipeline_calls_the_one_beside_it(workshop: Workshop) -> None:
    """RULINGS 26: sub-pipelines are files beside the caller's."""
    workshop.steps("child", 'echo child $COLOR >> "$WITNESS"')
    workshop.write(
        "parent.yaml",
        "version: v3.0\nname: parent\nsteps:\n"
        "  - uses: subPipelineCall@1.*\n    with:\n      subPipelineName: child\n"
        f"      parameters: {{COLOR: red, WITNESS: {workshop.folder}/witness}}\n",
    )
    told = workshop.ran("run", "parent.yaml")
    assert told.returncode == 0, told.stdout + told.stderr
    assert workshop.lines("witness") == ["child red"]
    assert workshop.json("show", "latest")["pipeline"] == "parent", (
        "nobody but the parent asked for the child"
    )
    assert [one["pipeline"] for one in workshop.json("runs")] == ["child", "parent"]


def test_calls_that_go_in_a_circle_are_told_with_their_way(workshop: Workshop) -> None:
    """CFG-7: before anything is saved or started."""
    for name, other in (("one", "two"), ("two", "three"), ("three", "two")):
        call = f"{{uses: 'subPipelineCall@1.*', with: {{subPipelineType: NAME, subPipelineName: {other}}}}}"
        workshop.write(f"{name}.yaml", f"version: v3.0\nname: {name}\nsteps: [{call}]\n")
    told = workshop.ran("run", "one.yaml")
    assert (told.returncode, told.stderr) == (
        1,
        "Error: three.yaml cannot be used: calls go in a circle: two.yaml → three.yaml → two.yaml\n",
    )
    assert workshop.json("runs") == []


def test_a_job_that_cannot_run_here_says_why(workshop: Workshop) -> None:
    """Issue 3: it ends in preparation with that reason, and is warned of before."""
    workshop.write(
        "pool.yaml",
        "version: v3.0\nname: pool\nstages:\n  - name: main\n    id: main\n    jobs:\n      task:\n"
        "        runs-on: {self-hosted: true, pool-name: builders}\n        steps: [{run: make}]\n",
    )
    told = workshop.ran("run", "pool.yaml")
    assert told.returncode == 1
    assert "cannot run on this machine: the job asks for an agent of the pool builders" in told.stderr
    assert "the job asks for an agent of the pool builders" in told.stdout


def test_a_value_that_is_missing_is_named_with_its_option(workshop: Workshop) -> None:
    """CFG-4, ERR-1: nothing starts; a value that nobody declared is told with what is near."""
    workshop.write(
        "needs.yaml",
        "version: v3.0\nname: needs\nvariables:\n  target:\n    value: ''\n"
        "    props: {type: vuex-input, required: true}\nsteps: [{run: 'true'}]\n",
    )
    told = workshop.ran("run", "needs.yaml", "--param", "tagret=x")
    assert told.returncode == 2
    assert "target must have a value" in told.stderr
    assert "--param target=VALUE" in told.stderr
    assert "tagret is not declared; did you mean target?" in told.stderr
    assert workshop.json("runs") == []


KINDS = """version: v3.0
name: kinds
variables:
  flag: {value: true, props: {type: boolean}}
  many: {value: x, props: {type: checkbox, options: [{id: x, label: X}, {id: y, label: Y}]}}
  asked: {value: a, allow-modify-at-startup: false}
  LINE: {value: stable, const: true}
steps: [{run: 'echo "$flag $many $asked $LINE"'}]
"""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("flag=maybe", "Error: maybe is neither true nor false, as flag has to be\n"),
        ("flag=TRUE", "Error: TRUE is neither true nor false, as flag has to be\n"),
        ("flag=", "Error: an empty value is neither true nor false, as flag has to be\n"),
        ("many=y,q", "Error: q is none of the choices of many: x, y\n"),
    ],
)
def test_a_value_that_its_kind_does_not_allow_is_refused(value: str, said: str, workshop: Workshop) -> None:
    """CFG-4: before anything starts."""
    workshop.write("kinds.yaml", KINDS)
    told = workshop.ran("run", "kinds.yaml", "--param", value)
    assert (told.returncode, told.stdout, told.stderr) == (2, "", said)


def test_a_value_that_does_not_count_is_said_to(workshop: Workshop) -> None:
    """CFG-4, ERR-1: what is allowed is taken; what only looks like a start value is not, and that is said."""
    workshop.write("kinds.yaml", KINDS)
    given = [f"--param={one}" for one in ("flag=false", "many=x,y", "asked=b", "LINE=edge")]
    told = workshop.ran("run", "kinds.yaml", *given)
    assert told.returncode == 0, told
    assert told.stderr.splitlines() == [
        "note: asked takes no value at a start; the value given for it does not count",
        "note: LINE is a constant; the value given for it does not count",
    ]
    assert workshop.ran("logs", "latest").stdout == "false x,y a stable\n"


def test_a_value_that_is_too_long_is_dropped_and_that_is_said(workshop: Workshop) -> None:
    """RULINGS 13: with a line in the log of the step that wrote it, and where a start gave it."""
    long = "head -c 5000 /dev/zero | tr '\\0' x"
    workshop.steps(
        "long",
        f'echo "::set-variable name=ONE::$({long})"\nsetEnv TWO "$({long})"\nsetEnv THREE fine',
        'echo "[$ONE] [$TWO] $THREE $WHO"',
    )
    with (workshop.folder / "long.yaml").open("a") as file:
        file.write("variables: {WHO: {value: nobody}}\n")
    told = workshop.ran("run", "long.yaml", "--param", f"WHO={'x' * 4001}")
    assert told.returncode == 0, told.stdout
    assert "note: the value of WHO is dropped: 4,001 characters are more than 4,000" in told.stderr
    said = [line["text"] for line in workshop.json("logs", "latest") if line["kind"] == "note"]
    assert said == [
        "ONE is not kept: it has 5,000 characters, and a variable holds at most 4,000",
        "TWO is not kept: it has 5,000 characters, and a variable holds at most 4,000",
    ]
    assert workshop.ran("logs", "latest", "--step", "s2").stdout == "[] [] fine nobody\n"


def test_a_setting_that_a_paused_step_has_not_is_refused(workshop: Workshop) -> None:
    """ERR-1: mistyped, it would begin as it was; what it has is changed."""
    workshop.write(
        "held.yaml",
        "version: v3.0\nname: held\nsteps: [{id: s, run: echo before, can-pause-before-run: true}]\n",
    )
    with workshop.begun("run", "held.yaml") as process:
        process.until("waits for a person before it begins")
        odd = workshop.ran("resume", "latest", "s", "--set", "scirpt=echo after")
        assert (odd.returncode, odd.stdout) == (5, "")
        assert "cannot change scirpt of s1/job_" in odd.stderr
        assert "it has no such setting; it has script" in odd.stderr
        assert workshop.ran("resume", "latest", "s", "--set", "script=echo after").returncode == 0
        assert process.end() == 0, process.said
    assert workshop.ran("logs", "latest").stdout == "after\n"


def test_wrong_questions_have_clear_answers(workshop: Workshop) -> None:
    """CLI-3, ERR-1, ERR-3."""
    missing = workshop.ran("show", "latest")
    assert missing.returncode == 3
    assert "`ferryman run FILE` makes it" in missing.stderr
    workshop.steps("small", "true")
    assert workshop.ran("run", "small.yaml").returncode == 0
    for words, code, said in (
        (("show", "nothing"), 3, "there is no run nothing"),
        (("show", "#9"), 3, "there is no run #9"),
        (("logs", "latest", "--step", "mian"), 3, "did you mean main?"),
        (("logs", "latest", "--step", "main/taks/s1#1.1"), 3, "did you mean main/task/s1?"),
        (("cancel", "latest"), 5, "it has ended already"),
        (("approve", "latest"), 5, "asks nobody now"),
        (("settle", "latest", "main", "perhaps"), 2, "perhaps is no verdict"),
        (("resume", "latest", "main"), 5, "main is no step of this run; name one by its path"),
        (("halt", "latest", "task"), 5, "main/task is no step of this run"),
        (("logs", "latest", "--grep", "("), 2, "--grep ("),
    ):
        told = workshop.ran(*words)
        assert told.returncode == code, (words, told)
        assert said in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.parametrize("words", ["recover", "watch latest", "cancel latest --wait", "secrets change-key"])
def test_a_folder_that_is_not_there_is_told_and_not_made(words: str, workshop: Workshop) -> None:
    """ERR-1: with a wrong name, nobody is told that all is done."""
    told = workshop.ran(*words.split(), "--data", "typo")
    assert (told.returncode, told.stdout) == (3, "")
    assert "there is no data folder" in told.stderr
    assert not (workshop.folder / "typo").exists()


def test_a_terminal_shows_a_tree_and_asks(workshop: Workshop) -> None:
    """CLI-4: what it waits for and who may act; a person answers right there, also with a value and a comment."""
    workshop.steps(
        "gated",
        "echo $NOTE",
        more=REVIEW.replace(
            "        description",
            "        variables:\n          NOTE: {label: Note, type: TEXTAREA}\n        description",
        ),
    )
    leader, follower = os.openpty()
    with workshop.begun("run", "gated.yaml", stdin=follower, stdout=follower) as process:
        os.close(follower)
        said = _talk(
            leader,
            ("Approve? [y/n] ", "perhaps\n"),
            ("Approve? [y/n] ", "y\n"),
            ("In whose name? [alice] ", "bob\n"),
            ("Note [", "1.4\n"),
            ("Comment: ", "looks good\n"),
        )
        assert process.end() == 0, said
    os.close(leader)
    assert "May it go on?" in said
    assert "gated #1" in said
    (vote,) = [one for one in workshop.json("events", "latest") if one["event"] == "gate-answered"]
    assert (vote["by"], vote["facts"]["values"]) == ("bob", {"NOTE": "1.4"})
    assert workshop.ran("logs", "latest", "--step", "s1").stdout == "1.4\n"


def test_an_answer_that_is_refused_is_asked_for_again_and_one_that_is_taken_is_not_taken_back(
    workshop: Workshop,
) -> None:
    """CLI-4, issue 3: two gates one after the other; a value that is missing is told, and asked for once more."""
    needed = "        variables:\n          NOTE: {label: Note, type: TEXTAREA, required: true}\n        description"
    workshop.steps("gated", "echo $NOTE", more=REVIEW.replace("        description", needed))
    with (workshop.folder / "gated.yaml").open("a") as file:
        file.write("  - name: second\n    id: second\n" + REVIEW.replace("May it", "Shall it"))
        file.write("    jobs: {last: {steps: [{run: echo last}]}}\n")
    leader, follower = os.openpty()
    with workshop.begun("run", "gated.yaml", stdin=follower, stdout=follower) as process:
        os.close(follower)
        said = _talk(
            leader,
            ("Approve? [y/n] ", "y\n"),
            ("In whose name? [alice] ", "bob\n"),
            ("Note [", "\n"),
            ("Comment: ", "\n"),
            ("NOTE must have a value", ""),
            ("Approve? [y/n] ", "y\n"),
            ("In whose name? [alice] ", "zed\n"),
            ("Note [", "1.4\n"),
            ("Comment: ", "\n"),
            ("zed cannot decide main", ""),
            ("Approve? [y/n] ", "y\n"),
            ("In whose name? [alice] ", "bob\n"),
            ("Note [", "1.4\n"),
            ("Comment: ", "\n"),
            ("Shall it go on?", ""),
            ("Approve? [y/n] ", "y\n"),
            ("In whose name? [alice] ", "\n"),
            ("Comment: ", "\n"),
        )
        assert process.end() == 0, said
    os.close(leader)
    assert "no answer is needed" not in said
    assert "1.4" in workshop.ran("logs", "latest", "--step", "s1").stdout


def test_a_value_that_is_none_of_the_choices_is_refused(workshop: Workshop) -> None:
    """bkci-v3 3.3, operation 31; CFG-4: at a stage and at a step, with what may be chosen."""
    choices = "{label: Where, type: SELECTOR, values: [east, west]}"
    asked = REVIEW.replace(
        "        description", f"        variables:\n          PLACE: {choices}\n        description"
    )
    workshop.steps("gated", "true", more=asked)
    with (workshop.folder / "gated.yaml").open("a") as file:
        file.write(
            "  - name: ask\n    id: ask\n    jobs:\n      j:\n        runs-on: agentless\n        steps:\n"
            "          - uses: manualReviewUserTask@1.*\n            with:\n              reviewUsers: [bob]\n"
            "              params:\n                - {key: SIZE, valueType: ENUM, options: [{key: a, value: A}]}\n"
        )
    assert workshop.ran("validate", "gated.yaml").returncode == 0
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        odd = workshop.ran("approve", "latest", "--as", "bob", "--param", "PLACE=north")
        assert (odd.returncode, odd.stderr) == (
            5,
            "Error: cannot approve main: north is none of the choices of PLACE: east, west\n",
        )
        assert workshop.ran("approve", "latest", "--as", "bob", "--param", "PLACE=west").returncode == 0
        process.until("waits for bob")
        odd = workshop.ran("approve", "latest", "--as", "bob", "--param", "SIZE=b")
        assert odd.stderr == "Error: cannot approve ask/j/t1: b is none of the choices of SIZE: a\n"
        assert workshop.ran("approve", "latest", "--as", "bob").returncode == 0
        assert process.end() == 0, process.said


def test_a_review_that_wants_a_comment_gets_one(workshop: Workshop) -> None:
    """suggestRequired of manualReviewUserTask (bkci-v3 5.10): forms ask for it before the run hears of an answer."""
    workshop.write(
        "ask.yaml",
        "version: v3.0\nname: ask\njobs:\n  j:\n    runs-on: agentless\n    steps:\n"
        "      - {uses: manualReviewUserTask@1.*, with: {reviewUsers: [bob], suggestRequired: true}}\n",
    )
    leader, follower = os.openpty()
    with workshop.begun("run", "ask.yaml", stdin=follower, stdout=follower) as process:
        os.close(follower)
        begun = ""
        while "Approve? [y/n] " not in begun:
            begun += os.read(leader, 65536).decode(errors="replace")
        for words in (("approve",), ("reject",)):
            refused = workshop.ran(*words, "latest", "--as", "bob", "--reason", " ")
            assert (refused.returncode, refused.stderr) == (
                2,
                "Error: s1/j/t1 asks for a comment: --reason TEXT\n",
            )
        os.write(leader, b"y\n")
        said = _talk(
            leader, ("In whose name? [bob] ", "\n"), ("Comment: ", "\n"), ("Comment (needed): ", "well\n")
        )
        assert process.end() == 0, said
    os.close(leader)
    (vote,) = [one for one in workshop.json("events", "latest") if one["event"] == "gate-answered"]
    assert vote["facts"]["comment"].startswith("well")


def test_a_promise_that_does_not_answer_leaves_the_run_waiting(workshop: Workshop) -> None:
    """Issue 3: the gate wants a value; the process goes on with the run, and says who can answer."""
    needed = "        variables:\n          NOTE: {label: Note, type: TEXTAREA, required: true}\n        description"
    workshop.steps("gated", "echo $NOTE", more=REVIEW.replace("        description", needed))
    with workshop.begun("run", "gated.yaml", "--approve", "main") as process:
        line = process.until("note: --approve does not answer main")
        assert "NOTE must have a value" in line
        approved = workshop.ran("approve", "latest", "--as", "bob", "--param", "NOTE=1.4")
        assert approved.returncode == 0, approved.stderr
        assert process.end() == 0, process.said


def test_a_run_that_nobody_moves_says_so(workshop: Workshop) -> None:
    """ERR-6: whoever moved it died while it waited."""
    workshop.steps("gated", "true", more=REVIEW)
    with workshop.begun("run", "gated.yaml") as process:
        process.until("waits for owners")
        process.kill()
    told = workshop.ran("show", "latest")
    assert "nobody moves runs now; `ferryman recover` goes on" in told.stderr
    assert "nobody moves runs now" in workshop.ran("runs").stderr
    # Whoever follows its logs would wait for ever, and not know why.
    with workshop.begun("logs", "latest", "--follow") as following:
        following.until("nobody moves runs now")
        following.kill()
    approved = workshop.ran("approve", "latest", "--as", "bob")
    assert "main/task/s1  succeeded" in approved.stdout
    assert workshop.ran("show", "latest").stderr == ""
    # What it had all the time, its turn, is not told to it again by those who took it up.
    told_twice = [one["event"] for one in workshop.json("events", "latest") if one["ignored"]]
    assert told_twice == []


def _talk(terminal: int, *turns: tuple[str, str]) -> str:
    """Say each line once its question stands there; everything that was shown, to the end."""
    said, left, waiting = "", "", list(turns)
    while True:
        try:
            piece = os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            return said
        if not piece:
            return said
        said, left = said + piece, left + piece
        while waiting and waiting[0][0] in left:
            left = left.partition(waiting[0][0])[2]
            os.write(terminal, waiting.pop(0)[1].encode())


def test_the_data_folder_is_named_by_flag_or_environment(workshop: Workshop, tmp_path: Path) -> None:
    """`--data` counts before `FERRYMAN_DATA`, which counts before `.ferryman`."""
    workshop.steps("small", "true")
    assert workshop.ran("run", "small.yaml", "--data", "one").returncode == 0
    workshop.environment["FERRYMAN_DATA"] = str(tmp_path / "two")
    assert workshop.ran("run", "small.yaml").returncode == 0
    assert len(workshop.json("runs", "--data", "one")) == len(workshop.json("runs")) == 1
    assert not (tmp_path / ".ferryman").exists()
    assert (tmp_path / "one" / "private").stat().st_mode & 0o777 == 0o700


def test_a_plugin_runs_by_the_command_that_it_is_bound_to(workshop: Workshop) -> None:
    """Issue 3: settings bind a code to a local command, input and output as JSON files; wrong ones fail at once."""
    workshop.write(
        "settings.toml",
        '[[plugins]]\ncode = "greeter"\ncommand = ["/bin/sh", "-c", '
        '"cat $FERRYMAN_INPUT; echo \'{\\"outputs\\": {\\"said\\": \\"hi\\"}}\' > $FERRYMAN_RESULT"]\n',
    )
    workshop.environment["FERRYMAN_SETTINGS"] = str(workshop.folder / "settings.toml")
    workshop.write(
        "plug.yaml", "version: v3.0\nname: plug\nsteps:\n  - uses: greeter@1.4.0\n    with: {who: world}\n"
    )
    told = workshop.ran("run", "plug.yaml")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "greeter" not in told.stderr
    step = workshop.json("show", "latest")["stages"][0]["jobs"][0]["steps"][0]
    assert step["outputs"] == {"said": "hi"}
    assert '"who":"world"' in workshop.ran("logs", "latest").stdout.replace(" ", "")
    workshop.write("settings.toml", "zone = 'Mars/Base'\n")
    wrong = workshop.ran("run", "plug.yaml")
    assert wrong.returncode == 1
    assert "'Mars/Base'" in wrong.stderr


def test_a_plugin_that_the_data_folders_own_settings_bind_is_not_warned_of(workshop: Workshop) -> None:
    """docs/guide/plugins.md: `ferryman run` warns of what is not bound; it looked into another folder than `--data`."""
    private = workshop.folder / "elsewhere" / "private"
    private.mkdir(parents=True, mode=0o700)
    (private / "ferryman.toml").write_text('[[plugins]]\ncode = "greeter"\ncommand = ["/bin/true"]\n')
    workshop.write("plug.yaml", "version: v3.0\nname: plug\nsteps:\n  - uses: greeter@1.4.0\n")
    told = workshop.ran("run", "plug.yaml", "--data", "elsewhere")
    assert (told.returncode, told.stderr) == (0, "")
    assert "greeter@1.4.0" in workshop.ran("validate", "plug.yaml").stdout


def test_a_place_that_cannot_be_had_is_the_failure_of_its_job(workshop: Workshop) -> None:
    """Semantics 5.1, 11.3: no step of it is reached, so none is repeated, let pass or handled as a failed one."""
    workshop.write(
        "elsewhere.yaml",
        "version: v3.0\njobs:\n  away:\n    runs-on: {self-hosted: true, pool-name: builders}\n    steps:\n"
        "    - {id: make, run: make, continue-on-error: true, retry-times: 2}\n"
        "    - {id: tell, run: tell, if: ALWAYS}\n"
        "finally:\n  alarm: {if: FAILURE, steps: [{run: 'true'}]}\n",
    )
    assert workshop.ran("run", "elsewhere.yaml").returncode == 1
    stage, final = workshop.json("show", "latest")["stages"]
    (job,) = stage["jobs"]
    assert (job["outcome"], job["reason"]["kind"]) == ("failed", "environment-failed")
    assert "there are no agents here" in job["reason"]["sentence"]
    assert [(step["outcome"], step["attempt"]) for step in job["steps"]] == [
        ("unreached", 1),
        ("unreached", 0),
    ]
    assert final["jobs"][0]["outcome"] == "succeeded"


def test_what_is_known_of_a_run_stands_under_every_name(workshop: Workshop) -> None:
    """Pipeline-yaml 11: entries of `ci`, and the variables of the product that say the same, in files too."""
    workshop.write(
        "known.yaml",
        "version: v3.0\nname: known\nstages:\n- name: Build\n  if: BK_CI_BUILD_NUM == '1'\n  jobs:\n    make:\n"
        "      name: Make\n      steps:\n"
        "      - {id: told, run: 'echo $BK_CI_PIPELINE_NAME $PROJECT $BEGAN',"
        " env: {PROJECT: '${{ ci.project_name }}', BEGAN: '${{ ci.pipeline_start_time }}'}}\n"
        "      - {name: one, run: exit 1}\n      - {name: two, run: exit 2, if: FAILURE}\n"
        "finally:\n  end:\n    steps:\n"
        '    - {id: told, run: \'echo "$NAMES"; echo "$PLACES"\','
        " env: {NAMES: '${{ ci.failed_tasknames }}', PLACES: '${{ ci.failed_tasks }}'}}\n",
    )
    assert workshop.ran("run", "known.yaml").returncode == 1
    view = workshop.json("show", "latest")
    assert view["values"] == {}
    said = workshop.ran("logs", "latest", "--step", "s1/make/told").stdout
    assert said == f"known local {view['started_at']}\n"
    said = workshop.ran("logs", "latest", "--step", "s2/end/told").stdout
    assert said == "one,two\n[Build][Make]one\n[Build][Make]two\n"


def test_outputs_have_their_namespace_before_them_too(workshop: Workshop) -> None:
    """Pipeline-yaml 8, `namespace`: inside the job and in later ones; the plain name stays."""
    workshop.write(
        "named.yaml",
        "version: v3.0\njobs:\n  make:\n    steps:\n"
        "    - {id: pack, namespace: shop, run: 'echo ::set-output name=file::a.zip'}\n"
        "    - {id: same, run: 'true', if: steps.pack.outputs.shop_file == 'a.zip'}\n"
        "  use:\n    depend-on: [make]\n    steps:\n"
        "    - {id: late, run: 'true', if: jobs.make.steps.pack.outputs.shop_file == 'a.zip'}\n",
    )
    assert workshop.ran("run", "named.yaml").returncode == 0
    make, use = workshop.json("show", "latest")["stages"][0]["jobs"]
    assert make["steps"][0]["outputs"] == {"file": "a.zip", "shop_file": "a.zip"}
    assert [make["steps"][1]["outcome"], use["steps"][0]["outcome"]] == ["succeeded", "succeeded"]
