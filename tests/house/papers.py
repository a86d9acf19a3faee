"""The rules about papers: links, changelog fragments, notes to oneself, and what must stand on a page."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
FRAGMENT = re.compile(r"\d+(?:\.\d+)?\.(?:added|changed|fixed|removed|security)\.md")
TODO = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\s?\(?#\d+)")
# Written as patterns that do not match themselves.
MACHINE = re.compile(
    r"(?<![\w.~/-])/(?:work|root|Users)/[\w.]|(?<![\w.~/-])/home/[\w.]|[p]ypi\.org|[p]ythonhosted|https?://[^\s\"']+/(?:simple|pool)/"
)


def broken_links(root: Path, pages: Iterable[Path]) -> Iterator[str]:
    """Every link inside the house leads to a file that is there, and to a heading it has."""
    for page in pages:
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            goal = (page.parent / file) if file else page
            if not goal.exists():
                yield f"{page.relative_to(root)}: {target} leads nowhere"
            elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
                yield f"{page.relative_to(root)}: {target} names no heading there"


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def misnamed_fragments(names: Iterable[str]) -> Iterator[str]:
    """A changelog fragment is named `<issue>.<added|changed|fixed|removed|security>.md`."""
    for name in names:
        if not FRAGMENT.fullmatch(name):
            yield f"changelog.d/{name}: want <issue>.<added|changed|fixed|removed|security>.md"


def unnumbered_todos(name: str, text: str) -> Iterator[str]:
    """A note of something left to do carries the number of its issue."""
    for number, line in enumerate(text.splitlines(), 1):
        if TODO.search(line):
            yield f"{name}:{number}: a note of work left needs an issue's number"


def machine_paths(name: str, text: str) -> Iterator[str]:
    """No file names a folder of the machine it was written on, nor a package registry."""
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE.search(line):
            yield f"{name}:{number}: names a machine's folder or a registry"


def unknown_tasks(name: str, text: str, makefile: str) -> Iterator[str]:
    """Whatever a page tells its reader to make is a task of the Makefile."""
    tasks = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for task in re.findall(r"(?:^|`|&& )make ([a-z]+)", text, re.MULTILINE):
        if task not in tasks:
            yield f"{name}: there is no `make {task}`"


def unmentioned(kind: str, names: Iterable[str], docs: str) -> Iterator[str]:
    """Documented or it does not exist: each name stands in the docs as code."""
    for name in names:
        if not re.search(rf"`[^`\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^`\n]*`", docs):
            yield f"{kind} {name} stands on no page"


def stale_pages(kept: Mapping[str, str], made: Mapping[str, str]) -> Iterator[str]:
    """A generated page says what the code says now: writing all of them anew changes nothing."""
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            yield f"{name} is out of date; run make docs"


def snapshot(folder: Path) -> dict[str, str]:
    """Every page of a folder with its text."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.md"))
    }


def tracked(root: Path) -> tuple[Path, ...]:
    """Every file of the project: what git tracks, or, outside a checkout, what is not hidden or made."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        found = (root / name for name in listed.stdout.split("\0") if name)
    else:
        made = {"__pycache__", "build", "dist"}
        found = (
            path
            for path in root.rglob("*")
            if not any(part in made or part.startswith(".") for part in path.relative_to(root).parts)
        )
    return tuple(path for path in found if path.is_file())
