"""Scopes: the names that a condition or a text sees (semantics 15.3). Those of a run itself are in `outlook`.

A scope is built when it is asked for and reads its roots lazily: most conditions look at one variable.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from ferryman.domain import words
from ferryman.domain.pipeline import Step
from ferryman.domain.run import Facts, StepState, Tells
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Outcome, Why
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.machine.job_draft import JobDraft


class Scope(Mapping[str, object]):
    """First names and what they stand for; every variable is also there by its plain name."""

    __slots__ = ("_hidden", "_roots", "_variables")

    def __init__(
        self,
        variables: Mapping[str, str],
        roots: Mapping[str, Callable[[], Json]],
        hidden: Callable[[], Collection[str]],
    ) -> None:
        """`roots` are asked for their value each time they are read; `hidden` names variables never to be shown."""
        self._variables = variables
        self._roots = roots
        self._hidden = hidden

    def masked(self, text: str) -> str:
        """The text with the values of hidden variables as six asterisks (semantics 15.2): fit for a reason."""
        for name in self._hidden():
            value = self._variables.get(name, "")
            if value:
                text = text.replace(value, words.HIDDEN)
        return text

    def __getitem__(self, name: str) -> object:
        """The value of a first name; contexts win over variables of the same name."""
        root = self._roots.get(name)
        if root is not None:
            return root()
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        """Whether a first name is known."""
        return name in self._roots or name in self._variables

    def __iter__(self) -> Iterator[str]:
        """Contexts first, then the variables."""
        yield from self._roots
        yield from (name for name in self._variables if name not in self._roots)

    def __len__(self) -> int:
        """How many first names there are."""
        return sum(1 for _ in self)


def of_job(job: JobDraft, facts: Facts, step: Step | None = None) -> Scope:
    """What a job's own texts, or one of its steps, see."""
    variables = {**facts.variables, **job.written} if job.written else facts.variables
    roots: dict[str, Callable[[], Json]] = {
        "variables": lambda: variables,
        "ci": lambda: facts.ci if not job.remark else {**facts.ci, "remark": job.remark},
        "job": lambda: job_context(job, facts),
        "jobs": lambda: {
            **facts.jobs,
            job.define.user_id: job_context(job, facts) | {"steps": Steps(job)},
        },
        "steps": lambda: Steps(job),
        "stages": lambda: facts.stages,
        "envs": lambda: {**facts.stage_env, **job.define.env, **(step.env if step is not None else {})},
    }
    if facts.matrix is not None:
        roots["matrix"] = lambda: facts.matrix
    if step is not None:
        at = job.find_step(step.id)
        roots["step"] = lambda: step_context(step, job.steps[at])
    return Scope(variables, roots, lambda: facts.hidden)


def step_context(define: Step, state: StepState) -> dict[str, Json]:
    """The context of one step: `steps.<id>`; status reads well where the failure was continued."""
    outcome = words.context_word(state.phase, state.outcome)
    ended_badly = state.outcome in (Outcome.FAILED, Outcome.ERRORED)
    continued = define.on_failure == "continue" and ended_badly
    # Beyond its time, how its program ended, if it did, says nothing (bkci-v3 6.9, 9).
    code = TaskCode.TIMED_OUT if state.reason.kind is Why.TIMED_OUT else state.error_code
    return {
        "id": define.user_id,
        "name": define.name,
        "status": words.SUCCEEDED if continued else outcome,
        "outcome": outcome,
        "atom_code": define.kind,
        "atom_version": define.version,
        "error_code": str(int(code)) if code else "",
        "error_message": state.error_message or (sentence(state.reason) if ended_badly else ""),
        "retry-count-auto": str(state.tries),
        "retry-count-manual": str(state.execution - 1),
        "outputs": state.outputs,
    }


class Steps(Mapping[str, Json]):
    """The context `steps`: each step is made when it is read, for a condition looks at few of them."""

    __slots__ = ("_job",)

    def __init__(self, job: JobDraft) -> None:
        """The steps of this job as they are when they are read."""
        self._job = job

    def __getitem__(self, name: str) -> Json:
        """The context of the step with this id of the user's."""
        for at, define in enumerate(self._job.define.steps):
            if define.user_id == name and name:
                return step_context(define, self._job.steps[at])
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """The ids, in order."""
        return (define.user_id for define in self._job.define.steps if define.user_id)

    def __len__(self) -> int:
        """How many steps have one."""
        return sum(1 for _ in self)


def steps_context(job: JobDraft) -> dict[str, Json]:
    """The context `steps`: those with an id of the user's."""
    return {
        define.user_id: step_context(define, state)
        for define, state in zip(job.define.steps, job.steps, strict=False)
        if define.user_id
    }


def job_context(job: JobDraft, facts: Facts) -> dict[str, Json]:
    """The context `job`, and what others see as `jobs.<id>`."""
    outcome = words.context_word(job.phase, job.outcome)
    continued = job.define.continue_on_failure and job.outcome in (Outcome.FAILED, Outcome.ERRORED)
    context: dict[str, Json] = {
        "id": job.define.user_id,
        "name": job.define.name,
        "status": words.SUCCEEDED if continued else outcome,
        "outcome": outcome,
        "stage_id": facts.stage_id,
        "stage_name": facts.stage_name,
    }
    if facts.matrix is not None:
        context["id"] = f"{job.define.user_id}.{facts.index}"
        context["index"] = str(facts.index)
    return context


def tells_of(job: JobDraft, failed_steps: tuple[str, ...]) -> Tells:
    """What an ended job tells its run."""
    context = job_context(job, job.facts or Facts())
    context["steps"] = steps_context(job)
    return Tells(job.written, context, failed_steps, job.remark)
