"""Following a run to its end: shown, asked about, canceled with Ctrl-C, and moved on by us when its mover goes away.

Whoever follows a run moves it if nobody else does: when the command that holds the data folder ends, this one takes its
place. So a run that somebody looks at never stands still for want of a process. A server is waited for instead (CLI-5):
whoever stopped it starts it again, with settings of its own, and must find the folder free.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ferryman.cli import session, tree
from ferryman.cli.answers import Answers
from ferryman.cli.exits import GOOD, Exit, of_run
from ferryman.cli.screens import Lines, Screen, Silent, Tree
from ferryman.cli.shown import called, duration
from ferryman.cli.texts import plain
from ferryman.domain.errors import FerrymanError, Refused, Unavailable
from ferryman.domain.views import RunView, StepView

if TYPE_CHECKING:
    from ferryman.app.beside import Reached
    from ferryman.client import Client
    from ferryman.settings import Settings

LAST_LINES = 10
"""How many lines of a failed step's log are shown (ERR-5)."""
LOOK_SECONDS = 0.5
"""How often somebody who only follows looks whether the mover is still there."""


class Manner(NamedTuple):
    """How a run is followed."""

    approve: tuple[str, ...] = ()
    quiet: bool = False
    """Nothing is shown and nobody is asked."""
    until_people: bool = False
    """Stop following where only people can bring it on."""
    cancels_here: bool = True
    cancels_elsewhere: bool = True
    """Whether Ctrl-C cancels a run that this process moves, and one that another does; else it only stops looking."""


class Ended(Exception):
    """TERM came: let everything go; steps that run go on."""


def work_on(
    data: str | None, ask: Callable[["Reached"], Coroutine[Any, Any, RunView]], manner: Manner
) -> tuple[RunView, Exit]:
    """Change something that moves a run, then follow the run: how it stands at last, and the exit code that follows."""
    return asyncio.run(_work_on(session.settings(data), ask, manner))


async def _work_on(
    settings: "Settings", ask: Callable[["Reached"], Coroutine[Any, Any, RunView]], manner: Manner
) -> tuple[RunView, Exit]:
    from ferryman.app import beside
    from ferryman.app.bindings import user
    from ferryman.client.transport import HolderGone

    follower = Follower(manner, user())
    first: RunView | None = None
    with_signals = follower.interrupts()
    try:
        async with with_signals:
            while True:
                async with (
                    beside.stand_by(settings)
                    if follower.served
                    else beside.reach(settings, fault=session.told_fault)
                ) as reached:
                    session.warned(exposed=reached.exposed, lost=reached.lost)
                    try:
                        if first is None:
                            first = await follower.begin(ask(reached), elsewhere=not reached.holds)
                    except HolderGone:
                        # It ended before it was asked: the folder is ours to take, or the next one's.
                        continue
                    beside_us = None if reached.holds else settings
                    view = await follower.follow(reached.client, first.id, beside_us)
                    if view is not None:
                        await follower.tell_end(reached.client, view)
                        if reached.holds:
                            await _tell_others(reached.client, view.id)
                        return view, follower.code(view)
                await follower.bereft(settings)
    except Ended:
        what = (
            f"`ferryman recover` takes run {first.id} up again"
            if first
            else "`ferryman runs` tells what began"
        )
        click.echo(f"stopped; {what}", err=True)
        raise click.exceptions.Exit(Exit.TERMINATED) from None


class Follower:
    """Follows one run, over as many connections as it takes. Lives as long as one command."""

    def __init__(self, manner: Manner, user: str) -> None:
        """Nothing is shown before the first view."""
        self._manner = manner
        self._user = user
        self._terminal = sys.stdout.isatty() and not manner.quiet
        self.screen: Screen = Silent() if manner.quiet else Tree() if self._terminal else Lines()
        self._interrupts = 0
        self.served = False
        """Whether a server has moved the run since it is followed."""
        self._signals: asyncio.Queue[int] = asyncio.Queue()

    @asynccontextmanager
    async def interrupts(self) -> AsyncIterator[None]:
        """While inside, Ctrl-C and TERM are told to us instead of ending the process."""
        loop = asyncio.get_running_loop()
        caught = (signal.SIGINT, signal.SIGTERM)
        for number in caught:
            loop.add_signal_handler(number, self._signals.put_nowait, number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)

    def _cancels(self, elsewhere: bool) -> bool:
        return self._manner.cancels_elsewhere if elsewhere else self._manner.cancels_here

    async def begin(self, asked: Coroutine[Any, Any, RunView], *, elsewhere: bool) -> RunView:
        """What is asked for before there is a run to follow. A first Ctrl-C meanwhile cancels the run once it is known.
        A second one, one that cancels nothing, and TERM end the wait, as whoever holds the folder may never answer.
        Raises `KeyboardInterrupt`, and `Ended` for TERM."""
        asking, signals = asyncio.ensure_future(asked), asyncio.ensure_future(self._signals.get())
        kept: list[int] = []
        try:
            while True:
                await asyncio.wait((asking, signals), return_when=asyncio.FIRST_COMPLETED)
                if signals.done():
                    kept.append(signals.result())
                    signals = asyncio.ensure_future(self._signals.get())
                if asking.done():
                    # What a signal does now is for whoever follows the run.
                    return asking.result()
                if kept[-1] == signal.SIGTERM:
                    raise Ended
                if len(kept) > 1 or not self._cancels(elsewhere):
                    raise KeyboardInterrupt
                self._say("canceling the run as soon as it is known; Ctrl-C again ends the wait")
        finally:
            for task in (asking, signals):
                task.cancel()
            await asyncio.gather(asking, signals, return_exceptions=True)
            for number in kept:
                self._signals.put_nowait(number)

    async def follow(self, client: "Client", run: str, beside_us: "Settings | None") -> RunView | None:
        """The run's end, or where only people can bring it on; None when whoever moved it `beside_us` has gone away."""
        answers = Answers(
            client,
            user=self._user,
            approve=self._manner.approve,
            screen=self.screen,
            ask=self._terminal and sys.stdin.isatty(),
        )
        if beside_us is not None and not self._is_moved(beside_us):
            return None
        views = client.watch(run)
        coming: asyncio.Future[RunView] = asyncio.ensure_future(anext(views))
        signals = asyncio.ensure_future(self._signals.get())
        try:
            while True:
                await asyncio.wait(
                    (coming, signals),
                    timeout=LOOK_SECONDS if beside_us is not None else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if signals.done():
                    number = signals.result()
                    signals = asyncio.ensure_future(self._signals.get())
                    await self._signaled(client, run, number, elsewhere=beside_us is not None)
                if coming.done():
                    view = coming.result()
                    self.screen.show(view)
                    if view.ended_at and view.phase == "finished":
                        return view
                    await answers.consider(view)
                    if self._manner.until_people and at_rest(view):
                        return view
                    coming = asyncio.ensure_future(anext(views))
                elif beside_us is not None and not self._is_moved(beside_us):
                    return None
        finally:
            await answers.close()
            for task in (coming, signals):
                task.cancel()
            await asyncio.gather(coming, signals, return_exceptions=True)
            await views.aclose()  # type: ignore[attr-defined]
            self.screen.close()

    def _is_moved(self, settings: "Settings") -> bool:
        """Whether somebody moves runs. That it is a server is kept: one that stops takes its note away first."""
        from ferryman.app import beside

        is_moved = beside.is_held(settings)
        self.served = self.served or (is_moved and beside.is_served(settings))
        return is_moved

    async def bereft(self, settings: "Settings") -> None:
        """Whoever moved the run has gone away: after a server, wait until somebody moves runs again; else go on here.
        Says so once. Raises `Ended` for TERM, and `KeyboardInterrupt` for Ctrl-C, as nobody is there to cancel by."""
        if not self.served:
            self._say("the process that moved the run has ended; going on with it here")
            return
        self._say(
            "the server has ended; waiting for the next one, which takes up the run (Ctrl-C stops waiting)"
        )
        while not self._is_moved(settings):
            try:
                number = await asyncio.wait_for(self._signals.get(), LOOK_SECONDS)
            except TimeoutError:
                continue
            raise Ended if number == signal.SIGTERM else KeyboardInterrupt

    def _say(self, text: str) -> None:
        if not self._manner.quiet:
            click.echo(text, err=True)

    async def _signaled(self, client: "Client", run: str, number: int, *, elsewhere: bool) -> None:
        if number == signal.SIGTERM:
            raise Ended
        self._interrupts += 1
        force = self._interrupts > 1
        if not self._cancels(elsewhere):
            raise KeyboardInterrupt
        self.screen.pause()
        if force:
            click.echo("\nforcing the run to its end", err=True)
        else:
            click.echo("\ncanceling the run; Ctrl-C again forces it to its end", err=True)
        self.screen.go_on()
        try:
            await client.cancel(run, reason="interrupted at the terminal", force=force)
        except Refused:
            # It has ended meanwhile.
            return

    async def tell_end(self, client: "Client", view: RunView) -> None:
        """The last line, and of each failed step the last lines of its log."""
        if self._manner.quiet:
            return
        if view.phase == "finished" and view.outcome not in GOOD:
            for step in failed_steps(view):
                await _tell_failed(client, view.id, step)
        if not self._terminal:
            click.echo(tree.headline(view))
        if view.phase != "finished":
            for wait in view.waiting:
                click.echo(plain(f"{wait.path or 'the run'} {wait.sentence}; {wait.help}"))

    def code(self, view: RunView) -> Exit:
        """The exit code: the run's result, or that it was interrupted here."""
        result = of_run(view)
        return Exit.INTERRUPTED if self._interrupts and result is not Exit.DONE else result


def at_rest(view: RunView) -> bool:
    """Whether only people, or other runs, can bring it on."""
    kinds = {wait.kind for wait in view.waiting}
    people = any(wait.person or wait.kind in ("verdict", "queued", "lock") for wait in view.waiting)
    return view.phase == "finished" or (not view.progress.running and people and "backoff" not in kinds)


def failed_steps(view: RunView) -> list[StepView]:
    """Steps that failed and were not let pass, in the order of the tree."""
    return [
        step
        for stage in view.stages
        for job in stage.jobs
        for each in (job, *job.split)
        for step in each.steps
        if step.outcome in ("failed", "errored") and not step.continued and step.key
    ]


async def _tell_failed(client: "Client", run: str, step: StepView) -> None:
    """Exit code, signal, limit (all in its reason), duration, and the last lines (ERR-5)."""
    took = f" after {duration(step.ended_at - step.started_at)}" if step.started_at and step.ended_at else ""
    click.echo(plain(f"{step.path} {step.outcome}{took}: {step.reason.sentence}"))
    try:
        lines = await client.tail(run, step.key, LAST_LINES)
    except FerrymanError:
        return
    for line in lines:
        click.echo(f"    {line.text}")


async def _tell_others(client: "Client", run: str) -> None:
    """Other runs that this process moved and leaves now."""
    others = [one for one in await client.unfinished() if one.id != run]
    if others:
        which = ", ".join(map(called, others[:5]))
        click.echo(f"not ended yet: {plain(which)}; `ferryman recover` moves them on", err=True)


def changed(
    data: str | None, ask: Callable[["Client"], Coroutine[Any, Any, RunView]], *, wait: bool, said: str
) -> None:
    """Carry out a change of a run, and say so. Where nobody moves runs, this process does, until the run ends or waits
    for people, and Ctrl-C cancels it; with `wait` it is followed to its end wherever it is moved. Ends the command with
    its exit code."""
    raise click.exceptions.Exit(asyncio.run(_changed(session.settings(data), ask, wait, said)))


async def _changed(
    settings: "Settings", ask: Callable[["Client"], Coroutine[Any, Any, RunView]], wait: bool, said: str
) -> Exit:
    from ferryman.app import beside
    from ferryman.client.transport import Unanswered

    beside.found(settings)
    if not wait:
        try:
            async with beside.visit(settings) as client:
                if beside.is_held(settings):
                    view = await ask(client)
                    click.echo(f"{tree.title(view)}: {said}")
                    return Exit.DONE
        except Unanswered:
            # It may have been done: a second time would be refused, or count twice.
            raise
        except Unavailable:
            # Its holder has just ended: then it is ours to do.
            if beside.is_held(settings):
                raise

    async def asked(reached: "Reached") -> RunView:
        view = await ask(reached.client)
        click.echo(f"{tree.title(view)}: {said}")
        return view

    _, code = await _work_on(settings, asked, Manner(until_people=not wait, cancels_elsewhere=False))
    return code
