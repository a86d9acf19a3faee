"""The problems of one model, in the order of its text."""

from ferryman.definition.model.wire.shapes import Json
from ferryman.domain.errors import Problem, Severity

Spot = tuple[str | int, ...]
"""A place in the document: keys and positions from `model` or `setting` on."""


class Findings:
    """Collects the problems of one document; lives as long as one check."""

    def __init__(self, document: Json) -> None:
        """Begin with nothing found."""
        self._document = document
        self._found: list[tuple[Spot, Problem]] = []
        self._refused: set[Spot] = set()

    def add(
        self,
        spot: Spot,
        message: str,
        code: int,
        *,
        hint: str = "",
        severity: Severity = "error",
        below: str = "",
    ) -> None:
        """Tell a problem; `below` is a path further down, as another room writes it."""
        if severity == "error":
            self._refused.add(spot)
        path = path_of(spot)
        path = f"{path}.{below}" if below else path
        key = below or (spot[-1] if spot and isinstance(spot[-1], str) else "")
        problem = Problem(path=path, message=message, code=code, key=str(key), hint=hint, severity=severity)
        self._found.append((spot, problem))

    def is_refused(self, spot: Spot) -> bool:
        """Whether something at a spot or below it was refused."""
        return any(refused[: len(spot)] == spot for refused in self._refused)

    def in_order(self, most: int) -> tuple[Problem, ...]:
        """At most `most` problems in the order of the document; errors push out warnings."""
        told = sorted(self._found, key=lambda entry: self._position(entry[0]))
        kept = sorted(told, key=lambda entry: entry[1].severity)[:most]
        return tuple(problem for _, problem in sorted(kept, key=lambda entry: self._position(entry[0])))

    def _position(self, spot: Spot) -> tuple[int, ...]:
        """Where a spot stands among others; what is missing stands where its holder begins."""
        here, position = self._document, []
        for part in spot:
            if isinstance(here, dict) and part in here:
                position.append(list(here).index(str(part)))
                here = here[part]
            elif isinstance(here, list) and isinstance(part, int) and part < len(here):
                position.append(part)
                here = here[part]
            else:
                break
        return tuple(position)


def path_of(spot: Spot) -> str:
    """A spot as people read it: `stages[1].containers[0].elements[2].script`."""
    path = ""
    for part in spot[1:] if spot[:1] == ("model",) else spot:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path
