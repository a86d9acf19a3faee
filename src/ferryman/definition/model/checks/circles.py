"""Circles among jobs that wait for each other."""

from collections.abc import Mapping, Sequence


def circle_through(start: str, wants: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest way from a job back to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in wants.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
