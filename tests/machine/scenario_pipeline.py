"""Reads the `pipeline` block of a scenario: one node a line (or several, with ` : ` between them).

    pipeline dialect=classic concurrency=single
      variable branch=main not-empty
      stage build fast-kill when="variables.branch == 'main'"
        review by=ann,bob quorum=2 hours=48
          group Second by=carol
          ask tag=1.0
        verdict rules=coverage after
        job compile needs=fetch mutex=deploy mutex-queue=2
          step make retry=2 on-failure=continue after=failure minutes=30
          step ok by=ann : post make after=always
      stage tidy final : job sweep previous=failed : step sweep

Indentation is for the reader alone: the word a line begins with says what it is, and it belongs to the last node
above it that can hold it. Ids stand in paths and are the user's ids as well.
"""

import json
from typing import Any

from msgspec.structs import replace

from ferryman.domain.conditions import (
    After,
    AfterStage,
    Always,
    Condition,
    Holds,
    Matches,
    Previous,
    Upstream,
)
from ferryman.domain.dialect import Dialect
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Parameter
from tests.machine.scenario_words import Unreadable, Words, milliseconds

NO_LIMIT = 900


def pipeline_of(lines: list[str]) -> Pipeline:
    """The pipeline that these lines say."""
    builder = _Builder()
    for line in lines:
        for piece in line.split(" : "):
            if piece.strip():
                builder.read(Words(piece, sections=("env", "settings")))
    return builder.pipeline


class _Builder:
    """Collects nodes; each new one is put at the end of the node that holds it."""

    def __init__(self) -> None:
        self.pipeline = Pipeline(stages=())

    def read(self, words: Words) -> None:
        verb = words.next("a node")
        reader = getattr(self, f"_{verb}", None)
        if reader is None:
            raise Unreadable(f"a pipeline has no {verb}")
        reader(words)
        words.done()

    # where the next node goes

    def _put_stage(self, **changes: Any) -> None:
        stages = self.pipeline.stages
        if not stages:
            raise Unreadable("there is no stage to hold this")
        self.pipeline = replace(self.pipeline, stages=(*stages[:-1], replace(stages[-1], **changes)))

    def _put_job(self, **changes: Any) -> None:
        jobs = self.pipeline.stages[-1].jobs
        if not jobs:
            raise Unreadable("there is no job to hold this")
        self._put_stage(jobs=(*jobs[:-1], replace(jobs[-1], **changes)))

    def _put_step(self, step: Step) -> None:
        self._put_job(steps=(*self.pipeline.stages[-1].jobs[-1].steps, step))

    def _gates(self, where: str) -> tuple[Gate, ...]:
        stage = self.pipeline.stages[-1]
        return stage.after if where == "after" else stage.before

    def _put_gate(self, where: str, gate: Gate, *, last: bool = False) -> None:
        gates = self._gates(where)
        self._put_stage(**{where: (*(gates[:-1] if last else gates), gate)})

    # nodes

    def _pipeline(self, words: Words) -> None:
        exclusion = Exclusion(words.option("concurrency", "free"))
        self.pipeline = Pipeline(
            stages=(),
            dialect=Dialect(words.option("dialect", "constrained")),
            clear_variables_on_retry=words.flag("clear-variables"),
            fail_on_long_value=words.flag("fail-on-long-value"),
            retry_allowed=not words.flag("no-retry"),
            announced=words.listed("announced"),
            concurrency=Concurrency(
                exclusion=exclusion,
                group=words.option("group"),
                cancel_in_progress=words.flag("cancel-in-progress"),
                queue_length=words.number("queue-length", 10),
                waiting_minutes=words.number("waiting", 480),
            ),
        )

    def _variable(self, words: Words) -> None:
        parameters = (*self.pipeline.parameters, _parameter(words))
        self.pipeline = replace(self.pipeline, parameters=parameters)

    def _stage(self, words: Words) -> None:
        name = words.next("the stage's id")
        stage = Stage(
            id=name,
            user_id=name,
            name=words.option("name"),
            jobs=(),
            enabled=not words.flag("off"),
            fast_kill=words.flag("fast-kill"),
            final=words.flag("final"),
            condition=_condition(words, level="stage"),
            env=words.sections["env"],
        )
        self.pipeline = replace(self.pipeline, stages=(*self.pipeline.stages, stage))

    def _review(self, words: Words) -> None:
        gate = _review(words)
        self._put_gate("after" if words.flag("after") else "before", gate)

    def _group(self, words: Words) -> None:
        gate = self._gates("before")[-1]
        name = words.next("the group's name")
        group = ReviewGroup(
            name=name,
            id=words.option("id"),
            reviewers=words.listed("by"),
            roles=words.listed("roles"),
            quorum=words.number("quorum", 1),
        )
        self._put_gate("before", replace(gate, groups=(*gate.groups, group)), last=True)

    def _ask(self, words: Words) -> None:
        gate = self._gates("before")[-1]
        self._put_gate("before", replace(gate, parameters=(*gate.parameters, _parameter(words))), last=True)

    def _manual(self, words: Words) -> None:
        self._put_gate("before", Gate(kind=GateKind.MANUAL, self_approval=not words.flag("not-own")))

    def _verdict(self, words: Words) -> None:
        gate = Gate(kind=GateKind.VERDICT, rules=words.listed("rules"))
        self._put_gate("after" if words.flag("after") else "before", gate)

    def _job(self, words: Words) -> None:
        name = words.next("the job's id")
        job = Job(
            id=name,
            user_id=name,
            name=words.option("name"),
            steps=(),
            enabled=not words.flag("off"),
            needs=tuple(text for text in (words.option("needs"),) if text),
            condition=_condition(words, level="job"),
            runs_on=RunsOn(kind=words.option("runs-on", "any")),
            limit=_limit(words),
            continue_on_failure=words.flag("continue"),
            mutex=_mutex(words),
            matrix=_matrix(words),
            env=words.sections["env"],
        )
        self._put_stage(jobs=(*self.pipeline.stages[-1].jobs, job))

    def _step(self, words: Words) -> None:
        name = words.next("the step's id")
        parts: dict[str, Any] = {
            "retry": Retry(
                automatic=words.number("retry", 0),
                by_hand=not words.flag("no-manual-retry"),
                backoff_ms=milliseconds(words.option("backoff", "0ms")),
            ),
            "on_failure": OnFailure(words.option("on-failure", "stop")),
            "pause_before": words.flag("pause"),
            "tell_on_pause": words.listed("tell"),
            "repeatable": words.flag("repeatable"),
            "limit": _limit(words),
            "enabled": not words.flag("off"),
            "env": words.sections["env"],
            "settings": words.sections["settings"],
            "name": words.option("name"),
        }
        if words.has("by") or words.has("ask"):
            question = _parameter_list(words.option("ask"))
            gate = _review(words, hours=0)
            parts["review"] = replace(gate, parameters=question, namespace=words.option("namespace"))
        kind = "manual-review" if "review" in parts else "run"
        condition = _condition(words, level="step")
        self._put_step(Step(id=name, user_id=name, kind=kind, condition=condition, **parts))

    def _post(self, words: Words) -> None:
        parent = words.next("the step that is followed up")
        self._put_step(
            Step(
                id=f"{parent}.post",
                kind="post",
                post_of=parent,
                on_failure=OnFailure.CONTINUE,
                enabled=not words.flag("off"),
                condition=_condition(words, level="step"),
                limit=_limit(words),
            )
        )


def _parameter(words: Words) -> Parameter:
    """`name=default` and flags."""
    if len(words.options) != 1:
        raise Unreadable("a value is said as name=default")
    name, default = words.options.popitem()
    return Parameter(
        name=name,
        default=default,
        settable=not words.flag("fixed"),
        read_only=words.flag("read-only"),
        constant=words.flag("constant"),
        not_empty=words.flag("not-empty"),
    )


def _parameter_list(text: str) -> tuple[Parameter, ...]:
    pairs = (piece.partition(":") for piece in text.split(",") if piece)
    return tuple(Parameter(name=name, default=default) for name, _, default in pairs)


def _review(words: Words, *, hours: int = 24) -> Gate:
    quorum = words.number("quorum", 1)
    by, roles = words.listed("by"), words.listed("roles")
    groups = (ReviewGroup(name="Flow 1", reviewers=by, roles=roles, quorum=quorum),) if by or roles else ()
    return Gate(
        kind=GateKind.REVIEW,
        groups=groups,
        hours=words.number("hours", hours),
        veto=not words.flag("no-veto"),
        self_approval=not words.flag("not-own"),
    )


def _condition(words: Words, *, level: str) -> Condition:
    """`when=` is an expression, `match=` and `match-not=` are pairs, `after=` looks back, `previous=` at a stage."""
    if words.has("when"):
        return Holds(words.option("when"), when_blank=level == "step")
    for name in ("match", "match-not"):
        if words.has(name):
            wanted = name == "match"
            pairs = tuple(
                (key, value)
                for key, _, value in (pair.partition("=") for pair in words.option(name).split(",") if pair)
            )
            empty = wanted if level == "stage" else True
            return Matches(pairs, wanted=wanted, substituted=level != "stage", when_empty=empty)
    if words.has("after"):
        return Upstream(After(words.option("after")))
    if words.has("previous"):
        return AfterStage(Previous(words.option("previous")))
    return Always()


def _limit(words: Words) -> Limit:
    return Limit(minutes=words.number("minutes", NO_LIMIT), text=words.option("minutes-text"))


def _mutex(words: Words) -> Mutex | None:
    if not words.has("mutex"):
        return None
    return Mutex(
        group=words.option("mutex"),
        queue=words.has("mutex-queue"),
        length=words.number("mutex-queue", 0),
        limit=Limit(words.number("mutex-minutes", 0), words.option("mutex-minutes-text")),
    )


def _matrix(words: Words) -> Matrix | None:
    if not words.has("matrix"):
        return None
    return Matrix(
        axes=_json(words.option("matrix")),
        include=_json(words.option("include")),
        exclude=_json(words.option("exclude")),
        fast_kill=words.flag("matrix-fast-kill"),
        parallel=words.number("parallel", 5),
    )


def _json(text: str) -> Any:
    return json.loads(text) if text[:1] in ("{", "[") else text
