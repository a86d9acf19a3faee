"""Steps into values: children of objects, items of arrays, `.*`.

Source: pipeline-yaml 10.5, semantics 16.2, 16.3.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ferryman.expressions.values import Branch, FilteredArray, Kind, kind_of, to_number, to_text


class _Missing:
    """The type of `MISSING`."""


MISSING: Final = _Missing()
"""What a step to nowhere finds. It becomes null, except in a filtered array, which drops it."""


def step(value: object, key: object) -> object:
    """`value[key]`; null when there is nothing, and item by item on a filtered array."""
    if type(value) is FilteredArray:
        found = (_child(item, key) for item in value)
        return FilteredArray(item for item in found if item is not MISSING)
    found_here = _child(value, key)
    return None if found_here is MISSING else found_here


def every(value: object) -> FilteredArray:
    """`value.*`: the values of an object or the items of an array; nothing on a scalar."""
    if type(value) is FilteredArray:
        return FilteredArray(item for member in value for item in _members(member))
    return FilteredArray(_members(value))


def find(value: object, keys: Sequence[str]) -> object:
    """What stands at the end of these steps, or MISSING.

    A mapping may hold a name with dots (`variables` with the key `a.b`): it is found as a path, and names
    that share a prefix are an object. Where both `a` and `a.b` are names, each is found.
    """
    if not keys:
        return value
    if not isinstance(value, Mapping):
        child = _item(value, keys[0])
        return MISSING if child is MISSING else find(child, keys[1:])
    names, prefix = (value.mapping, value.prefix) if type(value) is Branch else (value, "")
    found = _named(names, prefix, keys)
    if found is not MISSING:
        return found
    below = prefix + ".".join(keys) + "."
    return Branch(names, below) if any(name.startswith(below) for name in names) else MISSING


def look_up(context: Mapping[str, object], keys: Sequence[str]) -> object:
    """The same from the root of a context, which is only asked for names, never listed."""
    return find(context, keys) if type(context) is Branch else _named(context, "", keys)


def _named(names: Mapping[str, object], prefix: str, keys: Sequence[str]) -> object:
    """What stands at the end of these steps when the first one, two, three ... of them are one name."""
    for count in range(1, len(keys) + 1):
        name = prefix + ".".join(keys[:count])
        if name in names:
            found = find(names[name], keys[count:])
            if found is not MISSING:
                return found
    return MISSING


def _child(value: object, key: object) -> object:
    if not isinstance(value, Mapping):
        return _item(value, key)
    if kind_of(key) in (Kind.ARRAY, Kind.OBJECT):
        return MISSING
    return find(value, (to_text(key),))


def _item(value: object, key: object) -> object:
    """An item of an array: the key becomes a number and is rounded down."""
    if not isinstance(value, list | tuple):
        return MISSING
    index = to_number(key)
    return value[int(index)] if 0 <= index < len(value) else MISSING


def _members(value: object) -> Sequence[object]:
    if isinstance(value, Mapping):
        return [value[key] for key in value]
    return value if isinstance(value, list | tuple) else ()
