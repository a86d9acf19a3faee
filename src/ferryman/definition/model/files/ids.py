"""Ids that a file does not name (pipeline-yaml 12).

Reading a file twice gives the same ids: they are digests of where a thing stands. When the file replaces an
older version, things that are recognized keep the ids they had, so that history and logs stay tied to them.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from ferryman.definition.model.files.values import Tree, mapping, mappings, text

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def digest(place: str) -> str:
    """32 hex digits that stand for a place."""
    return sha256(place.encode(errors="surrogatepass")).hexdigest()[:32]


def job_id(place: str, taken: Iterable[str]) -> str:
    """An id for the nameless job of a place: `job_` and three letters, none of the `taken` ones."""
    known = frozenset(taken)
    found, salt = "", place
    while not found or found in known:
        salt = digest(salt)
        number = int(salt, 16)
        found = "job_" + "".join(_LETTERS[number // 26**power % 26] for power in range(3))
    return found


class Ids:
    """The ids of one reading: those kept from an older document, and new ones beside them."""

    def __init__(self, keep: Tree | None) -> None:
        """Remember what an older `{"model", "setting"}` calls its jobs and steps."""
        stages = mappings(mapping(mapping(keep).get("model")).get("stages"))
        containers = [box for stage in stages for box in mappings(stage.get("containers"))]
        self._jobs: dict[str, Tree] = {}
        for container in containers:
            self._jobs.setdefault(_job_key(container), container)
        self._used = {text(container.get("containerHashId")) for container in containers}
        self._used |= {text(step.get("id")) for box in containers for step in mappings(box.get("elements"))}

    def name_job(self, container: Tree, stage: str) -> None:
        """Give a container its hash id and its elements their ids."""
        old = self._jobs.pop(_job_key(container), {})
        place = f"{stage}/{_job_key(container)}"
        container["containerHashId"] = text(old.get("containerHashId")) or self._new("c-", place)
        before = tuple(_step_keys(mappings(old.get("elements"))))
        kept = {key: text(step.get("id")) for key, step in before}
        for position, (key, step) in enumerate(_step_keys(container["elements"])):
            step["id"] = kept.pop(key, "") or self._new("e-", f"{place}/{position}")

    def _new(self, prefix: str, place: str) -> str:
        found = prefix + digest(place)
        while found in self._used:
            place = digest(place)
            found = prefix + digest(place)
        self._used.add(found)
        return found


def _job_key(container: Tree) -> str:
    """What a job is recognized by: its job id; the trigger has none."""
    return text(container.get("jobId")) or f"@{text(container.get('@type'))}"


def _step_keys(elements: list[Tree]) -> Iterator[tuple[str, Tree]]:
    """What steps are recognized by: the user's id, or else position and kind."""
    for position, element in enumerate(elements):
        named = text(element.get("stepId"))
        kind = f"{position}/{text(element.get('@type'))}/{text(element.get('atomCode'))}"
        yield (f"id/{named}" if named else kind), element
