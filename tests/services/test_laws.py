"""What holds of every view of every run (ERR-6, CLI-2, STYLE 3): searched with random play."""

import msgspec
from hypothesis import settings

from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.journal import JournalEntry
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.views import RunView
from ferryman.ports.store import RunRow
from ferryman.services import entries, views, why
from tests.machine.random_play import RandomPlay


def row_of(run: Run) -> RunRow:
    """The row that a store would keep of it."""
    return RunRow(id=run.id, project="local", pipeline="p", version=1, number=run.number, phase=run.phase)


class Views(RandomPlay):
    """Every view after every event."""

    def tell(self, event: Event) -> None:
        """Fold one event, and look at the run."""
        try:
            self.ledger.tell(event)
        except Refused:
            return
        run = self.ledger.run
        view = views.of_run(run, row_of(run))
        assert msgspec.json.decode(msgspec.json.encode(view), type=RunView) == view
        if run.phase is not Phase.FINISHED:
            assert view.progress.running or view.waiting, (
                "no run is just running with nothing running (ERR-6)"
            )
        for wait in view.waiting:
            assert wait.sentence
            assert wait.help or wait.person is False
            assert not wait.person or wait.help
        told = list(why.explain(view, run))
        assert all(one.sentence for one in told)
        assert (
            len(told) == 1 + len(view.stages) + len(list(views.all_jobs(view.stages))) + view.progress.steps
        )
        entry = entries.of_entry(
            JournalEntry(seq=run.seq, event=event, ignored=run.ignored), lambda text: text
        )
        assert entry.sentence
        assert entry.sentence[-1] != "."


TestViews = Views.TestCase
TestViews.settings = settings(stateful_step_count=25, max_examples=40)
