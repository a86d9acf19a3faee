"""The loop of the supervisor: requests in, exits out.

One round takes everything that is ready, then starts all that was asked for with one flush of the book: starts that
arrive together share one wait for the disk. Nothing else here waits.

    hello   → how steps are hidden from the folder, whether they get control groups; exits are told from now on
    start   attempt, tag, group, argv, env, cwd, text, gated, leaves → the name of its output file, where it begins
    stop    attempt, patience, force
    list    → every attempt in the book, once it is known of each whether it has begun
    conclude  attempt, result: its output is not needed any more, this text takes its place
    forget  group: the records and outputs of its attempts go
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from ferryman.supervisor.process import spawn
from ferryman.supervisor.process.groups import Groups
from ferryman.supervisor.process.roster import UNGUARDED, Roster
from ferryman.supervisor.process.wire import Frames, Message, pack

PATIENCE = 30.0
"""Seconds for which a start is tried again while the machine has no room for it."""
PAUSE = 0.1
"""Seconds between these tries."""
LINGER = 3.0
"""Seconds that the supervisor stays when its server is gone and nothing runs."""


class Peer:
    """One connection from a server."""

    def __init__(self, link: socket.socket) -> None:
        """Speak over this socket, without ever waiting for it."""
        link.setblocking(False)
        self.link, self.frames, self.unsent = link, Frames(), bytearray()
        self.watches = False
        self.waits = False
        """The socket takes no more just now; it tells when it does."""


class Start:
    """A start that was asked for and has no answer yet."""

    def __init__(self, peer: Peer, order: Message) -> None:
        """Asked for now, by this server."""
        self.peer, self.order = peer, order
        self.name: str = order["attempt"]
        self.since = self.at = time.monotonic()
        """When it was asked for, and when it is to be tried next."""

    def answer(self, **facts: str) -> Message:
        """What is said to the server about it."""
        return {"id": self.order["id"], **facts}


class Room:
    """Everything the supervisor's second process holds."""

    def __init__(
        self,
        *,
        folder: int,
        listener: socket.socket,
        guard: socket.socket,
        reaped: Mapping[int, int],
        guarded_since: int,
        groups: Groups | None,
        hiding: str,
    ) -> None:
        """Serve this folder. `reaped` are statuses that the guard has, which began
        at `guarded_since`; `hiding` says why steps can see the folder."""
        self._folder, self._listener, self._guard = folder, listener, guard
        self._reaped = reaped
        self._hello = {"hiding": hiding, "groups": groups is not None}
        self._peers: dict[int, Peer] = {}
        self._starts: list[Start] = []
        self._lists: list[tuple[Peer, Message]] = []
        """Answers to `list` that wait until all is known."""
        self._poll = select.epoll()
        self._ready: dict[int, Callable[[int], None]] = {}
        self._guard_frames = Frames()
        self._roster = Roster(folder=folder, groups=groups, guarded_since=guarded_since, tell=self._tell)

    def run(self) -> None:
        """Serve until the server is gone and nothing runs."""
        ended, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._watch(ended, lambda _: self._children(ended))
        self._watch(self._listener.fileno(), lambda _: self._accept())
        self._watch(self._guard.fileno(), lambda _: self._hear_guard())
        for attempt in self._roster.adopt():
            self._watch(attempt.watch, self._other_ended(attempt.watch, attempt))
        for pid, status in self._reaped.items():
            self._roster.hear(pid, status)
        idle_since = time.monotonic()
        while True:
            if self._peers or self._roster.living:
                idle_since = time.monotonic()
            left = idle_since + LINGER - time.monotonic()
            if left <= 0:
                break
            due = self._due()
            wait = left if due < 0 and not self._peers and not self._roster.living else due
            for fd, events in self._poll.poll(wait):
                if handler := self._ready.get(fd):
                    handler(events)
            # What is known is told before processes are started, which takes its time.
            self._send_all()
            self._start_all()
            self._roster.press()
            self._list_all()
            self._send_all()
        self._roster.close()

    def _due(self) -> float:
        """Seconds until there is something to do that nobody tells of; -1 when there is nothing."""
        waits = [max(0.0, start.at - time.monotonic()) for start in self._starts]
        waits += [PAUSE] if self._lists else []
        return min([*waits, due] if (due := self._roster.due()) >= 0 else waits, default=-1)

    def _watch(self, fd: int, handler: Callable[[int], None]) -> None:
        self._ready[fd] = handler
        self._poll.register(fd, select.EPOLLIN)

    def _unwatch(self, fd: int) -> None:
        del self._ready[fd]
        self._poll.unregister(fd)

    def _children(self, ended: int) -> None:
        os.read(ended, 65_536)
        self._roster.reap()

    def _other_ended(self, fd: int, attempt: Any) -> Callable[[int], None]:
        def handler(_: int) -> None:
            self._unwatch(fd)
            os.close(fd)
            self._roster.vanished(attempt)

        return handler

    def _hear_guard(self) -> None:
        piece = self._guard.recv(65_536)
        if not piece:
            self._unwatch(self._guard.fileno())
            self._roster.guarded_since = UNGUARDED
        for message in self._guard_frames.feed(piece):
            self._roster.hear(message["pid"], message["status"])

    def _accept(self) -> None:
        try:
            link, _ = self._listener.accept()
        except OSError:
            # It has gone again, or we may open no more files: then it is there at the next look.
            return
        peer = Peer(link)
        self._peers[link.fileno()] = peer
        self._watch(link.fileno(), lambda events: self._converse(peer, events))

    def _converse(self, peer: Peer, events: int) -> None:
        """Take in what a server says, and send what is left over; drop it when it is gone or makes no sense."""
        try:
            if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                piece = peer.link.recv(1 << 18)
                if not piece:
                    raise ConnectionResetError
                for message in peer.frames.feed(piece):
                    self._take(peer, message)
            if events & select.EPOLLOUT:
                self._send(peer)
        except BlockingIOError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            self._drop(peer)

    def _drop(self, peer: Peer) -> None:
        fd = peer.link.fileno()
        if self._peers.pop(fd, None) is not None:
            self._unwatch(fd)
            peer.link.close()
            # What has no answer is asked for again, by whoever still wants it.
            self._starts = [start for start in self._starts if start.peer is not peer]
            self._lists = [(asking, answer) for asking, answer in self._lists if asking is not peer]

    def _take(self, peer: Peer, message: Message) -> None:
        answer: Message = {"id": message["id"]}
        if message["do"] == "start" and spawn.makes_sense(message):
            self._starts.append(Start(peer, message))
            return
        if message["do"] == "list":
            self._lists.append((peer, answer))
            return
        try:
            self._do(peer, message, answer)
        except OSError as error:
            # The book cannot be added to: what was asked for is not kept, and the next one may be.
            answer["refused"] = error.strerror or str(error)
        self._say(peer, answer)

    def _do(self, peer: Peer, message: Message, answer: Message) -> None:
        match message["do"]:
            case "start":
                answer["refused"] = "the order makes no sense"
            case "stop":
                self._start_all()
                self._call_off(message["attempt"])
                self._roster.stop(message["attempt"], patience=message["patience"], force=message["force"])
            case "conclude":
                self._roster.conclude(message["attempt"], message["result"])
            case "forget":
                self._roster.forget(message["group"])
            case "hello":
                peer.watches = True
                answer |= self._hello

    def _start_all(self) -> None:
        """Try every start whose time has come. What the machine has no room for now is tried again for a while."""
        at = time.monotonic()
        trying = [start for start in self._starts if start.at <= at]
        if not trying:
            return
        self._starts = [start for start in self._starts if start.at > at]
        short: dict[str, str] = {}
        refused = ""
        try:
            short = self._roster.start([start.order for start in trying])
        except OSError as error:
            if lack := spawn.shortage(error):
                short = dict.fromkeys((start.name for start in trying), lack)
            else:
                refused = f"its start cannot be recorded: {error.strerror or error}"
        for start in trying:
            lack = short.get(start.name, "")
            if lack and at - start.since < PATIENCE:
                start.at = at + PAUSE
                self._starts.append(start)
            elif lack or refused:
                told = refused or f"{lack}; it was tried for {PATIENCE:g} s"
                self._say(start.peer, start.answer(refused=told))
            else:
                entry = self._roster.book.entries[start.name]
                where = {key: entry[key] for key in ("output", "begins") if key in entry}
                self._say(start.peer, start.answer(**where))

    def _list_all(self) -> None:
        """Answer whoever asked what there is, as soon as it is known of all."""
        if self._lists and (attempts := self._roster.listed()) is not None:
            for peer, answer in self._lists:
                self._say(peer, answer | {"attempts": attempts})
            self._lists.clear()

    def _call_off(self, name: str) -> None:
        """A start that still waits for room is stopped: it is none any more."""
        for start in [start for start in self._starts if start.name == name]:
            self._starts.remove(start)
            self._say(start.peer, start.answer(refused="it was stopped while the machine had no room for it"))

    def _tell(self, exit: Message) -> None:
        for peer in list(self._peers.values()):
            if peer.watches:
                self._say(peer, {"exit": exit})

    def _say(self, peer: Peer, message: Message) -> None:
        """Have it sent, together with whatever else is said in this round."""
        peer.unsent += pack(message)

    def _send_all(self) -> None:
        for peer in list(self._peers.values()):
            if peer.unsent and not peer.waits:
                self._send(peer)

    def _send(self, peer: Peer) -> None:
        """Send what the socket takes now, and the rest when it is ready for more."""
        try:
            del peer.unsent[: peer.link.send(peer.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(peer)
            return
        if bool(peer.unsent) != peer.waits:
            peer.waits = bool(peer.unsent)
            more = select.EPOLLOUT if peer.waits else 0
            self._poll.modify(peer.link.fileno(), select.EPOLLIN | more)
