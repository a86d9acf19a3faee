"""What a real run would wait for, in words: people, locks, its turn. And what the plan assumes of it (CLI-10)."""

from collections.abc import Iterator

import msgspec

from ferryman.cli.plan.fold import Asked
from ferryman.domain.gates import Gate, ReviewGroup
from ferryman.domain.policies import Concurrency, Exclusion, Mutex
from ferryman.domain.wants import LockWanted


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a real run would wait for, and what the plan assumes of it."""

    kind: str
    """review, manual, verdict, pause, mutex or turn."""
    text: str
    group: str = ""
    people: tuple[str, ...] = ()
    needed: int = 0
    assumed: str = ""


def for_people(asked: Asked, gates: tuple[Gate, ...]) -> Wait:
    """A question to people, or a verdict; `gates` are those it may belong to."""
    group, gate = _group(asked, gates)
    needed = max(1, min(group.quorum, len(asked.people))) if group is not None else 0
    return Wait(
        kind=asked.kind,
        text=_waits_for(asked, needed, gate),
        group=asked.group,
        people=asked.people,
        needed=needed,
        assumed=_assumed(asked),
    )


def _group(asked: Asked, gates: tuple[Gate, ...]) -> tuple[ReviewGroup | None, Gate | None]:
    """The gates behind a question; nothing where the question has none."""
    for gate in gates:
        for group in gate.groups:
            if gate.kind == asked.kind and group.name == asked.group:
                return group, gate
    return None, next((gate for gate in gates if gate.kind == asked.kind), None)


def _waits_for(asked: Asked, needed: int, gate: Gate | None) -> str:
    """Whom or what a question waits for."""
    people = asked.people
    match asked.kind:
        case "review":
            names = " or ".join(people) if needed <= 1 else f"{needed} of {', '.join(people)}"
            limit = f", at most {asked.hours} hours" if asked.hours else ""
            return f"waits for {f'{asked.group} ({names})' if asked.group else names}{limit}"
        case "verdict":
            rules = ", ".join(gate.rules) if gate is not None else ""
            return f"waits for a verdict on its quality rules{f' ({rules})' if rules else ''}"
        case "manual":
            return "waits for somebody to start it"
        case _:
            tell = f" ({', '.join(people)} would be told)" if people else ""
            return f"waits for a person before it begins{tell}"


def _assumed(asked: Asked) -> str:
    """What the plan takes for granted of the answer."""
    if asked.kind == "pause":
        return "assumed to go on"
    word = "approved" if asked.yes else "refused"
    by = f" by {' and '.join(asked.by)}" if asked.by else ""
    filled = f", with a value for {', '.join(asked.filled)}" if asked.filled else ""
    return f"assumed {word}{by}{filled}"


def for_lock(lock: LockWanted) -> Wait:
    """The lock that a job takes (semantics 6.1)."""
    queues = isinstance(lock.policy, Mutex) and lock.policy.queue
    others = lock.policy.length if isinstance(lock.policy, Mutex) else 0
    limits = [f"at most {lock.minutes} minutes"] if lock.minutes else []
    limits += [f"behind {_others(others)}"] if others else []
    terms = f", {', '.join(limits)}" if limits else ""
    text = (
        f"waits for lock {lock.group}{terms}"
        if queues
        else f"takes lock {lock.group}; fails when it is taken"
    )
    return Wait(kind="mutex", text=text, group=lock.group, assumed="assumed free")


def _others(number: int) -> str:
    return f"at most {number} other{'s' if number != 1 else ''}"


def before_the_run(policy: Concurrency, group: str) -> Iterator[Wait]:
    """What the run itself would wait for before it begins (semantics 13)."""
    among = f"runs of group {group}" if group else "runs of this pipeline"
    match policy.exclusion:
        case Exclusion.CLOSED:
            yield Wait(kind="turn", text="starts are refused: the pipeline is closed", assumed="assumed open")
        case Exclusion.SINGLE | Exclusion.GROUP if policy.cancel_in_progress:
            yield Wait(kind="turn", text=f"cancels other {among}", group=group, assumed="assumed alone")
        case Exclusion.SINGLE | Exclusion.GROUP:
            limits = f"at most {policy.waiting_minutes} minutes, behind {_others(policy.queue_length)}"
            text = f"waits for other {among}, {limits}"
            yield Wait(kind="turn", text=text, group=group, assumed="assumed alone")
        case _:
            return
