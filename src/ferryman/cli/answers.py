"""Answers to what a run asks of people: promised on the command line, or asked for at the terminal."""

import asyncio
import os
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from ferryman.cli.screens import Screen
from ferryman.cli.texts import plain
from ferryman.domain.errors import FerrymanError, Refused
from ferryman.domain.views import RunView, StageView, Waiting

if TYPE_CHECKING:
    from ferryman.client import Client

GATES = frozenset({"review", "manual-start"})
ASKED = GATES | {"paused", "lost"}
"""Kinds of waits that the terminal asks about."""
OTHERWISE = frozenset({"value-missing", "unknown-choice", "review-value-too-long", "not-a-reviewer"})
"""Reasons of refusals after which the same question can be answered otherwise."""
LOST_WORDS = {"r": "repeat", "s": "succeeded", "f": "failed"}


class Answers:
    """Says yes to gates that were promised it, and asks at the terminal about the others."""

    def __init__(
        self, client: "Client", *, user: str, approve: Collection[str], screen: Screen, ask: bool
    ) -> None:
        """`approve` are paths or names of gates; with `ask` a person sits at the terminal."""
        self._client = client
        self._user = user
        self._approve = frozenset(approve)
        self._screen = screen
        self._ask = ask
        self._given: set[tuple[str, int, int]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._asked: Waiting | None = None
        """What is being asked, as long as the answer was not handed over."""
        self._declined: set[tuple[str, str, int]] = set()
        self._open: list[Waiting] = []
        self._answered: set[tuple[str, int, int]] = set()

    async def consider(self, view: RunView) -> None:
        """Look at what the run waits for now. Answers are given beside; nothing here waits for a person."""
        for wait in view.waiting:
            if wait.kind in GATES and names_of(view, wait.path) & self._approve:
                await self._promised(view.id, wait)
        if not self._ask:
            return
        self._open = [wait for wait in view.waiting if wait.kind in ASKED]
        if self._asked is not None and not any(_same(wait, self._asked) for wait in self._open):
            await self.close()
        if (self._asking is None or self._asking.done()) and self._fresh():
            self._asking = asyncio.create_task(self._questions(view.id))

    async def close(self) -> None:
        """Take back a question that nobody needs to answer any more."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
            click.echo("\n(no answer is needed any more)")
            self._screen.go_on()
        self._asking = self._asked = None

    async def _promised(self, run: str, wait: Waiting) -> None:
        """One yes for each vote that is needed; whoever has voted is not asked again."""
        if _mark(wait) in self._given:
            return
        self._given.add(_mark(wait))
        name = _in_whose_name(wait, self._user)
        try:
            await self._client.answer(run, wait.path, yes=True, name=name, comment="promised with --approve")
        except Refused as refused:
            # The run waits for another answer: it is no reason to leave it.
            self._screen.pause()
            click.echo(
                plain(f"note: --approve does not answer {wait.path}: {refused}; {wait.help}"), err=True
            )
            self._screen.go_on()

    def _fresh(self) -> list[Waiting]:
        """What is open and was neither declined nor answered here."""
        return [
            wait
            for wait in self._open
            if _key(wait) not in self._declined and _mark(wait) not in self._answered
        ]

    async def _questions(self, run: str) -> None:
        """One question after the other, as long as any is open."""
        while fresh := self._fresh():
            await self._question(run, fresh[0])

    async def _question(self, run: str, wait: Waiting) -> None:
        self._asked = wait
        self._screen.pause()
        try:
            click.echo("")
            if wait.description:
                click.echo(plain(wait.description))
            while not await self._is_taken(run, wait):
                # Another answer may do.
                self._asked = wait
            self._answered.add(_mark(wait))
        except EOFError:
            # Nobody sits there after all: it can still be answered from elsewhere.
            self._declined.add(_key(wait))
            click.echo(f"no answer; {wait.help} answers it")
        except FerrymanError as refused:
            self._declined.add(_key(wait))
            click.echo(f"{plain(str(refused))}", err=True)
        self._asked = None
        self._screen.go_on()

    async def _is_taken(self, run: str, wait: Waiting) -> bool:
        """Ask, and hand the answer over; whether it was taken."""
        if wait.kind == "paused":
            yes = await _yes_or_no(f"{wait.path} waits before it begins. Begin?")
            self._asked = None
            await (self._client.resume(run, wait.path) if yes else self._client.halt(run, wait.path))
        elif wait.kind == "lost":
            await self._lost(run, wait)
        else:
            return await self._gate(run, wait)
        return True

    async def _lost(self, run: str, wait: Waiting) -> None:
        click.echo(plain(f"{wait.path}: {wait.sentence}"))
        while True:
            word = (await _line("Repeat it, or say that it succeeded or failed? [r/s/f] ")).lower()[:1]
            if verdict := LOST_WORDS.get(word):
                self._asked = None
                await self._client.settle(run, wait.key, verdict)  # type: ignore[arg-type]
                return

    async def _gate(self, run: str, wait: Waiting) -> bool:
        name = ""
        who = f" by {plain(' or '.join(wait.who))}" if wait.who else ""
        yes = await _yes_or_no(f"{plain(wait.path)} waits to be approved{who}. Approve?")
        values = {}
        if wait.who and self._user not in wait.who:
            name = _in_whose_name(wait, self._user)
            name = await _line(f"In whose name? [{name}] ") or name
        if yes:
            for asked in wait.values:
                label = plain(asked.label or asked.name)
                choices = f" ({', '.join(value for value, _ in asked.options)})" if asked.options else ""
                given = await _line(f"{label}{choices} [{plain(asked.value)}]: ")
                if given:
                    values[asked.name] = given
        comment = await _line("Comment: ")
        while wait.comment_needed and not comment:
            comment = await _line("Comment (needed): ")
        # From here on the wait may be over because of us: then nothing is taken back.
        self._asked = None
        try:
            await self._client.answer(run, wait.path, yes=yes, name=name, comment=comment, values=values)
        except Refused as refused:
            if refused.reason not in OTHERWISE:
                raise
            click.echo(plain(str(refused)), err=True)
            return False
        return True


def names_of(view: RunView, path: str) -> set[str]:
    """What people call the stage or step with this path: its path, the end of it, its name."""
    return {path, _names(view).get(path, ""), *_tails(path)}


def _names(view: RunView) -> dict[str, str]:
    """Names of stages and steps by path."""
    names = {}
    for stage in view.stages:
        names[stage.path] = stage.name
        names |= _names_of_steps(stage)
    return names


def _names_of_steps(stage: StageView) -> dict[str, str]:
    return {step.path: step.name for job in stage.jobs for each in (job, *job.split) for step in each.steps}


def _tails(path: str) -> set[str]:
    parts = path.split("/")
    return {"/".join(parts[at:]) for at in range(len(parts))}


def _key(wait: Waiting) -> tuple[str, str, int]:
    return wait.kind, wait.path, wait.since


def _mark(wait: Waiting) -> tuple[str, int, int]:
    """What is asked once: the same gate asks again for the next vote."""
    return wait.path, wait.since, len(wait.votes)


def _same(one: Waiting, other: Waiting) -> bool:
    return _key(one) == _key(other) and one.votes == other.votes


def _in_whose_name(wait: Waiting, user: str) -> str:
    """The user, where they may answer; else the first who may and has not."""
    if not wait.who or user in wait.who:
        return ""
    voted = {vote.by for vote in wait.votes}
    return next((name for name in wait.who if name not in voted), wait.who[0])


async def _yes_or_no(question: str) -> bool:
    while True:
        word = (await _line(f"{question} [y/n] ")).lower()
        if word in ("y", "yes", "n", "no"):
            return word.startswith("y")


async def _line(prompt: str) -> str:
    """One line from the terminal, without keeping anything else waiting. Raises EOFError at its end."""
    click.echo(prompt, nl=False)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    handle = sys.stdin.fileno()
    loop.add_reader(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(handle)
    text = os.read(handle, 65536)
    if not text:
        raise EOFError
    return text.decode(errors="replace").strip()
