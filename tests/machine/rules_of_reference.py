"""The numbered rules and table rows of the semantics reference, in our own words, by section.

Ids follow the reference: `4.1.6` is the sixth rule of section 4.1, in the reference's own number where it has one, else
by position; letters are rows of tables, in their order (`7.2.d` is the fourth row of the table in 7.2); in 9 and 21 the
section has no parts, so `9.e` and `21.4`. `P3.1` and the like are the promises of the design that the machine keeps.

Scenarios and tests cite these ids; `coverage_page` writes the page that says which holds what.
"""

from typing import NamedTuple


class Section(NamedTuple):
    """One section of the reference."""

    number: str
    title: str
    rules: dict[str, str]


def _section(number: str, title: str, text: str) -> Section:
    """Lines of `id words`; an id is written without its section."""
    rules = {}
    for line in text.strip().splitlines():
        name, _, words = line.strip().partition(" ")
        separator = "" if number == "P" or name.startswith(".") else "."
        rules[f"{number}{separator}{name}"] = words
    return Section(number, title, rules)


SECTIONS: tuple[Section, ...] = (
    _section(
        "1.1",
        "Classes of statuses",
        """
        a success: succeeded and skipped
        b failure: failed and errored
        c cancel is neither
        d finished: all of these
        e running
        f ready: what may still start
        g never ran: an end, but not one of success, failure or cancel
        h decided from outside: never retried automatically
        """,
    ),
    _section(
        "1.2",
        "Outcomes of each level",
        """
        a of a run
        b of a stage
        c of a job
        d of a step
        """,
    ),
    _section(
        "1.3",
        "Folding a status into the level above",
        """
        1 out of time and refused fail the job; ended by force and canceled stay what they are
        2 what is passed by is unreached behind a failure or cancel, else skipped
        """,
    ),
    _section(
        "1.4",
        "Stage from its jobs",
        """
        a a job that is ready or running keeps it running
        b a failed job that may not fail fails it
        c else a canceled job cancels it
        d else it is skipped when all jobs are
        e else it succeeded
        1 failure wins over cancel
        """,
    ),
    _section(
        "2.1",
        "Moves of a run",
        """
        a an accepted start is queued
        b its turn comes
        c it waits longer than its limit
        d it is stopped or pushed out in the queue: nothing runs
        e a stage waits for a review: waiting, without a turn
        f the last group approves: it runs on
        g the review is refused, expired or stopped: the finally stage, then the end
        h a decision on quality rules is open
        i passed: on; refused: towards failed
        j all stages are done
        k a retry: the same run, one execution more
        """,
    ),
    _section(
        "2.2",
        "Result of a run",
        """
        1 the last stage that ran or was skipped decides without a finally stage
        2 with a finally stage: 10.3
        3 a skip is a success; failures become failed
        4 without an enabled stage it succeeded
        """,
    ),
    _section(
        "2.3",
        "Start of a run",
        """
        1 refused for a missing value and for a circle of dependencies
        2 values and number are fixed
        3a a stage that is off
        3b a job that is off, or without an enabled step
        3c a step that is off
        3d a step switched off for this run, and its post-action
        5 the first stage begins
        """,
    ),
    _section(
        "3.1",
        "Steps of a stage",
        """
        1 fast kill comes first
        2 then its condition
        3 then the gates before it, verdict before review; not for the finally stage
        4 then its jobs
        5 then its outcome from the jobs
        6 then the gates behind it, only after success
        7 then the next stage
        8 the condition is looked at before the review, and again when it lets through
        """,
    ),
    _section(
        "3.2",
        "Conditions of stages, jobs and steps",
        """
        a always, once reached
        b all named variables are equal
        c not all of them are
        d an expression is true
        e wanted values are substituted in jobs and steps, not in stages
        f an empty list that must be equal
        g an empty list that must not be equal
        h an unknown variable equals nothing
        i a blank expression skips stages and jobs, and lets steps run
        j one that cannot be evaluated is false
        1 not met: all of it is skipped, the next stage follows
        2 with all jobs off it is skipped without a look at the condition
        """,
    ),
    _section(
        "3.3",
        "After the jobs of a stage",
        """
        a success and skip: on
        b anything else: to the finally stage, or to the end
        1 stages that are passed by are unreached
        """,
    ),
    _section(
        "4.1",
        "Reviews",
        """
        a it begins: stage and run wait
        b a group that is not the last approves
        c the last group approves
        d a group refuses
        1 reviewers are substituted and split, roles resolved, values taken from variables
        2 groups decide in their order, another one is an error
        3 only reviewers of the group may act
        4 an approval records who, when, why and the values that differ; they become variables at the end
        5 any group may refuse, which ends it
        6 limit in hours, 24 for odd values; over means refused by the system
        7 nobody left: refused by the system
        8 a stop is a refusal
        9 after a refusal nothing of the stage runs; the finally stage sees success, its status says failed
        10 a retry that touches the stage asks again
        11 who decided, and how, can be read afterwards
        """,
    ),
    _section(
        "4.2",
        "Verdicts on quality rules",
        """
        a before a stage: refused fails it, nothing runs
        b behind a stage: refused, it keeps its success
        1 a refusal fails the run by way of the finally stage, which sees a failure
        2 rules without anybody who answers do not pass
        3 a stop before a stage cancels
        4 a stop behind a stage refuses
        5 a person decides
        """,
    ),
    _section(
        "5.1",
        "Steps of a job",
        """
        1 dependencies
        2 condition
        3 pause
        4 lock
        5 place to run in
        6 matrix
        7 steps
        8 the environment is there only for a step that runs
        9 one that cannot be had: steps and post-actions unreached, job failed
        """,
    ),
    _section(
        "5.2",
        "Conditions of jobs",
        """
        a always
        b the same three as for stages
        c in the finally stage: the stage before went well
        d in the finally stage: the stage before failed
        e in the finally stage: the stage before was canceled
        2 the stage before is the last that finished
        """,
    ),
    _section(
        "5.3",
        "Dependencies of jobs",
        """
        a one skipped, failed or canceled: skipped
        b all succeeded: goes on
        c else it waits
        1 a list of ids
        2 a text of ids, substituted and split
        3 only jobs of the same stage, unknown ids are dropped
        4 a circle is refused
        6 a failed job that may fail counts as failed here
        7 skips travel down the chain
        """,
    ),
    _section(
        "5.4",
        "Options of jobs",
        """
        1 switched off: skipped from the start, counted only when all are
        2 may fail: failed, but fine for its stage, and no fast kill
        3 time limit, counted from its beginning; over ends it whole
        """,
    ),
    _section(
        "6.1",
        "Locks of jobs",
        """
        a free: taken
        b taken, without a queue: failed at once
        c taken, queue of length 0 or full: failed at once
        d taken, room: waits, the oldest first
        e waited too long: failed
        f stopped while it waits: canceled
        1 the name is substituted; blank means none
        2 the length counts those who wait, at most 50
        3 a text for the limit wins; above a week counts as a week
        4 given back when the job has ended in any way
        5 a matrix takes it for each split job
        """,
    ),
    _section(
        "6.2",
        "Matrices",
        """
        1 the product of lists, the last turning fastest; expressions may stand for lists or the whole
        2 include extends, adds or is dropped
        3 exclude comes after it, whole combinations only
        4 doubles are removed
        5 none, too many or unreadable: the parent failed
        6 the sizes of the examples
        7 numbers, paths and values of split jobs
        8 so many at once, 5 by default, at most 50
        9 split jobs do not look at dependencies again
        a not all ended: the parent runs
        b one failed: failed
        c else one canceled: canceled
        d else succeeded
        10 fast kill inside a matrix
        11 outputs by number and as lists
        """,
    ),
    _section(
        "7.1",
        "The walk over the steps",
        """
        a success, skipped, unreached: next
        b failed or canceled, not continued: the last one decides
        c failed, continued: remembered; canceled is not continued
        d running: it waits
        e paused: it waits; a stop cancels step and job
        f the job is ended from above: unreached
        g post-actions: section 9
        h condition not met: skipped while the job is fine, else unreached
        i condition met: it starts
        1 continued means so, and not asking
        2 all skipped by conditions is a success
        3 a handler does not heal
        """,
    ),
    _section(
        "7.2",
        "Conditions of steps",
        """
        a after success
        b unless canceled
        c always
        d after a failure
        e after a failure that was not continued
        f on values
        g while others run
        h two conditions of post-actions, elsewhere
        1 switched off comes first
        2 it looks back only
        3 none means after success
        4 evaluated when reached, before a pause
        """,
    ),
    _section(
        "7.3",
        "When a step has failed",
        """
        1 additional attempts, also after running out of time; not when stopped or decided from outside
        2 a failure that stands: continued stays on the step, else the walk decides
        3 continued and asking: the job fails, a person may retry or skip
        """,
    ),
    _section(
        "7.4",
        "What a person may do",
        """
        a a plain failure: retry, no skip
        b asking: retry and skip
        c continued: neither
        d failure handlers: neither
        1 the step before a failure handler keeps what it offers
        2 failed jobs and stages may be retried, the finally stage not
        3 a retry is accepted for 28 days
        """,
    ),
    _section(
        "7.5",
        "Time limit of a step",
        """
        1 stopped, then retried or failed; later handlers run
        """,
    ),
    _section(
        "7.6",
        "Scripts",
        """
        2 exit code 0 is success, any other a failure
        """,
    ),
    _section(
        "8.1",
        "Pause before a step",
        """
        a reached and met: step and job wait, the run goes on
        b continued: it runs
        c ended by a person: canceled, nothing behind it, the finally stage runs
        d stop of the run: canceled
        e said of a step that is not paused: an error
        1 once in an execution
        2 the environment may be given up meanwhile
        3 only settings that the step has are replaced
        4 who continued is kept in a variable
        5 others are only told
        6 the limit does not run meanwhile
        """,
    ),
    _section(
        "8.2",
        "Questions to people",
        """
        1 asked as soon as the step is reached
        2 nobody left: failed
        3 only reviewers may decide
        4 approved: succeeded, values become variables
        5 refused: step, job and run failed
        6 stop of the run: canceled
        """,
    ),
    _section(
        "9",
        "Post-actions",
        """
        1 at the end of the job, in reverse order of their steps
        2 their failure is continued
        3 only when the step really ran
        e after a stop or time limit of the step
        f after any end of the step
        g after success of all before
        h unless one before was canceled
        i others, in a failed job
        j others, in a job that is fine
        4 not run: unreached, or skipped with the step
        5 the job is ended from above: unreached
        6 a failed one does not fail the job
        """,
    ),
    _section(
        "10.1",
        "When the finally stage runs",
        """
        1 as the last stage
        2 after success, failure, cancel, fast kill, refusals
        3 not for a run that ended in the queue, nor switched off
        4 its fast kill, condition and gates have no effect
        """,
    ),
    _section(
        "10.2",
        "What the finally stage sees",
        """
        1 the last stage that finished; a skip is a success, a refused review too, refused rules are a failure
        2 the status of the stages before
        3 names of failed and canceled steps
        """,
    ),
    _section(
        "10.3",
        "What the finally stage does to the result",
        """
        a it succeeded or was skipped: the result stays
        b it failed: failed
        c it was canceled: canceled
        1 it runs again with every retry
        """,
    ),
    _section(
        "11.1",
        "Fast kill",
        """
        1 the first failed job ends the others
        2 not a job that may fail
        3 a failed job has run its handlers
        4 without it all others run to their end
        5 not in the finally stage
        """,
    ),
    _section(
        "11.2",
        "Stop",
        """
        a in the queue: canceled, nothing runs
        b the running step is canceled, not retried, not continued
        c later steps are unreached, post-actions are looked at
        d jobs that wait are canceled at once
        e the job is canceled
        f the stage is canceled, or failed when another job failed
        g later stages do not run
        h the finally stage runs
        i the run is canceled
        j in a review: a refusal
        k after the end: an error
        l again too soon: an error
        m again later: by force
        1 a running step for always is not interrupted; the job is canceled at its end
        2 such a step behind a canceled one still runs
        """,
    ),
    _section(
        "11.3",
        "Ended from above",
        """
        1 a job out of time
        2 an environment that is lost or cannot be had
        3 a forced stop
        """,
    ),
    _section(
        "12.1",
        "What runs again",
        """
        1 same run and number, one execution more; finally stage and later stages reset, variables kept, reviews reset
        a without a path: everything
        b a stage
        c failed jobs of a stage
        d a job
        e a step and what follows it
        f skipping a step
        g skipping the failed steps of a stage
        2 other failed jobs are kept, so it may fail again
        3 a step keeps the execution it last ran in
        4 failure handlers are judged anew
        """,
    ),
    _section(
        "12.2",
        "Refused retries",
        """
        a the run has not ended
        b it waits in a review
        c a stage that neither failed nor was canceled
        d a skip that is not offered
        e too old
        f in a running run: only a failed step of an ended job of the open stage
        """,
    ),
    _section(
        "13",
        "Queue and locks of runs",
        """
        a side by side, up to a bound
        b one at a time
        c closed
        d one at a time over a group
        e in a group: a start cancels the others
        1 the name of the group
        2 a full queue drops the one that waits longest; without a queue the newcomer is refused
        3 the limit of the wait
        4 a run in a review holds no place
        5 canceled in the queue: nothing runs
        """,
    ),
    _section(
        "14",
        "Numbers",
        """
        1 a run keeps its number
        3 a retry counts one execution, an automatic one none
        """,
    ),
    _section(
        "15.1",
        "Start values",
        """
        1 given, else the default
        2 constants stay
        3 a value that must not be empty
        4 undeclared ones are kept
        5 x is variables.x
        """,
    ),
    _section(
        "15.2",
        "What steps write",
        """
        a variables, for all later steps, jobs and stages
        b the same by another word
        c outputs
        d remarks
        1 kept whether the step succeeded or failed
        2 too long values are dropped
        3 read-only values fail the step
        """,
    ),
    _section(
        "15.3",
        "Contexts",
        """
        a variables
        b ci
        c job
        d jobs
        e step and steps
        f matrix
        g envs
        1 status and outcome
        """,
    ),
    _section(
        "15.4",
        "Substitution",
        """
        1 classic
        2 constrained
        3 which texts are substituted
        """,
    ),
    _section(
        "16",
        "Conditions as text",
        """
        .1.1 classic: pasted first, then evaluated
        .1.2 errors are false, blank skips stages and jobs
        .2 grammar
        .3 values
        .4 functions
        """,
    ),
    _section(
        "17",
        "Invariants",
        """
        1 a finished part does not change within an execution
        2 at most one step of a job runs
        3 a stage begins when the one before has ended
        4 replaying the events gives the same run
        """,
    ),
    _section(
        "18",
        "Time limits",
        """
        a of a step
        b of a job
        c of an environment
        d of a wait for a lock
        e of the queue
        f of a review
        1 a text that gives a number wins
        """,
    ),
    _section(
        "19",
        "Times",
        """
        a when a step started
        b how long it took
        c when a job started
        d how long its steps took
        e how long else
        f of a stage
        h of a run
        1 what did not run has none
        2 a retry clears them
        """,
    ),
    _section(
        "20",
        "Differences between releases, as decided",
        """
        a stages passed by without a finally stage
        b a step for always behind a canceled one runs
        c a job with a paused step waits
        d a refused review: the stage's end is its own kind
        e marks in front of a failure handler are the step's own
        f failure handlers are judged anew
        g time spent paused does not count
        h the condition for failures that were not continued is known
        i rules refused behind a stage: the stage keeps its success
        j pushed out of the queue: canceled
        """,
    ),
    _section(
        "21",
        "What simple implementations get wrong",
        """
        1 a skip is a success, but skips its dependents
        2 a job of skipped steps succeeded
        3 handlers see continued failures
        4 the walk in order decides, not the set of steps
        5 continued and asking does not continue
        6 custom conditions do not look past a failure
        7 a refused or stopped review is an end of its own kind
        8 in a review the run waits and holds no place
        9 a stop with one failed job is failed
        10 dependents of a failed job that may fail are skipped
        11 fast kill by a job, not by a step, nor in the finally stage
        12 finally jobs look at the stage before
        13 blank conditions differ by level
        14 a retry of one step keeps other failures, number and id, and asks again
        15 additional attempts, clamped
        16 a full queue drops the oldest
        17 classic texts are pasted; errors are false, unknown names are errors
        18 partial excludes remove nothing; include comes after the product
        19 milliseconds and hours
        20 post-actions at the end of the job, for steps that ran
        21 a failed finally stage fails a canceled run
        22 what a failed step wrote is kept
        """,
    ),
    _section(
        "P",
        "Promises of the design",
        """
        1.1 what is to be told stays wanted until it was
        2.1 a step whose end was recorded never runs again
        3.1 a lost step is repeated only if declared repeatable
        3.2 else the run asks
        3.3 found again, its end counts
        5.1 a decision is recorded once: who, when, why, what they saw
        6.1 a cancel ends the run within its patience
        6.2 and frees every lock
        6.3 only what is declared to still runs, under its own limit
        6.4 a forced stop ends that too
        """,
    ),
)

RULES: dict[str, str] = {name: words for section in SECTIONS for name, words in section.rules.items()}
"""Every rule by its id."""

ELSEWHERE: dict[str, str] = {
    "6.1.2": "test_locks.py",
    "13.2": "locks/single.txt",
    "13.3": "locks/single.txt",
    "16.2": "../expressions/test_grammar.py",
    "16.3": "../expressions/test_values.py",
    "16.4": "../expressions/test_functions.py",
    "21.16": "locks/single.txt",
}
"""Rules held by other tests than the scenarios, with the file; paths are relative to `tests/machine`."""

NOT_OF_THE_MACHINE: dict[str, str] = {
    "2.3.4": "triggers are a service's; a run begins with its first stage",
    "4.1.12": "the old form of a review is read by the model's mapper",
    "5.2.1": "a condition in the wrong kind of stage is refused when a definition is read",
    "5.3.5": "ids of jobs are checked when a definition is read",
    "7.3.4": "the number of attempts is brought into 1 to 5 when a definition is read",
    "7.6.1": "how a script is run is the executors' matter",
    "9.a to 9.d": "declared post-conditions become conditions when a definition is read",
    "12.3": "a restart is a cancel and a start, done by a service",
    "14.2": "the recommended version is counted by a service",
    "15.2.4": "values are masked where they are shown",
    "15.3.2": "the environment of a script is made by the executors",
    "19.g": "times of the trigger job, which only a dialect shows",
}
"""Rules that no machine can hold, and who holds them."""
