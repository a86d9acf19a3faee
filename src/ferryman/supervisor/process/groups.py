"""Control groups: one for each running attempt, so that nothing it starts can leave it.

Which hierarchy serves is found at start: version 2 where it counts memory (it can end a whole group at once), else the
first usable one of version 1, else version 2 as it is. Groups are numbered slots, made once and used again when empty:
making one costs more than a process does.

Whoever puts another process into a group waits for a lock of the whole kernel, mostly for some 10 ms. A thread of
version 1 that goes in by itself waits for nothing; so there we go in, start the process, and go home again.
"""

import os
import signal
from collections.abc import Iterator

from ferryman.supervisor.process import system
from ferryman.supervisor.process.reserve import Reserve

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

    def __init__(self, number: int, folder: str, reserve: Reserve) -> None:
        """Make or find the group in this folder. Nothing of it stays open: each start copies and closes whatever we
        hold open, one by one."""
        self.number = number
        self._folder, self._reserve = folder, reserve
        os.makedirs(folder, exist_ok=True)
        self._doors = os.path.exists(f"{folder}/tasks")
        """A single thread may go in by itself, as in version 1."""
        counts = (f"{folder}/{name}" for name in ("memory.events", "memory.oom_control"))
        self._kills = next((path for path in counts if os.path.exists(path)), "")
        self._before = 0

    def begin(self) -> None:
        """Get ready for the next attempt. Raises OSError where nobody may look into it just now."""
        self._before = self._count()

    def enter(self) -> bool:
        """Go in ourselves, so that what we start is inside from its birth; whether we are in."""
        if not self._doors:
            return False
        try:
            door = os.open(f"{self._folder}/tasks", os.O_WRONLY)
        except OSError:
            return False
        try:
            os.write(door, _MYSELF)
        except OSError:
            return False
        finally:
            os.close(door)
        return True

    def join(self, pid: int) -> None:
        """Put a process in, and all that it will start. Raises OSError."""
        with open(f"{self._folder}/cgroup.procs", "wb", buffering=0) as members:
            members.write(b"%d" % pid)

    def pids(self) -> set[int]:
        """The processes in it, those in groups below it too. Raises OSError where we may not look just now."""
        found = {int(pid) for pid in self._reserve.read(f"{self._folder}/cgroup.procs").split()}
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
        for path, _, _ in os.walk(self._folder, topdown=False):
            _rmdir(path)

    def _has_groups(self) -> bool:
        # A folder has two links and one for each folder below it.
        return os.stat(self._folder).st_nlink > 2

    def _below(self) -> set[int]:
        found: set[int] = set()
        for path, _, _ in os.walk(self._folder):
            found |= {int(pid) for pid in system.read(f"{path}/cgroup.procs").split()}
        return found

    def _count(self) -> int:
        if not self._kills:
            return 0
        _, _, count = (b"\n" + self._reserve.read(self._kills)).partition(b"\noom_kill ")
        return int(count.partition(b"\n")[0] or 0)


class Groups:
    """All slots of one supervisor."""

    def __init__(self, folder: str) -> None:
        """Slots below this folder, which is made; those that are there are kept as they are. Raises OSError."""
        os.makedirs(folder, exist_ok=True)
        self.folder, self._reserve = folder, Reserve()
        self._home = _door(os.path.dirname(folder))
        self._free: list[Slot] = []
        self._made = 0

    def at(self, number: int) -> Slot:
        """The slot of this number, as a past supervisor used it."""
        self._made = max(self._made, number)
        return Slot(number, f"{self.folder}/{number}", self._reserve)

    def go_home(self) -> None:
        """Leave the slot that we have entered. Raises RuntimeError: we must not go on in there, for we would be ended
        with what is in it."""
        try:
            os.write(self._home, _MYSELF)
        except OSError as error:
            raise RuntimeError(f"a control group cannot be left: {error.strerror}") from error

    def clear(self, kept: set[int]) -> None:
        """Free the slots that a past supervisor has left, save these; what lives in them is ended."""
        for number in sorted({int(name) for name in os.listdir(self.folder) if name.isdigit()} - kept):
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

    def try_out(self) -> None:
        """Make a slot, go in where that can be done, and take it away. Raises OSError or RuntimeError."""
        slot = Slot(0, f"{self.folder}/try", self._reserve)
        if slot.enter():
            self.go_home()
        slot.remove()

    def remove(self) -> None:
        """Take all free slots and the folders around them away."""
        while self._free:
            self._free.pop().remove()
        _rmdir(self.folder)
        self._reserve.close()
        if self._home >= 0:
            os.close(self._home)


def find(name: str) -> Groups | None:
    """The groups to use, in a folder of this name below our own group; None where none can be made."""
    homes = _homes()
    newer = _tried(homes.get("2"), name)
    if newer is not None and _counts_memory(newer.folder):
        return newer
    tried = (_tried(homes.get(key), name) for key in _VERSION_1)
    older = next((groups for groups in tried if groups is not None), None)
    if older is not None and newer is not None:
        newer.remove()
    return older or newer


def _tried(home: str | None, name: str) -> Groups | None:
    """Groups in a folder of this name below a home, made and tried; None where that cannot be done."""
    if home is None:
        return None
    try:
        groups = Groups(f"{home}/{name}")
        groups.try_out()
    except (OSError, RuntimeError):
        return None
    return groups


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
