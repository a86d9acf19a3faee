"""What every store says and sorts alike where labels and collections are concerned."""

from collections.abc import Iterable, Mapping, Sequence

from ferryman.domain.errors import Conflict, NotFound, Refused
from ferryman.domain.labels import Collection, Label, LabelGroup
from ferryman.ports.labels import Carried


def missing(what: str, one: str, project: str) -> NotFound:
    """No such group, label or collection."""
    return NotFound(f"there is no {what} {one} in project {project}", reason=f"{what}-unknown")


def exists(what: str, name: str) -> Conflict:
    """The name is taken."""
    return Conflict(f'there is a {what} "{name}" already; choose another name', reason=f"{what}-exists")


def too_many(what: str, where: str, most: int) -> Refused:
    """A limit is reached."""
    return Refused(f"{where} has {most} {what} already, which is all it may have", reason=f"too-many-{what}")


def sorted_out(
    groups: Iterable[LabelGroup],
    labels: Iterable[Label],
    collections: Iterable[Collection],
    attached: Mapping[str, tuple[Sequence[str], Sequence[str]]],
) -> dict[str, Carried]:
    """How pipelines are sorted, given the ids of labels and of collections that each is attached to."""
    all_groups, all_labels, all_collections = tuple(groups), tuple(labels), tuple(collections)
    return {
        pipeline: Carried(
            tuple(
                (group, own)
                for group in all_groups
                if (
                    own := tuple(
                        label for label in all_labels if label.group == group.id and label.id in label_ids
                    )
                )
            ),
            tuple(one for one in all_collections if one.id in collection_ids),
        )
        for pipeline, (label_ids, collection_ids) in attached.items()
    }
