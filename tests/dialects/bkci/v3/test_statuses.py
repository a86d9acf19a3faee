"""BK-CI's flat list of statuses loses nothing (semantics 1; bkci-v3 6.1 and 9)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferryman.dialects.bkci.v3 import statuses
from ferryman.dialects.bkci.v3.statuses import (
    CLASSES,
    MAY_SHOW,
    NEVER,
    NOWHERE,
    TABLE,
    TOLD_APART,
    Beside,
    Class,
    Level,
    Meaning,
    meanings,
    row_of,
    word,
)
from ferryman.domain.gates import GatePhase
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.machine.transitions import GATE_MOVES
from tests.dialects.bkci.v3 import walk
from tests.dialects.bkci.v3.moments import MOMENTS, Moment
from tests.dialects.bkci.v3.story import nodes_of, rows_of

CLASS_OF_OUTCOME = {
    Outcome.SUCCEEDED: Class.SUCCESS,
    Outcome.SKIPPED: Class.SUCCESS,
    Outcome.FAILED: Class.FAILURE,
    Outcome.ERRORED: Class.FAILURE,
    Outcome.CANCELED: Class.CANCEL,
    Outcome.UNREACHED: Class.NEVER_RAN,
}
NODES = (Level.RUN, Level.STAGE, Level.JOB, Level.STEP)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_a_client_sees(moment: Moment) -> None:
    for _ in moment():
        continue


def _shown(level: Level) -> set[str]:
    return {given for (of, *_), given in TABLE.items() if of is level} - {""}


@pytest.mark.parametrize("level", Level)
def test_a_level_shows_only_words_that_it_may(level: Level) -> None:
    assert _shown(level) <= MAY_SHOW[level]


@pytest.mark.parametrize(
    ("level", "status"), [(level, status) for level in Level for status in sorted(MAY_SHOW[level])]
)
def test_each_word_of_a_level_is_shown_or_has_a_reason_not_to_be(level: Level, status: str) -> None:
    """Semantics 1.2: either a row makes it, or `NEVER` says why none does; never both."""
    assert (status in _shown(level)) != ((level, status) in NEVER)


def test_each_word_of_the_list_is_shown_somewhere_or_has_a_reason_not_to_be() -> None:
    """bkci-v3 6.1: the 28 words with numbers."""
    assert len(CLASSES) == 28
    anywhere = set().union(*(MAY_SHOW[level] for level in Level)) - MAY_SHOW[Level.GROUP]
    assert set(CLASSES) == anywhere | set(NOWHERE)
    assert not anywhere & set(NOWHERE)


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (Class.SUCCESS, "SUCCEED SKIP REVIEW_PROCESSED QUALITY_CHECK_PASS"),
        (
            Class.FAILURE,
            "FAILED TERMINATE REVIEW_ABORT QUALITY_CHECK_FAIL QUEUE_TIMEOUT EXEC_TIMEOUT HEARTBEAT_TIMEOUT"
            " QUOTA_FAILED",
        ),
        (Class.CANCEL, "CANCELED"),
        (Class.RUNNING, "RUNNING LOOP_WAITING REVIEWING PREPARE_ENV CALL_WAITING PAUSE"),
        (Class.READY, "QUEUE QUEUE_CACHE RETRY DEPENDENT_WAITING"),
        (Class.NEVER_RAN, "UNEXEC TRIGGER_REVIEWING"),
        (Class.NEITHER, "STAGE_SUCCESS TRY_FINALLY QUALITY_CHECK_WAIT"),
    ],
)
def test_classes_have_these_members(kind: Class, members: str) -> None:
    """Semantics 1.1; what is in none of its classes is neither."""
    assert {status for status, its in CLASSES.items() if its is kind} == set(members.split())


@pytest.mark.parametrize(
    "key", [key for key in TABLE if key[0] in NODES], ids=lambda key: "-".join(map(str, key))
)
def test_the_class_of_a_word_is_that_of_the_outcome(key: statuses.Key) -> None:
    _, phase, outcome, _, _ = key
    status = TABLE[key]
    if status == "":
        assert phase is Phase.PENDING or outcome is Outcome.UNREACHED
    elif status != "STAGE_SUCCESS":
        unfinished = {Class.RUNNING, Class.READY}
        assert CLASSES[status] in ({CLASS_OF_OUTCOME[outcome]} if outcome else unfinished)


@pytest.mark.parametrize(("level", "status"), sorted({(key[0], status) for key, status in TABLE.items()}))
def test_a_word_means_one_thing_or_a_field_tells_which(level: Level, status: str) -> None:
    """The table back: word and level give phase and outcome, or a documented field does."""
    assert (len(meanings(level, status)) > 1) == ((level, status) in TOLD_APART)


def test_the_most_specific_row_wins() -> None:
    assert word(Level.STEP, Phase.FINISHED, Outcome.FAILED, Why.EXIT) == "FAILED"
    assert word(Level.STEP, Phase.FINISHED, Outcome.FAILED, Why.TIMED_OUT) == "EXEC_TIMEOUT"
    assert word(Level.STAGE, Phase.FINISHED, Outcome.UNREACHED, Why.AFTER_END) == "UNEXEC"
    assert word(Level.STAGE, Phase.FINISHED, Outcome.UNREACHED, Why.AFTER_END, Beside.PASSED_BY) == ""
    assert word(Level.STEP, Phase.WAITING, None, Why.PAUSED, Beside.PREPARING) == "PAUSE"


def test_a_state_that_no_rule_makes_has_no_word() -> None:
    with pytest.raises(LookupError, match="a run is never pending"):
        word(Level.RUN, Phase.PENDING)


def test_the_docstring_lists_what_is_told_apart() -> None:
    listed = statuses.__doc__ or ""
    assert all(status in listed for _, status in TOLD_APART)


def test_each_row_speaks_of_a_state_that_runs_come_to() -> None:
    """No row is there for nothing: the moments of bkci-v3 9 walk them all; those of gates they name themselves."""
    reached = set()
    for moment in MOMENTS:
        for story in moment():
            jobs = [path for path, level, *_ in nodes_of(story.run) if level is Level.JOB]
            reached |= rows_of(story.run) | rows_of(story.run, preparing=jobs)
    missed = {key for key in TABLE if key[0] in NODES} - reached
    assert not missed


@given(st.lists(st.integers(0, 2**16), max_size=60), st.integers(0, len(walk.PIPELINES) - 1))
@settings(deadline=None)
def test_every_state_of_any_run_has_one_word_and_can_be_read_back(choices: list[int], which: int) -> None:
    """Random legal events; every node of every run on the way has a word, and the word leads back to its state."""
    for run in walk.runs(walk.PIPELINES[which], choices):
        assert not run.outcome or run.phase is Phase.FINISHED
        for level, node, beside in (
            (Level.RUN, run, None),
            *((level, node, beside) for _, level, node, beside in nodes_of(run)),
        ):
            status = TABLE[row_of(level, node.phase, node.outcome, node.reason.kind, beside)]
            bad = node.outcome is Outcome.ERRORED
            assert Meaning(node.phase, Outcome.FAILED if bad else node.outcome) in meanings(level, status)


@pytest.mark.parametrize("phase", sorted({phase for move in GATE_MOVES for phase in move}))
@pytest.mark.parametrize("why", [Why.REVIEW, Why.MANUAL, Why.VERDICT])
def test_every_gate_has_a_word(phase: GatePhase, why: Why) -> None:
    """All phases of all kinds; a verdict has no time limit, so its last combination never comes."""
    assert word(Level.CHECK, phase, reason=why) in MAY_SHOW[Level.CHECK] | {""}
