"""What a file cannot say (pipeline-yaml 12.1): told as warnings, one for each place that loses something."""

from collections.abc import Mapping

from ferryman.definition.model.files.values import Json, Tree
from ferryman.domain.errors import Problem

LOST = 0
"""The code of these warnings; the table of errors of the format has none for them."""

_EMPTY: tuple[Json, ...] = (None, "", [], {}, False, 0)


class Losses:
    """Collects what one export leaves out."""

    def __init__(self) -> None:
        """Begin with nothing lost."""
        self.problems: list[Problem] = []

    def tell(self, path: str, what: str, *, key: str = "") -> None:
        """Note one loss at a place of the model."""
        message = f"a file cannot say {what}"
        self.problems.append(Problem(path=path, message=message, code=LOST, key=key, severity="warning"))

    def tell_fields(self, path: str, document: Tree, lost: Mapping[str, str]) -> None:
        """Note each field of a table that says something here."""
        for field, what in lost.items():
            if document.get(field) not in _EMPTY:
                self.tell(f"{path}.{field}" if path else field, what, key=field)
