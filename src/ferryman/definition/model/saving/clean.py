"""A document without what a client cannot decide: nothing empty, every scalar in its own type, no state of a run."""

from ferryman.definition.model.wire.shapes import (
    Json,
    Listing,
    Names,
    Record,
    Scalar,
    Shape,
    Tree,
    Variant,
    fit_scalar,
    is_absent,
)


def cleaned(value: Json, shape: Shape) -> Json:
    """The value as its form has it; fields that no table knows stay as they came. Nothing given is changed.

    Expects a value that fits, as the checks tell; what does not fit stays as it is.
    """
    match shape:
        case Record() if isinstance(value, dict):
            return _cleaned_record(value, shape)
        case Variant() if isinstance(value, dict):
            known = shape.records.get(str(value.get(shape.tag)), shape.others)
            return value if known is None else _cleaned_record(value, known)
        case Listing() if isinstance(value, list):
            return [cleaned(item, shape.item) for item in value]
        case Listing(single=True):
            return [cleaned(value, shape.item)]
        case Names(item=Scalar.ANY) if isinstance(value, dict):
            return value
        case Names() if isinstance(value, dict):
            return {
                key: cleaned(item, shape.item)
                for key, item in value.items()
                if not is_absent(item, shape.item)
            }
        case Scalar():
            found = fit_scalar(value, shape)
            return value if found is None else found
        case _:
            return value


def _cleaned_record(value: Tree, shape: Record) -> Tree:
    found: Tree = {}
    for key, item in value.items():
        field = shape.fields.get(key)
        if field is None:
            found[key] = item
        elif not field.made and not is_absent(item, field.shape):
            found[key] = cleaned(item, field.shape)
    return found
