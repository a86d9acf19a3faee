"""The catalog: which pipelines there are, and what each of them shows.

Reading alone; what changes them is in `pipelines`.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import msgspec

from ferryman import definition
from ferryman.domain.access import EVERYTHING, Rights, Role
from ferryman.domain.actions import Action
from ferryman.domain.heads import PipelineHead, PipelineSetting
from ferryman.domain.pipeline import Pipeline
from ferryman.ports.clock import Clock
from ferryman.ports.heads import HeadCounts, KnownHead
from ferryman.ports.labels import Carried
from ferryman.ports.store import Store
from ferryman.services.caller import Caller
from ferryman.services.collecting import Collecting
from ferryman.services.latest import Standing
from ferryman.services.permits import judged, permit
from ferryman.services.pipelines import Model, Pipelines
from ferryman.services.starting import Numbering

MODELS = 256
"""Models that are kept ready; those that nobody asked for the longest are forgotten first."""
SHOWN_ACTIONS = (
    Action.LIST_PIPELINES,
    Action.GET_PIPELINE,
    Action.UPDATE_PIPELINE,
    Action.DELETE_PIPELINE,
    Action.MANAGE_PIPELINE,
    Action.START_RUN,
    Action.DOWNLOAD_ARTIFACT,
)
"""Actions of which a list says whether its reader may do them."""


class Standings(Protocol):
    """Tells how pipelines stand."""

    async def read(self, project: str, pipeline: str) -> Standing:
        """Of one."""
        ...

    def known(self, project: str, pipeline: str) -> Standing | None:
        """Of one, where it is remembered."""
        ...


def uncounted() -> int | None:
    """Changes that nobody counts."""
    return None


class Shown(NamedTuple):
    """A pipeline as it is shown to somebody."""

    head: PipelineHead
    setting: PipelineSetting
    carried: Carried
    standing: Standing
    allowed: frozenset[str]
    """Of `SHOWN_ACTIONS`, what its reader may do."""
    now: int
    """When it was looked at, in milliseconds since 1970."""
    model: Model | None = None
    """The newest model, completed, where that was asked for."""


class ShownPage(NamedTuple):
    """Some of the pipelines, and how many there are."""

    total: int
    pipelines: tuple[Shown, ...]


class _Ready(NamedTuple):
    """A version that somebody asked for."""

    model: Model
    define: Pipeline


class Catalog:
    """What can be read of pipelines."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        pipelines: Pipelines,
        standings: Standings,
        changes: Callable[[], int | None] = uncounted,
    ) -> None:
        """Over this store; `standings` tells of their runs, `changes` counts changes of everything else that is shown,
        and is None while one is under way."""
        self._store = store
        self.changes = changes
        self._clock = clock
        self._pipelines = pipelines
        self._standings = standings
        self._numbering = Numbering(store.history)
        self._collecting = Collecting(labels=store.labels, heads=store.heads)
        self._models: OrderedDict[tuple[str, str, int], _Ready] = OrderedDict()

    async def model(self, caller: Caller, *, pipeline: str, version: int = 0) -> Model:
        """The model of a version, by default the newest, completed (bkci-v3 3.2, 5). Raises `NotFound`
        (pipeline-unknown)."""
        permit(caller, Action.GET_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        carried = await self._store.labels.carried(caller.project, [pipeline])
        return await self._model(known.head, carried[pipeline], version or known.head.version)

    async def setting(self, caller: Caller, *, pipeline: str) -> Model:
        """The setting, completed (bkci-v3 5.12). Raises `NotFound` (pipeline-unknown)."""
        permit(caller, Action.GET_PIPELINE, resource=f"pipeline/{pipeline}")
        known = await self._store.heads.read(caller.project, pipeline)
        carried = await self._store.labels.carried(caller.project, [pipeline])
        labels = {label.id: label.name for _, own in carried[pipeline].labels for label in own}
        return definition.shown_setting(await self._pipelines.setting_of(known), known.head, labels)

    async def status(self, caller: Caller, *, pipeline: str) -> Shown | None:
        """How a pipeline stands, with its model; None where there is none of this id (bkci-v3 11, 1)."""
        _permit_status(caller, pipeline)
        found = await self._shown(
            caller, await self._store.heads.several(caller.project, [pipeline]), whole=True
        )
        return found[0] if found else None

    def stamp(self, project: str, pipeline: str) -> tuple[int, int] | None:
        """What `status` shows of a pipeline is the same while this is, but for who reads it, and when; None where that
        is not known without reading. It begins with `changes`, and ends with the change of the standing."""
        changes, standing = self.changes(), self._standings.known(project, pipeline)
        return None if changes is None or standing is None else (changes, standing.change)

    def readable(self, caller: Caller, pipeline: str, *, maker: str) -> frozenset[str]:
        """What a reader of `status` may do, of `SHOWN_ACTIONS`; `maker` made the pipeline. Raises what `status`
        does to who may not read it."""
        allowed = allowed_of(caller, pipeline, maker=maker)
        if caller.rights.policies or Action.LIST_PIPELINES not in allowed:
            _permit_status(caller, pipeline)
        return allowed

    async def several(self, caller: Caller, *, pipelines: Sequence[str]) -> tuple[Shown, ...]:
        """Those of these that are there, with their models, in the order of ids as given."""
        permit(caller, Action.LIST_PIPELINES)
        return await self._shown(
            caller, await self._store.heads.several(caller.project, pipelines), whole=True
        )

    async def page(self, caller: Caller, *, name: str = "", skip: int = 0, limit: int = 20) -> ShownPage:
        """Newest creation first, those with `name` in their name."""
        permit(caller, Action.LIST_PIPELINES)
        count, found = await self._store.heads.page(caller.project, name=name, skip=skip, limit=limit)
        return ShownPage(count, await self._shown(caller, found))

    async def heads(
        self, caller: Caller, *, name: str = "", skip: int = 0, limit: int = 20
    ) -> tuple[int, tuple[PipelineHead, ...]]:
        """The same, and nothing but what their heads say."""
        permit(caller, Action.LIST_PIPELINES)
        count, found = await self._store.heads.page(caller.project, name=name, skip=skip, limit=limit)
        return count, tuple(known.head for known in found)

    async def counts(self, caller: Caller) -> HeadCounts:
        """How many there are; `own` are those that the caller made."""
        permit(caller, Action.LIST_PIPELINES)
        return await self._store.heads.counts(caller.project, caller.name)

    async def maker(self, caller: Caller, *, pipeline: str) -> str:
        """Who made a pipeline; empty where there is none of this id."""
        _permit_status(caller, pipeline)
        found = await self._store.heads.several(caller.project, [pipeline])
        return found[0].head.creator if found else ""

    async def _shown(
        self, caller: Caller, found: Sequence[KnownHead], *, whole: bool = False
    ) -> tuple[Shown, ...]:
        carried = await self._collecting.carried(caller.project, [known.head for known in found])
        now = self._clock.now()
        return tuple([await self._one(caller, known, carried[known.head.id], now, whole) for known in found])

    async def _one(self, caller: Caller, known: KnownHead, carried: Carried, now: int, whole: bool) -> Shown:
        head, setting = await self._pipelines.completed(known)
        return Shown(
            head=head,
            setting=setting,
            carried=carried,
            standing=await self._standings.read(caller.project, head.id),
            allowed=allowed_of(caller, head.id, maker=head.creator),
            now=now,
            model=await self._model(head, carried, head.version) if whole else None,
        )

    async def _model(self, head: PipelineHead, carried: Carried, version: int) -> Model:
        key = (head.project, head.id, version)
        found = self._models.get(key)
        if found is None:
            _, content, _ = await self._store.pipeline(*key)
            define = msgspec.json.decode(content, type=Pipeline)
            found = self._models[key] = _Ready(definition.model_of(define), define)
            if len(self._models) > MODELS:
                self._models.popitem(last=False)
        self._models.move_to_end(key)
        return definition.headed(
            found.model,
            head,
            version=version,
            number=await self._numbering.present(head.project, head.id, found.define),
            labels=[label.id for _, own in carried.labels for label in own],
            collections=[one.id for one in carried.collections if one.finder is None],
        )


def _permit_status(caller: Caller, pipeline: str) -> None:
    """Let see how a pipeline stands whoever may list pipelines (bkci-v3 2.3), or may get this one."""
    if not is_allowed(caller, Action.GET_PIPELINE, pipeline):
        permit(caller, Action.LIST_PIPELINES)


def is_allowed(caller: Caller, action: str, pipeline: str, *, maker: str = "") -> bool:
    """Whether a caller may do this to a pipeline; `maker` made it."""
    if caller.rights is EVERYTHING:
        return True
    return judged(caller, action, resource=f"pipeline/{pipeline}", maker=maker).allowed


def allowed_of(caller: Caller, pipeline: str, *, maker: str = "") -> frozenset[str]:
    """What a caller may do to a pipeline, of `SHOWN_ACTIONS`; `maker` made it."""
    rights = caller.rights
    if rights.policies or rights.environments:
        return frozenset(
            action for action in SHOWN_ACTIONS if is_allowed(caller, action, pipeline, maker=maker)
        )
    own = bool(maker) and maker == caller.name
    return _by_role(own, rights.account, rights.role, rights.scopes, rights.projects, caller.actions)


@lru_cache(maxsize=1024)
def _by_role(
    own: bool,
    account: bool,
    role: Role | None,
    scopes: tuple[str, ...],
    projects: tuple[str, ...],
    actions: tuple[str, ...],
) -> frozenset[str]:
    """The same for who has no policies: all pipelines are the same to them, wherever and whenever they ask."""
    rights = Rights(account=account, role=role, scopes=scopes, projects=projects)
    anybody = Caller(name="anybody", rights=rights, actions=actions)
    maker = anybody.name if own else ""
    return frozenset(action for action in SHOWN_ACTIONS if is_allowed(anybody, action, "*", maker=maker))
