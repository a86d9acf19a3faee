"""Random play: what the world, people and clients may tell a run, drawn at random from what it is like now.

The base of the stateful tests. `tell` is theirs; here stands only what may be told: mostly what is wanted, but also any
command at any node at any time, results of attempts that are over, timers that are old, clocks that go wrong.
"""

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    Delivered,
    EnvironmentFailed,
    Event,
    GateAnswered,
    Halted,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    RetryRequested,
    ReviewersNamed,
    SkipRequested,
    Started,
    StepFinished,
    StepLost,
    StepNoted,
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.domain.wants import (
    EnvironmentWanted,
    GateWanted,
    LockWanted,
    PersonWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
)
from tests.machine.laws import Ledger, nodes_of
from tests.machine.pipelines import PEOPLE, WRITES, pipelines, starts
from tests.machine.world import BAD, DEAF, GOOD, VALUES, World, lost_key, replies

PICKS = st.integers(0, 999)
"""Which of many; taken modulo their number, so that it shrinks to the first."""

ENDS = st.sampled_from(("succeeded", "succeeded", "failed", "errored"))
REASONS = st.sampled_from((Reason(), Reason(Why.EXIT, {"code": "1", "message": "no"})))
OUTPUTS = st.sampled_from(({}, {}, {"o": "1"}))
WRITTEN = st.sampled_from(({}, *WRITES))
BAD_ENDS = (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED)


EXAMPLES = {"quick": 25, "default": 250, "soak": 2_000}
STEPS = {"quick": 20, "default": 50, "soak": 50}


def share() -> settings:
    """How long one search lasts in this profile: in `make soak` the whole proof (RULINGS 28)."""
    profile = settings.get_current_profile_name()
    return settings(
        max_examples=EXAMPLES[profile],
        stateful_step_count=STEPS[profile],
        suppress_health_check=[HealthCheck.too_slow],
    )


class RandomPlay(RuleBasedStateMachine):
    """Rules that tell a run whatever may come its way."""

    ledger: Ledger

    def tell(self, event: Event) -> None:
        """Fold one event, refusals and all."""
        raise AssertionError("a test says how events are folded")

    def begun(self, pipeline: Pipeline, started: Started) -> None:
        """The run was begun."""

    def at(self) -> int:
        """The time of the next event."""
        return self.ledger.run.at + 10

    @initialize(pipeline=pipelines(), started=starts(), order=st.integers(0, 119))
    def begin(self, pipeline: Pipeline, started: Started, order: int) -> None:
        """A run of a random pipeline."""
        try:
            self.ledger = Ledger(pipeline, started, order=order)
        except Refused:
            assume(False)
        self.world = World()
        self.begun(pipeline, started)

    def wanted(self, *kinds: type) -> list:
        """Wants of these kinds, in the order of their names."""
        return sorted(
            (want for want in self.ledger.wanted.values() if isinstance(want, kinds)),
            key=lambda want: want.name,
        )

    def asked(self) -> list:
        """What people, the directory and the locks are asked for and have not given."""
        wants = self.wanted(LockWanted, GateWanted, PersonWanted, ReviewersWanted)
        self.world.locks &= {want.name for want in wants}
        return [want for want in wants if want.name not in self.world.locks]

    # What is wanted

    @precondition(lambda self: self.wanted(StepWanted))
    @rule(pick=PICKS, end=ENDS, reason=REASONS, variables=WRITTEN, outputs=OUTPUTS)
    def step_ends(self, pick: int, end: str, reason: Reason, variables: dict, outputs: dict) -> None:
        """A wanted attempt ends."""
        steps = self.wanted(StepWanted)
        self.tell(
            StepFinished(
                at=self.at(),
                key=steps[pick % len(steps)].name,
                outcome=end,
                reason=reason if end != "succeeded" else Reason(),
                variables=variables,
                outputs=outputs,
                remark="seen" if outputs else "",
                spawned_at=self.at(),
            )
        )

    @precondition(lambda self: self.wanted(StepWanted))
    @rule(picks=st.lists(PICKS, min_size=1, max_size=5))
    def steps_succeed(self, picks: list[int]) -> None:
        """Wanted attempts succeed, as most do."""
        for pick in picks:
            steps = self.wanted(StepWanted)
            if steps:
                key = steps[pick % len(steps)].name
                self.tell(StepFinished(at=self.at(), key=key, outcome="succeeded"))

    @precondition(lambda self: self.asked())
    @rule(picks=st.lists(PICKS, min_size=1, max_size=5))
    def all_goes_well(self, picks: list[int]) -> None:
        """Gates, pauses and locks are answered well."""
        for pick in picks:
            wants = self.asked()
            if wants:
                told = list(replies(wants[pick % len(wants)], at=self.at()))
                event = told[pick // 7 % len(told)]
                self.world.took(self.ledger.run, event)
                self.tell(event)

    @precondition(lambda self: self.ledger.wanted)
    @rule(pick=PICKS, mood=st.sampled_from((GOOD, GOOD, BAD, DEAF)), reply=st.integers(0, 5))
    def world_acts(self, pick: int, mood: str, reply: int) -> None:
        """Something that is wanted is carried out, one way or another."""
        wants = [want for want in self.wanted(object) if not isinstance(want, EnvironmentWanted)]
        wants = [want for want in wants if want.name not in self.world.locks] or wants
        assume(wants)
        told = list(replies(wants[pick % len(wants)], at=self.at(), mood=mood))
        if told:
            event = told[reply % len(told)]
            self.world.took(self.ledger.run, event)
            self.tell(event)

    @precondition(lambda self: self.wanted(LockWanted, GateWanted, PersonWanted))
    @rule(pick=PICKS, mood=st.sampled_from((GOOD, BAD)), reply=st.integers(0, 8))
    def people_and_locks_act(self, pick: int, mood: str, reply: int) -> None:
        """A gate, a pause, a lost step or a lock is answered."""
        wants = self.wanted(LockWanted, GateWanted, PersonWanted)
        told = list(replies(wants[pick % len(wants)], at=self.at(), mood=mood))
        self.tell(told[reply % len(told)])

    @precondition(lambda self: self.wanted(TimerWanted) and self.ledger.run.seq % 3 == 0)
    @rule(pick=PICKS)
    def timer_fires(self, pick: int) -> None:
        """A timer is due; those that were due before may come later."""
        timers = self.wanted(TimerWanted)
        timer = timers[pick % len(timers)]
        self.tell(TimerFired(at=max(self.at(), timer.at), name=timer.name))

    # What goes wrong

    @precondition(lambda self: self.wanted(StepWanted, StopWanted))
    @rule(pick=PICKS, note=st.booleans())
    def step_is_lost(self, pick: int, note: bool) -> None:
        """Contact with a running attempt is lost, or it says what it waits for."""
        want = (found := self.wanted(StepWanted, StopWanted))[pick % len(found)]
        key = want.key if isinstance(want, StopWanted) else want.name
        if note:
            self.tell(StepNoted(at=self.at(), key=key, reason=Reason(Why.CALLS, {"run": "r2"})))
        else:
            self.tell(StepLost(at=self.at(), key=key))

    @precondition(lambda self: self.wanted(EnvironmentWanted))
    @rule(pick=PICKS, lost=st.booleans())
    def environment_fails(self, pick: int, lost: bool) -> None:
        """The place where a job runs cannot be had, or is gone."""
        found = self.wanted(EnvironmentWanted)
        self.tell(
            EnvironmentFailed(at=self.at(), path=found[pick % len(found)].path, lost=lost, message="gone")
        )

    # What people ask, at any node, at any time

    def paths(self, *, bad_first: bool = False) -> list[str]:
        """Paths of nodes; of those that ended badly, where there are any."""
        nodes = list(nodes_of(self.ledger.run))
        bad = [path for path, _, outcome in nodes if outcome in BAD_ENDS] if bad_first else []
        return bad or [path for path, _, _ in nodes]

    @precondition(lambda self: self.ledger.run.phase is not Phase.FINISHED or self.ledger.run.seq % 7 == 0)
    @rule(
        force=st.sampled_from((False, False, False, True)),
        running=st.sampled_from(("stop", "finish")),
        later=PICKS,
    )
    def cancel(self, force: bool, running: str, later: int) -> None:
        """The run is stopped; sometimes so late that a second time counts."""
        self.tell(
            CancelRequested(at=self.at() + later * 100, by="bob", why="no", force=force, running=running)
        )

    @precondition(lambda self: self.wanted(StepWanted))
    @rule(force=st.sampled_from((False, False, False, True)), running=st.sampled_from(("stop", "finish")))
    def cancel_at_work(self, force: bool, running: str) -> None:
        """The run is stopped while steps work."""
        self.tell(CancelRequested(at=self.at(), by="cleo", force=force, running=running))

    @precondition(lambda self: len(self.wanted(StepWanted)) > 1)
    @rule(pick=PICKS, kind=st.sampled_from((RetryRequested, SkipRequested)), pause=st.integers(0, 2))
    def step_fails_and_runs_again(self, pick: int, kind: type, pause: int) -> None:
        """A step fails, and somebody wants it again or passed over while others still work."""
        found = self.wanted(StepWanted)
        key = found[pick % len(found)].name
        self.tell(StepFinished(at=self.at(), key=key, outcome="failed"))
        for want in self.wanted(StepWanted)[:pause]:
            self.tell(StepFinished(at=self.at(), key=want.name, outcome="succeeded"))
        self.tell(kind(at=self.at(), by="bob", path=split_key(key)[0], turn=True))

    @precondition(lambda self: self.ledger.run.phase is Phase.FINISHED or self.ledger.run.seq % 5 == 0)
    @rule(pick=PICKS, bad_first=st.booleans(), failed_only=st.booleans(), turn=st.booleans())
    def retry(self, pick: int, bad_first: bool, failed_only: bool, turn: bool) -> None:
        """Anything is to run again."""
        paths = self.paths(bad_first=bad_first)
        path = paths[pick % len(paths)]
        self.tell(RetryRequested(at=self.at(), by="bob", path=path, failed_only=failed_only, turn=turn))

    @precondition(lambda self: any(outcome in BAD_ENDS for _, _, outcome in nodes_of(self.ledger.run)))
    @rule(pick=PICKS, skip=st.booleans())
    def retry_failed_step(self, pick: int, skip: bool) -> None:
        """A failed step is to run again or to be skipped, maybe while its run goes on."""
        steps = [path for path in self.paths(bad_first=True) if path.count("/") == 2]
        assume(steps)
        path = steps[pick % len(steps)]
        kind = SkipRequested if skip else RetryRequested
        self.tell(kind(at=self.at(), by="bob", path=path, turn=True))

    @precondition(lambda self: self.ledger.run.phase is Phase.FINISHED or self.ledger.run.seq % 5 == 0)
    @rule(pick=PICKS, bad_first=st.booleans())
    def skip(self, pick: int, bad_first: bool) -> None:
        """Anything is to be skipped."""
        paths = self.paths(bad_first=bad_first)
        self.tell(SkipRequested(at=self.at(), by="bob", path=paths[pick % len(paths)], turn=True))

    @rule(pick=PICKS, by=st.sampled_from((*PEOPLE, "eve")), yes=st.booleans(), values=st.sampled_from(VALUES))
    def somebody_answers(self, pick: int, by: str, yes: bool, values: dict) -> None:
        """Anybody answers anywhere."""
        paths = [want.path for want in self.wanted(GateWanted)] or self.paths()
        self.tell(
            GateAnswered(at=self.at(), path=paths[pick % len(paths)], by=by, yes=yes, values=values, group="")
        )

    @rule(pick=PICKS, kind=st.integers(0, 4), yes=st.booleans())
    def somebody_decides(self, pick: int, kind: int, yes: bool) -> None:
        """A verdict, a word on a pause, on a lost attempt, or a list of reviewers, anywhere."""
        paths = self.paths()
        keys = list(self.ledger.keys) or ["s1/j1/t1#1.1"]
        path, key = paths[pick % len(paths)], keys[pick % len(keys)]
        match kind:
            case 0:
                self.tell(
                    VerdictGiven(at=self.at(), path=path, passed=yes, where="after" if yes else "before")
                )
            case 1:
                self.tell(Resumed(at=self.at(), path=path, by="bob", settings={"script": "x", "odd": "y"}))
            case 2:
                self.tell(Halted(at=self.at(), path=path))
            case 3:
                self.tell(LostSettled(at=self.at(), key=key, verdict="repeat" if yes else "failed"))
            case _:
                self.tell(ReviewersNamed(at=self.at(), path=path, members=(("cleo",) if yes else (),)))

    @precondition(lambda self: self.wanted(PersonWanted))
    @rule(pick=PICKS, repeat=st.booleans())
    def person_settles(self, pick: int, repeat: bool) -> None:
        """A pause is ended, a lost attempt is repeated."""
        found = self.wanted(PersonWanted)
        want = found[pick % len(found)]
        if want.kind == "pause":
            self.tell(Resumed(at=self.at(), path=want.path, by="bob", settings={"script": "x"}))
        else:
            self.tell(LostSettled(at=self.at(), key=lost_key(want), verdict="repeat" if repeat else "failed"))

    # What comes late

    @precondition(lambda self: self.ledger.keys)
    @rule(pick=PICKS, kind=st.integers(0, 3), back=st.integers(0, 20))
    def echo(self, pick: int, kind: int, back: int) -> None:
        """A report of any attempt there ever was, maybe from a clock that is behind."""
        keys = list(self.ledger.keys)
        key, at = keys[-1 - pick % len(keys)], self.ledger.run.at - back
        match kind:
            case 0 | 1:
                self.tell(StepFinished(at=at, key=key, outcome="failed" if kind else "succeeded"))
            case 2:
                self.tell(StepLost(at=at, key=key, known="pid 7"))
            case _:
                self.tell(StepNoted(at=at, key=key, reason=Reason(Why.CALLS, {"run": "r2"})))

    @precondition(lambda self: self.ledger.timers)
    @rule(pick=PICKS)
    def old_timer_fires(self, pick: int) -> None:
        """A timer that was wanted once fires, wanted still or not."""
        names = list(self.ledger.timers)
        name = names[-1 - pick % len(names)]
        self.tell(TimerFired(at=max(self.at(), self.ledger.timers[name]), name=name))

    @rule(pick=PICKS, kind=st.integers(0, 3), pushed_out=st.booleans())
    def odd_report(self, pick: int, kind: int, pushed_out: bool) -> None:
        """A lock, an environment or a delivery is reported of anything."""
        paths = self.paths()
        path = paths[pick % len(paths)]
        match kind:
            case 0:
                self.tell(LockGranted(at=self.at(), path=path))
            case 1:
                reason = Reason(Why.PUSHED_OUT if pushed_out else Why.QUEUE_EXPIRED, {"by": "r2"})
                self.tell(LockRefused(at=self.at(), path=path, reason=reason))
            case 2:
                self.tell(EnvironmentFailed(at=self.at(), path=path))
            case _:
                self.tell(Delivered(at=self.at(), name=f"message:{pick % 3}:run-ended"))
