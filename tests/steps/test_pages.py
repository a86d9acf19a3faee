"""Every kind has a page, and no generated part of a page is stale (STYLE 8)."""

from pathlib import Path

import pytest

from ferryman.domain.task_codes import TaskCode
from ferryman.pages import END, begin, renew
from ferryman.steps import KINDS, find_kind
from ferryman.steps.kind import StepKind
from ferryman.steps.pages import SUBJECT, generated_parts, page, write

DOCS = Path(__file__).parents[2] / "docs" / "steps"
PARTS = dict(generated_parts())


def test_there_is_one_page_for_each_kind_and_one_that_lists_them() -> None:
    assert sorted(path.name for path in DOCS.glob("*.md")) == sorted(PARTS)
    assert sorted(PARTS) == sorted(["README.md", *(f"{kind.name}.md" for kind in KINDS)])


@pytest.mark.parametrize("name", PARTS)
def test_a_page_says_what_the_code_says(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert text == renew(text, SUBJECT, PARTS[name]), f"docs/steps/{name} is stale: run make docs"


def test_every_code_of_a_failure_is_listed() -> None:
    """ERR-9."""
    codes = (DOCS / "README.md").read_text(encoding="utf-8").partition("## Codes of failures")[2]
    assert [code for code in TaskCode if f"| `{code.value}` |" not in codes] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_page_shows_an_example_of_its_kind(kind: StepKind) -> None:
    text = (DOCS / f"{kind.name}.md").read_text(encoding="utf-8")
    example = text.partition("## Example")[2]
    key = f"- {kind.name}:" if kind.name in ("run", "checkout") else f"uses: {kind.name}@"
    assert key in example


def test_writing_renews_what_stands_between_the_marks_and_nothing_else(tmp_path: Path) -> None:
    for name in PARTS:
        (tmp_path / name).write_text(f"above\n{begin(SUBJECT)}\nold\n{END}\nbelow\n", encoding="utf-8")
    write(tmp_path)
    for name, generated in PARTS.items():
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == f"above\n{begin(SUBJECT)}\n\n{generated}\n\n{END}\nbelow\n"


def test_a_page_without_marks_is_not_touched() -> None:
    with pytest.raises(ValueError, match="has no part between"):
        renew("a page", SUBJECT, "new")


def test_a_page_tells_settings_of_settings_rules_and_outputs() -> None:
    kind = find_kind("ferrymanDeploy")
    assert kind is not None
    text = page(kind)
    assert "| `health-check.timeout-seconds` | a whole number from 1 to 86400 | `60` |" in text
    assert "Exactly one of `artifact`, `image`. Any other setting is refused." in text
    assert "| `revision` | the revision the environment has now |" in text


def test_a_page_tells_when_other_settings_are_kept() -> None:
    kind = find_kind("checkout")
    assert kind is not None
    assert "Other settings are kept." in page(kind)
