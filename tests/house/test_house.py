"""The rules, held against the house as it stands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import listing, papers, rules
from tests.house.source import ROOT, Source, product

PER_FILE: tuple[Callable[[Source], Iterator[str]], ...] = (
    rules.import_direction,
    rules.hidden_imports,
    rules.foreign_sqlite,
    rules.pure_imports,
    rules.worldly_calls,
    rules.pages_stay_outside,
    rules.undocumented_names,
    rules.vague_names,
    rules.british_names,
)
WHOLE_HOUSE = (rules.circles, rules.neighbors, rules.vendor_words)


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    """Every file of the product, parsed once."""
    return product()


def expect_none(findings: Iterable[str]) -> None:
    """Fail with one finding a line."""
    found = list(findings)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("rule", PER_FILE, ids=lambda rule: rule.__name__)
def test_every_file_keeps(rule: Callable[[Source], Iterator[str]], sources: tuple[Source, ...]) -> None:
    expect_none(finding for source in sources for finding in rule(source))


@pytest.mark.parametrize("rule", WHOLE_HOUSE, ids=lambda rule: rule.__name__)
def test_the_house_keeps(
    rule: Callable[[Iterable[Source]], Iterator[str]], sources: tuple[Source, ...]
) -> None:
    expect_none(rule(sources))


def test_links_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
    expect_none(papers.broken_links(ROOT, pages))


def test_tasks_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci" / "run"]:
        text = path.read_text(encoding="utf-8")
        expect_none(papers.unknown_tasks(str(path.relative_to(ROOT)), text, makefile))


def test_changelog_fragments_are_named_for_an_issue_and_a_kind() -> None:
    expect_none(papers.misnamed_fragments(path.name for path in sorted((ROOT / "changelog.d").iterdir())))


def test_no_file_names_a_machine_or_a_registry_and_no_note_lacks_its_issue() -> None:
    for path in papers.tracked(ROOT):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = str(path.relative_to(ROOT))
        # This room feeds bad samples to its own rules.
        if not name.startswith("tests/house/"):
            expect_none((*papers.machine_paths(name, text), *papers.unnumbered_todos(name, text)))


@pytest.mark.parametrize("kind", listing.LISTS)
def test_documented_or_it_does_not_exist(kind: str, sources: tuple[Source, ...]) -> None:
    docs = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/**/*.md")))
    expect_none(papers.unmentioned(kind, listing.LISTS[kind](sources), docs))


def test_generated_pages_say_what_the_code_says(sources: tuple[Source, ...], tmp_path: Path) -> None:
    """Each generator is run as `make docs` runs it, on a copy of the docs."""
    kept = papers.snapshot(ROOT / "docs")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for source in sources:
        if source.writes_pages:
            subprocess.run(
                [sys.executable, "-m", source.module, f"docs/{source.room}"],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                check=True,
            )
    expect_none(papers.stale_pages(kept, papers.snapshot(tmp_path / "docs")))
    assert papers.snapshot(ROOT / "docs") == kept, "a generator wrote outside the folder it was given"
