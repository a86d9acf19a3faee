"""The first process of the supervisor: it takes the folder, hides it from steps, and stands above the room.

It does almost nothing, so there is almost nothing in it that could fail: it waits for children. Steps of a room that
died become its children (it is their subreaper), so their exit statuses are not lost; it keeps them for the next room,
which it starts at once. When the guard itself dies, the room goes on alone.
"""

import contextlib
import fcntl
import gc
import os
import socket
import sys
import time

from ferryman.supervisor.process import groups, system
from ferryman.supervisor.process.attempts import now
from ferryman.supervisor.process.room import Room
from ferryman.supervisor.process.wire import pack

_SHORT = 1.0
"""Seconds: a room that lived shorter counts as one that cannot live."""
_MOST_SHORT = 5


def main(folder: str, private: str, hide: str, use_groups: str) -> int:
    """Serve `folder`, hiding `private` from steps; 0 when somebody else serves it already or all is done."""
    os.umask(0o077)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600, dir_fd=place)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    _log_to("log", place)
    listener = _listen(place)
    os.umask(0o022)
    hiding = system.hide(private) if hide == "hide" else "it is switched off"
    slots = (
        groups.find(f"ferryman-{os.fstat(place).st_dev:x}-{os.fstat(place).st_ino:x}") if use_groups else None
    )
    system.become_subreaper()
    gc.freeze()
    return _watch_over(place, listener, slots, hiding)


def _watch_over(place: int, listener: socket.socket, slots: groups.Groups | None, hiding: str) -> int:
    reaped: dict[int, int] = {}
    since = now()
    short = 0
    while short < _MOST_SHORT:
        ours, theirs = socket.socketpair()
        began = time.monotonic()
        room = os.fork()
        if room == 0:
            ours.close()
            os._exit(_serve(place, listener, theirs, reaped, since, slots, hiding))
        theirs.close()
        status = _keep_statuses(room, ours, reaped)
        ours.close()
        if status == 0:
            return 0
        # A room that was killed is begun again however often; one that fails by itself is not worth it.
        failed = os.WIFEXITED(status) and time.monotonic() - began < _SHORT
        short = short + 1 if failed else 0
    return 1


def _keep_statuses(room: int, link: socket.socket, reaped: dict[int, int]) -> int:
    """Wait until the room has ended; meanwhile tell it of every orphan's end. The room's status."""
    while True:
        pid, status = os.wait()
        if pid == room:
            return status
        reaped[pid] = status
        try:
            link.sendall(pack({"pid": pid, "status": status}))
        except OSError:
            continue


def _serve(
    place: int,
    listener: socket.socket,
    guard: socket.socket,
    reaped: dict[int, int],
    since: int,
    slots: groups.Groups | None,
    hiding: str,
) -> int:
    try:
        system.become_subreaper()
        Room(
            folder=place,
            listener=listener,
            guard=guard,
            reaped=reaped,
            guarded_since=since,
            groups=slots,
            hiding=hiding,
        ).run()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        return 1
    return 0


def _listen(place: int) -> socket.socket:
    """A socket in the folder; whoever left one there is dead, for the lock is ours."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink("socket", dir_fd=place)
    listener = socket.socket(socket.AF_UNIX)
    # By way of the descriptor: the path of a folder may be longer than an address may be.
    listener.bind(f"/proc/self/fd/{place}/socket")
    listener.listen(64)
    listener.setblocking(False)
    return listener


def _log_to(name: str, place: int) -> None:
    """What this program has to say of its own faults goes into a file."""
    log = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600, dir_fd=place)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
