"""What the page generators of all rooms share: the marks around a generated part, its renewal, and tables.

A page is written by hand around marks; what stands between two of them is made from the code, so it cannot grow stale
unseen. A page may have several generated parts, each made from something else.
"""

from collections.abc import Iterable

END = "<!-- end of the generated part -->"


def begin(subject: str) -> str:
    """The mark where a part made from this subject begins."""
    return f"<!-- generated from {subject}; `make docs` writes it anew -->"


def renew(text: str, subject: str, generated: str) -> str:
    """The page with the part made from this subject replaced. Raises ValueError when its two marks are not there."""
    mark = begin(subject)
    head, found, rest = text.partition(mark)
    _, end, tail = rest.partition(END)
    if not found or not end:
        raise ValueError(f"the page has no part between {mark} and {END}")
    return f"{head}{mark}\n\n{generated}\n\n{END}{tail}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown; a bar in a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
