"""Places: how one value of the domain stands in a part of the model, readable and writable.

A noun of the domain is described by a table of places, one for each of its fields. Reading takes the values out and
leaves the rest as origin; writing lays them over an origin again. Three laws hold for every place, and make the
mapper what it is:

    read(write(part, value)) == value          what was written is read again
    laid(part, read(part)) == part             nothing is touched that says the right thing already
    laid over what taking left == the part     a document comes back as it was

The second makes an edit local: only the place of an edited field changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ferryman.definition.model.wire.shapes import Json, Tree

Path = tuple[str, ...]


class Place(msgspec.Struct, frozen=True):
    """Where the field `attribute` of a noun stands. `paths` are all that it owns in its part of the model."""

    attribute: str
    paths: tuple[Path, ...]
    read: Callable[[Tree], Any]
    write: Callable[[Tree, Any], Tree]
    """Gives a new part; it is only asked when the part says something else."""
    needed: bool = False
    """Whether the model refuses a part without it, so that the default is written out too."""

    def laid(self, part: Tree, value: Json) -> Tree:
        """The part with this value in its place; the same part when it says so already."""
        said = same(self.read(part), value) and not (self.needed and found(part, self.paths[0]) is None)
        return part if said else self.write(part, value)


Places = Sequence[Place]


def read(places: Places, part: Tree) -> dict[str, Any]:
    """The values of a part by attribute."""
    return {place.attribute: place.read(part) for place in places}


def taken(places: Places, part: Tree) -> tuple[dict[str, Any], Tree]:
    """The values of a part by attribute, and what is left of it when all that they say is taken away."""
    values = read(places, part)
    rest = part
    for place in reversed(places):
        without = removed(rest, place.paths)
        if without != rest and place.laid(without, values[place.attribute]) == rest:
            rest = without
    return values, rest


def laid(places: Places, noun: msgspec.Struct, origin: Mapping[str, Json]) -> Tree:
    """The part of the model that a noun becomes, over what was left when it was read."""
    part = dict(origin)
    for place in places:
        part = place.laid(part, getattr(noun, place.attribute))
    return part


def same(one: Json, other: Json) -> bool:
    """Whether two values are one: equal, and of one type all through, for 1 and true are two things to JSON."""
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    match one:
        case dict():
            return all(same(value, other[key]) for key, value in one.items())
        case list() | tuple():
            return all(map(same, one, other))
        case msgspec.Struct():
            return all(same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
        case _:
            return True


def found(part: Tree, path: Path, default: Json = None) -> Json:
    """What stands at a path; the default where nothing does."""
    here: Json = part
    for key in path:
        if not isinstance(here, dict) or key not in here:
            return default
        here = here[key]
    return here


def put(part: Tree, path: Path, value: Json) -> Tree:
    """The part with a value at a path."""
    key, *deeper = path
    if not deeper:
        return {**part, key: value}
    inner = part.get(key)
    return {**part, key: put(inner if isinstance(inner, dict) else {}, tuple(deeper), value)}


def removed(part: Tree, paths: Iterable[Path]) -> Tree:
    """The part without what stands at these paths; objects that held it stay, though they be empty."""
    for path in paths:
        part = _removed(part, path)
    return part


def _removed(part: Tree, path: Path) -> Tree:
    key, *deeper = path
    if key not in part:
        return part
    if not deeper:
        return {name: value for name, value in part.items() if name != key}
    inner = part[key]
    if not isinstance(inner, dict):
        return part
    return {**part, key: _removed(inner, tuple(deeper))}


def plain(attribute: str, path: str, default: Json) -> Place:
    """A field that stands as it is at a path (keys with dots between them); the default is left out."""
    keys = tuple(path.split("."))
    return Place(
        attribute,
        (keys,),
        lambda part: found(part, keys, default),
        lambda part, value: removed(part, (keys,)) if value == default else put(part, keys, value),
    )


def always(attribute: str, path: str, default: Json) -> Place:
    """A field as `plain`, that the model refuses to be without."""
    keys = tuple(path.split("."))
    return Place(
        attribute,
        (keys,),
        lambda part: found(part, keys, default),
        lambda part, value: put(part, keys, value),
        needed=True,
    )


def several(attribute: str, path: str) -> Place:
    """A tuple of the domain that is a list at a path; an empty one is left out."""
    keys = tuple(path.split("."))
    return Place(
        attribute,
        (keys,),
        lambda part: tuple(found(part, keys, ())),
        lambda part, value: put(part, keys, list(value)) if value else removed(part, (keys,)),
    )


def word(
    attribute: str, path: str, table: Mapping[str, Json], default: str, *, needed: bool = False
) -> Place:
    """A form of the domain that is a word of a table at a path; one without a word is written as the default."""
    keys = tuple(path.split("."))
    back = {form: name for name, form in reversed(list(table.items()))}
    return Place(
        attribute,
        (keys,),
        lambda part: table[found(part, keys, default)],
        lambda part, value: put(part, keys, back.get(value, default)),
        needed=needed,
    )
