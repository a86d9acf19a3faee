"""What one event costs in runs of 12, 200 and 2,000 steps, and what a whole journal costs.

Every figure is of a real result (`StepFinished`) folded through all the rules, the difference of wants included. The
last step of a job ends it, the last job ends its stage and opens the next, and so on. Run by hand:
`python benchmarks/machine.py`; `python benchmarks/machine.py profile LAYOUT` prints where the time of one goes.
"""

import cProfile
import gc
import pstats
import sys
from collections import deque
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from _table import centile, micro, show
from ferryman.domain.conditions import Always, Holds
from ferryman.domain.events import Event, Started, StepFinished
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase
from ferryman.domain.values import Parameter
from ferryman.domain.wants import StepWanted
from ferryman.machine import advance, begin, replay, wants


class Layout(NamedTuple):
    """How many stages, jobs in each, steps in each of these, and the microseconds that an event may take."""

    name: str
    stages: int
    jobs: int
    steps: int
    target: int
    talks: bool = False
    """Each step but the first has a condition on a variable and an output; each writes both."""

    @property
    def size(self) -> int:
        """How many steps there are."""
        return self.stages * self.jobs * self.steps


LAYOUTS = (
    Layout("workload W", 3, 2, 2, 100),
    Layout("wide and long", 5, 4, 10, 150),
    Layout("ten times that", 10, 10, 20, 150),
    Layout("one long job", 1, 1, 2_000, 150),
    Layout("2,000 jobs at once", 1, 2_000, 1, 150),
    Layout("W that talks", 3, 2, 2, 100, talks=True),
    Layout("200 that talk", 5, 4, 10, 150, talks=True),
    Layout("2,000 that talk", 10, 10, 20, 150, talks=True),
    Layout("one long job that talks", 1, 1, 2_000, 150, talks=True),
)
CONDITION = Holds("variables.count != '' && steps.step0.outputs.file != 'none'", when_blank=True)
ROUNDS_OF_SMALL = 2_000
"""A layout is run again until this many events have been folded."""


def pipeline_of(layout: Layout) -> Pipeline:
    """The definition of a layout; no limit of files is asked."""
    steps = tuple(
        Step(
            id=f"t{number}",
            kind="run",
            user_id=f"step{number}" if layout.talks else "",
            condition=CONDITION if number and layout.talks else Always(),
        )
        for number in range(layout.steps)
    )
    jobs = tuple(Job(id=f"j{number}", user_id=f"job{number}", steps=steps) for number in range(layout.jobs))
    stages = tuple(Stage(id=f"s{number}", jobs=jobs) for number in range(layout.stages))
    return Pipeline(stages=stages, parameters=(Parameter(name="count", default="0"),))


def result(key: str, at: int, *, talks: bool) -> StepFinished:
    """A step has succeeded; one that talks tells two outputs and writes two variables."""
    if not talks:
        return StepFinished(at=at, key=key, outcome="succeeded", spawned_at=at)
    return StepFinished(
        at=at,
        key=key,
        outcome="succeeded",
        spawned_at=at,
        outputs={"file": "shop.tgz", "size": 1_234_567},
        variables={"count": str(at), "last": key},
    )


def story(pipeline: Pipeline, *, talks: bool) -> Iterator[tuple[Run, Event, Run, float]]:
    """A run in which each wanted step succeeds, oldest first: run before, event, run after, seconds."""
    started = Started(at=1_000, run="r", turn=True)
    first = perf_counter()
    run, wanted, _ = begin(pipeline, started)
    yield run, started, run, perf_counter() - first
    queue = deque(want.name for want in wanted if isinstance(want, StepWanted))
    at = 1_000
    while queue:
        at += 1
        event = result(queue.popleft(), at, talks=talks)
        before = run
        first = perf_counter()
        run, wanted, _ = advance(run, event)
        seconds = perf_counter() - first
        queue.extend(want.name for want in wanted if isinstance(want, StepWanted))
        yield before, event, run, seconds
    if run.phase is not Phase.FINISHED or run.outcome is not Outcome.SUCCEEDED:
        raise AssertionError("the run did not come to its end")


def times_of(layout: Layout) -> list[float]:
    """Seconds of each event but the start, sorted, of as many runs as are needed."""
    pipeline = pipeline_of(layout)
    times: list[float] = []
    while len(times) < ROUNDS_OF_SMALL:
        times += [
            seconds
            for _, event, _, seconds in story(pipeline, talks=layout.talks)
            if isinstance(event, StepFinished)
        ]
    return sorted(times)


def replay_of(layout: Layout) -> tuple[float, float]:
    """Seconds to fold a whole journal, and to read every want off the run in its middle."""
    pipeline = pipeline_of(layout)
    folded = list(story(pipeline, talks=layout.talks))
    entries = [JournalEntry(seq=number, event=each[1]) for number, each in enumerate(folded, 1)]
    first = perf_counter()
    run = replay(pipeline, entries)
    seconds = perf_counter() - first
    if run != folded[-1][2]:
        raise AssertionError("the replayed run is another one")
    middle = folded[len(folded) // 2][2]
    first = perf_counter()
    wants(middle)
    return seconds, perf_counter() - first


def main() -> None:
    """Print both tables."""
    gc.disable()
    rows, medians = [], {}
    for layout in LAYOUTS:
        times = times_of(layout)
        gc.collect()
        medians[layout.name] = centile(times, 0.5)
        rows.append(
            (
                layout.name,
                f"{layout.stages}×{layout.jobs}×{layout.steps}",
                f"{layout.size:,}",
                micro(centile(times, 0.5)),
                micro(centile(times, 0.95)),
                micro(times[-1]),
                f"≤ {layout.target}",
                f"{centile(times, 0.5) / medians[LAYOUTS[0].name]:.2f}",
            )
        )
    head = ("one event, in µs", "layout", "steps", "median", "p95", "worst", "target", "to W")
    show("One event through all rules, wants included", head, rows)
    whole = []
    for layout in LAYOUTS:
        seconds, recovery = replay_of(layout)
        gc.collect()
        whole.append((layout.name, f"{layout.size:,}", f"{seconds:.3f}", "< 1", f"{recovery * 1e3:.2f}"))
    show("A whole journal", ("layout", "steps", "replay, s", "target", "all wants, ms"), whole)


def profile(name: str) -> None:
    """Print the thirty functions that take the most time in one layout."""
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    pipeline = pipeline_of(layout)
    with cProfile.Profile() as profiler:
        for _ in story(pipeline, talks=layout.talks):
            pass
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    if sys.argv[1:2] == ["profile"]:
        profile(sys.argv[2])
    else:
        main()
