"""What a run begins with: its effective definition, its facts, its values, and the number recommended for it."""

import asyncio
import re
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from ferryman import machine
from ferryman.definition.model.domain.asides import NumberRule, number_rule
from ferryman.domain import words
from ferryman.domain.errors import Refused
from ferryman.domain.events import Started
from ferryman.domain.heads import RunPolicies
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.values import LONGEST_VALUE, Json
from ferryman.ports.heads import KnownHead
from ferryman.ports.history import Recommended, RunHistory

SETTLED = ("concurrency", "dialect", "clear_variables_on_retry", "fail_on_long_value", "announced")
"""What the setting of a pipeline decides, whatever its definition says."""
_GIVEN_OUT = re.compile("p-[0-9a-f]{32}")


def effective(define: Pipeline, known: KnownHead | None) -> Pipeline:
    """The definition as the setting has it now; the very same where that changes nothing."""
    if known is None or known.setting is None:
        return define
    policies = known.setting.policies
    settled = {name: getattr(policies, name) for name in SETTLED}
    if all(getattr(define, name) == value for name, value in settled.items()):
        return define
    return replace(define, **settled)


def is_closed(known: KnownHead | None) -> bool:
    """Whether nothing may be started or run again."""
    if known is None:
        return False
    return known.head.disabled or (known.setting is not None and known.setting.policies.is_closed)


def refuse_closed(define: Pipeline, known: KnownHead | None) -> None:
    """Raises `Refused` for a pipeline that is disabled, or locked against every start (bkci-v3 3.3)."""
    disabled = known is not None and known.head.disabled
    if disabled or RunPolicies(concurrency=define.concurrency).is_closed:
        why = "it is disabled" if disabled else "its run lock takes no runs"
        raise Refused(f"cannot start {define.name}: {why}", reason="locked")


def facts_of(
    define: Pipeline, known: KnownHead | None, *, pipeline: str, version: int, project: str, by: str, how: str
) -> dict[str, Json]:
    """The context `ci` as far as it is known before the run has its id and number."""
    facts: dict[str, Json] = {
        "actor": by,
        "event": words.STARTS[how],
        "build_start_type": how,
        "pipeline_id": pipeline,
        "pipeline_name": known.head.name if known is not None else define.name,
        "pipeline_version": str(version),
        "project_id": project,
        "project_name": project,
    }
    if known is not None:
        facts |= {"pipeline_creator": known.head.creator, "pipeline_modifier": known.head.updater}
    return facts


def known_as(pipeline: str, run: str) -> str:
    """What scripts know a run by, so that they may pass it back: where the pipeline has an id of the form that BK-CI's
    API gives out, that API's form of the run's id too (bkci-v3 4.4, 8); else the run's id."""
    return f"b-{run}" if _GIVEN_OUT.fullmatch(pipeline) else run


def fitting(define: Pipeline, values: Mapping[str, str]) -> dict[str, str]:
    """Start values without those that are too long; raises `Refused` where the pipeline wants none of these
    (RULINGS 13)."""
    long = sorted(name for name, text in values.items() if len(text) > LONGEST_VALUE)
    if long and define.fail_on_long_value:
        raise Refused(
            f"cannot start: the value of {', '.join(long)} has more than {LONGEST_VALUE} characters",
            reason="value-too-long",
            path=long[0],
        )
    return {name: text for name, text in values.items() if name not in long}


def built_in(facts: Mapping[str, Json]) -> dict[str, str]:
    """Variables that every run has, whatever its dialect: they say what `ci.*` says (pipeline-yaml 11)."""
    return {name: str(facts[fact]) for name, fact in words.BUILT_IN.items() if fact in facts}


def called(define: Pipeline, known: KnownHead | None, event: Started) -> Started:
    """The start with what the run is called by its pipeline's rule, as a variable; the very same without a rule
    (bkci-v3 5.12). What the rule cannot fill stays as it is written."""
    rule = known.setting.number_rule if known is not None and known.setting is not None else ""
    if not rule:
        return event
    alias = machine.filled(machine.begin(define, event).run, rule)
    return replace(event, values={**event.values, words.NUMBER_ALIAS: alias[:LONGEST_VALUE]})


class Startup(msgspec.Struct, frozen=True, kw_only=True):
    """What a start of a pipeline asks for."""

    define: Pipeline
    model: Json
    """The definition as the vendor's model, completed as it is shown."""
    newest: Run | None
    """The newest run."""
    recommended: int | None
    """The number that the pipeline recommends."""


class Numbering:
    """The numbers that pipelines recommend for their runs (semantics 14)."""

    def __init__(self, history: RunHistory) -> None:
        """Kept here."""
        self._history = history
        self._turn = asyncio.Lock()

    async def present(self, project: str, pipeline: str, define: Pipeline) -> int | None:
        """The number as it stands; None where the pipeline recommends none."""
        rule = number_rule(define)
        if rule is None:
            return None
        kept = await self._kept(project, pipeline, rule, 0)
        return kept.number + await self._grown(project, pipeline, rule, kept)

    async def take(
        self, project: str, pipeline: str, define: Pipeline, *, number: int, given: int | None = None
    ) -> int | None:
        """The number for the run that is numbered so; `given` replaces what is kept first. None where the pipeline
        recommends none."""
        rule = number_rule(define)
        if rule is None:
            return None
        async with self._turn:
            kept = await self._kept(project, pipeline, rule, number - 1)
            if given is not None:
                kept = Recommended(base=rule.base, number=given, since=number - 1)
            if rule.grows == "each":
                kept = replace(kept, number=kept.number + 1)
            await self._history.recommend(project, pipeline, kept)
            return kept.number + await self._grown(project, pipeline, rule, kept)

    async def _kept(self, project: str, pipeline: str, rule: NumberRule, since: int) -> Recommended:
        kept = await self._history.recommended(project, pipeline)
        if kept is not None and kept.base == rule.base:
            return kept
        return Recommended(base=rule.base, number=rule.base, since=since)

    async def _grown(self, project: str, pipeline: str, rule: NumberRule, kept: Recommended) -> int:
        """By how much successes have let it grow since it was kept; those may end in any order."""
        if rule.grows != "success":
            return 0
        return await self._history.succeeded_since(project, pipeline, kept.since)


def written_down(define: Pipeline) -> bytes:
    """A definition as stores keep it."""
    return msgspec.json.encode(define)
