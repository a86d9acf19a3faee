"""A command's session with a data folder: reading it from beside, changing it by whoever holds it.

What carries it is imported here, inside, so that `--help` stays quick.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ferryman.cli import completion, texts
from ferryman.domain.errors import Unavailable

if TYPE_CHECKING:
    from ferryman.client import Client
    from ferryman.settings import Settings

Result = TypeVar("Result")
Ask = Callable[["Client"], Awaitable[Result]]


def settings(
    data: str | None, *, config: str | None = None, flags: Mapping[str, Any] | None = None
) -> "Settings":
    """The settings of this call."""
    from ferryman import settings as known

    context = click.get_current_context(silent=True)
    project = context.meta.get(completion.PROJECT) if context is not None else None
    return known.read(data=data, config=config, project=project, flags=flags)


def read(data: str | None, ask: Ask[Result]) -> Result:
    """Ask something that changes nothing, beside whoever holds the folder."""

    async def asked() -> Result:
        from ferryman.app import beside

        async with beside.visit(settings(data)) as client:
            return await ask(client)

    return asyncio.run(asked())


def change(data: str | None, ask: Ask[Result]) -> Result:
    """Change something that moves no run: by whoever holds the folder, else here."""

    async def asked() -> Result:
        from ferryman.app import beside

        async with beside.reach(settings(data), driving=False) as reached:
            return await ask(reached.client)

    return asyncio.run(asked())


def tell_if_nobody_moves(data: str | None) -> bool:
    """Runs that have not ended stand still while no process holds the folder (ERR-6); whether that was said."""
    from ferryman.app import beside

    if beside.is_held(settings(data)):
        return False
    told = "note: nobody moves runs now; `ferryman recover` goes on with those that have not ended"
    click.echo(told, err=True)
    return True


def told_fault(run: str, fault: BaseException) -> None:
    """Say on the standard error that something went wrong that must not, and that Ferryman goes on."""
    where = f"run {run}: " if run else ""
    then = "; what runs goes on by itself once that has passed" if isinstance(fault, Unavailable) else ""
    click.echo(f"warning: {where}{texts.plain(texts.said(Exception(fault)))}{then}", err=True)


def ask_server(data: str | None, ask: Ask[Result]) -> Result:
    """Ask the server that moves the folder's runs for something that goes on without us. Raises `Unavailable` where
    there is none: nobody would move it."""

    async def asked() -> Result:
        from ferryman.app import beside

        known = settings(data)
        if not (beside.is_held(known) and beside.is_served(known)):
            raise Unavailable(
                f"no server moves the runs of {known.data}, so nobody would go on with this one: start one with "
                "`ferryman up`, or leave out --detach"
            )
        async with beside.visit(known) as client:
            return await ask(client)

    return asyncio.run(asked())


def warned(*, exposed: str, lost: str) -> None:
    """Say on the standard error that steps could read what they must not (RULINGS 18), and that what is sealed cannot
    be opened, where it is so."""
    from ferryman.app.sealed import HELP

    if exposed:
        click.echo(texts.plain(f"warning: steps could read Ferryman's own files here: {exposed}"), err=True)
    if lost:
        effect = "no such access key signs, and no process of a step begins in the project of such a secret"
        click.echo(texts.plain(f"warning: {lost}: {effect}; {HELP}"), err=True)
