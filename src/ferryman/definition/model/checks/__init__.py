"""Every fault of a model at once (bkci-v3 7, rows 1 to 36 as far as the text alone tells).

    json_only    is it JSON, and not too deep or too large
    shapes       types, missing fields, unknown words: the tables of `wire`
    pipeline     the whole: names, sizes, parameters, setting
    nodes        stages, jobs, steps; `circles` among jobs
    expressions  conditions
    timers       when timers fire
    rows         in which order all of it is told

Whether a name is free, a plugin is there, or somebody may do this, is not asked here.
"""

from ferryman.definition.file.limits import Limits
from ferryman.definition.model.checks import expressions as checks_expressions
from ferryman.definition.model.checks import nodes as checks_nodes
from ferryman.definition.model.checks import pipeline as checks_pipeline
from ferryman.definition.model.checks import timers as checks_timers
from ferryman.definition.model.checks.findings import Findings
from ferryman.definition.model.checks.json_only import check_json
from ferryman.definition.model.checks.shapes import check_shape
from ferryman.definition.model.checks.view import Part, Subject
from ferryman.definition.model.wire.document import DOCUMENT
from ferryman.definition.model.wire.shapes import Json
from ferryman.domain.errors import Problem

DEFAULT_LIMITS = Limits()


def check(
    document: Json, *, limits: Limits = DEFAULT_LIMITS, edited: bool = False, any_name: bool = False
) -> tuple[Problem, ...]:
    """The problems of a `{"model", "setting"}` that anyone may have sent, in its order; errors and warnings.

    Never raises, whatever the value. `edited` asks for what an edit asks beyond a creation (row 6); with `any_name` a
    parameter may be called anything, as in a file, whose reader only warns.
    """
    findings = Findings(document)
    if check_json(document, findings):
        check_shape(document, DOCUMENT, (), findings)
        if isinstance(document, dict):
            subject = Subject(Part(document, ()), findings, limits)
            checks_pipeline.check(subject, edited=edited, any_name=any_name)
            checks_nodes.check(subject)
            checks_expressions.check(subject)
            checks_timers.check(subject)
    return findings.in_order(limits.problems)
