"""The outlook of a run: what its own conditions see, and the facts it hands to a job that begins.

All that is decided in one round is decided on the same world, in whatever order (`RunDraft.look`).
"""

import re

from ferryman import expressions
from ferryman.domain import words
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Facts
from ferryman.domain.status import Outcome
from ferryman.domain.values import Json
from ferryman.machine.draft import RunDraft
from ferryman.machine.scope import Scope


def of_run(run: RunDraft, *, final: bool = False) -> Scope:
    """What a stage's or job's own condition sees; `final` adds what only the finally stage can know."""
    world = run.world
    return Scope(
        world.variables,
        {
            "variables": lambda: world.variables,
            "ci": lambda: ci_of(run, final=final),
            "jobs": lambda: world.jobs,
            "stages": lambda: world.reviews,
        },
        lambda: hidden_names(run),
    )


def hidden_names(run: RunDraft) -> frozenset[str]:
    """Names of the run's variables whose values are never shown."""
    return frozenset(parameter.name for parameter in run.pipeline.parameters if parameter.sensitive)


def ci_of(run: RunDraft, *, final: bool) -> dict[str, Json]:
    """The context `ci`; in the finally stage with the result so far and the names of what failed (semantics 10.2)."""
    ci = dict(run.facts)
    if run.started_at:
        ci[words.START_TIME] = str(run.started_at)
    if run.world.remark:
        ci["remark"] = run.world.remark
    if final:
        ci[words.BUILD_STATUS] = words.RUNNING if run.result is None else words.OUTCOME_WORDS[run.result]
        if run.result is Outcome.SKIPPED:
            ci[words.BUILD_STATUS] = words.SUCCEEDED
        failed = [
            (f"[{run.pipeline.stages[at].name}][{job.define.name}]", name)
            for at in range(run.cursor)
            for job in (run.stages_touched.get(at) or run.stages[at]).jobs
            for name in run.jobs_touched.get(job.path, job).tells.failed_steps
        ]
        ci |= dict.fromkeys(words.FAILED_NAMES, ",".join(name for _, name in failed))
        ci[words.FAILED_PLACES] = "\n".join(place + name for place, name in failed)
    return ci


def unreached_jobs(pipeline: Pipeline) -> dict[str, Json]:
    """The context `jobs` before anything has run: every job is there, and reads UNEXEC (pipeline-yaml 11)."""
    return {
        job.user_id: {
            "id": job.user_id,
            "name": job.name,
            "status": words.UNREACHED,
            "outcome": words.UNREACHED,
            "stage_id": stage.user_id or stage.id,
            "stage_name": stage.name,
        }
        for stage in pipeline.stages
        for job in stage.jobs
        if job.user_id
    }


def facts_for(
    run: RunDraft, stage_at: int, *, matrix: dict[str, str] | None = None, number: int = 0
) -> Facts:
    """The world as it stands now, for a job of this stage."""
    stage = run.pipeline.stages[stage_at]
    return Facts(
        variables=run.world.variables,
        jobs=run.world.jobs,
        stages=run.world.reviews,
        ci=ci_of(run, final=stage.final),
        matrix=matrix,
        index=number,
        stage_id=stage.user_id or stage.id,
        stage_name=stage.name,
        stage_env=stage.env,
        zone=run.zone,
        started_by=run.started_by,
        dialect=run.pipeline.dialect,
        read_only=frozenset(p.name for p in run.pipeline.parameters if p.read_only or p.constant),
        hidden=hidden_names(run),
        fail_on_long_value=run.pipeline.fail_on_long_value,
        patience_ms=run.patience_ms,
    )


SEPARATORS = re.compile("[,;]")


def needed(draft: RunDraft, texts: tuple[str, ...]) -> frozenset[str]:
    """User ids of the jobs that are meant: texts substituted, then split at comma and semicolon."""
    ids: set[str] = set()
    for text in texts:
        whole = text
        if "$" in text:
            whole = expressions.substitute(
                text, of_run(draft), dialect=draft.pipeline.dialect, zone=draft.zone
            )
        ids.update(piece.strip() for piece in SEPARATORS.split(whole) if piece.strip())
    return frozenset(ids)
