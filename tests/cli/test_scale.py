"""Large pipelines: the fold visits each step once, and a bound ends it (CFG-9)."""

from ferryman.cli.plan.fold import fold
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step


def test_as_many_events_as_there_are_steps() -> None:
    """Nothing is looked at twice: one event for each step, none besides."""
    steps = tuple(Step(id=f"t{number}", kind="run") for number in range(20))
    jobs = tuple(Job(id=f"j{number}", steps=steps) for number in range(20))
    pipeline = Pipeline(stages=tuple(Stage(id=f"s{number}", jobs=jobs) for number in range(5)))
    dry = fold(pipeline, values={}, facts={}, most=5 * 20 * 20)
    assert dry.complete
    assert len(dry.attempts) == dry.run.seq - 1 == 5 * 20 * 20
