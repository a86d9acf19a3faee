"""Two ways to show a run while it moves: lines for any output, a living tree for a terminal (CLI-4, CLI-6)."""

import sys
from typing import TYPE_CHECKING, Protocol

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

    def __init__(self, *, prefix: str = "", skip: RunView | None = None) -> None:
        """`prefix` tells runs apart; what `skip` shows already is not told again."""
        self._prefix = prefix
        self._seen: dict[str, tuple[str, ...]] = {}
        if skip is not None:
            self._seen = {path: seen for path, _, seen in _nodes(skip)}

    def show(self, view: RunView) -> None:
        """Print what is new."""
        at = clock(now())
        for path, line, seen in _nodes(view):
            if seen[0] != "pending" and self._seen.get(path) != seen:
                click.echo(f"{at}  {self._prefix}{line}")
            self._seen[path] = seen

    def pause(self) -> None:
        """Lines are in nobody's way."""

    def go_on(self) -> None:
        """Lines are in nobody's way."""

    def close(self) -> None:
        """What was printed stays."""


def _nodes(view: RunView) -> list[tuple[str, str, tuple[str, ...]]]:
    """Path, line, and what makes a change of it, for the run and every node; a node before what is inside it."""
    own = next((wait for wait in view.waiting if not wait.path), None)
    found: list[tuple[str, str, tuple[str, ...]]] = []
    if own is not None:
        found.append(("", f"run  {plain(own.sentence)}; {plain(own.help)}", ("waiting", own.sentence, "")))
    if view.canceling:
        found.append(("!", "run  is being canceled", ("canceling", "", "")))
    for stage in view.stages:
        found.append(_line(stage))
        for job in stage.jobs:
            for each in (job, *job.split):
                found.append(_line(each))
                found += map(_line, each.steps)
    return found


def _line(node: StageView | JobView | StepView) -> tuple[str, str, tuple[str, ...]]:
    word = state(node.phase, node.outcome)
    # Below what never ran there is nothing to tell: its own line says it all.
    if (
        node.phase == "finished"
        and not node.started_at
        and not isinstance(node, StageView)
        and word == "unreached"
    ):
        word = "pending"
    why = node.waiting.sentence if node.waiting is not None else node.reason.sentence
    attempt = f"{node.execution}.{node.attempt}" if isinstance(node, StepView) else str(node.execution)
    text = f"{node.path}  {colored(word)}"
    if node.phase == "finished" and node.started_at:
        text += f" in {spent(node.started_at, node.ended_at)}"
    if node.waiting is not None:
        text += f": {plain(node.waiting.sentence)}; {plain(node.waiting.help)}"
    elif why:
        text += f": {plain(why)}"
    elif isinstance(node, StepView) and node.attempt > 1:
        text += f" (attempt {node.attempt})"
    return node.path, text, (word, why, attempt)


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
            style = COLORS.get(row.word, "").replace("bright_black", "bright_black")
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
