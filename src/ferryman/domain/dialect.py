"""The two dialects of the one expression language."""

from enum import StrEnum


class Dialect(StrEnum):
    """How texts of a pipeline are read (RULINGS 2)."""

    CONSTRAINED = "constrained"
    """Only `${{ }}` is replaced, and what stands in it is an expression (pipeline-yaml 10). Default of files."""
    CLASSIC = "classic"
    """Names in `${ }` and `${{ }}` are pasted first, then the text is evaluated (semantics 15.4, 16).

    Default of models."""
