"""Checks on the pipeline as a whole: names, sizes, parameters, setting (bkci-v3 5.12, 7 rows 4 to 16)."""

import re

from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.view import Part, Subject
from ferryman.definition.model.wire.shapes import TEXT, WHOLE, fit_scalar
from ferryman.definition.model.wire.words import TRIGGER
from ferryman.domain.dialect import Dialect

LONGEST_NAME = 255
_PARAMETER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_BUILD_NUMBER_RULE = re.compile(r"[\w\-{}() +?.:$\"]{1,256}", re.ASCII)
_RANGES = {
    "waitQueueTimeMinute": (1, 1440, codes.VALUE),
    "maxQueueSize": (0, 200, codes.VALUE),
    "maxConRunningQueueSize": (1, 200, codes.CONCURRENCY),
    "maxPipelineResNum": (1, 2**31, codes.VALUE),
}
_NOTICES = ("successSubscription", "failSubscription", "successSubscriptionList", "failSubscriptionList")


def check(subject: Subject, *, edited: bool, any_name: bool) -> None:
    """Tell every fault of the whole; `edited` and `any_name` are those of `checks.check`."""
    check_texts(subject)
    _check_stages(subject, edited=edited)
    for key in ("params", "templateParams"):
        for parameter in _trigger_parts(subject, key):
            _check_constant(subject, parameter)
            if not any_name:
                _check_parameter_name(subject, parameter)
    check_setting(subject)


def check_texts(subject: Subject) -> None:
    """Tell names and descriptions that are too long, of the model and of the setting."""
    texts = [
        (subject.model, "name", codes.NAME_LENGTH),
        (subject.model, "desc", codes.DESCRIPTION_LENGTH),
        (subject.setting, "pipelineName", codes.NAME_LENGTH),
        (subject.setting, "desc", codes.DESCRIPTION_LENGTH),
    ]
    for part, key, code in texts:
        length = len(part.text(key))
        if length > LONGEST_NAME:
            message = f"has {length} characters, at most {LONGEST_NAME} are allowed"
            subject.findings.add(part.at(key), message, code)


def _check_stages(subject: Subject, *, edited: bool) -> None:
    findings, spot = subject.findings, subject.model.at("stages")
    stages = subject.stages
    written = subject.model.tree.get("stages")
    if isinstance(written, list) and not written:
        findings.add(spot, "the model has no stage", codes.NO_JOB, hint="the first stage holds the trigger")
    if edited and len(stages) == 1:
        findings.add(spot, "the model has only its trigger stage", codes.TOO_FEW_STAGES)
    if len(stages) > subject.limits.stages:
        message = f"has {len(stages)} stages, at most {subject.limits.stages} are allowed"
        findings.add(spot, message, codes.TOO_MANY)
    for stage in stages:
        _check_containers(subject, stage)
    for stage in stages[:-1]:
        if stage.flag("finally"):
            findings.add(stage.at("finally"), "only the last stage may be final", codes.FINALLY_PLACE)


def _check_containers(subject: Subject, stage: Part) -> None:
    findings = subject.findings
    boxes = stage.parts("containers")
    first = stage.spot[-1] == 0
    if stage.tree.get("containers") == []:
        findings.add(stage.at("containers"), "the stage has no job", codes.NO_JOB)
    if first and stage.flag("finally"):
        findings.add(stage.at("finally"), "the trigger stage cannot be final", codes.FINALLY_PLACE)
    if first and boxes and boxes[0].text("@type") != TRIGGER:
        message = "the first job of the first stage is no trigger"
        findings.add(boxes[0].at("@type"), message, codes.NO_JOB, hint=f'give it the type "{TRIGGER}"')
    for box in boxes[1:] if first else boxes:
        if first or box.text("@type") == TRIGGER:
            findings.add(box.spot, "only the first stage has a trigger, and nothing else", codes.ONE_TRIGGER)
    if not first and len(boxes) > subject.limits.jobs:
        message = f"has {len(boxes)} jobs, at most {subject.limits.jobs} are allowed"
        findings.add(stage.at("containers"), message, codes.TOO_MANY)
    for box in boxes:
        elements = box.tree.get("elements")
        if elements == []:
            findings.add(box.at("elements"), "the job has no step", codes.NO_STEP)
        elif isinstance(elements, list) and len(elements) > subject.limits.steps:
            message = f"has {len(elements)} steps, at most {subject.limits.steps} are allowed"
            findings.add(box.at("elements"), message, codes.TOO_MANY)


def _trigger_parts(subject: Subject, key: str) -> list[Part]:
    boxes = [box for stage in subject.stages[:1] for box in stage.parts("containers")]
    return [part for box in boxes for part in box.parts(key)]


def _check_parameter_name(subject: Subject, parameter: Part) -> None:
    """Any name will do in the classic dialect; the constrained one must be able to read it, hyphens too."""
    name = parameter.text("id")
    if "id" in parameter.tree and not name:
        subject.findings.add(parameter.at("id"), "the parameter has no name", codes.PARAMETER_NAME)
    elif subject.dialect is Dialect.CONSTRAINED and name and not _PARAMETER_NAME.fullmatch(name):
        message = f'"{name[:40]}" is no name of a variable'
        hint = "letters, digits, underscores and dots, and no digit in front"
        subject.findings.add(parameter.at("id"), message, codes.PARAMETER_NAME, hint=hint)


def _check_constant(subject: Subject, parameter: Part) -> None:
    value = parameter.tree.get("defaultValue")
    if parameter.flag("constant") and isinstance(value, str) and not value.strip():
        subject.findings.add(parameter.at("defaultValue"), "a constant has no value", codes.CONSTANT_VALUE)


def check_setting(subject: Subject) -> None:
    """Tell every fault of the setting (bkci-v3 5.12)."""
    setting, findings = subject.setting, subject.findings
    for key, (least, most, code) in _RANGES.items():
        number = fit_scalar(setting.tree.get(key), WHOLE)
        if number is not None and not least <= number <= most:
            findings.add(setting.at(key), f"{number} is out of range, wants {least} to {most}", code)
    group = fit_scalar(setting.tree.get("concurrencyGroup"), TEXT)
    if group is not None and not 1 <= len(group) <= 128:
        message = f"has {len(group)} characters, wants 1 to 128"
        findings.add(setting.at("concurrencyGroup"), message, codes.CONCURRENCY)
    rule = setting.text("buildNumRule")
    if rule and not _BUILD_NUMBER_RULE.fullmatch(rule):
        message = 'wants 1 to 256 of letters, digits and _ - { } ( ) + ? . : $ " and blanks'
        findings.add(setting.at("buildNumRule"), message, codes.PATTERN)
    for key in _NOTICES:
        notices = setting.parts(key) or [setting.part(key)]
        for notice in notices:
            if notice.listed("types") and not notice.text("content").strip():
                findings.add(notice.spot, "the notice has no content", codes.NOTICE_CONTENT)
