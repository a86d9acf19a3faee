"""Definitions: what is to run, read from pipeline files and from BK-CI's model, and written as either.

The door is small: `load` a file, `from_model` a model, and from what comes of them `to_yaml` or `to_model`. Whatever is
wrong with a text is told at once, as `Invalid`. The language of conditions is offered here too, for people who only
know this door.
"""

from ferryman.definition.door import (
    Definition,
    Place,
    Refusal,
    export_warnings,
    from_model,
    from_saved_model,
    load,
    places,
    to_model,
    to_yaml,
)
from ferryman.definition.file import Limits, schema
from ferryman.definition.model.calls import calls_of, first_bad_call
from ferryman.definition.model.settings import (
    Heading,
    heading_of,
    problems_of,
    read_setting,
    shown_setting,
    with_setting,
    write_setting,
)
from ferryman.definition.model.whole import (
    Attached,
    Facts,
    attached_by,
    copied,
    facts_of,
    headed,
    model_of,
    setting_of,
)
from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Invalid, Problem
from ferryman.expressions import ExpressionError, evaluate, judge, substitute

__all__ = [
    "Attached",
    "Definition",
    "Dialect",
    "ExpressionError",
    "Facts",
    "Heading",
    "Invalid",
    "Limits",
    "Place",
    "Problem",
    "Refusal",
    "attached_by",
    "calls_of",
    "copied",
    "evaluate",
    "export_warnings",
    "facts_of",
    "first_bad_call",
    "from_model",
    "from_saved_model",
    "headed",
    "heading_of",
    "judge",
    "load",
    "model_of",
    "places",
    "problems_of",
    "read_setting",
    "schema",
    "setting_of",
    "shown_setting",
    "substitute",
    "to_model",
    "to_yaml",
    "with_setting",
    "write_setting",
]
