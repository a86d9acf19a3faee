"""`ferryman recover`: take up interrupted runs and move them on."""

import asyncio
from typing import TYPE_CHECKING

import click

from ferryman.cli import options, problems, session, shown, texts
from ferryman.cli.exits import Exit

if TYPE_CHECKING:
    from ferryman.domain.views import RunView


@click.command(short_help="Move interrupted runs to their end.")
@options.data
@options.project
@options.table_output
@options.color
def recover(data: str | None, output: str) -> None:
    """Take up every run that was interrupted, and move them until each has ended or waits for people.

    Steps that still run are found again and not restarted. Exits with 1 when one of the runs did not succeed.

    \b
    Examples:
      ferryman recover
      ferryman recover --data /srv/ferryman --output json
    """
    views = asyncio.run(_recover(data, output == "table"))
    if not shown.as_form(views, output):
        click.echo(problems.count(len(views), "run") + " taken up")
    bad = any(view.phase == "finished" and view.outcome not in ("succeeded", "skipped") for view in views)
    click.get_current_context().exit(Exit.FAILED if bad else Exit.DONE)


async def _recover(data: str | None, loud: bool) -> list["RunView"]:
    from ferryman.app.beside import found
    from ferryman.app.house import hold
    from ferryman.cli import tree
    from ferryman.cli.following import at_rest
    from ferryman.cli.screens import Lines

    settings = session.settings(data)
    found(settings)
    async with hold(settings, fault=session.told_fault) as house:
        session.warned(exposed=house.exposed, lost=house.lost)
        client = house.client()
        runs = await client.unfinished()
        newest: dict[str, RunView] = {}
        moved = asyncio.Event()

        async def watch(run: str, prefix: str) -> None:
            screen = Lines(prefix=prefix) if loud else None
            async for view in client.watch(run):
                newest[run] = view
                moved.set()
                if screen is not None:
                    screen.show(view)

        watching = [
            asyncio.create_task(watch(run.id, f"{texts.plain(shown.called(run))}  " if len(runs) > 1 else ""))
            for run in runs
        ]
        try:
            while len(newest) < len(runs) or not all(map(at_rest, newest.values())):
                moved.clear()
                stopped = [task for task in watching if task.done() and task.exception() is not None]
                for task in stopped:
                    task.result()
                waiter = asyncio.create_task(moved.wait())
                await asyncio.wait(
                    (waiter, *(task for task in watching if not task.done())), return_when="FIRST_COMPLETED"
                )
                waiter.cancel()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        views = [newest[run.id] for run in runs]
        if loud:
            for view in views:
                click.echo(tree.headline(view))
        return views
