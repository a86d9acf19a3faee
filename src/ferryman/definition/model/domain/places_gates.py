"""The gates of a stage: checkIn and checkOut (bkci-v3 5.4 to 5.6, semantics 4), and the values that reviewers fill in.

A checkIn is up to two gates, one after the other: quality rules that wait for a verdict, then people. Of a checkOut
only the rules count. In a finally stage neither is looked at (semantics 3.1).
"""

from ferryman.definition.model.domain.places import (
    Place,
    Places,
    always,
    found,
    laid,
    plain,
    put,
    read,
    removed,
    several,
    taken,
    word,
)
from ferryman.definition.model.wire.shapes import Json, Tree
from ferryman.definition.model.wire.words import REVIEW_KINDS
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.values import Parameter

DEFAULT_HOURS = 24

GROUP: Places = (
    always("name", "name", ""),
    plain("id", "id", ""),
    Place(
        "reviewers",
        (("reviewers",),),
        lambda part: tuple(part.get("reviewers", ())),
        lambda part, value: put(part, ("reviewers",), list(value)),
    ),
    several("roles", "groups"),
)


def options() -> Place:
    """The choices of a parameter. An option without a label is its own label."""

    def said(part: Tree) -> tuple[tuple[str, str], ...]:
        entries = part.get("options", ())
        return tuple((entry.get("key", ""), entry.get("value", entry.get("key", ""))) for entry in entries)

    def write(part: Tree, value: tuple[tuple[str, str], ...]) -> Tree:
        if not value:
            return removed(part, (("options",),))
        before = {entry.get("key", ""): entry for entry in part.get("options", ())}
        return put(
            part, ("options",), [{**before.get(key, {}), "key": key, "value": text} for key, text in value]
        )

    return Place("options", (("options",),), said, write)


REVIEW_PARAMETER: Places = (
    always("name", "key", ""),
    plain("default", "value", None),
    word("kind", "valueType", REVIEW_KINDS, "STRING"),
    plain("label", "chineseName", ""),
    plain("description", "desc", ""),
    plain("not_empty", "required", False),
    options(),
)


def parameters(places: Places, entries: list[Tree]) -> tuple[Parameter, ...]:
    """The parameters of a list of the model."""
    read = (taken(places, entry) for entry in entries)
    return tuple(Parameter(**values, origin=rest) for values, rest in read)


def parameter_entries(places: Places, given: tuple[Parameter, ...]) -> list[Tree]:
    """The list of the model that parameters become."""
    return [laid(places, parameter, parameter.origin) for parameter in given]


def parameters_at(path: str) -> Place:
    """The values that reviewers may fill in."""
    keys = tuple(path.split("."))
    return Place(
        "parameters",
        (keys,),
        lambda part: parameters(REVIEW_PARAMETER, found(part, keys, [])),
        lambda part, value: (
            put(part, keys, parameter_entries(REVIEW_PARAMETER, value)) if value else removed(part, (keys,))
        ),
    )


def _groups() -> Place:
    path = ("reviewGroups",)

    def said(part: Tree) -> tuple[ReviewGroup, ...]:
        return tuple(ReviewGroup(**read(GROUP, entry)) for entry in found(part, path, ()))

    def write(part: Tree, value: tuple[ReviewGroup, ...]) -> Tree:
        before = {entry.get("id", ""): entry for entry in found(part, path, ()) if entry.get("id")}
        return put(part, path, [laid(GROUP, group, before.get(group.id, {})) for group in value])

    return Place("groups", (path,), said, write)


REVIEW: Places = (
    plain("description", "reviewDesc", ""),
    _groups(),
    parameters_at("reviewParams"),
    plain("hours", "timeout", DEFAULT_HOURS),
)
RULES: Places = (several("rules", "ruleIds"),)


def _gates(check: Tree, *, people: bool) -> tuple[Gate, ...]:
    gates: list[Gate] = []
    if check.get("ruleIds"):
        gates.append(Gate(kind=GateKind.VERDICT, **read(RULES, check)))
    if people and check.get("manualTrigger"):
        gates.append(Gate(kind=GateKind.REVIEW, **read(REVIEW, check)))
    return tuple(gates)


def _with_gates(check: Tree, gates: tuple[Gate, ...], *, people: bool) -> Tree:
    verdict = next((gate for gate in gates if gate.kind is GateKind.VERDICT), None)
    check = laid(RULES, verdict or Gate(kind=GateKind.VERDICT), check)
    if not people:
        return check
    review = next((gate for gate in gates if gate.kind is GateKind.REVIEW), None)
    if review is None:
        return {**check, "manualTrigger": False} if check.get("manualTrigger") else check
    return laid(REVIEW, review, check if check.get("manualTrigger") else {**check, "manualTrigger": True})


def gates(attribute: str, key: str, *, people: bool) -> Place:
    """The gates before or after a stage; `people` tells whether a review there counts."""

    def said(part: Tree) -> tuple[Gate, ...]:
        return () if part.get("finally") else _gates(part.get(key, {}), people=people)

    def write(part: Tree, value: tuple[Gate, ...]) -> Tree:
        return {**part, key: _with_gates(part.get(key, {}), value, people=people)}

    return Place(attribute, ((key,),), said, write)


def review_of_step(part: Tree) -> Gate:
    """The question that a review element asks: one group, without a time limit of its own (semantics 8.2)."""
    users: Json = part.get("reviewUsers", [])
    return Gate(
        kind=GateKind.REVIEW,
        groups=(ReviewGroup(name="", reviewers=tuple(users)),),
        hours=0,
        **read(STEP_REVIEW, part),
    )


def with_review_of_step(part: Tree, gate: Gate) -> Tree:
    """The review element that asks this question."""
    part = laid(STEP_REVIEW, gate, part)
    users = [name for group in gate.groups for name in group.reviewers]
    return part if part.get("reviewUsers") == users else {**part, "reviewUsers": users}


STEP_REVIEW: Places = (
    plain("description", "desc", ""),
    parameters_at("params"),
    plain("namespace", "namespace", ""),
    plain("comment_needed", "suggestRequired", False),
)
STEP_REVIEW_FIELDS = ("reviewUsers", "desc", "params", "namespace", "suggestRequired")
