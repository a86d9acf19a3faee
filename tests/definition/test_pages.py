"""The pages about pipeline files: the tables are whole, a default is what leaving a key out means, examples load."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ferryman.definition import load, schema, to_model
from ferryman.definition.file import codes
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.shapes import Forms, Key, Keys, Listing, Shape
from ferryman.definition.file.tables import PIPELINE
from ferryman.definition.model.files.writing import file_from_model
from ferryman.definition.pages import generated_parts, write
from ferryman.pages import END, begin

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(
    r"^```yaml\n(version: .*?)^```$", (DOCS / "pipeline-file.md").read_text(encoding="utf-8"), re.M | re.S
)
PARTS = {subject: text for _, subject, text in generated_parts()}

Tree = dict[str, Any]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: str(text.count("\n")))
def test_every_whole_file_of_the_page_loads_without_a_word_of_blame(example: str) -> None:
    assert load(example, name="example.yaml").warnings == ()


def test_the_page_shows_the_long_form_and_both_short_ones() -> None:
    forms = {form for form in ("stages", "jobs", "steps") for text in EXAMPLES if f"\n{form}:" in text}
    assert forms == {"stages", "jobs", "steps"}


def _keys(shape: Shape | None) -> Iterator[Key]:
    """Every key of the tables but those that make no sense here."""
    match shape:
        case Keys(keys=keys, rest=rest):
            for key in keys:
                if key.standing != "X":
                    yield key
                    yield from _keys(key.shape)
            yield from _keys(rest)
        case Listing(item=item):
            yield from _keys(item)
        case Forms(listing=listing, mapping=mapping):
            yield from _keys(listing)
            yield from _keys(mapping)


def test_every_key_of_the_format_has_its_row() -> None:
    rows = re.findall(r"^\| `(?:[^`]*\.)?([\w-]+)` \|.*\| (.+?) \|$", PARTS["the tables of the format"], re.M)
    missing = {(key.name, key.help) for key in _keys(PIPELINE)} - set(rows)
    assert not missing


def test_a_row_tells_shape_default_standing_and_meaning() -> None:
    text = PARTS["the tables of the format"]
    for row in (
        "| `retry-times` | number from 0 to 5 | `0` | yes | How often a failed step is tried again by itself. |",
        "| `hw-spec` | text |  | kept | Size of the machine. |",
        "| `reviews.flows[].name` | text | required | yes | Name of the group that decides. |",
        "| `services.NAME.image` | text | required | kept | Image with its tag. |",
        "| `mutex` | [mutex](#mutex) |  | yes | A lock the job holds while it runs. |",
        "| `paths` | `push`, `mr`, `mr-merged` | list of text |  | Changed paths that count. |",
        "Like [jobs](#jobs), without `strategy` and `show-runs-on`, and with its own:",
    ):
        assert row in text


def test_limits_and_codes_are_told_as_they_are() -> None:
    for name in Limits.__struct_fields__:
        assert f"| {name} | {getattr(Limits(), name):,} |" in PARTS["the limits"]
    for name in (name for name in vars(codes) if name.isupper()):
        assert f"| `{getattr(codes, name)}` |" in PARTS["the codes of faults"]


def test_writing_renews_what_stands_between_the_marks_and_nothing_else(tmp_path: Path) -> None:
    pages: dict[str, list[str]] = {}
    for name, subject, _ in generated_parts():
        pages.setdefault(name, []).append(subject)
    for name, subjects in pages.items():
        old = "".join(f"above\n{begin(subject)}\nold\n{END}\nbelow\n" for subject in subjects)
        (tmp_path / name).write_text(old, encoding="utf-8")
    write(tmp_path)
    for name, subjects in pages.items():
        new = "".join(f"above\n{begin(each)}\n\n{PARTS[each]}\n\n{END}\nbelow\n" for each in subjects)
        assert (tmp_path / name).read_text(encoding="utf-8") == new


# A default is what leaving the key out means: writing it changes nothing that a file of the pipeline says.

WHOLE = """
version: v3.0
name: shop
on:
  - manual: {id: m}
    schedules:
      - {id: s, interval: {week: [Mon]}}
    remote: {id: r}
  - repo-name: shop
    push: {id: a, branches: [main]}
    tag: {id: b, tags: [v1]}
    mr: {id: c, target-branches: [main]}
    mr-merged: {id: d, target-branches: [main]}
    issue: {id: e, action: open}
    review: {id: f, states: [approved]}
    note: {id: g, comment: [go]}
variables:
  LINE: {value: a, props: {type: custom-file, label: Line}}
stages:
  - check-in:
      reviews:
        flows: [{name: owners, reviewers: [alice]}]
        variables: {NOTE: {type: INPUT}}
    jobs:
      build:
        runs-on:
          self-hosted: true
          pool-name: builders
          container: {image: "a:1", options: {user: me}}
        mutex: {label: build, queue-length: 1}
        strategy: {matrix: {a: ["1", "2"]}}
        steps:
          - run: make
      plain:
        runs-on: {pool-name: docker, hw-spec: small}
        steps:
          - run: make
      bare:
        steps:
          - run: make
finally:
  told:
    steps:
      - run: make
concurrency: {group: shop}
notices:
  - {type: email}
recommended-version: {build-no: {}}
"""


def _defaults(node: Any, shape: Shape | None) -> Iterator[tuple[Keys, Key, Tree]]:
    """Every key with a default that a mapping of the file leaves out: table, key, and the mapping itself."""
    match shape:
        case Keys(keys=keys, rest=rest) if isinstance(node, dict):
            known = {key.name: key for key in keys}
            for name, value in node.items():
                yield from _defaults(value, known[name].shape if name in known else rest)
            for key in keys:
                if key.default is not None and key.standing != "X" and key.name not in node:
                    yield shape, key, node
        case Listing(item=item, single=single):
            for one in node if isinstance(node, list) else [node] * single:
                yield from _defaults(one, item)
        case Forms(listing=listing, mapping=mapping):
            yield from _defaults(node, listing if isinstance(node, list) else mapping)


def _said(tree: Tree) -> Any:
    """What a new file of the pipeline says."""
    said, losses = file_from_model(to_model(load(json.dumps(tree))))
    assert not losses
    return said


def _tables_with_defaults(shape: Shape | None) -> set[tuple[str, str]]:
    match shape:
        case Keys(what=what, keys=keys, rest=rest):
            kept = [key for key in keys if key.standing != "X"]
            found = {(what, key.name) for key in kept if key.default is not None}
            return found.union(*(_tables_with_defaults(each) for each in [*(k.shape for k in kept), rest]))
        case Listing(item=item):
            return _tables_with_defaults(item)
        case Forms(listing=listing, mapping=mapping):
            return _tables_with_defaults(listing) | _tables_with_defaults(mapping)
    return set()


def test_a_default_is_what_leaving_the_key_out_means() -> None:
    tree = YAML(typ="safe", pure=True).load(WHOLE.replace("\non:", '\n"on":'))
    before, tried = _said(tree), set()
    for table, key, mapping in _defaults(tree, PIPELINE):
        written = list(key.default) if isinstance(key.default, tuple) else key.default
        mapping[key.name] = written
        assert _said(tree) == before, f"{table.what}: {key.name}: {written}"
        del mapping[key.name]
        tried.add((table.what, key.name))
    assert tried == _tables_with_defaults(PIPELINE)


def test_the_schema_tells_defaults() -> None:
    stage = schema()["properties"]["stages"]["items"]["properties"]
    assert stage["label"]["default"] == ["Build"]
    assert stage["enable"]["default"] is True
    assert "default" not in stage["name"]
