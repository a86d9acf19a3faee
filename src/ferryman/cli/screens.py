"""Two ways to show a run while it moves: lines for any output, a living tree for a terminal (CLI-4, CLI-6)."""

import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

import click

from ferryman.cli import tree
from ferryman.cli.shown import COLORS, clock, colored, now, spent, state
from ferryman.cli.texts import plain
from ferryman.domain.views import JobView, RunView, StageView, StepView

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live


class Screen(Protocol):
    """Shows a run that moves."""

    def show(self, view: RunView) -> None:
        """The run has changed."""
        ...

    def pause(self) -> None:
        """Leave the terminal to somebody who asks a question."""
        ...

    def go_on(self) -> None:
        """The question is over."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


class Silent:
    """Shows nothing."""

    def show(self, view: RunView) -> None:
        """Nothing."""

    def pause(self) -> None:
        """Nothing."""

    def go_on(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines:
    """One line for each change: no cursor control, no repeats."""

    def __init__(self, *, prefix: str = "") -> None:
        """`prefix` tells runs apart."""
        self._prefix = prefix
        self._seen: dict[str, tuple[str, ...]] = {}

    def show(self, view: RunView) -> None:
        """Print what is new: what has ended from the inside out, then what has begun from the outside in."""
        new = [
            node
            for node in _nodes(view)
            if node.seen[0] != "pending" and self._seen.get(node.path) != node.seen
        ]
        ended = [node for node in new if node.ended]
        at = clock(now())
        for node in (*reversed(ended), *(node for node in new if not node.ended)):
            click.echo(f"{at}  {self._prefix}{node.line}")
        self._seen |= {node.path: node.seen for node in _nodes(view)}

    def pause(self) -> None:
        """Lines are in nobody's way."""

    def go_on(self) -> None:
        """Lines are in nobody's way."""

    def close(self) -> None:
        """What was printed stays."""


class _Node(NamedTuple):
    """A line about a node, and what makes a change of it."""

    path: str
    line: str
    seen: tuple[str, ...]
    ended: bool = False


def _nodes(view: RunView) -> list[_Node]:
    """The run and every node, each before what is inside it."""
    own = next((wait for wait in view.waiting if not wait.path), None)
    found: list[_Node] = []
    if own is not None:
        found.append(_Node("", f"run  {plain(own.sentence)}; {plain(own.help)}", ("waiting", own.sentence)))
    if view.canceling:
        found.append(_Node("!", "run  is being canceled", ("canceling",)))
    for stage in view.stages:
        found.append(_line(stage))
        for job in stage.jobs:
            for each in (job, *job.split):
                found.append(_line(each))
                found += map(_line, each.steps)
    return found


def _line(node: StageView | JobView | StepView) -> _Node:
    word = state(node.phase, node.outcome)
    ended = node.phase == "finished"
    if word == "unreached":
        # Where nothing happened there is nothing to tell; what ended the matter was told.
        return _Node(node.path, "", ("pending",))
    attempt = f"{node.execution}.{node.attempt}" if isinstance(node, StepView) else str(node.execution)
    text = f"{node.path}  {colored(word)}"
    why = plain(node.reason.sentence)
    if node.waiting is not None:
        why = plain(node.waiting.sentence)
        text = f"{node.path}  {click.style(why, fg=COLORS['waiting'])}; {plain(node.waiting.help)}"
    else:
        text += f" in {spent(node.started_at, node.ended_at)}" if ended and node.started_at else ""
        text += f": {why}" if why else ""
        text += f" (attempt {node.attempt})" if isinstance(node, StepView) and node.attempt > 1 else ""
    return _Node(node.path, text, (word, why, attempt), ended)


class Tree:
    """A living tree, redrawn in place; what stands at the end stays on the terminal."""

    def __init__(self) -> None:
        """Nothing is drawn before the first view."""
        self._live: Live | None = None
        self._view: RunView | None = None

    def show(self, view: RunView) -> None:
        """Draw the run."""
        from rich.console import Console
        from rich.live import Live

        self._view = view
        if self._live is None:
            console = Console(file=sys.stdout, no_color=click.get_current_context().color is False)
            self._live = Live(self, console=console, refresh_per_second=4, vertical_overflow="visible")
            self._live.start()
        elif self._live.is_started:
            self._live.refresh()

    def pause(self) -> None:
        """Let go of the terminal; the tree as it stands stays above."""
        if self._live is not None:
            self._live.stop()

    def go_on(self) -> None:
        """Draw again, below what was said."""
        if self._live is not None:
            self._live.start(refresh=True)

    def close(self) -> None:
        """Draw a last time."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """The tree as it stands at this moment, as high as the window lets it be."""
        from rich.table import Table
        from rich.text import Text

        if self._view is None:
            return
        view = self._view
        yield Text(tree.headline(view), style="bold")
        table = Table.grid(padding=(0, 2))
        lines = list(tree.rows(view))
        room = max(4, console.height - 3)
        if not view.ended_at and len(lines) > room:
            lines = _around(lines, room)
        for row in lines:
            style = COLORS.get(row.word, "")
            table.add_row(
                Text("  " * row.indent + row.what, no_wrap=True, overflow="ellipsis"),
                Text(row.word, style=style, no_wrap=True),
                Text(row.time, justify="right", no_wrap=True),
                Text(row.why, overflow="ellipsis"),
            )
        yield table


def _around(lines: list[tree.Row], room: int) -> list[tree.Row]:
    """As many rows as there is room for, around the first that is at work."""
    at = next((at for at, row in enumerate(lines) if row.word in ("running", "waiting") and row.indent), 0)
    first = max(0, min(at - room // 3, len(lines) - room))
    return lines[first : first + room]
