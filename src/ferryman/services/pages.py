"""The generated part of the page about access: the table of what each role may do.

`docs/access.md` is written by hand around marks. `python -m ferryman.services.pages docs/services` writes the part
between them anew, in the page beside that path.
"""

import sys
from pathlib import Path

from ferryman.domain.access import Role
from ferryman.pages import renew, table
from ferryman.services.judging.roles import FAMILIES, allows

PAGE = "access.md"


def roles() -> str:
    """Family by family, each action and the roles that may; none: the account alone."""
    rows = [
        (family, f"`{action}`", *("yes" if allows(role, action) else "" for role in Role))
        for family, actions in FAMILIES.items()
        for action in actions
    ]
    return table(("family", "action", *Role), rows)


def write(folder: Path) -> None:
    """Write the page beside this folder anew."""
    page = folder.parent / PAGE
    text = page.read_text(encoding="utf-8")
    page.write_text(renew(text, "the table of roles", roles()), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
