"""Every file in examples/ is a pipeline that loads without a fault, and the table beside them names each."""

from pathlib import Path

import pytest

from ferryman.definition import load

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_loads(path: Path) -> None:
    load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_named_in_the_table(path: Path) -> None:
    assert f"({path.name})" in (path.parent / "README.md").read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
