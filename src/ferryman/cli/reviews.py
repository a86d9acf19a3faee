"""Answering what a run asks of people: `ferryman approve`, `reject`."""

from typing import TYPE_CHECKING

import click

from ferryman.cli import completion, options
from ferryman.cli.exits import Exit, Stop
from ferryman.cli.shown import moment
from ferryman.domain.errors import Invalid, Problem, Refused

if TYPE_CHECKING:
    from ferryman.client import Client
    from ferryman.domain.views import RunView

KINDS = frozenset({"review", "manual-start"})
LOOKED_BACK = 1000
"""So many entries of the journal are looked through for the answer that was first."""

_gate = click.argument("path", metavar="[GATE]", default="", shell_complete=completion.paths)
_name = click.option(
    "--as",
    "name",
    metavar="NAME",
    default="",
    show_default="you",
    help="In the name of this reviewer; the journal says that you gave it.",
)


@click.command(short_help="Approve what a run asks.")
@options.run
@_gate
@options.reason("A comment, for the journal.")
@options.values("A value that the review asks for; may be repeated.", name="--param")
@_name
@options.key
@options.wait
@options.data
@options.project
@options.color
def approve(
    run: str,
    path: str,
    reason: str,
    values: dict[str, str],
    name: str,
    key: str,
    wait: bool,
    data: str | None,
) -> None:
    """Approve a review, or begin a stage that waits to be started.

    GATE may be left out while only one is open.

    \b
    Examples:
      ferryman approve latest
      ferryman approve shop-release#3 staging --reason "looks good" --param NOTE=1.4
    """
    _answer(run, path, True, reason, values, name, key, wait, data)


@click.command(short_help="Reject what a run asks.")
@options.run
@_gate
@options.reason("Why, for the journal.")
@_name
@options.key
@options.wait
@options.data
@options.project
@options.color
def reject(run: str, path: str, reason: str, name: str, key: str, wait: bool, data: str | None) -> None:
    """Reject a review, or a stage that waits to be started.

    GATE may be left out while only one is open.

    \b
    Examples:
      ferryman reject latest staging --reason "the smoke test is missing"
    """
    _answer(run, path, False, reason, {}, name, key, wait, data)


def _answer(
    run: str,
    path: str,
    yes: bool,
    reason: str,
    values: dict[str, str],
    name: str,
    key: str,
    wait: bool,
    data: str | None,
) -> None:
    from ferryman.cli.following import changed

    if key and not path:
        # Which gate is the only open one changes; what a key stands for must not.
        raise Stop("--key stands for one answer: name the GATE too", Exit.USAGE)

    async def answer(client: "Client") -> "RunView":
        view = await client.run(run)
        gate = path or await _only_open(client, view)
        if not reason.strip() and _wants_comment(view, gate):
            raise Stop(f"{gate} asks for a comment: --reason TEXT", Exit.USAGE)
        return await client.answer(run, gate, yes=yes, comment=reason, values=values, name=name, key=key)

    changed(data, answer, wait=wait, said=f"{path or 'it'} is {'approved' if yes else 'rejected'}")


def _wants_comment(view: "RunView", gate: str) -> bool:
    """Whether the open gate that is meant asks for a comment with its answer."""
    from ferryman.cli.answers import names_of

    meant = (wait for wait in view.waiting if wait.kind in KINDS and gate in names_of(view, wait.path))
    return any(wait.comment_needed for wait in meant)


async def _only_open(client: "Client", view: "RunView") -> str:
    """The gate that is meant when none is named. Where none is open, it is said who answered last (PAGE-9)."""
    gates = [wait.path for wait in view.waiting if wait.kind in KINDS]
    if not gates:
        entries = await client.journal(view.id, after=max(0, view.seq - LOOKED_BACK), limit=LOOKED_BACK)
        answers = [entry for entry in entries if entry.event == "gate-answered" and not entry.ignored]
        last = f": {answers[-1].sentence}, {moment(answers[-1].at)}" if answers else ""
        raise Refused(
            f"run #{view.number} asks nobody now{last}; `ferryman show` tells where it stands",
            reason="no-gate",
        )
    if len(gates) > 1:
        raise Invalid(
            [Problem(path="GATE", message=f"several are open: {', '.join(gates)}; name one", code=0)]
        )
    return gates[0]
