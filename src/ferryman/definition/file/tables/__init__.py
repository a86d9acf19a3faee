"""The tables of the format as data: what every key of a pipeline file wants (pipeline-yaml 3 to 9).

`top.PIPELINE` is the whole; the other modules hold its sections.
"""

from ferryman.definition.file.tables.top import PIPELINE

__all__ = ["PIPELINE"]
