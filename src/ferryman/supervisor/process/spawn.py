"""One process, started behind a gate.

The new process first waits for a byte on descriptor 3. Meanwhile it is put into its control group and its start goes
into the book, to the disk; then the gate opens. So nothing of a step can run outside its group, and a step without a
record never ran: when this supervisor dies before, the gate closes and the process ends by itself with 125.

A text on descriptor 4 stands in memory only (the script of a step, with its secrets): no file ever holds it.
"""

import errno
import os
from typing import Any

from ferryman.supervisor.process.posix_spawn import posix_spawn

GATE = 3
TEXT = 4
FIRST_FREE = 10
"""Descriptors below this are kept for those of the new process, so that none of ours is in the way."""

SHUT = 125
"""How a process ends whose gate was closed instead of opened."""
WAIT_AT_GATE = 'read -r FERRYMAN_GATE <&3 || exit 125; unset FERRYMAN_GATE; exec 3<&-; exec "$@"'
"""What waits in place of a program that does not know of the gate."""

_SHORTAGES = {
    errno.EAGAIN: "the system lets no more processes start",
    errno.ENOMEM: "no memory is left for another process",
    errno.EMFILE: "the supervisor may open no more files",
    errno.ENFILE: "the system may open no more files",
    errno.ENOSPC: "no space is left on the disk for its record and its output",
    errno.EDQUOT: "the quota of the disk leaves no space for its record and its output",
}
"""What a machine lacks for a while, which says nothing of the step."""


def keep_low_descriptors() -> int:
    """Occupy the descriptors that new processes are given by number; returns one of nothing, for reading."""
    nothing = os.open("/dev/null", os.O_RDWR)
    while nothing < FIRST_FREE:
        nothing = os.dup(nothing)
    os.set_inheritable(nothing, False)
    return nothing


def makes_sense(order: dict[str, Any]) -> bool:
    """Whether an order has all it needs, in the right form; one that has not must not bring us down."""
    match order:
        case {"attempt": str(), "argv": [_, *_] as argv, "env": dict(env), "cwd": str()}:
            texts = [*argv, *env, *env.values(), *(order.get(name, "") for name in ("text", "tag", "group"))]
            return set(map(type, texts)) == {str}
    return False


def shortage(error: Exception) -> str:
    """What the machine lacks, when the same start may succeed later; else empty."""
    return _SHORTAGES.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def start(order: dict[str, Any], *, nothing: int, output: int) -> tuple[int, int]:
    """Start what is ordered, in a session of its own; its pid and the descriptor that opens its gate. The thread that
    calls this changes its working folder meanwhile.

    Raises OSError or ValueError with the reason when it cannot be started; nothing is left behind then.
    """
    argv = list(order["argv"])
    if not order.get("gated"):
        argv = ["/bin/sh", "-c", WAIT_AT_GATE, "ferryman", *argv]
    wait, gate = os.pipe()
    text = -1
    descriptors = [(nothing, 0), (output, 1), (output, 2), (wait, GATE)]
    try:
        if order.get("text"):
            text = _in_memory(order["text"].encode())
            descriptors.append((text, TEXT))
        os.chdir(order["cwd"])
        pid = posix_spawn(argv, order["env"], descriptors)
    except BaseException:
        os.close(gate)
        raise
    finally:
        os.chdir("/")
        os.close(wait)
        if text >= 0:
            os.close(text)
    return pid, gate


def open_gate(gate: int) -> None:
    """Let the process begin."""
    try:
        os.write(gate, b"\n")
    except BrokenPipeError:
        pass
    finally:
        os.close(gate)


def _in_memory(text: bytes) -> int:
    fd = os.memfd_create("script")
    try:
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.lseek(fd, 0, os.SEEK_SET)
    except OSError:
        os.close(fd)
        raise
    return fd
