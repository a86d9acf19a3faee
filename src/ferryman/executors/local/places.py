"""Who works in which job's folder, and which folders go as soon as nobody does."""

Place = tuple[str, str]
"""A run, and the name of a job's folder."""


class Places:
    """The folders that this process has had to do with."""

    def __init__(self) -> None:
        """Nobody works anywhere."""
        self._inside: dict[Place, set[str]] = {}
        self._given_up: set[Place] = set()

    def enter(self, place: Place, attempt: str) -> None:
        """An attempt works there from now on: a folder that was given up is needed again."""
        self._inside.setdefault(place, set()).add(attempt)
        self._given_up.discard(place)

    def leave(self, place: Place, attempt: str) -> None:
        """It does no more."""
        self._inside.get(place, set()).discard(attempt)

    def knows(self, place: Place) -> bool:
        """Whether anybody has ever worked there, since it went the last time."""
        return place in self._inside

    def give_up(self, place: Place) -> None:
        """Its job has ended: it goes as soon as nobody works there."""
        self._given_up.add(place)

    def awaits_end(self, place: Place) -> bool:
        """Whether it was given up, and somebody may still work there."""
        return place in self._given_up

    def goes(self, place: Place) -> bool:
        """Whether it is to go now; whoever asks has to take it away, and is told so once."""
        if place not in self._given_up or self._inside.get(place):
            return False
        self._given_up.discard(place)
        self._inside.pop(place, None)
        return True
