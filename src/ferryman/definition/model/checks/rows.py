"""The order in which a save tells its faults (bkci-v3 7): by rows of checks, not by places in the text.

A client of the product sees one code, that of the first check that failed.
"""

from collections.abc import Iterable

from ferryman.definition.model.checks import codes
from ferryman.domain.errors import Problem

_FORM, _SETTING, _FIRST_STAGE, _JOBS = 1, 2, 4, 15
BEFORE_NAMES = _SETTING
"""Rows up to this one are checked before the name is looked at (row 3)."""
_ROWS = {
    codes.NOT_A_MODEL: _FORM,
    codes.TOO_FEW_STAGES: 6,
    codes.NAME_LENGTH: 7,
    codes.DESCRIPTION_LENGTH: 8,
    codes.MODEL_SIZE: 9,
    codes.ONE_TRIGGER: 11,
    codes.PARAMETER_NAME: 12,
    codes.CONSTANT_VALUE: 13,
    codes.FINALLY_PLACE: 16,
    codes.NO_REVIEW_GROUP: 17,
    codes.NO_REVIEWER: 18,
    codes.REVIEW_VALUE: 19,
    codes.CONDITION_LENGTH: 20,
    codes.MUTEX_TIMEOUT: 21,
    codes.FINALLY_CONDITION: 22,
    codes.NORMAL_CONDITION: 23,
    codes.NO_VARIABLES: 24,
    codes.JOB_TIMEOUT: 25,
    codes.NO_STEP: 27,
    codes.JOB_ID: 28,
    codes.JOB_ID_TWICE: 29,
    codes.STEP_ID_TWICE: 30,
    codes.NODE_CONCURRENCY: 31,
    codes.STEP_TIMEOUT: 32,
    codes.UNFIT_STEP: 34,
    codes.CIRCLE: 35,
    codes.MATRIX: 36,
    codes.TIMER: 37,
    codes.TIMER_BY_SECONDS: 37,
}
_TOO_MANY = {"stages": 10, "containers": 14, "elements": 26}
_LAST = 99


def row_of(problem: Problem) -> int:
    """The row of the check that found a problem; the setting is checked before the model (bkci-v3 3.2)."""
    if problem.code == codes.NOT_A_MODEL:
        return _FORM
    if problem.path.startswith("setting"):
        return _SETTING
    if problem.code == codes.NO_JOB:
        return _FIRST_STAGE if problem.path == "stages" or problem.path.startswith("stages[0]") else _JOBS
    if problem.code == codes.TOO_MANY:
        return _TOO_MANY.get(problem.path.rpartition(".")[2], _LAST)
    return _ROWS.get(problem.code, _LAST)


def in_order_of_rows(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The errors among these, the first check first; those of one row in the order of the text."""
    return tuple(sorted((each for each in problems if each.severity == "error"), key=row_of))
