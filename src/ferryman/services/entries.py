"""A journal, readable: one sentence for each kind of event."""

from collections.abc import Callable
from typing import Any

import msgspec

from ferryman.domain import events as told
from ferryman.domain.events import Event
from ferryman.domain.ids import split_key
from ferryman.domain.journal import JournalEntry
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Reason
from ferryman.domain.views import Entry


def of_entry(entry: JournalEntry, hide: Callable[[str], str]) -> Entry:
    """One entry as it is shown; what is sensitive is taken out of every text."""
    event = entry.event
    facts = hidden(msgspec.to_builtins(event), hide)
    key = facts.get("key", "")
    return Entry(
        seq=entry.seq,
        at=event.at,
        event=facts.pop("event"),
        path=facts.get("path", "") or (split_key(key)[0] if key else ""),
        by=facts.get("by", ""),
        sentence=hide(said(event)),
        ignored=entry.ignored,
        facts={name: value for name, value in facts.items() if name != "at"},
    )


def hidden(value: Any, hide: Callable[[str], str]) -> Any:
    """The same value with every text in it as `hide` makes it; names stay."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {name: hidden(item, hide) for name, item in value.items()}
    return [hidden(item, hide) for item in value] if isinstance(value, list | tuple) else value


def said(event: Event) -> str:
    """What an event says, as one sentence without a full stop."""
    match event:
        case told.Started(number=number, by=by):
            return f"run #{number} was started{_by(by)}"
        case told.CancelRequested(by=by, why=why, force=force, pushed_out=pushed_out):
            if pushed_out:
                return f"a newer run takes its place: {by}" if by else "a newer run takes its place"
            return f"{'a forced stop' if force else 'a cancel'} was asked for{_by(by)}{_because(why)}"
        case told.RetryRequested(by=by, path=path, failed_only=failed_only, why=why):
            what = f"the failed jobs of {path}" if failed_only else path or "the whole run"
            return f"{what} shall run again, asked for{_by(by)}{_because(why)}"
        case told.SkipRequested(path=path, by=by, why=why):
            return f"{path} shall be skipped, asked for{_by(by)}{_because(why)}"
        case told.GateAnswered(path=path, by=by, yes=yes, comment=comment):
            return f"{by or 'somebody'} {'approved' if yes else 'rejected'} {path}{_because(comment)}"
        case told.VerdictGiven(path=path, passed=passed, by=by):
            return f"the quality rules of {path} {'were met' if passed else 'were not met'}{_says(by)}"
        case told.Resumed(path=path, by=by, why=why):
            return f"{path} may begin{_says(by)}{_because(why)}"
        case told.Halted(path=path, by=by, why=why):
            return f"{path} shall not begin{_says(by)}{_because(why)}"
        case told.LostSettled(key=key, verdict=verdict, by=by, why=why):
            what = "shall be repeated" if verdict == "repeat" else f"counts as {verdict}"
            return f"lost attempt {key} {what}{_says(by)}{_because(why)}"
        case told.StepFinished(key=key, outcome=outcome, reason=reason):
            return f"{key} {outcome}{_reason(reason)}"
        case told.StepNoted(key=key, reason=reason):
            return f"{key} {sentence(reason)}"
        case told.StepLost(key=key, known=known):
            return f"contact with {key} is lost{_because(known)}"
        case told.EnvironmentFailed(path=path, lost=lost, message=message):
            what = "was lost" if lost else "could not be prepared"
            return f"the place where {path} runs {what}{_because(message)}"
        case told.ReviewersNamed(path=path, members=members):
            names = ", ".join(name for group in members for name in group)
            return f"the reviewers of {path} are {names or 'nobody'}"
        case told.LockGranted(path=path):
            return f"{path} has its lock" if path else "the run has its turn"
        case told.LockRefused(path=path, reason=reason):
            return f"{path or 'the run'} does not get its lock{_reason(reason)}"
        case told.TimerFired(name=name):
            return f"time is up: {name}"
        case told.Delivered(name=name):
            return f"delivered: {name}"
        case _:
            raise AssertionError(f"no sentence for {type(event).__name__}")


def _by(name: str) -> str:
    return f" by {name}" if name else ""


def _says(name: str) -> str:
    return f", says {name}" if name else ""


def _because(text: str) -> str:
    return f": {text}" if text else ""


def _reason(reason: Reason) -> str:
    return _because(sentence(reason))
