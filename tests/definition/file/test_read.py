"""The plain tree that comes out of a file, its marks, and the switches of `read`."""

import sys
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.file import Limits, read
from ferryman.definition.file.meaning.matrices import combinations
from ferryman.definition.file.meaning.triggers import cron_fault

STEPS = "steps: [run: make]\n"


def test_values_get_the_type_the_format_wants() -> None:
    """pipeline-yaml 2: a number or boolean becomes text where text is wanted; short forms become lists."""
    tree = read(
        "version: v3.0\nname: 7\ndesc:\non: {schedules: {cron: 0 3 * * *}}\nvariables: {a: yes, b: 1.10}\n"
        "jobs:\n  1:\n    timeout-minutes: '30'\n    env: {A: , B: 010}\n    continue-on-error: on\n"
        + "    "
        + STEPS
    )
    assert [problem.path for problem in tree.errors] == ["jobs.1.continue-on-error"]
    assert tree.value["name"] == "7"
    assert "desc" not in tree.value
    assert tree.value["on"] == {"schedules": [{"cron": ["0 3 * * *"]}]}
    assert tree.value["variables"] == {"a": "true", "b": "1.10"}
    assert tree.value["jobs"]["1"]["timeout-minutes"] == 30
    assert tree.value["jobs"]["1"]["env"] == {"A": "", "B": "8"}
    assert tree.value["jobs"]["1"]["continue-on-error"] is None


def test_free_places_keep_what_yaml_says() -> None:
    """pipeline-yaml 2: the free map `with`."""
    tree = read(
        "version: v3.0\nsteps:\n  - uses: a@1\n    with: {n: 1, f: 1.5, b: yes, t: on, none: , l: [{x: 1}]}\n"
    )
    assert tree.problems == ()
    expected = {"n": 1, "f": 1.5, "b": True, "t": "on", "none": None, "l": [{"x": 1}]}
    assert tree.value["steps"][0]["with"] == expected


def test_order_is_kept() -> None:
    """pipeline-yaml 2: maps keep their order."""
    tree = read("version: v3.0\nvariables: {z: 1, a: 2, m: 3}\n" + STEPS)
    assert list(tree.value["variables"]) == ["z", "a", "m"]


def test_marks_tell_where_everything_stands() -> None:
    tree = read("version: v3.0\nstages:\n  - jobs:\n      a b:\n        steps:\n          - run: make\n")
    assert tree.marks["stages"] == (2, 1)
    assert tree.marks["stages[0]"] == (3, 5)
    assert tree.marks["stages[0].jobs['a b'].steps[0].run"] == (6, 13)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("on: {change-commit: [a]}\n" + STEPS, "on.change-commit"),
        ("on: {type: p4, push: [a]}\n" + STEPS, "on.type"),
        ("on: {type: tapd, story: {}}\n" + STEPS, "on.story"),
        ("variables: {template: [{name: a}]}\n" + STEPS, "variables.template"),
        ("resources: {pools: []}\n" + STEPS, "resources.pools"),
        ("runs-on: docker\n" + STEPS, "runs-on"),
        ("jobs: {a: {runs-on: windows-2016, steps: [run: make]}}\n", "jobs.a.runs-on"),
        ("jobs: {a: {runs-on: {xcode: 12}, steps: [run: make]}}\n", "jobs.a.runs-on.xcode"),
    ],
)
def test_keys_of_the_vendor_are_refused_or_only_warned_of(text: str, path: str) -> None:
    """pipeline-yaml 13: X keys are refused by default; a switch turns them into warnings."""
    refused = read("version: v3.0\n" + text)
    assert path in {problem.path for problem in refused.errors}
    accepted = read("version: v3.0\n" + text, accept_vendor_keys=True)
    assert accepted.errors == ()
    assert path in {problem.path for problem in accepted.problems}


def test_values_pasted_into_scripts_are_warned_of_or_refused() -> None:
    """RULINGS 14, CFG-6."""
    text = "version: v3.0\nvariables: {a: b}\nsteps:\n  - run: echo ${{ variables.a }}\n"
    (warning,) = read(text).problems
    assert (warning.severity, warning.line, warning.column) == ("warning", 4, 15)
    assert '"$a"' in warning.hint
    (error,) = read(text, strict_scripts=True).problems
    assert error.severity == "error"


def test_the_classic_dialect_pastes_names_so_only_a_run_can_tell() -> None:
    """RULINGS 2; pipeline-yaml 10.7."""
    text = (
        "version: v3.0\nsyntax-dialect: CLASSIC\nsteps: [{run: make, if: '${a} b', env: {A: '${{ a b }}'}}]\n"
    )
    assert read(text).problems == ()


def test_no_more_problems_than_asked_for_and_errors_first() -> None:
    """pipeline-yaml 13: at most 50 problems."""
    steps = "".join("  - run: echo ${{ ci.actor }}\n    nothing: x\n" for _ in range(15))
    tree = read("version: v3.0\nsteps:\n" + steps, limits=Limits(problems=10))
    assert len(tree.problems) == 10
    assert {problem.severity for problem in tree.problems} == {"error"}


def test_limits_of_stages_jobs_and_steps_are_settings() -> None:
    """RULINGS 13; CFG-9."""
    text = (
        "version: v3.0\nstages: [{jobs: {a: {steps: [{run: make}, {run: make}]}, b: {steps: [run: make]}}}]\n"
    )
    assert read(text, limits=Limits(stages=2, jobs=2, steps=2)).problems == ()
    assert [problem.path for problem in read(text, limits=Limits(stages=1)).problems] == ["stages"]
    assert [problem.path for problem in read(text, limits=Limits(jobs=1)).problems] == ["stages[0].jobs"]
    assert [problem.path for problem in read(text, limits=Limits(steps=1)).problems] == [
        "stages[0].jobs.a.steps"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * *",
        "*/5 1-3,5 * JAN MON-FRI",
        "0 0 3 * * *",
        "0 0 3 ? * 2",
        "0 0 3 ? * 2 2030",
        "0 0 3 ? * 7 *",
    ],
)
def test_cron_expressions(text: str) -> None:
    """pipeline-yaml 4: five fields, and the longer ones an interval is turned into."""
    assert cron_fault(text) == ""


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "61 * * * *", "0 3 30 2 *", "a b c d e", "0 0 3 ? * 2 soon", "٣ * * * *", "0 " * 400],
)
def test_what_is_no_cron_expression(text: str) -> None:
    assert cron_fault(text) != ""


@given(st.text(alphabet="0123456789*/-,?L#W JANMON\u0663\u00b2", max_size=40))
def test_any_text_is_a_cron_expression_or_has_a_fault(text: str) -> None:
    assert isinstance(cron_fault(text), str)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        pytest.param([], [], ["1x", "1y", "2x", "2y"], id="the last axis turns fastest"),
        pytest.param(
            [{"a": "1", "c": "!"}], [], ["1x!", "1y!", "2x", "2y"], id="keys added where values are equal"
        ),
        pytest.param([{"a": "3"}], [], ["1x", "1y", "2x", "2y", "3"], id="a combination of its own"),
        pytest.param([{"c": "3"}], [], ["1x", "1y", "2x", "2y"], id="an entry without an axis is dropped"),
        pytest.param(
            [], [{"a": "1", "b": "y"}, {"a": "2"}], ["1x", "2x", "2y"], id="only whole combinations go"
        ),
        pytest.param([{"a": "3"}, {"a": "3"}], [], ["1x", "1y", "2x", "2y", "3"], id="each once"),
    ],
)
def test_combinations_of_a_matrix(
    include: list[dict[str, str]], exclude: list[dict[str, str]], expected: list[str]
) -> None:
    """pipeline-yaml 7.3."""
    found = combinations({"a": ["1", "2"], "b": ["x", "y"]}, include, exclude)
    assert ["".join(one.values()) for one in found] == expected


def test_an_empty_matrix_has_the_combinations_it_includes() -> None:
    """pipeline-yaml 7.3."""
    assert combinations({}, [{"a": "1"}, {"b": "2"}], []) == [{"a": "1"}, {"b": "2"}]


PIECES = ["run: ", "- ", "\n  ", *"abon:-[]{}'\"&*<!|>%@#,?\n\t ~0.\r\u2028\x00\ud800é"]
YAML_LIKE = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)


@given(st.one_of(YAML_LIKE, st.binary(max_size=100), st.text(max_size=50)))
def test_reading_never_raises(text: str | bytes) -> None:
    """ERR-8: input alone never causes anything but problems."""
    tree = read(text)
    assert tree.problems
    if isinstance(text, str):
        assert read("version: v3.0\n" + text).problems


KEYS = [
    "steps",
    "jobs",
    "if",
    "run",
    "uses",
    "with",
    "env",
    "a",
    "matrix",
    "strategy",
    "include",
    "cron",
    "mode",
    "params",
    "value",
    "props",
    "type",
    "options",
    "id",
    "flows",
    "depend-on",
    "runs-on",
    "reviews",
    "check-in",
    "extends",
    "template",
]
NESTED = st.recursive(
    st.sampled_from(["a", "1", "yes", "~", "'${{ a }}'", "'${{ a'", "x@1", "'*'", "1.5", "-1", "''"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ).map(lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"),
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["stages", "jobs", "steps", "finally", "on", "variables", "extends", "notices", "name"]
        ),
        NESTED,
        max_size=4,
    )
)
def test_any_value_in_any_place_gives_problems_or_a_tree(entries: dict[str, str]) -> None:
    text = "version: v3.0\n" + "".join(f"{key}: {value}\n" for key, value in entries.items())
    for accept in (False, True):
        tree = read(text, accept_vendor_keys=accept)
        assert tree.value["version"] == "v3.0"
        assert all(problem.line >= 1 for problem in tree.problems)


def test_the_rest_of_the_product_does_not_load_the_yaml_library() -> None:
    """RULINGS 20: at idle ruamel is not imported."""
    code = (
        "import sys, ferryman, ferryman.domain.errors, ferryman.steps; sys.exit('ruamel.yaml' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
