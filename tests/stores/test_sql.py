"""The named queries: each is explained, used, understood by the tables, and finds its rows without reading all."""

import asyncio
import re
from importlib.resources import files
from pathlib import Path

import apsw
import pytest

import ferryman.stores.sql
from ferryman.stores.sql.named import NAME, query
from ferryman.stores.sqlite import SqliteStore

FOLDER = files("ferryman.stores.sql")
QUERIES = tuple(
    (file.name.removesuffix(".sql"), name)
    for file in sorted(FOLDER.joinpath("queries").iterdir(), key=lambda file: file.name)
    for name in NAME.findall(file.read_text(encoding="utf-8"))
)
# Lists that are short by nature may be read whole.
SHORT = {("runs", "unfinished"), ("locks", "busy"), ("access", "every")}
# An order that changes with every write is sorted when somebody asks for it.
SORTED = {("history", "by change")}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> apsw.Connection:
    """A connection to the tables of this release."""
    folder = tmp_path_factory.mktemp("tables")

    async def make() -> None:
        store = SqliteStore(folder)
        await store.open()
        await store.close()

    asyncio.run(make())
    return apsw.Connection(str(folder / "ferryman.db"))


@pytest.mark.parametrize(("noun", "name"), QUERIES)
def test_a_query_finds_its_rows_by_an_index(connection: apsw.Connection, noun: str, name: str) -> None:
    statement = query(noun, name)
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement, values)]
    for line in plan:
        assert "TEMP B-TREE" not in line or (noun, name) in SORTED, plan
        # A list among the values is read whole.
        if line.startswith("SCAN") and not line.startswith("SCAN json_each"):
            assert (noun, name) in SHORT, plan
            assert "USING INDEX" in line, plan


@pytest.mark.parametrize(("noun", "name"), QUERIES)
def test_a_query_is_explained_and_used(noun: str, name: str) -> None:
    text = FOLDER.joinpath("queries", f"{noun}.sql").read_text(encoding="utf-8")
    comment = text.split(f"-- name: {name}\n")[1].splitlines()[0]
    assert re.match(r"-- [A-Z].*\.$", comment), comment
    modules = Path(ferryman.stores.sql.__file__).parent.glob("*.py")
    assert any(f'"{name}"' in module.read_text(encoding="utf-8") for module in modules)


def test_no_module_writes_sql_of_its_own() -> None:
    for module in Path(ferryman.stores.sql.__file__).parent.glob("*.py"):
        assert not re.search(r'"\s*(SELECT|INSERT|UPDATE|DELETE) ', module.read_text(encoding="utf-8")), (
            module
        )


def test_a_query_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(KeyError):
        query("runs", "nowhere")
