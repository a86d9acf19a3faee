"""From kept bytes to a line that is harmless to show.

Kept are bytes as the step wrote them (masked); what could break a page or a terminal is changed only here (LOG-4,
LOG-8):

- what is not UTF-8 becomes U+FFFD;
- of what a carriage return overwrote only the last is shown: a progress bar is one line with its last state;
- colors stay, every other escape sequence goes;
- any other control character becomes its picture (U+2400 and up), a line or paragraph separator a blank.
"""

import re

from ferryman.logs.chunks import Block
from ferryman.logs.lines import LINE_LIMIT
from ferryman.ports.logs import LogLine

CUT_MARK = " [cut here, goes on in the next line]"
"""Stands behind a line that was longer than the limit."""

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
ESCAPE = re.compile(
    "(\x1b\\[[0-9;:]*m)"  # a color: kept
    "|\x1b\\[[0-?]*[ -/]*[@-~]"  # any other order to the terminal
    "|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)"  # titles, links, device strings
    "|\x1b[ -/]+[0-~]|\x1b[0-Z\\\\^-~]"  # short ones
    "|([\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029])"
)


def text_of(raw: bytes) -> str:
    """One kept line as text that is harmless to show."""
    text = raw.decode("utf-8", "replace")
    if not UNSAFE.search(text):
        return text
    if "\r" in text:
        text = next((drawn for drawn in reversed(text.split("\r")) if drawn), "")
    return ESCAPE.sub(_harmless, text)


def lines_of(block: Block) -> list[LogLine]:
    """The lines of a block, as they are shown."""
    kind = "note" if block.note else "out"
    lines = [
        LogLine(number=number, text=text_of(raw), at=block.at, kind=kind)
        for number, raw in enumerate(block.lines, block.first)
    ]
    for place in block.unended:
        # A line that was cut may be shorter than the limit by no more than the mask that did not fit.
        if len(block.lines[place]) > LINE_LIMIT - 16:
            whole = lines[place]
            lines[place] = LogLine(number=whole.number, text=whole.text + CUT_MARK, at=whole.at, kind=kind)
    return lines


def _harmless(found: re.Match[str]) -> str:
    color, control = found.group(1, 2)
    if color or not control:
        return color or ""
    code = ord(control)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else " " if code > 0x9F else "\ufffd"
