"""A dozen shapes of pipelines that a driver has to bring through anything."""

from ferryman.domain.pipeline import Pipeline
from tests.machine.scenario_pipeline import pipeline_of

TEXTS = {
    "one step": "stage a : job a : step t",
    "the workload W": """
        stage a : job a : step t : step u
                  job b : step t : step u
        stage b : job a : step t : step u
                  job b : step t : step u
    """,
    "retries": "stage a : job a : step t retry=2 : step u retry=1 backoff=30s : step v after=failure",
    "a review": """
        stage a : job a : step t
        stage b
          review by=bob,carol quorum=2 hours=8
          job a : step t
    """,
    "a verdict behind a stage": """
        stage a
          verdict rules=coverage after
          job a : step t
        stage tidy final : job a : step t
    """,
    "a mutex": """
        stage a
          job a mutex=deploy mutex-queue=5 mutex-minutes=60 : step t
          job b mutex=deploy mutex-queue=5 mutex-minutes=60 : step t
          job c mutex=deploy : step t
    """,
    "a matrix": """
        stage a
          job a 'matrix={"x":["1","2","3"]}' parallel=2 : step t : step u
        stage b : job a : step t
    """,
    "needs and fast kill": """
        stage a fast-kill
          job a : step t
          job b needs=a : step t
          job c : step t : step u
        stage tidy final : job a : step t after=always
    """,
    "a pause and a question": "stage a : job a : step t pause : step q by=bob : step u",
    "limits": "stage a : job a minutes=30 : step t minutes=5 retry=1 : step u minutes=10",
    "what runs in spite of a cancel": """
        stage a : job a : step t : step u after=always : post t after=always
        stage tidy final : job a : step t
    """,
    "one at a time": "stage a : job a : step t : step u",
}


def shapes() -> dict[str, Pipeline]:
    """By name."""
    return {
        name: pipeline_of([line.strip() for line in text.strip().splitlines()])
        for name, text in TEXTS.items()
    }
