"""Where in the file a setting stands (START-6)."""

import re
from pathlib import Path


def place_of(place: Path, text: str, name: str) -> str:
    """File and line where a setting stands; the file alone where it is written in a way that tells no line."""
    *groups, last = name.split(".")
    inside = not groups
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([\w.\"'-]+)", line):
            if head[1] == name:
                return f"{place}:{number}"
            inside = head[1] == ".".join(groups) if groups else False
            if not groups and head[1].partition(".")[0] == last:
                return f"{place}:{number}"
        elif (inside and re.match(rf"\s*{re.escape(last)}\s*=", line)) or re.match(
            rf"\s*{re.escape(name)}\s*=", line
        ):
            return f"{place}:{number}"
    return str(place)
