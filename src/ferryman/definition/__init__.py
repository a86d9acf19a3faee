"""Definitions: what is to run, read from pipeline files and from BK-CI's model, and written as either.

The door is small: `load` a file, `from_model` a model, and from what comes of them `to_yaml` or `to_model`. Whatever is
wrong with a text is told at once, as `Invalid`. The language of conditions is offered here too, for people who only
know this door.
"""

from ferryman.definition.door import (
    Definition,
    export_warnings,
    from_model,
    load,
    to_model,
    to_yaml,
)
from ferryman.definition.file import Limits, schema
from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Invalid, Problem
from ferryman.expressions import ExpressionError, evaluate, judge, substitute

__all__ = [
    "Definition",
    "Dialect",
    "ExpressionError",
    "Invalid",
    "Limits",
    "Problem",
    "evaluate",
    "export_warnings",
    "from_model",
    "judge",
    "load",
    "schema",
    "substitute",
    "to_model",
    "to_yaml",
]
