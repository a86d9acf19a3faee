"""Values at the start of a run: defaults, start values, and what refuses a start (semantics 2.3, 15.1)."""

from collections.abc import Mapping

from ferryman import expressions
from ferryman.domain.errors import Refused
from ferryman.domain.values import Parameter
from ferryman.machine import outlook
from ferryman.machine.draft import RunDraft


def start_values(
    declared: tuple[Parameter, ...], given: Mapping[str, str], *, unasked: bool = False
) -> dict[str, str]:
    """What each variable is worth at the start; undeclared start values are kept as variables too, and with `unasked`
    those of parameters that a start does not ask for."""
    values: dict[str, str] = {}
    for parameter in declared:
        text = (
            expressions.to_text(parameter.default) if not isinstance(parameter.default, dict | list) else ""
        )
        if (parameter.settable or unasked) and not parameter.constant and parameter.name in given:
            text = given[parameter.name]
        if parameter.not_empty and not text.strip():
            raise Refused(
                f"cannot start: {parameter.name} must have a value; give it one at the start",
                reason="value-missing",
                path=parameter.name,
            )
        values[parameter.name] = text
    known = {parameter.name for parameter in declared}
    return {**values, **{name: text for name, text in given.items() if name not in known}}


def refuse_circles(draft: RunDraft) -> None:
    """A start is refused while jobs of a stage wait for one another in a circle."""
    for stage in draft.pipeline.stages:
        if not any(job.needs for job in stage.jobs):
            continue
        ids = {job.user_id for job in stage.jobs if job.user_id}
        needs = {job.user_id: outlook.needed(draft, job.needs) & ids for job in stage.jobs if job.user_id}
        while True:
            free = [name for name, wanted in needs.items() if not wanted]
            if not free:
                break
            for name in free:
                del needs[name]
            needs = {name: wanted - set(free) for name, wanted in needs.items()}
        if needs:
            names = ", ".join(sorted(needs))
            raise Refused(
                f"cannot start: the jobs {names} of stage {stage.id} wait for one another; take one dependency out",
                reason="dependency-circle",
                path=stage.id,
            )
