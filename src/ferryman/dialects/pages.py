"""The generated parts of the pages about dialects: operations with how whole they are, states, codes.

A page is written by hand around marks. `python -m ferryman.dialects.pages docs/dialects` writes what stands between
them anew.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from ferryman.dialects.bkci.v3 import coverage as bkci
from ferryman.pages import renew, table


def generated_parts() -> Iterator[tuple[str, str, str]]:
    """Page, subject and text of each generated part."""
    operations = table(("no.", "operation", "paths", "how whole", "missing, or more"), bkci.operations())
    states = table(("of a", "phase", "outcome", "reason", "word"), bkci.states())
    words = table(("word", "amounts to", "never shown for a"), bkci.words())
    yield "bkci.md", "the operations", operations
    refusals = table(("code", "HTTP", "reason"), bkci.refusals())
    yield "bkci.md", "the table of states", f"{states}\n\n{words}"
    yield "bkci.md", "the codes of refusals", refusals


def write(folder: Path) -> None:
    """Renew every generated part of the pages in the folder; each page must be there, with its marks."""
    for name, subject, text in generated_parts():
        page = folder / name
        page.write_text(renew(page.read_text(encoding="utf-8"), subject, text), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
