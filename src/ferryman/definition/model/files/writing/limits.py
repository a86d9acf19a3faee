"""Time limits of the model to `timeout-minutes` (pipeline-yaml 7, 8, 12.1); back in `tables.minutes_fields`."""

from ferryman.definition.model.files.tables import DEFAULT_MINUTES, minutes
from ferryman.definition.model.files.values import Tree, text
from ferryman.definition.model.files.writing.losses import Losses


def write_limit(document: Tree, path: str, losses: Losses) -> Tree:
    """The time limit of a mapping of the model as a key of the file: the text, else the number."""
    limit = minutes(document.get("timeoutVar"))
    limit = minutes(document.get("timeout")) if limit is None else limit
    tell_classic_limit(document, path, losses)
    return {} if limit in (None, DEFAULT_MINUTES) else {"timeout-minutes": limit}


def tell_classic_limit(document: Tree, path: str, losses: Losses) -> None:
    """Note a limit that is told as `${name}`: a file knows `${{ name }}` here alone."""
    told = text(document.get("timeoutVar"))
    if "${" in told.replace("${{", ""):
        losses.tell(path, "a time limit in the form ${name}; its number is written", key="timeoutVar")
