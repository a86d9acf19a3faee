"""Control groups: one for each running attempt, so that nothing it starts can leave it.

Which hierarchy serves is found at start: version 2 where it counts memory (it can end a whole group at once), else the
first usable one of version 1, else version 2 as it is. Groups are numbered slots, made once and used again when empty:
making one costs more than a process does.

Whoever puts another process into a group waits for a lock of the whole kernel, mostly for some 10 ms. A thread of
version 1 that goes in by itself waits for nothing; so there we go in, start the process, and go home again.
"""

import contextlib
import os
import signal
from collections.abc import Iterator

from ferryman.supervisor.process import system

_VERSION_1 = ("memory", "pids", "freezer")
_MYSELF = b"0"
"""Written in place of a pid."""


def _mounts() -> Iterator[tuple[str, str, str]]:
    """Mount point, kind and options of every control-group hierarchy."""
    for line in system.read("/proc/self/mounts").decode(errors="replace").splitlines():
        _, point, kind, options, *_ = line.split(" ")
        if kind in ("cgroup", "cgroup2"):
            yield point, kind, options


def _own() -> dict[str, str]:
    """Our own place in each hierarchy: by name of the controller, `` for version 2."""
    places = {}
    for line in system.read("/proc/self/cgroup").decode(errors="replace").splitlines():
        _, names, place = line.split(":", 2)
        for name in names.split(","):
            places[name] = place
    return places


def _homes() -> dict[str, str]:
    """Folders in which groups of ours might be made: `2` for version 2, else the controller's name."""
    own, homes = _own(), {}
    for point, kind, options in _mounts():
        if kind == "cgroup2" and "" in own:
            homes["2"] = point + own[""].rstrip("/")
        for name in _VERSION_1:
            if kind == "cgroup" and name in options.split(",") and name in own:
                homes[name] = point + own[name].rstrip("/")
    return homes


class Slot:
    """One group, in use or free."""

    def __init__(self, number: int, folder: str) -> None:
        """Make or find the group in this folder."""
        self.number = number
        self._folder = folder
        os.makedirs(folder, exist_ok=True)
        self._look = self._open_members()
        """Its members, open and not yet read: of version 1, a file that was read goes on telling what it told then."""
        self._door = _door(folder)
        self._kills = -1
        for name in ("memory.events", "memory.oom_control"):
            if os.path.exists(f"{folder}/{name}"):
                self._kills = os.open(f"{folder}/{name}", os.O_RDONLY)
        self._before = 0

    def begin(self) -> None:
        """Get ready for the next attempt. Raises OSError where nobody could see who is in it."""
        if self._look < 0:
            self._look = self._open_members()
        self._before = self._count()

    def enter(self) -> bool:
        """Go in ourselves, so that what we start is inside from its birth; whether we are in."""
        if self._door < 0:
            return False
        try:
            os.write(self._door, _MYSELF)
        except OSError:
            return False
        return True

    def join(self, pid: int) -> None:
        """Put a process in, and all that it will start. Raises OSError."""
        with open(f"{self._folder}/cgroup.procs", "wb", buffering=0) as members:
            members.write(b"%d" % pid)

    def pids(self) -> set[int]:
        """The processes in it, those in groups below it too. Raises OSError where we may not look just now."""
        look, self._look = self._look if self._look >= 0 else self._open_members(), -1
        try:
            found = {int(pid) for pid in _all_of(look).split()}
        finally:
            os.close(look)
        # The next look is prepared now: when it is due we may perhaps open no more files.
        with contextlib.suppress(OSError):
            self._look = self._open_members()
        return found | self._below() if self._has_groups() else found

    def kill(self) -> bool:
        """End all at once, new ones too; False where the kernel cannot."""
        try:
            fd = os.open(f"{self._folder}/cgroup.kill", os.O_WRONLY)
        except OSError:
            return False
        try:
            os.write(fd, b"1")
        except OSError:
            return False
        finally:
            os.close(fd)
        return True

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed something in it for lack of memory since `begin`."""
        return self._count() > self._before

    def remove(self) -> None:
        """Take the group away; one that is not empty stays."""
        for fd in {self._look, self._door, self._kills} - {-1}:
            os.close(fd)
        for path, _, _ in os.walk(self._folder, topdown=False):
            _rmdir(path)

    def _open_members(self) -> int:
        return os.open(f"{self._folder}/cgroup.procs", os.O_RDONLY)

    def _has_groups(self) -> bool:
        # A folder has two links and one for each folder below it.
        return os.stat(self._folder).st_nlink > 2

    def _below(self) -> set[int]:
        found: set[int] = set()
        for path, _, _ in os.walk(self._folder):
            found |= {int(pid) for pid in system.read(f"{path}/cgroup.procs").split()}
        return found

    def _count(self) -> int:
        if self._kills < 0:
            return 0
        _, _, count = (b"\n" + os.pread(self._kills, 4096, 0)).partition(b"\noom_kill ")
        return int(count.partition(b"\n")[0] or 0)


class Groups:
    """All slots of one supervisor."""

    def __init__(self, folder: str) -> None:
        """Slots below this folder; those that are there are kept as they are."""
        self._folder = folder
        self._home = _door(os.path.dirname(folder))
        self._free: list[Slot] = []
        self._made = 0

    def at(self, number: int) -> Slot:
        """The slot of this number, as a past supervisor used it."""
        self._made = max(self._made, number)
        return Slot(number, f"{self._folder}/{number}")

    def go_home(self) -> None:
        """Leave the slot that we have entered. Raises RuntimeError: we must not go on in there, for we would be ended
        with what is in it."""
        try:
            os.write(self._home, _MYSELF)
        except OSError as error:
            raise RuntimeError(f"a control group cannot be left: {error.strerror}") from error

    def clear(self, kept: set[int]) -> None:
        """Free the slots that a past supervisor has left, save these; what lives in them is ended."""
        for number in sorted({int(name) for name in os.listdir(self._folder) if name.isdigit()} - kept):
            slot = self.at(number)
            for _ in range(100):
                slot.kill()
                if not (pids := slot.pids()):
                    self.give(slot)
                    break
                for pid in pids:
                    system.send(pid, signal.SIGKILL)

    def take(self) -> Slot:
        """A free slot. Raises OSError when no more can be made."""
        slot = self._free[-1] if self._free else self.at(self._made + 1)
        slot.begin()
        if self._free:
            self._free.pop()
        return slot

    def give(self, slot: Slot) -> None:
        """Take an empty slot back."""
        self._free.append(slot)

    def remove(self) -> None:
        """Take all free slots and the folders around them away."""
        while self._free:
            self._free.pop().remove()
        _rmdir(self._folder)


def find(name: str) -> Groups | None:
    """The groups to use, in a folder of this name below our own group; None where none can be made."""
    homes = _homes()
    folder = _made(homes.get("2"), name)
    if not folder or not _counts_memory(folder):
        older = next((path for key in _VERSION_1 if (path := _made(homes.get(key), name))), "")
        if older and folder:
            _rmdir(folder)
        folder = older or folder
    return Groups(folder) if folder else None


def _all_of(fd: int) -> bytes:
    pieces = []
    while piece := os.read(fd, 65_536):
        pieces.append(piece)
    return b"".join(pieces)


def _made(home: str | None, name: str) -> str:
    """The folder of this name below a home, made and tried; empty where that cannot be done."""
    if home is None:
        return ""
    folder = f"{home}/{name}"
    try:
        os.makedirs(folder, exist_ok=True)
        slot, groups = Slot(0, f"{folder}/try"), Groups(folder)
        if slot.enter():
            groups.go_home()
        slot.remove()
    except (OSError, RuntimeError):
        return ""
    return folder


def _door(folder: str) -> int:
    """Where a single thread may go into a group by itself; -1 where it may not, as in version 2."""
    try:
        return os.open(f"{folder}/tasks", os.O_WRONLY)
    except OSError:
        return -1


def _counts_memory(holder: str) -> bool:
    """Let groups below this one count their memory, where the kernel lets us (version 2)."""
    for folder in (os.path.dirname(holder), holder):
        try:
            with open(f"{folder}/cgroup.subtree_control", "wb", buffering=0) as file:
                file.write(b"+memory")
        except OSError:
            continue
    return b"memory" in system.read(f"{holder}/cgroup.subtree_control").split()


def _rmdir(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        return
