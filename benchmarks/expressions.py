"""Medians of the language's hot paths, in microseconds. Run by hand: `python benchmarks/expressions.py`."""

from statistics import median
from timeit import repeat

from ferryman.expressions import evaluate, judge, substitute

CONTEXT = {
    "variables": {"x": "y", "branch": "dev", "count": "12"}
    | {f"name_{number}": "value" for number in range(50)},
    "jobs": {"build": {"status": "SUCCEED", "steps": {"pack": {"outputs": {"file": "shop.tgz"}}}}},
}
CONDITIONS = (
    "variables.x == 'y'",
    "${{ variables.x == 'y' }}",
    "variables.count > 9 && jobs.build.steps.pack.outputs.file != ''",
    "variables.nope == ''",
    "contains(variables.branch, 'release')",
)
TEXTS = (
    "make package",
    "make ${{ variables.branch }}",
    "echo ${{ variables.x }}\n" * 20,
)
LOOPS = 5_000


def main() -> None:
    """Print one line a workload."""
    for text in CONDITIONS:
        show("evaluate", text, lambda text=text: evaluate(text, CONTEXT))
        show("judge", text, lambda text=text: judge(text, CONTEXT))
    show(
        "judge classic",
        "'${variables.x}' == 'y'",
        lambda: judge("'${variables.x}' == 'y'", CONTEXT, dialect="classic"),
    )
    for text in TEXTS:
        show("substitute", text, lambda text=text: substitute(text, CONTEXT))


def show(verb: str, text: str, work: object) -> None:
    """Print the median of 15 rounds."""
    times = repeat(work, number=LOOPS, repeat=15)  # type: ignore[arg-type]
    print(f"{median(times) / LOOPS * 1e6:8.2f} µs  {verb:14} {text.splitlines()[0]}")


if __name__ == "__main__":
    main()
