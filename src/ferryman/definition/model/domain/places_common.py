"""Places that several nouns share: conditions, time limits, environment variables."""

from collections.abc import Mapping

from ferryman.definition.model.domain.places import Path, Place, found, put, removed
from ferryman.definition.model.wire.shapes import Tree
from ferryman.definition.model.wire.words import EXPRESSION, MATCH, MATCH_NOT, VARIABLE_WORDS, reverse
from ferryman.domain.conditions import Condition, Holds, Matches
from ferryman.domain.policies import Limit

DEFAULT_MINUTES = 900


def condition(
    options: str, table: Mapping[str, Condition], *, matches: Mapping[str, Matches], blank: bool
) -> Place:
    """A run condition in the options of a node.

    `table` has the words that look at what went before. `matches` gives the two forms on variables and `blank` what a
    blank expression decides: in these the levels differ (semantics 3.2). A form without a word is written as default.
    """
    word_path, pairs_path, text_path = (
        (options, key) for key in ("runCondition", "customVariables", "customCondition")
    )
    default = next(iter(table))
    back = reverse(table)

    def read(part: Tree) -> Condition:
        word = found(part, word_path, default)
        if word in VARIABLE_WORDS:
            pairs = tuple(
                (pair.get("key", ""), pair.get("value", "")) for pair in found(part, pairs_path, ())
            )
            form = matches[word]
            return Matches(pairs, form.wanted, form.substituted, form.when_empty)
        if word == EXPRESSION:
            return Holds(found(part, text_path, ""), blank)
        return table[word]

    def write(part: Tree, value: Condition) -> Tree:
        match value:
            case Matches():
                part = put(part, word_path, MATCH if value.wanted else MATCH_NOT)
                return put(part, pairs_path, [{"key": key, "value": text} for key, text in value.pairs])
            case Holds():
                return put(put(part, word_path, EXPRESSION), text_path, value.text)
            case _:
                return put(removed(part, (pairs_path, text_path)), word_path, back.get(value, default))

    return Place("condition", (word_path, pairs_path, text_path), read, write)


def limit(options: str, default: int = DEFAULT_MINUTES) -> Place:
    """A time limit: a number, and a text that wins where it holds a variable (semantics 18)."""
    number, text = (options, "timeout"), (options, "timeoutVar")

    def read(part: Tree) -> Limit:
        told = found(part, text, "")
        return Limit(found(part, number, default), told if "${" in told else "")

    def write(part: Tree, value: Limit) -> Tree:
        return put(put(part, number, value.minutes), text, value.text or str(value.minutes))

    return Place("limit", (number, text), read, write)


def env(former: Path = ()) -> Place:
    """Environment variables, a list of pairs; `former` is where an older release kept them as an object."""
    path = ("customEnv",)

    def read(part: Tree) -> dict[str, str]:
        pairs = found(part, path)
        if pairs is None:
            return dict(found(part, former, {})) if former else {}
        return {pair.get("key", ""): pair.get("value", "") for pair in pairs}

    def write(part: Tree, value: dict[str, str]) -> Tree:
        if not value:
            return removed(part, (path, former) if former else (path,))
        before = {pair.get("key", ""): pair for pair in found(part, path, ())}
        return put(
            part, path, [{**before.get(key, {}), "key": key, "value": text} for key, text in value.items()]
        )

    return Place("env", (path,), read, write)
