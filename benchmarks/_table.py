"""The printer that all benchmarks share: rows in, one aligned table out, with the target beside the figure."""

import os
from collections.abc import Iterable, Sequence


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print one table; the first column is text and stands left, the others are figures and stand right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        first, *others = line
        figures = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        print("  " + "  ".join((first.ljust(widths[0]), *figures)).rstrip())


def micro(seconds: float) -> str:
    """Seconds as whole microseconds, or with one decimal where that says more."""
    figure = seconds * 1e6
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


def centile(times: Sequence[float], part: float) -> float:
    """The time below which this part (0 to 1) of the sorted times lies."""
    return times[min(len(times) - 1, int(part * len(times)))]


def load() -> str:
    """How busy the machine is, to be read beside every figure."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
