"""Runs that nobody has to follow: `run --detach`, and the exit code of one whose time ran out (CLI-3, CLI-4, CLI-8)."""

import shlex
from pathlib import Path

import msgspec
import pytest

from ferryman.app.beside import Reached
from ferryman.cli.exits import Exit, of_run
from ferryman.cli.following import Manner, changed, work_on
from ferryman.client import Client
from ferryman.client.transport import HolderGone, Unanswered
from ferryman.domain.views import Cause, JobView, Progress, RunView, StageView, StepView
from ferryman.settings import read
from ferryman.stores.sqlite.folder import Folder
from ferryman.testing.server import started
from tests.cli.workshop import Workshop

NOTHING = (
    "version: v3.0\nname: n\nstages:\n  - name: a\n    jobs:\n      j:\n        steps:\n"
    "          - uses: ferrymanNothing@1.*\n"
)
MINUTE = 60_000
BAD = {"phase": "finished", "outcome": "failed"}


def test_a_detached_run_goes_on_without_the_command(tmp_path: Path, workshop: Workshop) -> None:
    workshop.pipe("go")
    workshop.steps("slow", f"cat '{workshop.folder}/go'")
    workshop.environment["FERRYMAN_DATA"] = str(tmp_path / "data")
    with started(data=tmp_path / "data"):
        told = workshop.ran("run", "slow.yaml", "--detach", "--key", "once", "--data", str(tmp_path / "data"))
        assert (told.returncode, told.stderr) == (0, "")
        first, follow = told.stdout.splitlines()
        assert first.startswith("slow #1  (")
        run = first.partition("(")[2].rstrip(")")
        assert follow.endswith(f": ferryman watch {run} --data {shlex.quote(str(tmp_path / 'data'))}")
        again = workshop.json("run", "slow.yaml", "--detach", "--key", "once")
        assert (again["id"], again["outcome"]) == (run, "")
        with workshop.begun("watch", run) as watching:
            (workshop.folder / "go").write_text("on\n")
            assert watching.end() == 0
        refused = workshop.ran("run", "slow.yaml", "--detach", "--approve", "main")
        assert (refused.returncode, "leave out --detach" in refused.stderr) == (2, True)


def test_no_run_is_left_to_nobody(workshop: Workshop) -> None:
    """Neither where nobody holds the folder, nor where a command does that ends with its own run."""
    workshop.pipe("go")
    workshop.steps("slow", f"cat '{workshop.folder}/go'")

    def refuse() -> None:
        told = workshop.ran("run", "slow.yaml", "--detach")
        assert (told.returncode, told.stdout, told.stderr.count("\n")) == (6, "", 1)
        assert "no server moves the runs of" in told.stderr
        assert "`ferryman up`" in told.stderr

    refuse()
    assert not (workshop.folder / ".ferryman").exists()
    with workshop.begun("run", "slow.yaml") as running:
        running.until("s1  running")
        refuse()
        (workshop.folder / "go").write_text("on\n")
        assert running.end() == 0
    assert len(workshop.json("runs")) == 1


@pytest.mark.parametrize("limit", ["        timeout-minutes: 1\n", "            timeout-minutes: 1\n"])
def test_a_run_whose_time_ran_out_says_so_by_its_code(limit: str, tmp_path: Path, workshop: Workshop) -> None:
    begun = workshop.pipe("begun")
    text = f"echo > '{begun}'; exec sleep 600"
    job, step = (limit, "") if limit.startswith(" " * 8 + "t") else ("", limit)
    workshop.write(
        "late.yaml",
        "version: v3.0\nname: late\nstages:\n  - name: main\n    jobs:\n      task:\n"
        f"{job}        steps:\n          - run: {text}\n{step}",
    )
    workshop.environment["FERRYMAN_DATA"] = str(tmp_path / "data")
    with started("--clock", "virtual", data=tmp_path / "data") as server:
        assert workshop.ran("run", "late.yaml", "--detach").returncode == 0
        begun.read_text()
        assert server.ask("POST", "/testing/clock", json={"ms": 2 * MINUTE}).status == 200
        told = workshop.ran("watch", "latest")
        assert (told.returncode, "timed out after 1 min" in told.stdout) == (7, True), told.stdout


def _run(kinds: tuple[Cause, Cause, Cause], *, outcome: str = "failed") -> RunView:
    """A run of one stage with one job of one step, with these reasons of run, job and step."""
    of_run, of_job, of_step = kinds
    step = StepView(path="a/b/c", name="c", kind="run", reason=of_step, **BAD)  # type: ignore[arg-type]
    job = JobView(path="a/b", name="b", reason=of_job, steps=(step,), **BAD)  # type: ignore[arg-type]
    return RunView(
        id="1",
        project="p",
        pipeline="p",
        name="p",
        version=1,
        number=1,
        phase="finished",
        outcome=outcome,
        reason=of_run,
        progress=Progress(steps=1, done=1, running=0),
        stages=(StageView(path="a", name="a", jobs=(job,), **BAD),),  # type: ignore[arg-type]
    )


BY_JOB = Cause(kind="stage-failed", facts={"stage": "a", "job": "a/b"})
BY_STEP = Cause(kind="step-failed", facts={"step": "c"})
LATE = Cause(kind="timed-out")
CODES = (
    ("a step", (BY_JOB, BY_STEP, LATE), Exit.TIMED_OUT),
    ("a job", (BY_JOB, Cause(kind="job-timeout"), LATE), Exit.TIMED_OUT),
    ("its turn", (Cause(kind="queue-expired"), LATE, LATE), Exit.TIMED_OUT),
    ("a lock", (BY_JOB, Cause(kind="lock-expired"), Cause()), Exit.TIMED_OUT),
    ("a review", (Cause(kind="review-expired"), Cause(), Cause()), Exit.TIMED_OUT),
    ("what failed is not what was late", (BY_JOB, Cause(kind="environment-failed"), LATE), Exit.FAILED),
    ("an exit", (BY_JOB, BY_STEP, Cause(kind="exit")), Exit.FAILED),
    ("what is not there", (BY_JOB, Cause(kind="step-failed", facts={"step": "x"}), LATE), Exit.FAILED),
    ("itself", (Cause(kind="job-failed"), LATE, LATE), Exit.FAILED),
)


@pytest.mark.parametrize(("name", "kinds", "code"), CODES, ids=[row[0] for row in CODES])
def test_the_code_follows_what_decided(name: str, kinds: tuple[Cause, Cause, Cause], code: Exit) -> None:
    assert of_run(_run(kinds)) is code
    assert of_run(_run(kinds, outcome="succeeded")) is Exit.DONE
    assert of_run(msgspec.structs.replace(_run(kinds), phase="running")) is Exit.DONE


def test_what_was_asked_and_not_answered_is_not_asked_again(tmp_path: Path) -> None:
    """Its holder ended meanwhile: the change was made a second time, though the first one may have been kept."""

    async def begin(reached: Reached) -> RunView:
        return await reached.client.start((await reached.client.save(text=NOTHING)).pipeline)

    run, _ = work_on(str(tmp_path), begin, Manner(quiet=True))
    folder = Folder(read(data=str(tmp_path)).private)
    held, asked = folder.take(), 0

    async def ask(client: Client) -> RunView:
        nonlocal asked
        asked += 1
        if asked == 1:
            folder.lock.unlink()
            folder.leave(held)
            raise Unanswered("look whether it was done, then ask again")
        return run

    with pytest.raises(Unanswered, match="look whether it was done"):
        changed(str(tmp_path), ask, wait=False, said="told")
    assert asked == 1


def test_a_holder_that_ended_before_it_was_asked_is_stood_in_for(tmp_path: Path) -> None:
    """The other terminal's run ended between the look and the question: the command failed, though nobody held it."""
    asked = 0

    async def ask(reached: Reached) -> RunView:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise HolderGone("it has ended; ask again")
        return await reached.client.start((await reached.client.save(text=NOTHING)).pipeline)

    view, code = work_on(str(tmp_path), ask, Manner(quiet=True))
    assert (view.outcome, code, asked) == ("succeeded", Exit.DONE, 2)
