"""`ferryman evaluate` on what a run has seen (CFG-5)."""

from tests.cli.workshop import Workshop

FILE = """version: v3.0
name: seen
variables:
  branch: main
  word: {value: a-secret-word, sensitive: true}
  pin: {value: "7", sensitive: true}
steps:
  - id: count
    run: setEnv FOUND 3
"""


def test_an_expression_is_tried_on_a_past_run(workshop: Workshop) -> None:
    """CFG-5: with what its conditions saw at its end, or other values in place of that; never with sensitive ones."""
    workshop.write("seen.yaml", FILE)
    assert workshop.ran("run", "seen.yaml", "--param", "branch=dev").returncode == 0

    def tried(expression: str, *more: str) -> str:
        told = workshop.ran("evaluate", expression, "--run", "seen#1", *more)
        assert told.returncode == 0, told.stderr
        return told.stdout

    assert (
        tried("variables.branch == 'main'") == "false\ndoes not hold: variables.branch is dev, wanted main\n"
    )
    assert tried("variables.branch == 'main'", "--with", "branch=main").startswith("true\n")
    assert tried("variables.FOUND").startswith("3\n")
    assert tried("ci.build_num", "--with", "ci.build_num=7").startswith("7\n")
    assert tried("ci.pipeline_name").startswith("seen\n")
    assert tried("startsWith(variables.word, 'a-')").startswith("false\n")
    assert tried("variables.word").startswith("******\n")
    assert tried("variables.pin").startswith("******\n"), "also where it is too short to be masked in a log"
    missing = workshop.ran("evaluate", "true", "--run", "seen#9")
    assert missing.returncode == 3
