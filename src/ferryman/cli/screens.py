"""Two ways to show a run while it moves: lines for any output, a living tree for a terminal (CLI-4, CLI-6)."""

import sys
from typing import TYPE_CHECKING, Protocol

import click

from ferryman.cli import tree
from ferryman.cli.news import News
from ferryman.cli.shown import COLORS, clock, now
from ferryman.domain.views import RunView

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
        self._news = News()

    def show(self, view: RunView) -> None:
        """Print what is new, in the order in which it happened."""
        for line in self._news.of(view, now()):
            click.echo(f"{clock(line.at)}  {self._prefix}{line.text}")

    def pause(self) -> None:
        """Lines are in nobody's way."""

    def go_on(self) -> None:
        """Lines are in nobody's way."""

    def close(self) -> None:
        """What was printed stays."""


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
