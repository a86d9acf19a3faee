"""PipelineSetting: the vendor's document of a setting to what the rules need of it, and back (bkci-v3 5.12).

Read and written by the same places as the setting inside a definition, so that both mean the same. Name, description
and labels are the head's; they are laid over the document on its way out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from ferryman.definition.file.limits import Limits
from ferryman.definition.model.checks.findings import Findings
from ferryman.definition.model.checks.json_only import check_json
from ferryman.definition.model.checks.pipeline import check_setting, check_texts
from ferryman.definition.model.checks.shapes import check_shape
from ferryman.definition.model.checks.view import Part, Subject
from ferryman.definition.model.domain.places import Place, Places, laid, plain, taken, word
from ferryman.definition.model.domain.places_pipeline import PIPELINE
from ferryman.definition.model.saving.clean import cleaned
from ferryman.definition.model.saving.normal import new_setting
from ferryman.definition.model.wire.document import SETTING
from ferryman.definition.model.wire.shapes import Tree, record
from ferryman.definition.model.wire.words import CANCEL_POLICIES, CANCEL_POLICY_WHEN_PARSED
from ferryman.domain.errors import Problem
from ferryman.domain.heads import CancelPolicy, PipelineHead, PipelineSetting, RunPolicies
from ferryman.domain.pipeline import Pipeline

_POLICIES: Places = (
    *(place for place in PIPELINE if place.attribute not in ("name", "description")),
    word(
        "cancel",
        "setting.buildCancelPolicy",
        dict(zip(CANCEL_POLICIES, (CancelPolicy.ANYONE, CancelPolicy.STARTER), strict=True)),
        CANCEL_POLICY_WHEN_PARSED,
        needed=True,
    ),
)
_NUMBER_RULE: Place = plain("number_rule", "setting.buildNumRule", "")
_HEADS_OWN = (
    "projectId",
    "pipelineId",
    "pipelineName",
    "version",
    "desc",
    "labels",
    "labelNames",
    "creator",
    "updater",
    "createdTime",
    "updateTime",
)
"""Fields that the head tells: whatever a client sends there is not kept with the rest."""
_LIMITS = Limits()
_DEFAULTS: Tree = {
    "successSubscription": {"types": []},
    "failSubscription": {"types": []},
    "waitQueueTimeMinute": 10,
    "maxQueueSize": 10,
    "concurrencyGroup": "${{ci.pipeline_id}}",
    "concurrencyCancelInProgress": False,
    "failIfVariableInvalid": False,
    "maxPipelineResNum": 50,
    "cleanVariablesWhenRetry": False,
}
"""What a setting shows where nobody said anything."""
_DOCUMENT = record("a pipeline", {"setting": SETTING})


def problems_of(document: Any) -> tuple[Problem, ...]:
    """Everything wrong with a setting that anyone may have sent. Never raises."""
    whole = {"setting": document}
    findings = Findings(whole)
    if not isinstance(document, dict):
        findings.add(("setting",), "wants an object", 400)
    elif check_json(whole, findings):
        check_shape(whole, _DOCUMENT, (), findings)
        subject = Subject(Part(whole, ()), findings, _LIMITS)
        check_texts(subject)
        check_setting(subject)
    return findings.in_order(_LIMITS.problems)


def read_setting(document: Tree | None) -> PipelineSetting:
    """A setting without faults, in the form of the domain; None is that of a new pipeline."""
    setting = new_setting(None if document is None else cleaned(document, SETTING))
    part = {"setting": {key: value for key, value in setting.items() if key not in _HEADS_OWN}}
    policies, rest = taken(_POLICIES, part)
    number, rest = taken((_NUMBER_RULE,), rest)
    return PipelineSetting(policies=RunPolicies(**policies), origin=rest.get("setting", {}), **number)


def write_setting(setting: PipelineSetting) -> Tree:
    """The vendor's document of a setting, without what the head tells: what `read_setting` was given."""
    part = laid(_POLICIES, setting.policies, {"setting": dict(setting.origin)})
    found: Tree = laid((_NUMBER_RULE,), setting, part)["setting"]
    return found


def shown_setting(setting: PipelineSetting, head: PipelineHead, labels: Mapping[str, str]) -> Tree:
    """The document as it is shown: defaults said, and what the head tells. `labels` are names by id."""
    return {
        **_DEFAULTS,
        **write_setting(setting),
        "projectId": head.project,
        "pipelineId": head.id,
        "pipelineName": head.name,
        "version": max(head.setting_version, 1),
        "desc": head.description,
        "labels": list(labels),
        "labelNames": list(labels.values()),
        "creator": head.creator,
        "updater": head.updater,
        "createdTime": head.created_at,
        "updateTime": head.updated_at,
    }


class Heading(NamedTuple):
    """What a client's setting says of the head."""

    name: str
    description: str
    labels: tuple[str, ...]


def heading_of(document: Tree) -> Heading:
    """Name, description and labels in a setting without faults; an empty name says nothing."""
    found = cleaned(document, SETTING)
    return Heading(found.get("pipelineName", ""), found.get("desc", ""), tuple(found.get("labels", ())))


def with_setting(pipeline: Pipeline, setting: PipelineSetting) -> Pipeline:
    """The definition under this setting in place of the one that it carries in itself."""
    policies = {
        place.attribute: getattr(setting.policies, place.attribute)
        for place in _POLICIES
        if place.attribute != "cancel"
    }
    _, rest = taken(PIPELINE, {"model": {}, "setting": write_setting(setting)})
    origin = {**pipeline.origin, "setting": rest["setting"]}
    return replace(pipeline, origin=origin, **policies)
