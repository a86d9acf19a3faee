"""Which folders go, and when."""

from ferryman.executors.local.places import Places

HERE, THERE = ("r", "s/j"), ("r", "s/k")


def test_a_folder_that_was_given_up_goes_once_nobody_works_there() -> None:
    places = Places()
    places.enter(HERE, "a")
    places.enter(HERE, "b")
    places.give_up(HERE)
    places.leave(HERE, "a")
    assert not places.goes(HERE)
    places.leave(HERE, "b")
    assert not places.goes(THERE)
    assert places.goes(HERE)
    assert not places.goes(HERE), "it was taken away already"
    assert not places.knows(HERE)


def test_a_folder_that_is_needed_again_stays() -> None:
    places = Places()
    places.enter(HERE, "a")
    places.give_up(HERE)
    places.leave(HERE, "a")
    places.enter(HERE, "b")
    places.leave(HERE, "b")
    assert not places.goes(HERE)
    assert places.knows(HERE)
