"""The table from reasons to sentences: whole, and sensible with and without facts (STYLE 3, ERR-1)."""

import pytest

from ferryman.domain.conditions import After, Previous
from ferryman.domain.sentences import FACT, SENTENCES, WORDS, sentence
from ferryman.domain.status import Outcome, Reason, Why
from ferryman.machine.rules import conditions


@pytest.mark.parametrize("kind", Why)
def test_every_kind_has_a_sentence_with_all_facts_and_with_none(kind: Why) -> None:
    templates = SENTENCES[kind]
    for template in templates:
        facts = {name: f"<{name}>" for name in FACT.findall(template)}
        if "stop" in facts:
            facts = {"by": Why.FAST_KILL.value}
        told = sentence(Reason(kind, facts))
        assert "{" not in told
        assert not told.endswith(".")
        assert all(text in told for text in facts.values() if text.startswith("<"))
    assert FACT.findall(templates[-1]) == []
    assert sentence(Reason(kind)) == templates[-1]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason(), ""),
        (
            Reason(Why.CONDITION_FALSE, {"condition": "x", "because": "branch is dev, wanted main"}),
            "branch is dev, wanted main",
        ),
        (
            Reason(Why.CONDITION_FALSE, {"condition": "x", "error": "unknown name x"}),
            "its condition could not be judged: unknown name x",
        ),
        (
            Reason(Why.UPSTREAM, {"wanted": "failure", "found": "fine"}),
            "it runs only after a failure, and nothing has failed",
        ),
        (
            Reason(Why.UPSTREAM, {"wanted": "parent-ended"}),
            "it runs only when the step that it follows up has ended",
        ),
        (Reason(Why.UPSTREAM, {"wanted": ""}), "what came before it"),
        (
            Reason(Why.PREVIOUS_STAGE, {"wanted": "failed", "found": "skipped"}),
            "it runs only if the last stage failed, and that was skipped",
        ),
        (Reason(Why.REVIEW_REJECTED, {"by": "kim", "comment": "no"}), "refused by kim: no"),
        # One minute is none of several.
        (
            Reason(Why.LOCK_EXPIRED, {"group": "prod", "minutes": "1"}),
            "lock prod did not come free within 1 min",
        ),
        (Reason(Why.QUEUE_EXPIRED, {"minutes": "1"}), "its turn did not come within 1 min"),
        # ERR-1: nobody refused it, whatever the vendor's word for it is (semantics 4.1.8).
        (
            Reason(Why.REVIEW_REJECTED, {"by": "SYSTEM", "comment": "CANCEL"}),
            "the run was canceled while it waited for approval",
        ),
        (
            Reason(Why.VERDICT_REFUSED, {"by": "SYSTEM", "comment": "CANCEL"}),
            "the run was canceled while its quality rules were judged",
        ),
        # ERR-5: that it was a time limit, and which.
        (Reason(Why.TIMED_OUT, {"minutes": "10"}), "timed out after 10 min"),
        (Reason(Why.JOB_TIMEOUT, {"minutes": "1"}), "its job timed out after 1 min"),
        (Reason(Why.AFTER_END, {"by": "build"}), "stage build ended the run before"),
        (Reason(Why.AFTER_END, {"by": "canceled-by"}), "the run was canceled"),
        # ERR-1: what is missing, and not that a place was.
        (Reason(Why.ENVIRONMENT_FAILED, {"message": "no sh here"}), "it could not begin: no sh here"),
        (Reason(Why.MATRIX, {"message": "{curly} x"}), "{curly} x"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind.value,
)
def test_a_reason_reads_well(reason: Reason, told: str) -> None:
    assert sentence(reason) == told


def test_every_word_that_the_machine_uses_in_a_fact_is_put_into_words() -> None:
    """What the rules write into facts of these kinds are words of the machine, not of people."""
    standings = {
        conditions.FINE,
        conditions.FINE_HAD,
        conditions.FAILED,
        conditions.CANCELED,
        conditions.CANCELED_HAD,
    }
    assert set(WORDS[Why.UPSTREAM, "wanted"]) == {after.value for after in After}
    assert set(WORDS[Why.UPSTREAM, "found"]) == standings
    assert set(WORDS[Why.PREVIOUS_STAGE, "found"]) == {outcome.value for outcome in Outcome}
    assert set(WORDS[Why.PREVIOUS_STAGE, "wanted"]) >= {previous.value for previous in Previous}
