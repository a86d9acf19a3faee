"""Who is who among the processes of one supervisor."""

from ferryman.supervisor.process import system


def parents(pids: list[int]) -> dict[int, int]:
    """The parent of each that is still there. Ids tell nothing of who came first: they are used again."""
    return {pid: parent for pid in pids if (parent := system.stat(pid)[1])}


def guards(pids: list[int]) -> list[int]:
    """The one that has a child among them and no parent."""
    known = parents(pids)
    return [pid for pid, parent in known.items() if pid in known.values() and parent not in known]


def rooms(pids: list[int]) -> list[int]:
    """The child of the guard; a step that is being spawned looks like the room for a moment, and is its child."""
    known, above = parents(pids), guards(pids)
    return [pid for pid, parent in known.items() if parent in above]
