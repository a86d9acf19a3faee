"""Every example pipeline on the pages about step kinds is a whole, valid file (STYLE 8)."""

import re
from pathlib import Path

import pytest

from ferryman.definition import load

DOCS = Path(__file__).parents[2] / "docs" / "steps"
EXAMPLES = [
    pytest.param(example, id=f"{path.name}-{number}")
    for path in sorted(DOCS.glob("*.md"))
    for number, example in enumerate(
        re.findall(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL), 1
    )
]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 14


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(example: str) -> None:
    load(example)
