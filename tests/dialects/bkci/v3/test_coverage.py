"""The page about BK-CI tells of every operation and every state (VEN-6; RULINGS 24, 34)."""

from pathlib import Path

import pytest

from ferryman.dialects.bkci.errors import CODES
from ferryman.dialects.bkci.v3.coverage import COVERS, Grade, operations, refusals, states, words
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.dialects.bkci.v3.statuses import CLASSES, NEVER, NOWHERE, TABLE
from ferryman.dialects.pages import generated_parts, write
from ferryman.pages import END, begin

PAGE = Path(__file__).parents[4] / "docs" / "dialects" / "bkci.md"


def test_every_operation_is_graded_and_nothing_else() -> None:
    assert COVERS.keys() == {row.name for row in OPERATIONS}


def test_every_number_of_the_documents_is_there_once() -> None:
    """bkci-v3 3.1."""
    numbers = [cover.number for cover in COVERS.values() if cover.number]
    assert sorted(numbers) == [*range(1, 19), *range(20, 38), *range(40, 46), *range(50, 57)]


@pytest.mark.parametrize("name", COVERS)
def test_what_is_not_full_says_what_is_missing(name: str) -> None:
    """VEN-6."""
    assert COVERS[name].grade is Grade.FULL or COVERS[name].remark


def test_there_is_a_row_for_each_operation_with_all_its_paths() -> None:
    rows = {row[1]: row for row in operations()}
    for operation in OPERATIONS:
        assert all(f"`{route}`" in rows[f"`{operation.name}`"][2] for route in operation.routes)


def test_there_is_a_row_for_each_state_and_each_word() -> None:
    assert len(list(states())) == len(TABLE)
    told = {row[0]: row[2] for row in words()}
    assert list(told) == [f"`{word}`" for word in CLASSES]
    assert all(reason in told[f"`{word}`"] for (_, word), reason in NEVER.items())
    assert all(told[f"`{word}`"] == reason for word, reason in NOWHERE.items())


def test_there_is_a_row_for_each_code_of_a_refusal() -> None:
    """ERR-9: codes are listed, each with the words for which it stands."""
    rows = {(http, code): reasons for code, http, reasons in refusals()}
    assert len(rows) == len(set(CODES.values()))
    for (kind, reason), (http, code) in CODES.items():
        assert f"`{reason or kind.code}`" in rows[f"{http}", f"`{code}`"]


def test_writing_renews_what_stands_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "bkci.md"
    subjects = [subject for _, subject, _ in generated_parts()]
    page.write_text("".join(f"{begin(subject)}\nold\n{END}\nkept\n" for subject in subjects))
    write(tmp_path)
    text = page.read_text()
    assert text.count("kept\n") == len(subjects)
    assert "old\n" not in text
    assert "| 8 | `pipeline-status` |" in text


def test_the_page_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(part in text for _, _, part in generated_parts()), "run make docs"
