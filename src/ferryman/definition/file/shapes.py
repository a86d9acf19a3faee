"""What shapes a value of a pipeline file can have: the words the tables of the format are written in.

A table says what every key wants; `check` applies the tables to a file, `schema` turns them into a JSON
Schema.
"""

from typing import Literal

import msgspec

from ferryman.definition.file import codes

Standing = Literal["C", "N", "X"]
"""C: works. N: kept, works later. X: makes no sense here, refused unless vendor keys are accepted."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Text; numbers and booleans are turned into it. `rule` says `pattern` in words."""

    shortest: int = 0
    longest: int | None = None
    longest_code: int = codes.TOO_MUCH
    pattern: str = ""
    rule: str = ""
    pattern_code: int = codes.PATTERN
    booleans: bool = True
    """Whether true and false count as text; where a condition is wanted they are a slip of the writer."""
    nothing: bool = False
    """Whether an empty value is the empty text."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One of a few words, and true or false where `flags` says so."""

    words: tuple[str, ...]
    flags: bool = False
    refusals: tuple["Refusal", ...] = ()


class Flag(msgspec.Struct, frozen=True):
    """True or false."""


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A whole number from `least` to `most`, both included."""

    least: int | None = None
    most: int | None = None


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """A whole number of minutes from `least` to `most`, or text with a placeholder that becomes one."""

    most: int
    least: int = 1


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A list of one kind of item. With `single`, one item may stand without the list."""

    item: "Shape"
    least: int = 0
    most: int | None = None
    single: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """A key or word with a message of its own. `name` may end in `*`; `vendor` marks an X."""

    name: str
    message: str
    hint: str = ""
    vendor: bool = False
    instead: str = ""
    """The key that was meant; its absence is then not told as well."""


class Key(msgspec.Struct, frozen=True):
    """One key of a mapping with the shape of its value and a sentence for editors.

    `default` is the value that counts when the key is absent, where one value always does.
    """

    name: str
    shape: "Shape"
    help: str
    required: bool = False
    standing: Standing = "C"
    default: bool | int | str | tuple[str, ...] | None = None


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping. Keys outside the table are refused, or have the shape `rest`."""

    what: str
    keys: tuple[Key, ...] = ()
    rest: "Shape | None" = None
    refusals: tuple[Refusal, ...] = ()
    least: int = 0
    most: int | None = None
    most_code: int = codes.TOO_MUCH
    longest_name: int | None = None
    longest_name_code: int = codes.TOO_MUCH


class Forms(msgspec.Struct, frozen=True, kw_only=True):
    """One of several forms, told apart by what stands there: a single value, a list or a mapping."""

    scalar: "Shape | None" = None
    listing: "Shape | None" = None
    mapping: "Shape | None" = None


class Anything(msgspec.Struct, frozen=True):
    """Whatever YAML can say, as it is: a place the format leaves free."""


Shape = Text | Word | Flag | Whole | Minutes | Listing | Keys | Forms | Anything


def wanted(shape: Shape) -> str:
    """What a shape asks for, in a few words."""
    match shape:
        case Text(rule=rule) if rule:
            return rule
        case Text():
            return "text"
        case Word(words=words, flags=flags):
            shown = [*(["true", "false"] if flags else []), *words]
            return f"one of {', '.join(shown)}" if len(shown) > 1 else shown[0]
        case Flag():
            return "true or false"
        case Whole(least=least, most=most):
            return "a whole number" + bounds(least, most)
        case Minutes(least=least, most=most):
            return f"a whole number of minutes{bounds(least, most)}"
        case Listing(item=item, single=True):
            return f"{wanted(item)} or a list of it"
        case Listing():
            return "a list"
        case Keys():
            return "a mapping"
        case Forms(scalar=scalar, listing=listing, mapping=mapping):
            return " or ".join(wanted(form) for form in (scalar, listing, mapping) if form is not None)
        case Anything():
            return "any value"


def bounds(least: int | None, most: int | None) -> str:
    """A range in words, with a blank before it."""
    if least is None:
        return "" if most is None else f" up to {most}"
    return f" from {least}" if most is None else f" from {least} to {most}"


def find_refusal(name: str, refusals: tuple[Refusal, ...]) -> Refusal | None:
    """The refusal meant for a name."""
    for refusal in refusals:
        if refusal.name == name or (refusal.name.endswith("*") and name.startswith(refusal.name[:-1])):
            return refusal
    return None
