"""Each kind of event has its sentence (issue 3: `events RUN`, the journal, readable)."""

import pytest

from ferryman.domain import events as told
from ferryman.domain.events import EVENTS, Event
from ferryman.domain.journal import JournalEntry
from ferryman.domain.status import Reason, Why
from ferryman.services.entries import of_entry, said

SAID: tuple[tuple[Event, str], ...] = (
    (told.Started(at=1, run="r", number=3, by="ann"), "run #3 was started by ann"),
    (told.CancelRequested(at=1, by="ann", why="wrong"), "a cancel was asked for by ann: wrong"),
    (told.CancelRequested(at=1, force=True), "a forced stop was asked for"),
    (told.CancelRequested(at=1, by="r2", pushed_out=True), "a newer run takes its place: r2"),
    (told.RetryRequested(at=1, by="ann"), "the whole run shall run again, asked for by ann"),
    (
        told.RetryRequested(at=1, path="s", failed_only=True),
        "the failed jobs of s shall run again, asked for",
    ),
    (told.SkipRequested(at=1, path="s/j/t", by="ann"), "s/j/t shall be skipped, asked for by ann"),
    (told.GateAnswered(at=1, path="s", by="bob", yes=True), "bob approved s"),
    (told.GateAnswered(at=1, path="s", by="bob", yes=False, comment="no"), "bob rejected s: no"),
    (told.VerdictGiven(at=1, path="s", passed=False, by="q"), "the quality rules of s were not met, says q"),
    (told.Resumed(at=1, path="s/j/t", by="ann"), "s/j/t may begin, says ann"),
    (told.Halted(at=1, path="s/j/t"), "s/j/t shall not begin"),
    (told.LostSettled(at=1, key="k#1.1", verdict="repeat"), "lost attempt k#1.1 shall be repeated"),
    (told.LostSettled(at=1, key="k#1.1", verdict="failed"), "lost attempt k#1.1 counts as failed"),
    (
        told.StepFinished(at=1, key="k#1.1", outcome="failed", reason=Reason(Why.EXIT, {"code": "2"})),
        "k#1.1 failed: it ended with exit code 2",
    ),
    (told.StepNoted(at=1, key="k#1.1", reason=Reason(Why.CALLS, {"run": "r2"})), "k#1.1 waits for run r2"),
    (told.StepLost(at=1, key="k#1.1", known="gone"), "contact with k#1.1 is lost: gone"),
    (
        told.EnvironmentFailed(at=1, path="s/j", message="no room"),
        "the place where s/j runs could not be prepared: no room",
    ),
    (told.EnvironmentFailed(at=1, path="s/j", lost=True), "the place where s/j runs was lost"),
    (told.ReviewersNamed(at=1, path="s", members=(("ann",), ("bob",))), "the reviewers of s are ann, bob"),
    (told.ReviewersNamed(at=1, path="s", members=((),)), "the reviewers of s are nobody"),
    (told.LockGranted(at=1), "the run has its turn"),
    (told.LockGranted(at=1, path="s/j"), "s/j has its lock"),
    (
        told.LockRefused(at=1, path="s/j", reason=Reason(Why.LOCK_TAKEN)),
        "s/j does not get its lock: its lock was taken",
    ),
    (told.TimerFired(at=1, name="t"), "time is up: t"),
    (told.Delivered(at=1, name="m"), "delivered: m"),
)


@pytest.mark.parametrize(("event", "sentence"), SAID, ids=[sentence for _, sentence in SAID])
def test_an_event_reads_well(event: Event, sentence: str) -> None:
    assert said(event) == sentence


def test_no_kind_of_event_is_forgotten() -> None:
    assert {type(event) for event, _ in SAID} == set(EVENTS)


def test_an_entry_says_whom_and_what_it_concerns_and_hides_what_is_sensitive() -> None:
    """Promise 8: events hold start values."""
    event = told.StepFinished(at=7, key="s/j/t#1.2", outcome="succeeded", variables={"a": "hidden-value"})
    entry = of_entry(JournalEntry(seq=4, event=event), lambda text: text.replace("hidden-value", "******"))
    assert (entry.seq, entry.at, entry.event, entry.path) == (4, 7, "step-finished", "s/j/t")
    assert entry.facts["variables"] == {"a": "******"}
