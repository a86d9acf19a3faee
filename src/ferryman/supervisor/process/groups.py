"""Control groups: one for each running attempt, so that nothing it starts can leave it.

Which hierarchies serve is found at start: version 2 where it is mounted (it can end a whole group at once), else the
first usable one of version 1. What counts the kills for lack of memory may be another hierarchy than the one that
holds the processes. Groups are numbered slots, made once and used again when empty: making one costs more than a
process does.
"""

import os
import signal
from collections.abc import Iterator

from ferryman.supervisor.process import system

_VERSION_1 = ("memory", "pids", "freezer")


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

    def __init__(self, number: int, holder: str, counter: str) -> None:
        """Make or find the group; `holder` and `counter` are its folders, `counter` may be empty."""
        self.number = number
        self._holder, self._counter = holder, counter
        for folder in {holder, counter} - {""}:
            os.makedirs(folder, exist_ok=True)
        self._members = os.open(f"{holder}/cgroup.procs", os.O_RDWR)
        # The counter is the holder itself, or a group of another hierarchy that has to be joined too.
        apart = counter and counter != holder
        self._joined = os.open(f"{counter}/cgroup.procs", os.O_WRONLY) if apart else -1
        self._kills = -1
        for name in ("memory.events", "memory.oom_control"):
            if counter and os.path.exists(f"{counter}/{name}"):
                self._kills = os.open(f"{counter}/{name}", os.O_RDONLY)
        self._before = 0

    def begin(self) -> None:
        """Get ready for the next attempt."""
        self._before = self._count()

    def join(self, pid: int) -> None:
        """Put a process in, and all that it will start. Raises OSError."""
        text = b"%d" % pid
        os.write(self._members, text)
        if self._joined >= 0:
            os.write(self._joined, text)

    def pids(self) -> set[int]:
        """The processes in it, those in groups below it too."""
        try:
            found = {int(pid) for pid in os.pread(self._members, 1 << 20, 0).split()}
        except OSError:
            return set()
        return found | self._below() if self._has_groups() else found

    def kill(self) -> bool:
        """End all at once, new ones too; False where the kernel cannot."""
        try:
            fd = os.open(f"{self._holder}/cgroup.kill", os.O_WRONLY)
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
        for fd in {self._members, self._joined, self._kills} - {-1}:
            os.close(fd)
        for folder in {self._holder, self._counter} - {""}:
            for path, _, _ in os.walk(folder, topdown=False):
                _rmdir(path)

    def _has_groups(self) -> bool:
        # A folder has two links and one for each folder below it.
        return os.stat(self._holder).st_nlink > 2

    def _below(self) -> set[int]:
        found: set[int] = set()
        for path, _, _ in os.walk(self._holder):
            found |= {int(pid) for pid in system.read(f"{path}/cgroup.procs").split()}
        return found

    def _count(self) -> int:
        if self._kills < 0:
            return 0
        for line in os.pread(self._kills, 4096, 0).splitlines():
            if line.startswith(b"oom_kill "):
                return int(line.split()[1])
        return 0


class Groups:
    """All slots of one supervisor."""

    def __init__(self, holder: str, counter: str) -> None:
        """Slots below these folders; those that are there are kept as they are."""
        self._holder, self._counter = holder, counter
        self._free: list[Slot] = []
        self._made = 0

    def at(self, number: int) -> Slot:
        """The slot of this number, as a past supervisor used it."""
        self._made = max(self._made, number)
        return Slot(number, f"{self._holder}/{number}", f"{self._counter}/{number}" if self._counter else "")

    def clear(self, kept: set[int]) -> None:
        """Free the slots that a past supervisor has left, save these; what lives in them is ended."""
        for number in sorted({int(name) for name in os.listdir(self._holder) if name.isdigit()} - kept):
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
        slot = self._free.pop() if self._free else self.at(self._made + 1)
        slot.begin()
        return slot

    def give(self, slot: Slot) -> None:
        """Take an empty slot back."""
        self._free.append(slot)

    def remove(self) -> None:
        """Take all free slots and the folders around them away."""
        while self._free:
            self._free.pop().remove()
        for folder in {self._holder, self._counter} - {""}:
            _rmdir(folder)


def find(name: str) -> Groups | None:
    """The groups to use, in folders of this name below our own groups; None where none can be made."""
    homes = _homes()
    holder = next((path for key in ("2", *_VERSION_1) if (path := _made(homes.get(key), name))), "")
    if not holder:
        return None
    if holder == f"{homes.get('2')}/{name}" and _counts_memory(holder):
        return Groups(holder, holder)
    return Groups(holder, _made(homes.get("memory"), name))


def _made(home: str | None, name: str) -> str:
    """The folder of this name below a home, made and tried; empty where that cannot be done."""
    if home is None:
        return ""
    folder = f"{home}/{name}"
    try:
        os.makedirs(f"{folder}/try", exist_ok=True)
        with open(f"{folder}/try/cgroup.procs", "rb+", buffering=0):
            pass
        os.rmdir(f"{folder}/try")
    except OSError:
        return ""
    return folder


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
