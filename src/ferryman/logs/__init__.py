"""Logs: what steps say, masked, numbered, kept, followed.

The way of a byte: the step's own file → `masking` (secrets go) → `lines` (numbered lines) → `tail` (the newest, in
memory, for those who follow) and `writer` (one thread) → `chunks` (packed pieces) → a `PieceStore`. `reader` is
the way back: one cursor over stored pieces and the tail; `runwide` reads a whole run by the numbers that lines have
there. `book` joins them and is all that others see. `nothing` stands in for a store where a folder has none.
"""

from ferryman.logs.book import Logs

__all__ = ["Logs"]
