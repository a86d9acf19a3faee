"""Changing runs: `ferryman cancel`, `retry`, `skip`, `resume`, `halt`, `settle`.

Where a process holds the data folder the change is made there, and the command is done. Where none does, this one takes
the folder, makes the change, and moves the run until it ends or waits for people.
"""

from typing import Any

import click

from ferryman.cli import options
from ferryman.cli.exits import Exit, Stop

VERDICTS = ("repeat", "succeeded", "failed")


@click.command(short_help="Cancel a run.")
@options.run
@options.reason("Why, for the journal.")
@click.option("--force", is_flag=True, help="End it at once, the finally stage too.")
@click.option(
    "--running",
    type=click.Choice(["stop", "finish"]),
    default="stop",
    help="What running steps do: be stopped, or end by themselves.",
)
@options.key
@options.wait
@options.data
@options.project
@options.color
def cancel(run: str, reason: str, force: bool, running: Any, key: str, wait: bool, data: str | None) -> None:
    """Cancel a run: what runs is stopped, what is to run in spite of a cancel still does.

    \b
    Examples:
      ferryman cancel latest --reason "wrong branch"
      ferryman cancel shop-release#3 --force --wait
    """
    from ferryman.cli.following import changed

    changed(
        data,
        lambda client: client.cancel(run, reason=reason, force=force, running=running, key=key),
        wait=wait,
        said="is being canceled",
    )


@click.command(short_help="Run a run again.")
@options.run
@options.part
@click.option("--failed-only", is_flag=True, help="Of a stage only the jobs that failed or were canceled.")
@options.reason("Why, for the journal.")
@options.key
@options.wait
@options.data
@options.project
@options.color
def retry(
    run: str, path: str, failed_only: bool, reason: str, key: str, wait: bool, data: str | None
) -> None:
    """Run a run again, the whole of it or from a stage, job or step on.

    Attempts are added; nothing is forgotten.

    \b
    Examples:
      ferryman retry latest
      ferryman retry latest build --failed-only --wait
    """
    from ferryman.cli.following import changed

    changed(
        data,
        lambda client: client.retry(run, path=path, failed_only=failed_only, reason=reason, key=key),
        wait=wait,
        said=f"{path or 'the whole run'} runs again",
    )


@click.command(short_help="Skip a failed step.")
@options.run
@options.path
@options.reason("Why, for the journal.")
@options.key
@options.wait
@options.data
@options.project
@options.color
def skip(run: str, path: str, reason: str, key: str, wait: bool, data: str | None) -> None:
    """Pass over a failed step, or every failed step of a stage, and go on behind it.

    \b
    Examples:
      ferryman skip latest build/test/lint --reason "known to be flaky"
    """
    from ferryman.cli.following import changed

    changed(
        data,
        lambda client: client.skip(run, path, reason=reason, key=key),
        wait=wait,
        said=f"{path} is skipped",
    )


@click.command(short_help="Let a paused step begin.")
@options.run
@options.path
@options.values("A setting of the step to be changed; only those that it has already.", name="--set")
@options.reason("Why, for the journal.")
@options.key
@options.wait
@options.data
@options.project
@options.color
def resume(
    run: str, path: str, values: dict[str, str], reason: str, key: str, wait: bool, data: str | None
) -> None:
    """Let a step begin that is paused before it runs.

    \b
    Examples:
      ferryman resume latest deploy/put/switch
    """
    from ferryman.cli.following import changed

    changed(
        data,
        lambda client: client.resume(run, path, settings=values, reason=reason, key=key),
        wait=wait,
        said=f"{path} may begin",
    )


@click.command(short_help="End a paused step.")
@options.run
@options.path
@options.reason("Why, for the journal.")
@options.key
@options.wait
@options.data
@options.project
@options.color
def halt(run: str, path: str, reason: str, key: str, wait: bool, data: str | None) -> None:
    """End a step that is paused before it runs, and its job with it.

    \b
    Examples:
      ferryman halt latest deploy/put/switch
    """
    from ferryman.cli.following import changed

    changed(
        data,
        lambda client: client.halt(run, path, reason=reason, key=key),
        wait=wait,
        said=f"{path} shall not begin",
    )


@click.command(short_help="Say what became of a lost step.")
@options.run
@options.path
@click.argument("verdict", metavar="|".join(VERDICTS))
@options.reason("Why, for the journal.")
@options.key
@options.wait
@options.data
@options.project
@options.color
def settle(run: str, path: str, verdict: Any, reason: str, key: str, wait: bool, data: str | None) -> None:
    """Say what became of a step whose end nobody knows: it succeeded, it failed, or it is to be repeated.

    \b
    Examples:
      ferryman settle latest deploy/put/switch succeeded
    """
    from ferryman.cli.following import changed

    if verdict not in VERDICTS:
        raise Stop(f"{verdict} is no verdict; say {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}", Exit.USAGE)
    changed(
        data,
        lambda client: client.settle(run, path, verdict, reason=reason, key=key),
        wait=wait,
        said=f"{path} is settled: {verdict}",
    )
