"""How large a pipeline file may be (pipeline-yaml 2, 5, 8 and 13)."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of one file. The defaults are those of the format; a server may set others."""

    size: int = 1024 * 1024
    """Bytes of the text in UTF-8."""
    depth: int = 50
    """Levels of mappings and lists."""
    nodes: int = 10_000
    """Keys and values, counted after anchors are resolved."""
    problems: int = 50
    """Problems reported of one file; the rest is left for the next reading."""
    stages: int = 20
    """Stages with the trigger stage, which every pipeline has beside those of the file."""
    jobs: int = 20
    """Jobs of one stage."""
    steps: int = 20
    """Steps of one job."""
    combinations: int = 256
    """Jobs that one matrix makes."""
    condition: int = 512
    """Characters of a condition."""
