"""The laws of the run machine, searched with random pipelines and random events (STYLE 6, DESIGN 4, RULINGS 28).

What each law says stands in `laws.py`, the swept form in `swept.py`, the book in `by_the_book.py`. A run that is left
unfinished is brought to its end by a world that carries out what it wants.
"""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from tests.machine.random_play import RandomPlay, share
from tests.machine.world import BAD, DEAF, GOOD, World


class Laws(RandomPlay):
    """Every law after every event; at the end, an end."""

    mood = GOOD

    @initialize(mood=st.sampled_from((GOOD, BAD, DEAF)))
    def in_a_mood(self, mood: str) -> None:
        """The mood of the world that ends the run."""
        self.mood = mood

    def tell(self, event: Event) -> None:
        """Fold one event under all laws."""
        try:
            self.ledger.tell(event)
        except Refused:
            return

    def teardown(self) -> None:
        """Doing what is wanted ends the run, in a bounded number of events."""
        if not hasattr(self, "ledger"):
            return
        self.ledger.carry_out(World(self.mood))
        assert self.ledger.replayed() == self.ledger.run, "replaying the whole journal gives the same run"


TestLaws = Laws.TestCase
TestLaws.settings = share()
