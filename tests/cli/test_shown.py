"""How tables are shown to people (CLI-13)."""

import pytest

from ferryman.cli import shown
from tests.cli.workshop import Workshop


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("shop", 4), ("编译", 4), ("ünï", 3), ("u\u0308", 1), ("第一步 😀", 9), ("ｆｕｌｌ", 8)],
)
def test_what_a_text_takes_on_a_terminal(text: str, columns: int) -> None:
    assert shown.columns(text) == columns
    assert shown.columns(shown.padded(text, 12)) == 12


def test_a_text_is_cut_between_letters() -> None:
    assert [shown.cut("a编译b", width) for width in range(8)] == [
        "",
        "a",
        "a",
        "a编",
        "a编",
        "a编译",
        "a编译b",
        "a编译b",
    ]


def test_names_in_any_script_stand_in_columns_and_can_be_asked_for(workshop: Workshop) -> None:
    """ERR-1: a pipeline is called as its file calls it."""
    job = "{name: 编译, steps: [{id: s, name: 第一步, run: 'true'}]}"
    stage = f"  - name: 构建\n    id: a\n    jobs: {{j: {job}}}\n"
    workshop.write("shop.yaml", f"version: v3.0\nname: 发布 shop\nstages:\n{stage}")
    assert workshop.ran("run", "shop.yaml").returncode == 0
    assert "\n发布 shop#1  succeeded" in workshop.ran("runs").stdout
    head, row = workshop.ran("runs", "--pipeline", "发布 shop").stdout.splitlines()
    assert shown.columns(head.partition("STATUS")[0]) == shown.columns(row.partition("succeeded")[0])
    rows = workshop.ran("show", "发布 shop#1").stdout.splitlines()[2:]
    assert len({shown.columns(row.partition("succeeded")[0]) for row in rows}) == 1
    explained = workshop.ran("explain", "shop.yaml").stdout.splitlines()
    assert (
        len(
            {
                shown.columns(row[: row.rindex("  ")])
                for row in explained
                if row.endswith(("runs", "succeeds"))
            }
        )
        == 1
    )
