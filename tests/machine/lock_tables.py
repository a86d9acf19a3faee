"""Reads and writes the tables of `tests/machine/locks`: what a lock is told, row by row, and what follows.

    # A sentence, which names the case
    policy single length=1
    time  | event      | told        | holds | waits
    0:00  | ask 1      | granted 1   | 1     |
    0:05  | ask 2      |             | 1     | 2 until 8:05

The first two columns are given, the others are what the fold says: FERRYMAN_REWRITE=1 writes them anew. A
name is `pipeline#number`, a plain number is a run of the pipeline `web`, a plain word a job. Events: `ask
NAME`, with `at-once`, and `key=value` where its policy is not the case's; `end NAME`; `review NAME` (it
steps aside); `call NAME` (its timer is due). Lines that start with `;` are remarks.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ferryman.domain.locks import Answer, Due, Event, Holder, Lock, Release, Request, Terms
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Mutex
from ferryman.machine import locks

FOLDER = Path(__file__).parent / "locks"
HEADINGS = ("time", "event", "told", "holds", "in review", "waits")
NAME = re.compile(r"(?:(?P<pipeline>[a-z]+)#)?(?P<number>\d+)")


class Case(NamedTuple):
    """One table: its text as it stands, and in it the sentence, the policy, the rows and remarks."""

    text: str
    sentence: str
    policy: str
    lines: tuple[str, ...]


def cases(text: str) -> Iterator[Case]:
    """The cases of a file, in order."""
    for block in text.strip("\n").split("\n\n"):
        sentence, policy, _, *lines = block.splitlines()
        yield Case(block, sentence.removeprefix("# "), policy.removeprefix("policy "), tuple(lines))


def played(case: Case) -> str:
    """The whole case, written anew from its policy, times and events."""
    lock = Lock("deploy")
    rows: list[tuple[str, ...] | str] = [HEADINGS]
    for line in case.lines:
        if line.startswith(";"):
            rows.append(line)
            continue
        time, told = (cell.strip() for cell in line.split("|")[:2])
        answer = locks.advance(lock, _event(case.policy, time, told))
        lock = answer.lock
        rows.append((time, told, *_cells(answer)))
    return "\n".join([f"# {case.sentence}", f"policy {case.policy}", *_aligned(rows)])


def rewritten(text: str) -> str:
    """A file with every case played anew."""
    return "\n\n".join(played(case) for case in cases(text)) + "\n"


def _event(policy: str, time: str, text: str) -> Event:
    verb, name, *words = text.split()
    at = _milliseconds(time)
    match verb:
        case "ask":
            own = [word for word in words if word != "at-once"]
            terms = _terms(" ".join([policy, *own]), name)
            return Request(at=at, holder=name, terms=terms, at_once="at-once" in words)
        case "end":
            return Release(at=at, holder=name)
        case "review":
            return Release(at=at, holder=name, aside=True)
        case "call":
            return Due(at=at, holder=name)
    raise ValueError(f"no such event: {text}")


def _terms(policy: str, name: str) -> Terms:
    kind, *words = policy.split()
    given = dict(word.split("=") for word in words)
    kind = given.pop("kind", kind)
    numbers = {key: int(value) for key, value in given.items() if value.lstrip("-").isdecimal()}
    if kind == "mutex":
        queue = given.get("queue") != "no"
        limit = Limit(numbers.get("minutes", 30))
        return locks.terms(Mutex(group="deploy", queue=queue, length=numbers.get("length", 5), limit=limit))
    found = NAME.fullmatch(name)
    assert found, f"not a run: {name}"
    concurrency = Concurrency(
        exclusion=Exclusion(kind),
        cancel_in_progress=given.get("cancel-in-progress") == "yes",
        queue_length=numbers.get("length", 10),
        waiting_minutes=numbers.get("minutes", 480),
        most_running=numbers.get("most-running", 200),
    )
    return locks.terms(concurrency, pipeline=found["pipeline"] or "web", number=int(found["number"]))


def _cells(answer: Answer) -> tuple[str, ...]:
    lock = answer.lock
    told = [f"granted {name}" for name in answer.granted]
    for name, reason in answer.refused:
        facts = " ".join(f"{key}={value}" for key, value in reason.facts.items())
        told.append(f"refused {name}: {reason.kind} {facts}")
    told += [f"pushed out {name} by {by}" for name, by in answer.pushed_out]
    deadlines = dict(locks.timers(lock))
    waits = [f"{each.name} until {_clock(deadlines[each.name])}" for each in lock.waiters]
    return "; ".join(told), _people(lock.holders), _people(lock.aside), ", ".join(waits)


def _people(holders: tuple[Holder, ...]) -> str:
    return ", ".join(f"{each.name} (ending)" if each.pushed_out_by else each.name for each in holders)


def _aligned(rows: list[tuple[str, ...] | str]) -> Iterator[str]:
    tables = [row for row in rows if not isinstance(row, str)]
    widths = [max(map(len, column)) for column in zip(*tables, strict=True)]
    for row in rows:
        if isinstance(row, str):
            yield row
        else:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield " | ".join(cells).rstrip()


def _milliseconds(time: str) -> int:
    hours, minutes = time.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000


def _clock(at: int) -> str:
    hours, minutes = divmod(at // 60_000, 60)
    return f"{hours}:{minutes:02}"
