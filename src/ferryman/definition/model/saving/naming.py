"""The identifiers of a model: made from where a thing stands, kept where a client or an earlier save gave them.

Source: bkci-v3 8. Stage ids and container ids are positions and rewritten on every save; the others stay.
"""

from collections.abc import Iterator
from hashlib import sha256

from ferryman.definition.model.wire.shapes import Tree
from ferryman.definition.model.wire.words import TRIGGER

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = 32


def named(model: Tree) -> None:
    """Give every part of the model its identifiers, in place."""
    boxes: list[tuple[str, Tree]] = []
    for position, stage in enumerate(model["stages"], start=1):
        stage["id"] = f"stage-{position}"
        stage.setdefault("name", stage["id"])
        boxes += [(f"{position}/{at}", box) for at, box in enumerate(stage["containers"], start=1)]
        _name_jobs(stage)
        for gate in ("checkIn", "checkOut"):
            groups = stage.get(gate, {}).get("reviewGroups", [])
            _name_all(
                "id", "", [(f"{position}/{gate}/{at}", group) for at, group in enumerate(groups, start=1)]
            )
    for number, (_, box) in enumerate(boxes):
        box["id"] = box["containerId"] = str(number)
    _name_all("containerHashId", "c-", boxes)
    _name_all("id", "e-", list(_elements(boxes)))


def _elements(boxes: list[tuple[str, Tree]]) -> Iterator[tuple[str, Tree]]:
    for place, box in boxes:
        for at, element in enumerate(box["elements"], start=1):
            yield f"{place}/{at}", element


def _name_jobs(stage: Tree) -> None:
    """Jobs without an id get `job_` and three letters; the trigger is never spoken of."""
    taken = {box.get("jobId") for box in stage["containers"]}
    for at, box in enumerate(stage["containers"], start=1):
        if box["@type"] == TRIGGER or box.get("jobId"):
            continue
        salt = f"{stage['id']}/{at}"
        while (wish := _job_id(salt)) in taken:
            salt = digest(salt)
        box["jobId"] = wish
        taken.add(wish)


def _job_id(salt: str) -> str:
    number = int(digest(salt), 16)
    return "job_" + "".join(_LETTERS[number // 26**power % 26] for power in range(3))


def _name_all(key: str, prefix: str, places: list[tuple[str, Tree]]) -> None:
    """Fill in missing and doubled identifiers; the first thing that has one keeps it."""
    given = {thing.get(key) for _, thing in places}
    seen: set[str] = set()
    for place, thing in places:
        name = thing.get(key, "")
        if not name or name in seen:
            salt = place
            while (name := prefix + digest(salt)) in given or name in seen:
                salt = digest(salt)
            thing[key] = name
        seen.add(name)


def digest(place: str) -> str:
    """32 hex digits that stand for a place."""
    return sha256(place.encode()).hexdigest()[:_DIGITS]
