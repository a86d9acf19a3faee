"""Reading runs: `ferryman runs`, `show`, `watch`, `events`, `why`."""

import click

from ferryman.cli import options, session, shown, tree
from ferryman.cli.texts import plain

PHASES = ("waiting", "running", "finished")


@click.command(short_help="List runs.")
@click.option("--pipeline", metavar="ID", default="", show_default=False, help="Only runs of this pipeline.")
@click.option("--phase", type=click.Choice(PHASES), show_default="all", help="Only runs in this phase.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="How many, from the newest.")
@options.data
@options.project
@options.table_output
@options.color
def runs(pipeline: str, phase: str | None, limit: int, data: str | None, output: str) -> None:
    """List runs, the newest first.

    \b
    Examples:
      ferryman runs
      ferryman runs --pipeline shop-release --phase running --output json
    """
    found = session.read(data, lambda client: client.runs(pipeline=pipeline, phase=phase or "", limit=limit))
    if shown.as_form(found, output):
        return
    if any(one.phase != "finished" for one in found):
        session.tell_if_nobody_moves(data)
    shown.table(
        ("RUN", "STATUS", "STARTED", "TIME", "BY", "ID"),
        (
            (
                shown.called(one),
                shown.state(one.phase, one.outcome),
                shown.moment(one.started_at or one.queued_at),
                shown.spent(one.started_at, one.ended_at),
                one.started_by,
                one.id,
            )
            for one in found
        ),
    )


@click.command(short_help="Show one run.")
@options.run
@options.data
@options.project
@options.table_output
@options.color
def show(run: str, data: str | None, output: str) -> None:
    """Show one run: its stages, jobs and steps, where each stands, what it waits for.

    RUN is an id, `#number`, `pipeline#number` or `latest`.

    \b
    Examples:
      ferryman show latest
      ferryman show shop-release#3 --output json
    """
    view = session.read(data, lambda client: client.run(run))
    if shown.as_form(view, output):
        return
    if view.phase != "finished":
        session.tell_if_nobody_moves(data)
    click.echo(click.style(tree.headline(view), bold=True))
    click.echo(plain(f"{view.id}, version {view.version}, started by {view.started_by or 'nobody'}"))
    for name, value in view.values.items():
        click.echo(plain(f"  {name} = {value}"))
    lines = list(tree.rows(view))
    widths = [max((shown.columns(row.what) + 2 * row.indent for row in lines), default=0), 10, 10]
    for row in lines:
        what, word, time, why = _cells(row)
        pad = " " * (widths[1] - len(word))
        click.echo(
            f"{shown.padded(what, widths[0])}  {shown.colored(word)}{pad}  {time:>{widths[2]}}  {why}".rstrip()
        )


def _cells(row: tree.Row) -> tuple[str, str, str, str]:
    return "  " * row.indent + row.what, row.word, row.time, row.why


@click.command(short_help="Follow a run to its end.")
@options.run
@options.data
@options.project
@options.output("text", "json", "yaml")
@options.color
def watch(run: str, data: str | None, output: str) -> None:
    """Follow a run to its end, wherever it is moved; exits with its result.

    Ctrl-C only stops looking. When the command that moves the run ends, this one goes on with it; when a server does,
    this one waits for the next. With `--output json` nothing is shown before the end, and then the run as `show`
    gives it.

    \b
    Examples:
      ferryman watch latest
      ferryman watch shop-release#3 --output json | jq .outcome
    """
    from ferryman.app import beside
    from ferryman.cli import following

    beside.found(session.settings(data))
    manner = following.Manner(quiet=output != "text", cancels_here=False, cancels_elsewhere=False)
    view, code = following.work_on(data, lambda reached: reached.client.run(run), manner)
    shown.as_form(view, output)
    click.get_current_context().exit(code)


@click.command(short_help="Show the journal of a run.")
@options.run
@click.option("--after", type=click.IntRange(0), default=0, help="Only entries behind this number.")
@options.data
@options.project
@options.table_output
@options.color
def events(run: str, after: int, data: str | None, output: str) -> None:
    """Show what happened in a run, entry by entry, as it is kept for ever.

    \b
    Examples:
      ferryman events latest
      ferryman events shop-release#3 --after 20 --output json
    """
    found = session.read(data, lambda client: client.journal(run, after=after, limit=1_000_000))
    if shown.as_form(found, output):
        return
    for one in found:
        ignored = f"  (changed nothing: {one.ignored})" if one.ignored else ""
        click.echo(plain(f"{one.seq:>5}  {shown.moment(one.at)}  {one.sentence}{ignored}"))


@click.command(short_help="Say why each node stands where it does.")
@options.run
@options.part
@options.data
@options.project
@options.table_output
@options.color
def why(run: str, path: str, data: str | None, output: str) -> None:
    """Say for each stage, job and step why it ran, was skipped, or waits; with PATH for that one and what is in it.

    \b
    Examples:
      ferryman why latest
      ferryman why latest staging --output json
    """
    found = session.read(data, lambda client: client.why(run, path=path))
    if shown.as_form(found, output):
        return
    for one in found:
        what = one.path or "run"
        click.echo(plain(f"{'  ' * what.count('/')}{what}: {one.sentence}"))
