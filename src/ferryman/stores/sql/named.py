"""Named queries: the SQL of a noun stands in `queries/<noun>.sql`, each statement under `-- name:` and a comment."""

import re
from functools import cache
from importlib.resources import files

NAME = re.compile(r"^-- name: (.+)\n", re.MULTILINE)


@cache
def query(noun: str, name: str) -> str:
    """One statement, without its comments. Raises KeyError when there is none of this name."""
    text = files(__package__).joinpath("queries", f"{noun}.sql").read_text(encoding="utf-8")
    _, *parts = NAME.split(text)
    statements = dict(zip(parts[::2], parts[1::2], strict=True))
    lines = (line for line in statements[name].splitlines() if not line.startswith("--"))
    return "\n".join(lines).strip()
