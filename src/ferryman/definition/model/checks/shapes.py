"""Applies the tables of `wire`: every wrong type, missing field and unknown word (bkci-v3 7, rows 1 and 2)."""

from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.findings import Findings, Spot
from ferryman.definition.model.wire.shapes import (
    Json,
    Listing,
    Names,
    Record,
    Scalar,
    Shape,
    Tree,
    Variant,
    Word,
    fit_scalar,
    is_absent,
    kind_of,
)
from ferryman.steps.faults import near


def check_shape(value: Json, shape: Shape, spot: Spot, findings: Findings) -> None:
    """Tell everything in a value that does not fit its form; unknown fields are fine."""
    match shape:
        case Scalar():
            if fit_scalar(value, shape) is None:
                _wrong(value, shape.value, spot, findings)
        case Word():
            if value not in shape.words:
                _check_word(value, shape.words, spot, findings)
        case Listing():
            _check_list(value, shape, spot, findings)
        case Names():
            if not isinstance(value, dict):
                return _wrong(value, "an object", spot, findings)
            for key, item in value.items():
                if not is_absent(item, shape.item):
                    check_shape(item, shape.item, (*spot, key), findings)
        case Record() | Variant():
            if not isinstance(value, dict):
                return _wrong(value, "an object", spot, findings)
            known = shape if isinstance(shape, Record) else _record_of(value, shape, spot, findings)
            if known is not None:
                _check_fields(value, known, spot, findings)
    return None


def _wrong(value: Json, wanted: str, spot: Spot, findings: Findings) -> None:
    findings.add(spot, f"wants {wanted}, found {kind_of(value)}", codes.NOT_A_MODEL)


def _check_word(value: Json, words: tuple[str, ...], spot: Spot, findings: Findings) -> None:
    if not isinstance(value, str):
        return _wrong(value, "one of " + ", ".join(words), spot, findings)
    findings.add(spot, f"unknown word {kind_of(value)}", codes.NOT_A_MODEL, hint=near(value, words))
    return None


def _check_list(value: Json, shape: Listing, spot: Spot, findings: Findings) -> None:
    if isinstance(value, list):
        # A list has no absent items: null in one is a wrong item.
        for at, item in enumerate(value):
            check_shape(item, shape.item, (*spot, at), findings)
    elif not (shape.single and isinstance(value, str)):
        _wrong(value, "a list", spot, findings)


def _record_of(value: Tree, shape: Variant, spot: Spot, findings: Findings) -> Record | None:
    tag = value.get(shape.tag)
    if isinstance(tag, str):
        known = shape.records.get(tag, shape.others)
        if known is None:
            hint = near(tag, shape.records)
            findings.add((*spot, shape.tag), f"unknown word {kind_of(tag)}", codes.NOT_A_MODEL, hint=hint)
        return known
    if tag is None:
        findings.add(spot, f'{shape.what} needs the field "{shape.tag}"', codes.NOT_A_MODEL)
    else:
        _wrong(tag, "text", (*spot, shape.tag), findings)
    return None


def _check_fields(value: Tree, shape: Record, spot: Spot, findings: Findings) -> None:
    missing = [
        name for name, field in shape.fields.items() if field.must and is_absent(value.get(name), field.shape)
    ]
    if missing:
        names = " and ".join(f'"{name}"' for name in missing)
        findings.add(spot, f"{shape.what} needs {names}", codes.NOT_A_MODEL)
    for key, item in value.items():
        field = shape.fields.get(key)
        # What only the server fills in is dropped whatever it is.
        if field is not None and not field.made and not is_absent(item, field.shape):
            check_shape(item, field.shape, (*spot, key), findings)
