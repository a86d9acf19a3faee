"""`ferryman logs`: what steps said."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from ferryman.cli import ages, options, session, shown, texts
from ferryman.cli.exits import Exit, Stop
from ferryman.cli.texts import as_yaml
from ferryman.domain.views import AttemptLog, Line

if TYPE_CHECKING:
    from ferryman.client import Client

PAGE = 4000
"""Lines read at a time."""
LOOK_SECONDS = 0.3
"""How often it is looked for attempts that have begun."""
STILL_SECONDS = 5
"""How long nothing new comes until it is looked whether anybody moves the run."""
PATIENCE_SECONDS = 3
"""How long the next step of a job waits for the last lines of the one before."""

Keeps = Callable[[Line], bool]


@click.command(short_help="Show what steps said.")
@options.run
@click.option(
    "--step", metavar="PATH", default="", show_default="all", help="Only this stage, job, step or attempt."
)
@click.option("--follow", "-f", is_flag=True, help="Go on with new lines until the run has ended.")
@click.option(
    "--tail",
    type=click.IntRange(0),
    metavar="N",
    show_default="all",
    help="Only the last lines of each attempt.",
)
@click.option(
    "--since",
    metavar="TIME",
    default="",
    show_default="the beginning",
    help="Only lines of the last 90s, 10m, 2h, 1d.",
)
@click.option(
    "--grep",
    metavar="PATTERN",
    default="",
    show_default="all",
    help="Only lines that this regular expression finds.",
)
@click.option("--timestamps", is_flag=True, help="Put the time in front of each line.")
@click.option(
    "--raw", is_flag=True, help="Byte for byte as written, except for masks; with none of the above."
)
@options.data
@options.project
@options.table_output
@options.color
def logs(
    run: str,
    step: str,
    follow: bool,
    tail: int | None,
    since: str,
    grep: str,
    timestamps: bool,
    raw: bool,
    data: str | None,
    output: str,
) -> None:
    """Show what the steps of a run said, attempt by attempt; secrets in it are masked.

    With `--follow` each line comes once and in order, with its step in front where there are several. `--output json`
    prints one object for each line then. `--raw` tells first how many bytes there are, on the standard error.

    \b
    Examples:
      ferryman logs latest
      ferryman logs latest --step build/compile/make --follow --timestamps
      ferryman logs shop-release#3 --grep 'error|warning' --tail 100
      ferryman logs latest --step make --raw
    """
    keeps = _filter(grep, since)
    if raw:
        if follow or tail is not None or since or grep or timestamps or output != "table":
            raise Stop("--raw gives what was written as it is; leave out all options but --step", Exit.USAGE)
        session.read(data, lambda client: _raw(client, run, step))
    elif follow:
        still = partial(session.tell_if_nobody_moves, data)
        session.read(data, lambda client: _follow(client, run, step, tail, keeps, output, timestamps, still))
    else:
        session.read(data, lambda client: _print(client, run, step, tail, keeps, output, timestamps))


def _filter(grep: str, since: str) -> Keeps:
    """Whether a line is wanted. Raises `Stop` for a pattern or time that makes no sense."""
    try:
        pattern = re.compile(grep)
    except re.error as error:
        raise Stop(f"--grep {grep}: {error}", Exit.USAGE) from error
    first = ages.since(since)
    return lambda line: line.at >= first and (not grep or pattern.search(line.text) is not None)


async def _raw(client: "Client", run: str, step: str) -> None:
    attempts = await client.attempts(run, step=step)
    # How much will come is known before it does (LOG-5).
    click.echo(f"{sum(attempt.size for attempt in attempts):,} bytes", err=True)
    for attempt in attempts:
        if attempt.missing:
            click.echo(texts.plain(f"note: {attempt.key}: missing: {attempt.missing}"), err=True)
        async for piece in client.raw(run, attempt.key):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


async def _print(
    client: "Client", run: str, step: str, tail: int | None, keeps: Keeps, output: str, timestamps: bool
) -> None:
    attempts = await client.attempts(run, step=step)
    if output != "table":
        lines = [
            line for attempt in attempts async for line in _lines(client, run, attempt, tail) if keeps(line)
        ]
        shown.as_form(lines, output)
        return
    for attempt in attempts:
        heading = click.style(f"== {attempt.key}\n", bold=True) if len(attempts) > 1 else ""
        async for line in _lines(client, run, attempt, tail):
            if keeps(line):
                click.echo(heading + _text(line, "", timestamps))
                heading = ""
        if attempt.missing:
            click.echo(f"{heading}(missing: {attempt.missing})")


async def _lines(client: "Client", run: str, attempt: AttemptLog, tail: int | None) -> AsyncIterator[Line]:
    after = max(0, attempt.lines - tail) if tail is not None else 0
    while page := await client.lines(run, attempt.key, after=after, limit=PAGE):
        for line in page:
            yield line
        after = page[-1].number


async def _follow(
    client: "Client",
    run: str,
    step: str,
    tail: int | None,
    keeps: Keeps,
    output: str,
    timestamps: bool,
    still: Callable[[], bool],
) -> None:
    """Follow every attempt from its beginning, as soon as there is one. Where nothing new comes, `still` is asked,
    which says so if nobody moves the run; once it has, it is asked again behind the next line."""
    following: dict[str, asyncio.Task[None]] = {}
    newest: dict[str, asyncio.Task[None]] = {}
    now = asyncio.get_running_loop().time
    said = now()
    told_at = -1.0

    async def one(attempt: AttemptLog, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            # The last lines of the step before come first, unless they are never closed.
            await asyncio.wait((before,), timeout=PATIENCE_SECONDS)
        after = max(0, attempt.lines - tail) if tail is not None else 0
        nonlocal said
        async for line in client.follow(run, attempt.key, after=after):
            said = now()
            if keeps(line):
                _say(line, output, timestamps, prefix="" if step.count("/") > 1 else attempt.path)

    async def look() -> None:
        for attempt in await client.attempts(run, step=step):
            if attempt.key not in following:
                job = attempt.path.rpartition("/")[0]
                task = asyncio.create_task(one(attempt, newest.get(job)))
                following[attempt.key] = newest[job] = task

    try:
        ended = asyncio.create_task(_ended(client, run))
        while not ended.done():
            await look()
            await asyncio.wait((ended,), timeout=LOOK_SECONDS)
            if not ended.done() and told_at < said < now() - STILL_SECONDS and still():
                told_at = said
        await ended
        # What has ended is closed, unless whoever moved the run was killed just then: nobody adds to it meanwhile.
        await look()
        said, going = now(), set(following.values())
        while going and now() < said + 2 * PATIENCE_SECONDS:
            done, going = await asyncio.wait(going, timeout=LOOK_SECONDS)
            await asyncio.gather(*done)
        for key in [key for key, task in following.items() if task in going]:
            missing = "is not closed: `ferryman recover` brings lines that may be missing"
            click.echo(texts.plain(f"note: the log of {key} {missing}"), err=True)
    finally:
        for task in (ended, *following.values()):
            task.cancel()


async def _ended(client: "Client", run: str) -> None:
    async for _ in client.watch(run):
        pass


def _say(line: Line, output: str, timestamps: bool, *, prefix: str) -> None:
    if output == "json":
        import msgspec

        click.echo(msgspec.json.encode(line).decode())
    elif output == "yaml":
        import msgspec

        click.echo("---\n" + as_yaml(msgspec.to_builtins(line)), nl=False)
    else:
        click.echo(_text(line, f"{prefix} | " if prefix else "", timestamps))


def _text(line: Line, prefix: str, timestamps: bool) -> str:
    at = f"{shown.moment(line.at)}  " if timestamps else ""
    return f"{at}{prefix}{click.style(line.text, dim=True) if line.kind == 'note' else line.text}"
