"""What is new in a view of a run, line by line, in the order in which it happened (CLI-6).

Views are snapshots: between two of them much may have changed at once. When it changed says each node; of what changed
in the same moment, whoever begins stands before what is inside, and whoever ends behind it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import click

from ferryman.cli.shown import COLORS, colored, limit, spent, state
from ferryman.cli.texts import plain
from ferryman.cli.tree import left
from ferryman.domain.views import JobView, RunView, StageView, StepView

Node = StageView | JobView | StepView

SILENT = frozenset({"pending", "unreached"})
"""Where nothing happened there is nothing to tell; what ended the matter was told."""


class Line(NamedTuple):
    """Something that happened, and when: milliseconds since 1970."""

    at: int
    text: str


class _Told(NamedTuple):
    """How a node stood when it was looked at last."""

    seen: tuple[str, ...]
    """What makes a change of it."""
    silent: bool = False
    begun: tuple[int, int] = (0, 0)
    """Its execution, and when that began."""


class News:
    """Of one run, each change once."""

    def __init__(self) -> None:
        """Nothing was told."""
        self._told: dict[str, _Told] = {}

    def of(self, view: RunView, now: int) -> list[Line]:
        """What has happened since the view before; `now` is when what happened of which no time is known."""
        found = list(self._run(view, now))
        since = min(
            (at for at in (view.queued_at, *(stage.started_at for stage in view.stages)) if at), default=now
        )
        for stage in view.stages:
            found += self._node(stage, since, now)
        return sorted(found, key=lambda line: line.at)

    def _run(self, view: RunView, now: int) -> Iterator[Line]:
        own = next((wait for wait in view.waiting if not wait.path), None)
        if own is not None and self._is_new("", _Told((own.sentence,))):
            yield Line(own.since or now, f"run  {plain(own.sentence)}{limit(own.until)}; {plain(own.help)}")
        expected = left(view).removeprefix(", ")
        if expected and self._is_new("~", _Told(("expected",))):
            yield Line(now, f"run  {expected}")
        if view.canceling and self._is_new("!", _Told(("canceling",))):
            yield Line(now, "run  is being canceled")

    def _node(self, node: Node, since: int, now: int, execution: int = 0) -> list[Line]:
        """What is new of a node and inside it. What it is inside of has begun at `since`, for the `execution`th time;
        nothing here was before, save what was kept then."""
        # What ended without having begun is passed by at its end, and all that is inside it with it.
        begun = max(node.started_at or node.ended_at, since)
        inside: list[Line] = []
        reached = begun
        for one in _inside(node):
            inside += self._node(one, reached, now, node.execution)
            if isinstance(one, StepView):
                # A step that is skipped has no time of its own: the end of the step before it decided that.
                reached = max(reached, one.ended_at)
        before = self._told.get(node.path)
        stand = _stand(node)
        if not self._is_new(node.path, stand) or stand.silent:
            return inside
        begins = before is None or before.silent or before.begun != stand.begun
        if node.phase == "finished" and node.execution < execution:
            # It did not run again when what it is inside of did.
            return [Line(since, f"{_text(node)}, before; it is kept")]
        if node.phase == "finished":
            missed = begins and node.started_at and node.outcome != "skipped"
            first = [Line(begun, f"{node.path}  {colored('running')}")] if missed else []
            ended = max(node.ended_at, begun, *(line.at for line in inside))
            return [*first, *inside, Line(ended, _text(node))]
        if node.waiting is not None and node.waiting.since:
            at = max(node.waiting.since, since)
        else:
            # What goes on after a wait does so before anything new inside it.
            at = begun if begins else min((now, *(line.at for line in inside)))
        return [Line(at, _text(node)), *inside]

    def _is_new(self, path: str, stand: _Told) -> bool:
        before = self._told.get(path)
        self._told[path] = stand
        return before is None or before.seen != stand.seen


def _inside(node: Node) -> tuple[Node, ...]:
    match node:
        case StageView():
            # A job may stand before those that it needs.
            return tuple(sorted(node.jobs, key=lambda job: job.started_at or job.ended_at))
        case JobView():
            return (*node.split, *node.steps)
        case StepView():
            return ()


def _stand(node: Node) -> _Told:
    word = state(node.phase, node.outcome)
    if word in SILENT:
        return _Told(("pending",), silent=True)
    attempt = f"{node.execution}.{node.attempt}" if isinstance(node, StepView) else str(node.execution)
    return _Told((word, _why(node), attempt), begun=(node.execution, node.started_at))


def _why(node: Node) -> str:
    return plain(node.waiting.sentence if node.waiting is not None else node.reason.sentence)


def _text(node: Node) -> str:
    why = _why(node)
    if node.waiting is not None:
        # Since when, tells the clock in front of the line (ERR-6).
        waits = click.style(why, fg=COLORS["waiting"]) + limit(node.waiting.until)
        return f"{node.path}  {waits}; {plain(node.waiting.help)}"
    text = f"{node.path}  {colored(state(node.phase, node.outcome))}"
    text += (
        f" in {spent(node.started_at, node.ended_at)}" if node.phase == "finished" and node.started_at else ""
    )
    text += f": {why}" if why else ""
    text += f" (attempt {node.attempt})" if isinstance(node, StepView) and node.attempt > 1 else ""
    return text
