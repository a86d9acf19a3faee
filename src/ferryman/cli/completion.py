"""`ferryman completion`: what makes a shell complete commands, options, and live names (CLI-14).

Live names are runs, and the stages, jobs and steps of the run that is named. Where nothing can be read there are none:
nobody who presses a key wants a sentence about it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from ferryman.domain.errors import FerrymanError

if TYPE_CHECKING:
    from ferryman.client import Client
    from ferryman.domain.views import RunView

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FERRYMAN_COMPLETE"
"""By which a shell asks; what is printed then is for the shell."""
PROJECT = "ferryman.project"
"""Where a call keeps the project that it is about."""
MOST = 100
"""How many of the newest runs are offered."""


@click.command(short_help="Print what makes a shell complete words.")
@click.argument("shell", metavar="|".join(SHELLS), type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, options, and the names of runs, stages, jobs and steps.

    In bash and zsh, put `eval "$(ferryman completion bash)"` (or zsh) into the shell's profile; in fish, pipe it to
    `source` there.

    \b
    Examples:
      ferryman completion bash
      ferryman completion fish | source
    """
    root = click.get_current_context().find_root()
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root.command, {}, str(root.info_name), VARIABLE).source())


def runs(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The newest runs."""

    async def asked(client: "Client") -> list[str]:
        return ["latest", *(f"{one.pipeline}#{one.number}" for one in await client.runs(limit=MOST))]

    return _beginning(begun, _asked(context, asked))


def paths(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The stages, jobs and steps of the run that stands before."""

    async def asked(client: "Client") -> list[str]:
        return list(_paths(await client.run(context.params["run"])))

    return _beginning(begun, _asked(context, asked)) if context.params.get("run") else []


def _paths(view: "RunView") -> Iterator[str]:
    for stage in view.stages:
        yield stage.path
        for job in stage.jobs:
            yield job.path
            for each in (job, *job.split):
                yield from (step.path for step in each.steps)


def _beginning(begun: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(begun)]


def _asked(context: click.Context, ask: "Callable[[Client], Awaitable[list[str]]]") -> list[str]:
    from ferryman import settings
    from ferryman.app import beside

    async def asked() -> list[str]:
        known = settings.read(data=context.params.get("data"), project=context.meta.get(PROJECT))
        async with beside.visit(known) as client:
            return await ask(client)

    try:
        return asyncio.run(asked())
    except FerrymanError:
        return []
