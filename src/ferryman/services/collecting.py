"""What is in a collection: the pipelines that were put into it, or those that its filters find when somebody looks."""

from collections.abc import Callable, Mapping, Sequence

from ferryman.domain.heads import PipelineHead
from ferryman.domain.labels import Collection, Filter, Finder, Trait
from ferryman.ports.heads import Heads
from ferryman.ports.labels import Carried, Labels

EVERY = 2**31 - 1
"""More pipelines than a project has."""

_TRAITS: Mapping[Trait, Callable[[PipelineHead, Carried], tuple[str, ...]]] = {
    Trait.NAME: lambda head, carried: (head.name,),
    Trait.CREATOR: lambda head, carried: (head.creator,),
    Trait.LABEL: lambda head, carried: tuple(label.id for _, own in carried.labels for label in own),
    # No pipeline here is kept in a repository.
    Trait.REPOSITORY: lambda head, carried: (),
}
"""What a pipeline has of each trait."""


def finds(finder: Finder, head: PipelineHead, carried: Carried) -> bool:
    """Whether a pipeline is among those found. Without a filter all are, or none where any filter would do."""
    passed = (_passes(each, _TRAITS[each.trait](head, carried)) for each in finder.filters)
    return any(passed) if finder.any else all(passed)


def _passes(wanted: Filter, has: tuple[str, ...]) -> bool:
    if wanted.part:
        found = any(text.casefold() in each.casefold() for text in wanted.texts for each in has)
    else:
        found = not set(wanted.texts).isdisjoint(has)
    return found is not wanted.negated


class Collecting:
    """Looks into collections."""

    def __init__(self, *, labels: Labels, heads: Heads) -> None:
        """Over these."""
        self._labels = labels
        self._heads = heads

    async def members(self, collection: Collection) -> tuple[PipelineHead, ...]:
        """The heads of the pipelines in it, newest creation first."""
        project, finder = collection.project, collection.finder
        if finder is None:
            ids = await self._labels.members(project, collection.id)
            heads = [known.head for known in await self._heads.several(project, ids)]
            return tuple(sorted(heads, key=lambda head: (head.created_at, head.id), reverse=True))
        _, there = await self._heads.page(project, limit=EVERY)
        heads = [known.head for known in there]
        by_label = any(each.trait is Trait.LABEL for each in finder.filters)
        carried = await self._labels.carried(project, [head.id for head in heads]) if by_label else {}
        return tuple(head for head in heads if finds(finder, head, carried.get(head.id, Carried())))

    async def carried(self, project: str, heads: Sequence[PipelineHead]) -> Mapping[str, Carried]:
        """How each of these pipelines is sorted, with the collections that find it."""
        kept = await self._labels.carried(project, [head.id for head in heads])
        finding = [one for one in await self._labels.collections(project) if one.finder is not None]
        if not finding:
            return kept
        return {head.id: _with_found(kept[head.id], finding, head) for head in heads}


def _with_found(carried: Carried, finding: Sequence[Collection], head: PipelineHead) -> Carried:
    found = (one for one in finding if one.finder is not None and finds(one.finder, head, carried))
    held = (one for one in carried.collections if one.finder is None)
    return carried._replace(collections=tuple(sorted((*held, *found), key=lambda one: (one.name, one.id))))
