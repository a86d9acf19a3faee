"""Each house rule is shown a small bad source and must find the fault, and a good one and must be silent."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import listing, papers, rules
from tests.house.source import Source, product

DOC = '"""Says what it is."""\n'
Rule = Callable[[Source], Iterator[str]]

# (rule, module, text that breaks it, text that keeps it)
ONE_FILE: dict[str, tuple[Rule, str, str, str]] = {
    "domain imports a rule": (
        rules.import_direction,
        "ferryman.domain.run",
        "from ferryman.machine import advance",
        "from ferryman.domain import ids",
    ),
    "expressions import the definition, relatively": (
        rules.import_direction,
        "ferryman.expressions.parse",
        "from ..definition import load",
        "from ..domain import ids",
    ),
    "the machine imports a step kind for its types only": (
        rules.import_direction,
        "ferryman.machine.advance",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ferryman.steps import kind",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ferryman.domain import run",
    ),
    "only the testing server may assemble": (
        rules.import_direction,
        "ferryman.testing.clock",
        "from ferryman.app import build",
        "from ferryman.ports import clock",
    ),
    "an import hides in a function": (
        rules.hidden_imports,
        "ferryman.machine.draft",
        "def freeze():\n    from ferryman.machine import advance",
        "from ferryman.machine import advance",
    ),
    "a module is imported by name": (
        rules.hidden_imports,
        "ferryman.machine.draft",
        "import importlib\nimportlib.import_module('ferryman.machine.advance')",
        "import math",
    ),
    "the standard library's sqlite3": (
        rules.foreign_sqlite,
        "ferryman.stores.sqlite.connection",
        "def connect():\n    import sqlite3",
        "import apsw",
    ),
    "the domain knows folders": (
        rules.pure_imports,
        "ferryman.domain.run",
        "from pathlib import Path",
        "import msgspec\nfrom collections.abc import Mapping",
    ),
    "the machine waits": (rules.pure_imports, "ferryman.machine.advance", "import asyncio", "import enum"),
    "expressions lean on a library": (
        rules.pure_imports,
        "ferryman.expressions.parse",
        "import lark",
        "from zoneinfo import ZoneInfo",
    ),
    "only the parsing half of urllib is pure": (
        rules.pure_imports,
        "ferryman.domain.ids",
        "import urllib.request",
        "from urllib.parse import quote",
    ),
    "expressions read the clock": (
        rules.worldly_calls,
        "ferryman.expressions.functions",
        "from datetime import datetime\nnow = datetime.now()",
        "from datetime import datetime\nday = datetime(2024, 1, 1)",
    ),
    "a definition draws an id": (
        rules.worldly_calls,
        "ferryman.definition.model.ids",
        "import uuid\nnew = uuid.uuid4()",
        "import hashlib\nnew = hashlib.sha256(b'').hexdigest()",
    ),
    "a step kind reads a file": (
        rules.worldly_calls,
        "ferryman.steps.run",
        "text = open('x').read()",
        "def opened():\n    return 1",
    ),
    "the product imports a page generator": (
        rules.pages_stay_outside,
        "ferryman.machine.advance",
        "from ferryman.machine import pages",
        "from ferryman.machine import transitions",
    ),
    "a module without a docstring": (rules.undocumented_names, "ferryman.x", "a = 1", DOC),
    "a class without a docstring": (
        rules.undocumented_names,
        "ferryman.x",
        DOC + "class Gate:\n    x = 1",
        DOC + "class _Gate:\n    x = 1",
    ),
    "a method without a docstring": (
        rules.undocumented_names,
        "ferryman.x",
        DOC + f"class Gate:\n    {DOC}    def open(self): ...",
        DOC + f"class Gate:\n    {DOC}    def open(self):\n        {DOC}",
    ),
    "an async function without a docstring": (
        rules.undocumented_names,
        "ferryman.x",
        DOC + "async def go(): ...",
        DOC + "async def _go(): ...",
    ),
    "a manager": (rules.vague_names, "ferryman.x", "class RunManager: ...", "class ManagerialReview: ..."),
    "a base": (rules.vague_names, "ferryman.x", "class BaseStore: ...", "class Database: ..."),
    "helpers, many": (rules.vague_names, "ferryman.x", "class GateHelpers: ...", "class Gate: ..."),
    "two l in a name": (
        rules.british_names,
        "ferryman.machine.x",
        "def is_cancelled(): ...",
        "def is_canceled(): ...\ntask.cancelled()",
    ),
    "two l in a class": (
        rules.british_names,
        "ferryman.domain.events",
        "class RunCancelled: ...",
        "class Cancellation: ...",
    ),
}


@pytest.mark.parametrize("case", ONE_FILE.values(), ids=ONE_FILE)
def test_rule_bites(case: tuple[Rule, str, str, str]) -> None:
    rule, module, bad, good = case
    assert list(rule(Source(module, bad)))
    assert not list(rule(Source(module, good)))


def test_a_room_nobody_has_named_is_found() -> None:
    assert list(rules.import_direction(Source("ferryman.misc.things", "import json")))


HOUSE = tuple(
    Source(f"ferryman.{name}", "")
    for name in (
        "dialects.dialect",
        "dialects.dataworks.signing",
        "dialects.dataworks.v2024.mapping",
        "stores.sql.rows",
        "stores.postgres.claims",
    )
)


@pytest.mark.parametrize(
    ("module", "bad", "good"),
    [
        pytest.param(
            "ferryman.dialects.bkci.errors",
            "from ferryman.dialects.dataworks.signing import verify",
            "from ferryman.dialects.dialect import Operation",
            id="one dialect imports another",
        ),
        pytest.param(
            "ferryman.dialects.dataworks.v2020.mapping",
            "from ferryman.dialects.dataworks.v2024.mapping import created",
            "from ferryman.dialects.dataworks.signing import verify",
            id="one version of a vendor imports the other",
        ),
        pytest.param(
            "ferryman.stores.sqlite.claims",
            "from ferryman.stores.postgres import claims",
            "from ferryman.stores.sql.rows import run",
            id="one store imports another",
        ),
    ],
)
def test_neighbors_do_not_meet(module: str, bad: str, good: str) -> None:
    assert list(rules.neighbors([*HOUSE, Source(module, bad)]))
    assert not list(rules.neighbors([*HOUSE, Source(module, good)]))


def test_a_good_name_in_the_vendors_own_folder_is_left_alone() -> None:
    assert not list(rules.british_names(Source("ferryman.dialects.bkci.v3.wire", "cancelled = 1")))


def test_late_imports_are_the_command_lines_privilege() -> None:
    late = "def validate():\n    from ferryman.definition import load"
    assert not list(rules.hidden_imports(Source("ferryman.cli.validate", late)))
    assert list(rules.hidden_imports(Source("ferryman.definition.x", late)))


def test_a_circle_is_found_however_long() -> None:
    def chain(last: str) -> list[Source]:
        return [
            Source("ferryman.machine.a", "from ferryman.machine import b"),
            Source("ferryman.machine.b", "from ferryman.machine.c import thing"),
            Source("ferryman.machine.c", last),
        ]

    assert list(rules.circles(chain("from .a import other")))
    assert not list(rules.circles(chain("import json")))


VENDOR = Source(
    "ferryman.definition.model.stages",
    "class Stage:\n    runCondition: str = 'AFTER_LAST_FINISHED'\n"
    "    scriptKind: str = 'SUCCEED'\n    maxItems: int",
)
WORDS = Source("ferryman.domain.words", "SUCCEED = 'SUCCEED'")


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        pytest.param("ferryman.machine.x", "a.runCondition", 1, id="a field of the vendor's, read in a rule"),
        pytest.param("ferryman.machine.x", "make(runCondition=1)", 1, id="the same, given by keyword"),
        pytest.param(
            "ferryman.services.x", "word = 'AFTER_LAST_FINISHED'", 1, id="a vendor's word as a text"
        ),
        pytest.param(
            "ferryman.dialects.dialect",
            "word = 'runCondition'",
            1,
            id="the shared shape of dialects is no home",
        ),
        pytest.param("ferryman.machine.x", "Mode.AFTER_LAST_FINISHED", 0, id="an enum member of our own"),
        pytest.param("ferryman.machine.x", "word = 'SUCCEED'", 0, id="a word the files themselves use"),
        pytest.param(
            "ferryman.steps.linux_script", "class S:\n    scriptKind: str", 0, id="a key of a step's settings"
        ),
        pytest.param(
            "ferryman.steps.run", "class S:\n    run_condition: str", 0, id="renamed as the file spells it"
        ),
        pytest.param(
            "ferryman.steps.run", "K = StepKind(name='runCondition')", 0, id="the name of a step kind"
        ),
        pytest.param(
            "ferryman.steps.checking", "word = 'runCondition'", 1, id="a vendor's word elsewhere in steps"
        ),
        pytest.param(
            "ferryman.definition.file.tables.top", "a = 'AFTER_LAST_FINISHED'", 0, id="shouted in the format"
        ),
        pytest.param("ferryman.definition.file.tables.top", "a.runCondition", 1, id="a field, in the format"),
        pytest.param(
            "ferryman.definition.schema", "a = 'AFTER_LAST_FINISHED'", 1, id="shouted beside the format"
        ),
        pytest.param("ferryman.definition.schema", "word = 'maxItems'", 0, id="a word of JSON Schema"),
        pytest.param("ferryman.definition.model.jobs", "a.runCondition", 0, id="at home in the wire models"),
        pytest.param("ferryman.dialects.bkci.v3.mapping", "a.runCondition", 0, id="at home in the dialect"),
    ],
)
def test_vendor_words_stay_home(module: str, text: str, found: int) -> None:
    assert len(list(rules.vendor_words([VENDOR, WORDS, Source(module, text)]))) == found


def test_links(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text("[a](there.md) [b](there.md#a-heading-with-code) [c](https://example.org) ![d](page.md)")
    assert not list(papers.broken_links(tmp_path, [page]))
    page.write_text("[a](gone.md)\n[b](there.md#no-heading)\n![c](gone.svg)")
    assert len(list(papers.broken_links(tmp_path, [page]))) == 3


@pytest.mark.parametrize("text", ["run `make tea`", "```\nmake tea\n```", "cd x && make tea"])
def test_tasks_nobody_can_make(text: str) -> None:
    assert list(papers.unknown_tasks("x.md", text, "test: $(READY)\n"))
    assert not list(papers.unknown_tasks("x.md", text, "tea: $(READY)\n"))
    assert not list(papers.unknown_tasks("x.md", "we make sure of it", ""))


@pytest.mark.parametrize("name", ["2.new.md", "two.added.md", "2.added.txt", "added.md", "README.md"])
def test_fragment_names(name: str) -> None:
    assert list(papers.misnamed_fragments([name]))
    assert not list(papers.misnamed_fragments(["2.added.md", "17.1.security.md"]))


@pytest.mark.parametrize("line", ["# TODO later", "# FIXME: x", "XXX", "TODO(2): no number sign"])
def test_notes_of_work_left(line: str) -> None:
    assert list(papers.unnumbered_todos("x.py", line))
    assert not list(papers.unnumbered_todos("x.py", "# TODO #12: when the store exists\n# TODO(#12)"))


@pytest.mark.parametrize(
    "line",
    [
        "cd " + "/".join(["", "work", "x"]),
        "/root/.cache",
        "open /home/me/x",
        ".".join(["https://pypi", "org"]),
    ],
)
def test_paths_of_a_machine(line: str) -> None:
    assert list(papers.machine_paths("x.md", line))
    assert not list(papers.machine_paths("x.md", "a/root/b and https://example.org/network /etc/hosts"))


def test_what_no_page_names_is_found() -> None:
    assert list(
        papers.unmentioned("event", ["Finished"], "Finished, in prose only; `FinishedLate` is another")
    )
    assert not list(papers.unmentioned("event", ["Finished"], "told by `Finished(path)`"))


def test_stale_pages(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "run.md").write_text("old")
    kept = papers.snapshot(tmp_path)
    assert not list(papers.stale_pages(kept, {"steps/run.md": "old"}))
    assert len(list(papers.stale_pages(kept, {"steps/run.md": "new", "b.md": "none"}))) == 2


def test_lists_of_what_must_be_documented() -> None:
    cli = (
        "@main.command()\ndef dry_run(): ...\n"
        "@click.command('explain')\ndef _e(): ...\n"
        "@main.command(name='x')\ndef y(): ..."
    )
    assert list(listing.commands([Source("ferryman.cli.a", cli)])) == [
        "ferryman dry-run",
        "ferryman explain",
        "ferryman x",
    ]
    assert list(
        listing.events([Source("ferryman.domain.events", "class Started: ...\nclass _Own: ...")])
    ) == ["Started"]
    kinds = "KIND = StepKind(name='run')\nOTHER = kind.StepKind('wait')"
    assert list(listing.step_kinds([Source("ferryman.steps.a", kinds)])) == ["run", "wait"]


def test_the_house_is_read_by_module_name(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "ferryman" / "domain"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from . import ids")
    (folder / "ids.py").write_text("from .status import Phase")
    package, module = product(tmp_path)
    assert [name for _, name in package.imports()] == ["ferryman.domain.ids"]
    assert [name for _, name in module.imports()] == ["ferryman.domain.status.Phase"]
    assert (package.module, module.module) == ("ferryman.domain", "ferryman.domain.ids")


def test_files_outside_a_checkout_are_found_too(tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x").write_text("")
    (tmp_path / "seen").write_text("")
    assert papers.tracked(tmp_path) == (tmp_path / "seen",)
