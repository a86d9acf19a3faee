"""What a command does about Ctrl-C and TERM before there is a run to follow (CLI-3, ERR-6)."""

import asyncio
import os
import signal

import pytest

from ferryman.cli.following import Ended, Follower, Manner
from ferryman.domain.views import RunView


async def never() -> RunView:
    """What is asked of a process that was stopped."""
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")


@pytest.mark.parametrize(
    ("sent", "manner", "raised"),
    [
        ((signal.SIGINT, signal.SIGINT), Manner(), KeyboardInterrupt),
        ((signal.SIGINT,), Manner(cancels_elsewhere=False), KeyboardInterrupt),
        ((signal.SIGTERM,), Manner(), Ended),
        ((signal.SIGINT, signal.SIGTERM), Manner(), Ended),
    ],
    ids=["Ctrl-C twice", "Ctrl-C where it cancels nothing", "TERM", "Ctrl-C and TERM"],
)
def test_whoever_holds_the_folder_and_never_answers_can_be_left(
    sent: tuple[signal.Signals, ...], manner: Manner, raised: type[BaseException]
) -> None:
    async def story() -> None:
        follower = Follower(manner, "ann")
        async with follower.interrupts():
            for number in sent:
                os.kill(os.getpid(), number)
            await follower.begin(never(), elsewhere=True)

    with pytest.raises(raised):
        asyncio.run(story())


def test_one_ctrl_c_before_the_run_is_known_is_kept_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    """It cancels the run, and is no second one that would force it."""

    async def story() -> None:
        follower = Follower(Manner(), "ann")
        go = asyncio.Event()

        async def late() -> RunView:
            await go.wait()
            raise LookupError("here the run would be")

        async with follower.interrupts():
            os.kill(os.getpid(), signal.SIGINT)
            begun = asyncio.create_task(follower.begin(late(), elsewhere=True))
            while "Ctrl-C again ends the wait" not in capsys.readouterr().err:
                await asyncio.sleep(0)
            go.set()
            with pytest.raises(LookupError):
                await begun
            assert await follower._signals.get() == signal.SIGINT

    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_signal_that_comes_with_the_run_is_left_to_whoever_follows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """TERM, and Ctrl-C where it cancels nothing, were said to cancel the run."""

    async def story() -> None:
        follower = Follower(Manner(cancels_elsewhere=False), "ann")

        async def at_once() -> RunView:
            raise LookupError("here the run would be")

        for number in (signal.SIGTERM, signal.SIGINT):
            follower._signals.put_nowait(number)
            with pytest.raises(LookupError):
                await follower.begin(at_once(), elsewhere=True)
            assert await follower._signals.get() == number

    asyncio.run(asyncio.wait_for(story(), 60))
    assert not capsys.readouterr().err
