"""The one table from a reason to a sentence: kinds and facts are the machine's, the words are ours.

Each kind has templates; the first whose facts are all there is used. Facts whose value is a word of the machine are
put into words first.
"""

import re
from collections.abc import Mapping

from ferryman.domain import words
from ferryman.domain.status import Reason, Why

FACT = re.compile(r"\{(\w+)\}")

SENTENCES: Mapping[Why, tuple[str, ...]] = {
    Why.NONE: ("",),
    # skipped
    Why.DISABLED: ("it is switched off",),
    Why.CONDITION_FALSE: (
        "its condition could not be judged: {error}",
        "{because}",
        "its condition does not hold: {condition}",
        "its condition does not hold",
    ),
    Why.UPSTREAM: ("it runs only {wanted}, and {found}", "it runs only {wanted}", "what came before it"),
    Why.PREVIOUS_STAGE: (
        "it runs only if the last stage {wanted}, and that {found}",
        "it looks at how the last stage ended",
    ),
    Why.DEPENDENCY: (
        "it depends on {jobs}, which did not succeed",
        "a job that it depends on did not succeed",
    ),
    Why.PARENT: ("it follows up {step}, which did not run", "the step that it follows up did not run"),
    Why.NOTHING_ENABLED: ("nothing in it is switched on",),
    Why.ALL_SKIPPED: ("all its jobs were skipped",),
    Why.SKIPPED_BY: ("skipped by {by}", "skipped by hand"),
    # waiting
    Why.QUEUED: ("waits for its turn",),
    Why.LOCK: ("waits for lock {group}", "waits for a lock"),
    Why.REVIEW: ("waits for {group}: {reviewers}", "waits for a review"),
    Why.MANUAL: ("waits for somebody to start it",),
    Why.VERDICT: ("waits for a verdict on {rules}", "waits for a verdict on its quality rules"),
    Why.PAUSED: ("waits for a person before it begins",),
    Why.BACKOFF: ("waits before the next attempt",),
    Why.LOST: (
        "contact with it is lost: {known}; a person decides",
        "contact with it is lost; a person decides",
    ),
    Why.PARALLEL: ("waits for a place; {limit} may run at once", "waits for a place"),
    Why.CALLS: ("waits for run {run}", "waits for another run"),
    # failed, errored
    Why.EXIT: (
        "{message}",
        "it was ended by signal {signal}",
        "it ended with exit code {code}",
        "it failed",
    ),
    Why.TIMED_OUT: ("timed out after {minutes} min", "timed out"),
    Why.JOB_TIMEOUT: ("its job timed out after {minutes} min", "its job timed out"),
    Why.REVIEW_REJECTED: (
        "{canceled} while it waited for approval",
        "refused by {by}: {comment}",
        "refused by {by}",
        "its review was refused",
    ),
    Why.REVIEW_EXPIRED: ("nobody decided within {hours} hours", "nobody decided in time"),
    Why.NO_REVIEWERS: ("nobody is named who may decide",),
    Why.VERDICT_REFUSED: (
        "{canceled} while its quality rules were judged",
        "its quality rules were not met, says {by}",
        "its quality rules were not met",
    ),
    Why.LOCK_TAKEN: ("lock {group} was taken", "its lock was taken"),
    Why.LOCK_QUEUE_FULL: ("too many wait for lock {group} already", "too many wait for its lock already"),
    Why.LOCK_EXPIRED: (
        "lock {group} did not come free within {minutes} min",
        "its lock did not come free in time",
    ),
    Why.QUEUE_EXPIRED: ("its turn did not come within {minutes} min", "its turn did not come in time"),
    Why.ENVIRONMENT_FAILED: (
        # Seldom the place itself: a plugin, a program or a secret is not there.
        "it could not begin: {message}",
        "the place where it runs could not be prepared",
    ),
    Why.ENVIRONMENT_LOST: ("the place where it runs was lost: {message}", "the place where it runs was lost"),
    Why.FORCED_STOP: ("stopped for good by {by}", "stopped for good"),
    Why.READ_ONLY: ("it wrote {name}, which is read-only", "it wrote a read-only variable"),
    Why.VARIABLE_TOO_LONG: (
        "it wrote {length} characters to {name}, which is too long",
        "it wrote a value that is too long",
    ),
    Why.MATRIX: ("{message}", "its matrix could not be read"),
    Why.CIRCLE: ("these jobs wait for one another: {jobs}", "jobs wait for one another"),
    Why.STEP_FAILED: ("step {step} failed", "a step failed"),
    Why.JOB_FAILED: ("job {job} failed", "a job failed"),
    Why.STAGE_FAILED: ("job {job} failed", "stage {stage} failed", "a stage failed"),
    # canceled, unreached
    Why.CANCELED_BY: ("canceled by {by}: {why}", "canceled by {by}", "canceled"),
    Why.PUSHED_OUT: ("a newer run took its place: {by}", "a newer run took its place"),
    Why.HALTED: ("ended by {by} while it was paused", "ended while it was paused"),
    Why.FAST_KILL: (
        "job {job} failed, which ends the others at once",
        "another job failed, which ends all at once",
    ),
    Why.AFTER_END: ("{stop}", "stage {by} ended the run before", "something before it ended the matter"),
}
"""Kind → templates, most telling first; the last one needs no facts."""

_AFTER = {
    "success": "while nothing has failed",
    "unless-canceled": "unless the job was canceled",
    "failure": "after a failure",
    "failure-not-continued": "after a failure that is not let pass",
    "other-running": "while another program says so",
    "parent-stopped": "when the step that it follows up was stopped",
    "parent-ended": "when the step that it follows up has ended",
    "always": "whatever happened",
}
_FOUND = {
    "fine": "nothing has failed",
    "fine-had": "the failure before it was let pass",
    "failed": "a step before it failed",
    "canceled": "the job was canceled",
    "canceled-had": "the job was canceled",
}
_ENDED = {
    "succeeded": "succeeded",
    "failed": "failed",
    "errored": "failed",
    "canceled": "was canceled",
    "skipped": "was skipped",
    "unreached": "was never reached",
}

_STOPS = {
    Why.FAST_KILL.value: "another job failed, which ended this one",
    Why.CANCELED_BY.value: "the run was canceled",
    Why.PUSHED_OUT.value: "a newer run took its place",
    Why.HALTED.value: "somebody ended a paused step before it",
    Why.FORCED_STOP.value: "the run was stopped for good",
    Why.JOB_TIMEOUT.value: "its job timed out",
    Why.ENVIRONMENT_LOST.value: "the place where it runs was lost",
    Why.ENVIRONMENT_FAILED.value: "the place where it runs could not be prepared",
}
"""What ended a job, where a step in it was never reached for that."""

CANCELED_AT_A_GATE: Mapping[str, str] = {"by": words.SYSTEM, "comment": words.STOPPED_COMMENT}
"""The facts of a gate that was refused because the run was stopped (semantics 4.1.8)."""

WORDS: Mapping[tuple[Why, str], Mapping[str, str]] = {
    (Why.UPSTREAM, "wanted"): _AFTER,
    (Why.UPSTREAM, "found"): _FOUND,
    (Why.PREVIOUS_STAGE, "wanted"): _ENDED,
    (Why.PREVIOUS_STAGE, "found"): _ENDED,
}
"""Facts whose values are words of the machine, in words for people."""


def sentence(reason: Reason) -> str:
    """A reason as a piece of a sentence, without a capital and without a full stop; empty for no reason."""
    facts = {
        name: WORDS.get((reason.kind, name), {}).get(text, text)
        for name, text in reason.facts.items()
        if text
    }
    if reason.kind is Why.AFTER_END and facts.get("by") in _STOPS:
        # Of a stage the fact is another stage, of a step it is the kind of what ended its job.
        facts["stop"] = _STOPS[facts["by"]]
    if reason.kind in (Why.REVIEW_REJECTED, Why.VERDICT_REFUSED) and reason.facts == CANCELED_AT_A_GATE:
        facts["canceled"] = _STOPS[Why.CANCELED_BY.value]
    for template in SENTENCES[reason.kind]:
        if all(name in facts for name in FACT.findall(template)):
            return FACT.sub(lambda place: facts[place[1]], template)
    raise AssertionError(f"no sentence for {reason.kind}")


def after(word: str) -> str:
    """What a step's look back asks for, in words: `runs …` (semantics 7.2)."""
    return _AFTER.get(word, word)


def ended(word: str) -> str:
    """How a stage ended, in words: `the last stage …`."""
    return _ENDED.get(word, word)
