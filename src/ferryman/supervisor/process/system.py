"""What only the kernel can do or tell: namespaces, the subreaper, and facts of processes from /proc."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator

_OWN_FOLDER = 0x00000200
_NEW_MOUNTS = 0x00020000
_NEW_USERS = 0x10000000
_RECURSIVE = 0x4000
_SLAVE = 1 << 19
_READ_ONLY = 1
_SET_SUBREAPER = 36
_DROP_FROM_BOUND = 24

_FIRST = -10
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

_WAYS_AROUND = (2, 16, 17, 19, 21, 38, 39)
"""Capabilities by which root would reach a hidden folder all the same: reading by handle, kernel modules, raw
input and output, looking into other processes, administration of mounts, performance events and BPF."""

_libc = ctypes.CDLL(None, use_errno=True)


def boot_id() -> str:
    """The id of this boot of the machine; process ids mean nothing beyond it."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def become_subreaper() -> None:
    """From now on, orphans below this process become its children instead of init's."""
    _libc.prctl(_SET_SUBREAPER, 1, 0, 0, 0)


def have_own_folder() -> bool:
    """From now on the calling thread has a working folder of its own; whether the kernel lets it."""
    return not _libc.unshare(_OWN_FOLDER)


def go_first() -> int:
    """Have the calling thread scheduled before the steps, as far as the system grants that to us: as root in real time,
    so that it goes on at once; where that is kept from root, by its niceness.

    Many steps that run at once would keep us from seeing any of them end. What this thread starts is scheduled like
    any other program, with the figure of niceness that we had; that is returned.
    """
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    for policy, priority in ((os.SCHED_RR, 1), (os.SCHED_OTHER, 0)):
        try:
            os.sched_setscheduler(0, policy | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
        except OSError:
            continue
        break
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _FIRST)
        # Where the kernel shares time among sessions, the session's own figure counts.
        _write("/proc/self/autogroup", str(_FIRST))
    except OSError:
        pass
    return nice


def be_nice(pid: int, nice: int) -> None:
    """Let a process be scheduled with this figure."""
    try:
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    except OSError:
        return


def hide(folder: str) -> str:
    """Enter mounts of one's own in which `folder` is empty, for this process and all that it starts.

    Files opened before stay open. Returns why it could not be done; empty when it was. As root, the capabilities
    that lead around it are taken from everything started later; as anybody else it needs user namespaces.
    """
    root = os.geteuid() == 0
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(_NEW_MOUNTS | (0 if root else _NEW_USERS)):
        return f"the kernel refuses {'mount' if root else 'user'} namespaces here ({_error()})"
    try:
        if not root:
            _write("/proc/self/uid_map", f"{uid} {uid} 1")
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/gid_map", f"{gid} {gid} 1")
    except OSError as error:
        return f"users cannot be mapped ({error.strerror})"
    if _libc.mount(None, b"/", None, _RECURSIVE | _SLAVE, None):
        return f"mounts cannot be made private ({_error()})"
    if _libc.mount(b"none", os.fsencode(folder), b"tmpfs", _READ_ONLY, b"size=4k,mode=0555"):
        return f"nothing can be mounted over the folder ({_error()})"
    if root:
        for capability in _WAYS_AROUND:
            _libc.prctl(_DROP_FROM_BOUND, capability, 0, 0, 0)
    return ""


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _error() -> str:
    return os.strerror(ctypes.get_errno())


def read(path: str) -> bytes:
    """A small file of /proc, whole; empty when it is gone or not for us."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(fd, 262_144)
    except OSError:
        return b""
    finally:
        os.close(fd)


def stat(pid: int) -> tuple[str, int, int, int, int]:
    """State letter, parent, process group, session and start time (in ticks since boot); zeros when it is gone."""
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if len(fields) < 20:
        return "", 0, 0, 0, 0
    return fields[0].decode(), int(fields[1]), int(fields[2]), int(fields[3]), int(fields[19])


def started(pid: int) -> int:
    """When a process started, in ticks since boot: with the pid and the boot id its name for ever. 0: gone."""
    state, *_, ticks = stat(pid)
    return ticks if state not in ("", "Z", "X") else 0


def ticks() -> int:
    """Now, as `started` counts: between two looks at this lies the start of whatever was started meanwhile. Costs a
    tenth of asking when a process started."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * _TICKS_A_SECOND // 1_000_000_000


def processes() -> Iterator[int]:
    """Every process of the machine that we can see."""
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def children() -> set[int]:
    """The children of this process, zombies too; every process of the machine where the kernel does not list them."""
    me = os.getpid()
    path = f"/proc/{me}/task/{me}/children"
    if os.path.exists(path):
        return {int(pid) for pid in read(path).split()}
    return {pid for pid in processes() if stat(pid)[1] == me}


def send(pid: int, number: int) -> None:
    """Send a signal; nothing happens when the process is gone or not ours."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def signal_name(number: int) -> str:
    """SIGTERM and the like, SIGRTMIN+6; the number where it has no name, in words that follow on `signal`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        above = number - signal.SIGRTMIN
        return f"SIGRTMIN+{above}" if above > 0 else f"number {number}"
