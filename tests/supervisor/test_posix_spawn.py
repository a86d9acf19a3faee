"""Starting programs, and doing that side by side."""

import os
import signal
import threading
from pathlib import Path

import pytest

from ferryman.supervisor.process import system
from ferryman.supervisor.process.crew import Crew
from ferryman.supervisor.process.posix_spawn import posix_spawn


def printed(argv: list[str], env: dict[str, str], *, others: tuple[tuple[int, int], ...] = ()) -> str:
    """What a program says."""
    ours, theirs = os.pipe()
    pid = posix_spawn(argv, env, ((theirs, 1), *others))
    os.close(theirs)
    with open(ours, encoding="utf-8") as file:
        said = file.read()
    os.waitpid(pid, 0)
    return said


def test_arguments_and_environment_come_as_they_are() -> None:
    argv = ["/bin/sh", "-c", 'printf "%s|%s|%s" "$1" "$A" "$(env | grep -c =)"', "sh", "ä b\n"]
    # PWD and what the shell itself adds are three at most.
    text, value, count = printed(argv, {"A": "ö='x'", "PATH": "/usr/bin:/bin"}).split("|")
    assert (text, value) == ("ä b\n", "ö='x'")
    assert int(count) <= 5


def test_it_leads_a_session_of_its_own_and_no_other_descriptor_is_passed_on() -> None:
    ours = os.pipe()
    script = "cut -d' ' -f5,6 /proc/$$/stat; echo $$; ls /proc/$$/fd"
    said = printed(["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"})
    places, pid, *descriptors = said.split("\n")
    assert places == f"{pid} {pid}"
    assert not {str(each) for each in ours} & set(descriptors)
    for each in ours:
        os.close(each)


def test_signals_are_as_by_default_though_ours_are_blocked_and_ignored() -> None:
    ignored = signal.SIGTERM, signal.SIGRTMAX
    before = [signal.signal(number, signal.SIG_IGN) for number in ignored]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        said = printed(["/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], {})
    finally:
        for number, handler in zip(ignored, before, strict=True):
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    # The C library keeps two for itself.
    ordinary = sum(1 << number - 1 for number in signal.valid_signals())
    assert [int(line.split()[1], 16) & ordinary for line in said.splitlines()] == [0, 0]


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["/bin/tr\0ue"], {}),
        (["/bin/true", "\0"], {}),
        (["/bin/true"], {"A": "b\0"}),
        (["/bin/true"], {"A=B": "c"}),
    ],
    ids=["in the program", "in an argument", "in a value", "an equals sign in a name"],
)
def test_what_no_program_can_be_given_is_refused(argv: list[str], env: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="null character"):
        posix_spawn(argv, env, ())


def test_a_program_that_is_not_there_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        posix_spawn(["/nowhere/at-all"], {}, ())


def test_a_crew_works_on_several_things_at_once_and_keeps_their_order() -> None:
    met = threading.Barrier(3, timeout=30)

    def squared(number: int) -> int:
        # Three have to be here together.
        met.wait()
        return number * number

    crew: Crew[int, int] = Crew(squared, 2, lambda: True)
    assert crew.each([1, 2, 3]) == [1, 4, 9]
    assert crew.each([]) == []


def test_a_crew_tells_what_was_raised_and_works_on() -> None:
    crew: Crew[int, float] = Crew(lambda number: 6 / number, 2, lambda: True)
    with pytest.raises(ZeroDivisionError):
        crew.each([1, 0, 3])
    assert crew.each([1, 2, 3]) == [6, 3, 2]


def test_hands_that_cannot_prepare_themselves_stay_away() -> None:
    crew: Crew[int, int] = Crew(lambda number: threading.get_ident(), 2, lambda: False)
    assert set(crew.each([1, 2, 3])) == {threading.get_ident()}


def test_a_thread_can_have_a_working_folder_of_its_own(tmp_path: Path) -> None:
    """Otherwise a step might start in another one's folder."""
    before = os.getcwd()
    seen: list[str] = []

    def elsewhere() -> None:
        if system.have_own_folder():
            os.chdir(tmp_path)
            seen.append(os.getcwd())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert os.getcwd() == before
    assert seen in ([], [str(tmp_path)])


def test_a_start_lies_between_two_looks_at_the_ticks() -> None:
    """By that, and its pid, a process is known again (RULINGS 17)."""
    for _ in range(50):
        before = system.ticks()
        pid = posix_spawn(["/bin/sleep", "60"], {}, ())
        after = system.ticks()
        try:
            assert before <= system.started(pid) <= after
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.mark.parametrize("more", [0, 7])
def test_who_goes_first_starts_programs_that_do_not(more: int) -> None:
    """Steps have the niceness that the server was started with, and no more."""
    # Only root may be less nice than it was started.
    nice = min(19, os.getpriority(os.PRIO_PROCESS, 0) + more)
    seen: list[str] = []

    def go() -> None:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        before = system.go_first()
        assert before == nice
        pid = posix_spawn(["/bin/sleep", "60"], {}, ())
        try:
            system.be_nice(pid, before)
            fields = system.read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            # Niceness, and the policy of scheduling: 0 is the usual one.
            seen.append((fields[16] + b" " + fields[38]).decode())
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    assert seen == [f"{nice} 0"]
