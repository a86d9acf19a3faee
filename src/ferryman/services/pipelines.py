"""Pipelines: definitions kept version by version, each for ever, and the heads above them.

Saved natively, a pipeline keeps the identifier that its file gives it; made by a model over an API, it draws one.
Whatever is read of pipelines is in `catalog`.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from ferryman import definition
from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Refused
from ferryman.domain.heads import PipelineHead, PipelineSetting
from ferryman.domain.ids import encoded
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.values import Json
from ferryman.ports.clock import Clock
from ferryman.ports.heads import HeadChange, KnownHead, Written
from ferryman.ports.store import Store
from ferryman.services.caller import Caller
from ferryman.services.permits import permit

Model = dict[str, Any]
"""A document of the vendor's model, or of its setting."""
StopRuns = Callable[[Caller, str], Awaitable[None]]
"""Asks every run of a pipeline that has not finished to end."""


async def nothing_runs(caller: Caller, pipeline: str) -> None:
    """Where no run is moved there is nothing to stop."""


class Pipelines:
    """What can be done with pipelines."""

    def __init__(self, *, store: Store, clock: Clock, most: int = 0) -> None:
        """Over this store. `most` pipelines may be in a project; 0: any number."""
        self._store = store
        self._clock = clock
        self._most = most
        self._stop_runs: StopRuns = nothing_runs

    def stop_with(self, stop_runs: StopRuns) -> None:
        """Have the runs of a deleted pipeline stopped so; bound late, for runs need pipelines."""
        self._stop_runs = stop_runs

    # natively

    async def save(
        self,
        caller: Caller,
        *,
        text: str = "",
        model: Model | None = None,
        name: str = "",
        pipeline: str = "",
    ) -> views.Saved:
        """Keep a definition, given as a file's text or as a model; raises `Invalid` with every problem.

        `name` is the file's, for a pipeline that does not name itself. `pipeline` is the identifier it is kept under;
        without one its name is. What is there already makes no new version. Its settings are those of the file from
        now on; a pipeline that was deleted is there again.
        """
        if model is not None:
            found = definition.from_model(model)
        else:
            found = definition.load(text, name=name, accept_vendor_keys=True)
        identifier = pipeline or encoded(found.pipeline.name)
        if not identifier:
            raise Invalid([Problem(path="name", message="the pipeline has no name", code=0)])
        known = await self._store.heads.several(caller.project, [identifier])
        action = Action.UPDATE_PIPELINE if known else Action.CREATE_PIPELINE
        permit(caller, action, resource=f"pipeline/{identifier}")
        await self._check_calls(caller, found.pipeline, own=identifier)
        head = await self._change(
            caller,
            action,
            HeadChange(
                project=caller.project,
                id=identifier,
                at=self._clock.now(),
                by=caller.name,
                expects="any",
                name=await self._own_name(caller.project, identifier, found.pipeline.name),
                description=found.pipeline.description,
                written=written(found, text=text),
                setting=definition.setting_of(found.pipeline),
                deleted=False,
            ),
        )
        return views.Saved(pipeline=identifier, version=head.version, name=found.pipeline.name)

    async def _own_name(self, project: str, pipeline: str, name: str) -> str:
        """The name a file asks for; kept under another identifier than its name, it gives way to one who has it."""
        holder = await self._store.heads.named(project, name) if name else None
        gives_way = holder is not None and holder.id != pipeline and encoded(name) != pipeline
        return pipeline if gives_way or not name else name

    async def read(self, caller: Caller, *, pipeline: str, version: int = 0) -> views.Definition:
        """One version, by default the newest. Raises `NotFound`."""
        permit(caller, Action.GET_PIPELINE, resource=f"pipeline/{pipeline}")
        await self._store.heads.read(caller.project, pipeline)
        number, _, text = await self._store.pipeline(caller.project, pipeline, version)
        return views.Definition(pipeline=pipeline, version=number, text=text)

    async def define(self, caller: Caller, pipeline: str, version: int = 0) -> tuple[int, Pipeline]:
        """What one version says, for whoever starts a run of it. Raises `NotFound`, also for a deleted pipeline."""
        await self._store.heads.read(caller.project, pipeline)
        number, content, _ = await self._store.pipeline(caller.project, pipeline, version)
        return number, msgspec.json.decode(content, type=Pipeline)

    async def meant(self, project: str, text: str) -> str:
        """The identifier of the pipeline that a step calls, by that or by name; the text itself where there is none."""
        if await self._store.heads.several(project, [text]):
            return text
        holder = await self._store.heads.named(project, text)
        return text if holder is None else holder.id

    # by models

    async def create(self, caller: Caller, *, model: Model, setting: Model | None = None) -> PipelineHead:
        """Make a pipeline of a model, with a setting or the one of a new pipeline (bkci-v3 3.2, 1 and 3).

        Raises, in this order, what `permit` raises, `Invalid` for a document of another form, `Conflict` (name-taken),
        `Refused` (too-many-pipelines) and `Invalid` with every other problem.
        """
        permit(caller, Action.CREATE_PIPELINE)
        document = {"model": model} if setting is None else {"model": model, "setting": setting}
        found = await self._checked(caller, document)
        attached = definition.attached_by(found.pipeline)
        asked = definition.heading_of(setting or {})
        name = found.pipeline.name
        description = attached.description
        return await self._create(
            caller,
            found,
            description=(asked.description or name) if description is None else description,
            setting=definition.read_setting(setting),
            labels=asked.labels or attached.labels,
            collections=attached.collections,
        )

    async def edit(
        self, caller: Caller, *, pipeline: str, model: Model, setting: Model | None = None
    ) -> PipelineHead:
        """Keep another model of a pipeline as its next version, even where nothing changed; with a setting, that too
        (bkci-v3 3.2, 2 and 4). Raises as `create`, and `NotFound` (pipeline-unknown)."""
        permit(caller, Action.UPDATE_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        kept = definition.write_setting(await self.setting_of(known))
        document = {"model": model, "setting": kept if setting is None else setting}
        found = await self._checked(caller, document, edited=pipeline)
        description = definition.attached_by(found.pipeline).description
        asked = None if setting is None else definition.heading_of(setting)
        if description is None and asked is not None and asked.description:
            description = asked.description
        return await self._change(
            caller,
            Action.UPDATE_PIPELINE,
            HeadChange(
                project=caller.project,
                id=pipeline,
                at=self._clock.now(),
                by=caller.name,
                name=found.pipeline.name,
                description=description,
                written=written(found, anew=True),
                setting=None if setting is None else definition.read_setting(setting),
                setting_anew=True,
                labels=None if asked is None else asked.labels,
            ),
            before=known.head,
        )

    async def copy(
        self,
        caller: Caller,
        *,
        pipeline: str,
        name: str,
        description: str = "",
        labels: Sequence[str] = (),
        collections: Sequence[str] = (),
    ) -> PipelineHead:
        """Make another pipeline of the newest model and the setting of one (bkci-v3 3.2, 10). Raises as `create`;
        `Forbidden` (may-not-create) is for who may change this one but make none."""
        permit(caller, Action.UPDATE_PIPELINE, resource=f"pipeline/{pipeline}")
        try:
            permit(caller, Action.CREATE_PIPELINE)
        except Forbidden as refusal:
            raise Forbidden(str(refusal), reason="may-not-create") from refusal
        known = await self._store.heads.read(caller.project, pipeline)
        _, define = await self.define(caller, pipeline)
        setting = await self.setting_of(known)
        model = definition.copied(definition.model_of(define), name, description)
        found = await self._checked(caller, {"model": model, "setting": definition.write_setting(setting)})
        return await self._create(
            caller,
            found,
            description=description,
            setting=setting,
            labels=tuple(labels),
            collections=tuple(collections),
        )

    async def change_setting(self, caller: Caller, *, pipeline: str, setting: Model) -> PipelineHead:
        """Keep a setting as its next version; name, description and labels in it are the pipeline's from now on
        (bkci-v3 3.2, 13). Raises `Invalid`, `Conflict` (name-taken) and `NotFound` (pipeline-unknown)."""
        permit(caller, Action.UPDATE_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        if problems := definition.problems_of(setting):
            raise Invalid(problems)
        asked = definition.heading_of(setting)
        return await self._change(
            caller,
            Action.UPDATE_PIPELINE,
            HeadChange(
                project=caller.project,
                id=pipeline,
                at=self._clock.now(),
                by=caller.name,
                name=asked.name or None,
                description=asked.description,
                setting=definition.read_setting(setting),
                setting_anew=True,
                labels=asked.labels,
            ),
            before=known.head,
        )

    # heads

    async def rename(self, caller: Caller, *, pipeline: str, name: str) -> PipelineHead:
        """Call it otherwise. Raises `Conflict` (name-taken) and `NotFound` (pipeline-unknown)."""
        permit(caller, Action.UPDATE_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        change = self._of(caller, pipeline, name=name)
        return await self._change(caller, Action.UPDATE_PIPELINE, change, before=known.head)

    async def lock(self, caller: Caller, *, pipeline: str, enable: bool) -> PipelineHead:
        """Let it be started, or no more. Raises `NotFound` (pipeline-unknown)."""
        permit(caller, Action.UPDATE_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        change = self._of(caller, pipeline, disabled=not enable)
        return await self._change(caller, Action.UPDATE_PIPELINE, change, before=known.head)

    async def delete(self, caller: Caller, *, pipeline: str) -> PipelineHead:
        """Take it out of sight; its runs stay, and those that go on are asked to end first (bkci-v3 12, row 16).
        Raises `NotFound` (model-unknown)."""
        permit(caller, Action.DELETE_PIPELINE, resource=f"pipeline/{pipeline}")
        try:
            known = await self._store.heads.read(caller.project, pipeline)
        except NotFound as refusal:
            raise NotFound(str(refusal), reason="model-unknown") from refusal
        await self._stop_runs(caller, pipeline)
        change = self._of(caller, pipeline, deleted=True)
        return await self._change(caller, Action.DELETE_PIPELINE, change, before=known.head)

    async def restore(self, caller: Caller, *, pipeline: str) -> PipelineHead:
        """Bring a deleted one back; where its name was taken meanwhile, with the date behind it. Raises `NotFound`
        (nothing-to-restore)."""
        permit(caller, Action.RESTORE_PIPELINE, resource=f"pipeline/{pipeline}")
        try:
            known = await self._store.heads.read(caller.project, pipeline, deleted=True)
        except NotFound as refusal:
            raise NotFound(str(refusal), reason="nothing-to-restore") from refusal
        name = known.head.name
        if await self._store.heads.named(caller.project, name) is not None:
            moment = datetime.fromtimestamp(self._clock.now() / 1000, UTC)
            name = f"{name}_{moment:%Y%m%d%H%M%S}"
        change = self._of(caller, pipeline, expects="deleted", deleted=False, name=name)
        return await self._change(caller, Action.RESTORE_PIPELINE, change, before=known.head)

    async def setting_of(self, known: KnownHead) -> PipelineSetting:
        """The setting that counts; of what was saved before there were settings, the one in its definition."""
        return (await self.completed(known))[1]

    async def completed(self, known: KnownHead) -> tuple[PipelineHead, PipelineSetting]:
        """The same, and the head with what it says of its definition."""
        if known.setting is not None:
            return known.head, known.setting
        _, content, _ = await self._store.pipeline(known.head.project, known.head.id)
        define = msgspec.json.decode(content, type=Pipeline)
        facts = definition.facts_of(define)
        head = msgspec.structs.replace(known.head, tasks=facts.tasks, startable=facts.startable)
        return head, definition.setting_of(define)

    # what these share

    def _of(self, caller: Caller, pipeline: str, **given: Any) -> HeadChange:
        return HeadChange(project=caller.project, id=pipeline, at=self._clock.now(), by=caller.name, **given)

    async def _create(
        self,
        caller: Caller,
        found: definition.Definition,
        *,
        description: str,
        setting: PipelineSetting,
        labels: tuple[str, ...],
        collections: tuple[str, ...],
    ) -> PipelineHead:
        change = self._of(
            caller,
            drawn_id(),
            expects="none",
            name=found.pipeline.name,
            description=description,
            written=written(found),
            setting=setting,
            labels=labels,
            collections=collections,
        )
        return await self._change(caller, Action.CREATE_PIPELINE, change)

    async def _checked(self, caller: Caller, document: Model, *, edited: str = "") -> definition.Definition:
        """The definition of a document, checked in the vendor's order (bkci-v3 7); `edited` is the pipeline that is
        saved again."""
        project = caller.project
        found = definition.from_saved_model(document, edited=bool(edited))
        if isinstance(found, definition.Refusal) and found.at_once:
            raise found.problems
        name = found.name if isinstance(found, definition.Refusal) else found.pipeline.name
        if not name.strip():
            raise Invalid([Problem(path="name", message="the pipeline has no name", code=0)])
        await self._refuse_taken(project, name, edited)
        if not edited:
            await self._refuse_crowd(project)
        if isinstance(found, definition.Refusal):
            raise found.problems
        await self._check_calls(caller, found.pipeline, own=edited)
        return found

    async def _check_calls(self, caller: Caller, define: Pipeline, *, own: str) -> None:
        """Every pipeline that it calls must be there, must be one that the caller may start, and must not call it in
        turn (bkci-v3 7, row 38). `own` is its identifier, empty where it has none yet. Raises `Invalid` with the first
        that is none of these, and `Forbidden`."""
        holder = await self._store.heads.named(caller.project, define.name)
        elsewhere = holder is not None and holder.id != own
        known = {name for name in (own, "" if elsewhere else define.name) if name}
        bad = await definition.first_bad_call(define, partial(self._called, caller.project), own=known)
        if bad is not None:
            raise Invalid([bad])
        for call in definition.calls_of(define):
            if not call.is_open:
                called = await self.meant(caller.project, call.pipeline)
                permit(caller, Action.START_RUN, resource=f"pipeline/{called}")

    async def _called(self, project: str, text: str) -> tuple[str, Pipeline] | None:
        """The pipeline that a step calls, with what its newest version says; None where there is none."""
        identifier = await self.meant(project, text)
        if not await self._store.heads.several(project, [identifier]):
            return None
        _, content, _ = await self._store.pipeline(project, identifier, 0)
        return identifier, msgspec.json.decode(content, type=Pipeline)

    async def _refuse_taken(self, project: str, name: str, pipeline: str) -> None:
        """What the store refuses too, told earlier here."""
        holder = await self._store.heads.named(project, name)
        if holder is not None and holder.id != pipeline:
            raise Conflict(
                f'another pipeline of project {project} is called "{name}"; choose another name',
                reason="name-taken",
            )

    async def _refuse_crowd(self, project: str) -> None:
        if self._most and (await self._store.heads.counts(project, "")).there >= self._most:
            raise Refused(
                f"project {project} has {self._most} pipelines, which is all it may have; delete one first",
                reason="too-many-pipelines",
            )

    async def _change(
        self, caller: Caller, action: str, change: HeadChange, *, before: PipelineHead | None = None
    ) -> PipelineHead:
        entry = AuditEntry(
            at=change.at,
            by=caller.name,
            project=caller.project,
            action=action,
            subject=f"pipeline/{change.id}",
            request=caller.request,
            address=caller.address,
            before=None if before is None else {"name": before.name, "version": before.version},
            after=_told(change),
        )
        return await self._store.heads.change(change, audit=(entry,))


def written(found: definition.Definition, *, text: str = "", anew: bool = False) -> Written:
    """A definition as stores keep it."""
    facts = definition.facts_of(found.pipeline)
    return Written(
        definition=msgspec.json.encode(found.pipeline),
        text=text or definition.to_yaml(found),
        tasks=facts.tasks,
        startable=facts.startable,
        anew=anew,
    )


def _told(change: HeadChange) -> Json:
    """What an audit says of a change: the plain facts, and which documents came with it."""
    plain = {
        "name": change.name,
        "description": change.description,
        "disabled": change.disabled,
        "deleted": change.deleted,
        "labels": None if change.labels is None else list(change.labels),
    }
    documents = [name for name in ("written", "setting") if getattr(change, name) is not None]
    return {name: value for name, value in plain.items() if value is not None} | (
        {"saved": documents} if documents else {}
    )


def drawn_id() -> str:
    """A new id of a pipeline made over an API."""
    return f"p-{os.urandom(16).hex()}"
