"""Checks on stages, jobs and steps (bkci-v3 7, rows 17 to 36)."""

from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.circles import circle_through
from ferryman.definition.model.checks.view import Part, Subject, is_agentless
from ferryman.definition.model.domain.matrices import Unreadable, axes_and_cases, cases
from ferryman.definition.model.domain.places_jobs import split_names
from ferryman.definition.model.domain.places_steps import kind_of, settings_of
from ferryman.definition.model.domain.to_domain import POST
from ferryman.definition.model.saving.clean import cleaned
from ferryman.definition.model.wire.elements import ELEMENT
from ferryman.definition.model.wire.shapes import TEXT, WHOLE, fit_scalar
from ferryman.definition.model.wire.words import (
    CUSTOM_WORDS,
    DEPEND_BY_NAME,
    JOB_CONDITIONS,
    MARKET_AGENTLESS,
    MARKET_TYPES,
    OWN_TYPES,
    TRIGGER,
    VARIABLE_WORDS,
)
from ferryman.domain.errors import Severity
from ferryman.domain.policies import LONGEST_MINUTES
from ferryman.steps import find_kind
from ferryman.steps.checking import OWN_PREFIX, check_settings

LONGEST_JOB_ID = 128
LONGEST_REVIEW_VALUE = 4000
MOST_NODES = 1000
REQUIRED_OF_GATE = ("reviewUsers",)
"""What a step kind calls a setting and the domain a gate."""


def check(subject: Subject) -> None:
    """Tell every fault of the stages behind the trigger stage."""
    for stage in subject.working:
        check_review(subject, stage)
        check_condition_length(subject, stage.part("stageControlOption"))
        jobs = subject.jobs_of(stage)
        _check_job_ids(subject, jobs)
        _check_circles(subject, jobs)
        for job in jobs:
            if job.text("@type") != TRIGGER:
                _check_job(subject, job, final=stage.flag("finally"))


def check_condition_length(subject: Subject, options: Part) -> None:
    """An expression of a stage, job or step may not be longer than the limit."""
    length = len(options.text("customCondition"))
    if length > subject.limits.condition:
        message = f"the condition has {length} characters, at most {subject.limits.condition} are allowed"
        subject.findings.add(options.at("customCondition"), message, codes.CONDITION_LENGTH)


def check_review(subject: Subject, stage: Part) -> None:
    """A review needs groups, a group needs reviewers, and values may not be too long."""
    gate = stage.part("checkIn")
    for parameter in gate.parts("reviewParams"):
        value = parameter.text("value")
        if len(value) >= LONGEST_REVIEW_VALUE:
            message = f"has {len(value)} characters, wants fewer than {LONGEST_REVIEW_VALUE}"
            subject.findings.add(parameter.at("value"), message, codes.REVIEW_VALUE)
    if not gate.flag("manualTrigger"):
        return
    groups = gate.parts("reviewGroups")
    if not groups and not subject.findings.is_refused(gate.at("reviewGroups")):
        subject.findings.add(gate.at("reviewGroups"), "the review has no group", codes.NO_REVIEW_GROUP)
    for group in groups:
        nobody = not group.listed("reviewers") and not group.listed("groups")
        if nobody and not subject.findings.is_refused(group.spot):
            subject.findings.add(group.at("reviewers"), "the group has no reviewer", codes.NO_REVIEWER)


def _check_job_ids(subject: Subject, jobs: list[Part]) -> None:
    seen: set[str] = set()
    for job in jobs:
        name = job.text("jobId")
        if len(name) > LONGEST_JOB_ID:
            message = f"has {len(name)} characters, at most {LONGEST_JOB_ID} are allowed"
            subject.findings.add(job.at("jobId"), message, codes.JOB_ID)
        if name and name in seen:
            message = f'another job of the stage is called "{name[:40]}" already'
            subject.findings.add(job.at("jobId"), message, codes.JOB_ID_TWICE)
        seen.add(name)


def _needs(job: Part) -> tuple[str, ...]:
    options = job.part("jobControlOption")
    if options.text("dependOnType") == DEPEND_BY_NAME:
        return split_names(options.text("dependOnName"))
    return tuple(name for item in options.listed("dependOnId") if (name := fit_scalar(item, TEXT)))


def _check_circles(subject: Subject, jobs: list[Part]) -> None:
    """Tell each circle once, at the first of its jobs."""
    wants = {job.text("jobId"): _needs(job) for job in jobs if job.text("jobId")}
    told: set[str] = set()
    for job in jobs:
        circle = circle_through(job.text("jobId"), wants)
        if circle and not told & set(circle):
            told.update(circle)
            message = f"jobs wait for each other: {' -> '.join([*circle, circle[0]])}"
            options = job.part("jobControlOption")
            named = options.text("dependOnType") == DEPEND_BY_NAME
            key = "dependOnName" if named else "dependOnId"
            subject.findings.add(options.at(key), message, codes.CIRCLE, hint="remove one of them")


def _check_job(subject: Subject, job: Part, *, final: bool) -> None:
    options = job.part("jobControlOption")
    _check_job_condition(subject, options, final=final)
    check_condition_length(subject, options)
    _check_minutes(subject, options, codes.JOB_TIMEOUT)
    _check_minutes(subject, job.part("mutexGroup"), codes.MUTEX_TIMEOUT, least=0)
    _check_node_concurrency(subject, job, options)
    if job.flag("matrixGroupFlag"):
        _check_matrix(subject, job.part("matrixControlOption"))
    steps = subject.steps_of(job)
    _check_step_ids(subject, steps)
    _check_posts(subject, steps)
    for step in steps:
        _check_step(subject, job, step)


def _check_job_condition(subject: Subject, options: Part, *, final: bool) -> None:
    word, spot = options.text("runCondition"), options.at("runCondition")
    looks_back = tuple(JOB_CONDITIONS)[1:]
    if final and word in CUSTOM_WORDS:
        hint = f"in a finally stage a job may have {', '.join(JOB_CONDITIONS)}"
        subject.findings.add(
            spot, f"{word} is no condition of a finally job", codes.FINALLY_CONDITION, hint=hint
        )
    elif not final and word in looks_back:
        hint = "only jobs of the finally stage look at the stage before"
        subject.findings.add(
            spot, f"{word} is a condition of finally jobs", codes.NORMAL_CONDITION, hint=hint
        )
    elif word in VARIABLE_WORDS and not options.listed("customVariables"):
        message = "the condition names no variable"
        subject.findings.add(options.at("customVariables"), message, codes.NO_VARIABLES)


def _check_minutes(subject: Subject, options: Part, code: int, *, least: int = 1) -> None:
    number = fit_scalar(options.text("timeoutVar"), WHOLE)
    if number is not None and not least <= number <= LONGEST_MINUTES:
        message = f"{number} is out of range, wants {least} to {LONGEST_MINUTES} minutes"
        subject.findings.add(options.at("timeoutVar"), message, code)


def _check_node_concurrency(subject: Subject, job: Part, options: Part) -> None:
    for key in ("singleNodeConcurrency", "allNodeConcurrency"):
        number = fit_scalar(options.tree.get(key), WHOLE)
        if number is None:
            continue
        if not 1 <= number <= MOST_NODES:
            message = f"{number} is out of range, wants 1 to {MOST_NODES}"
            subject.findings.add(options.at(key), message, codes.NODE_CONCURRENCY)
        if not job.text("jobId"):
            subject.findings.add(job.spot, f"{key} needs a jobId", codes.JOB_ID)


def _check_matrix(subject: Subject, matrix: Part) -> None:
    for key, read in (("strategyStr", axes_and_cases), ("includeCaseStr", cases), ("excludeCaseStr", cases)):
        try:
            read(matrix.text(key))
        except Unreadable as fault:
            subject.findings.add(matrix.at(key), str(fault), codes.MATRIX)


def _check_step_ids(subject: Subject, steps: list[Part]) -> None:
    seen: set[str] = set()
    for step in steps:
        name = step.text("stepId")
        if name and name in seen:
            message = f'another step of the job is called "{name[:40]}" already'
            subject.findings.add(step.at("stepId"), message, codes.STEP_ID_TWICE)
        seen.add(name)


def _check_posts(subject: Subject, steps: list[Part]) -> None:
    own = {step.text("id") for step in steps if not step.part(POST[0]).part(POST[1]).tree}
    for step in steps:
        post = step.part(POST[0]).part(POST[1])
        if post.tree and post.text("parentElementId") not in own:
            message = "names no step of this job, so this is a step like others"
            subject.findings.add(post.at("parentElementId"), message, codes.NOT_A_MODEL, severity="warning")


def _check_step(subject: Subject, job: Part, step: Part) -> None:
    options = step.part("additionalOptions")
    check_condition_length(subject, options)
    _check_minutes(subject, options, codes.STEP_TIMEOUT)
    agentless = is_agentless(job)
    if step.text("@type") == MARKET_AGENTLESS and not agentless:
        hint = "only a job without a machine has such steps"
        subject.findings.add(
            step.at("@type"), f"{MARKET_AGENTLESS} needs no machine", codes.UNFIT_STEP, hint=hint
        )
    if step.text("@type") in (*MARKET_TYPES, *OWN_TYPES) and not subject.findings.is_refused(step.spot):
        _check_settings(subject, step, agentless=agentless)


def _check_settings(subject: Subject, step: Part, *, agentless: bool) -> None:
    """Settings of Ferryman's own kinds must fit; others run elsewhere too, so what does not fit here is a warning."""
    tree = cleaned(step.tree, ELEMENT)
    kind = kind_of(tree)
    in_market = step.text("@type") in MARKET_TYPES
    spot = (*step.spot, "data", "input") if in_market else step.spot
    given = settings_of(tree) | {key: tree[key] for key in REQUIRED_OF_GATE if key in tree}
    for fault in check_settings(kind, given, agentless=False, dialect=subject.dialect):
        severity: Severity = "error" if kind.startswith(OWN_PREFIX) else "warning"
        subject.findings.add(
            spot, fault.message, int(fault.code), hint=fault.hint, severity=severity, below=fault.path
        )
    if agentless and needs_machine(kind):
        hint = "move the step to a job that has one"
        subject.findings.add(step.spot, f"{kind} needs a machine", codes.UNFIT_STEP, hint=hint)


def needs_machine(kind: str) -> bool:
    """Whether a step kind that is known here cannot run without a machine."""
    known = find_kind(kind)
    return known is not None and known.needs_machine
