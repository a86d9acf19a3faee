"""The log store on SQLite: one connection that writes, one that reads, each used by one thread.

What is committed survives the death of the process at once (write-ahead log, `synchronous=NORMAL`), and a power
cut from the next durable write on: that one is made with `synchronous=FULL`, which syncs everything before it too.

Pieces and spans are apart: a piece that is still being filled is written again as it grows, while a span only says
which numbers of the run its new lines got. A run whose attempts speak one after the other has one span for each.
"""

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from ferryman.domain.errors import Unavailable
from ferryman.ports.logs import LogState, LogWrite, Piece, Span
from ferryman.stores.files import other_than_file, stands_alone
from ferryman.stores.logs_sqlite import statements as sql

APPLICATION = 0x46724C67
"""Written into the file, so that nobody takes another database for it."""
PATIENCE_MS = 5_000
"""How long a call waits for a lock that somebody else holds."""


class SqliteLogs:
    """`ports.logs.PieceStore` in a file, which is made where it is not there; `read_only` never makes or changes it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Use this file, once opened."""
        self._path = path
        self._read_only = read_only

    def open(self) -> None:
        """Open the file, and bring it up to date. Raises `Unavailable` for one that is damaged, foreign or newer."""
        with self._speaking("open"):
            if not self._read_only:
                self._make()
                self._writing = self._connect(apsw.SQLITE_OPEN_READWRITE)
                self._migrate(self._writing)
                self._shut()
            self._reading = self._reader()

    def _reader(self) -> apsw.Connection:
        connection = self._connect(apsw.SQLITE_OPEN_READONLY)
        try:
            self._check(connection)
        except (apsw.CantOpenError, apsw.IOError):
            connection.close()
            # A disk that is full or cannot be written has no room for the shared memory beside the file.
            if not self._read_only or not stands_alone(self._path):
                raise
            name = f"{Path(os.path.realpath(self._path)).as_uri()}?immutable=1"
            connection = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
            self._check(connection)
        return connection

    def close(self) -> None:
        """Let the file go."""
        for connection in (self._reading, None if self._read_only else self._writing):
            if connection:
                connection.close()

    def write(self, writes: Sequence[LogWrite], *, durable: bool) -> None:
        """Keep all of it or nothing."""
        with self._speaking("write to"):
            if durable:
                self._writing.execute("PRAGMA synchronous=FULL")
            try:
                with _transaction(self._writing):
                    for write in writes:
                        self._write(write)
            finally:
                if durable:
                    self._writing.execute("PRAGMA synchronous=NORMAL")

    def remove(self, logs: Sequence[tuple[str, str]], *, at: int) -> None:
        """Take away the lines of these (run, key), and give their room back to the disk."""
        with self._speaking("remove from"):
            for run, key in logs:
                with _transaction(self._writing):
                    self._writing.execute(sql.DROP_PIECES, (run, key))
                    self._writing.execute(sql.MARK_REMOVED, {"run": run, "key": key, "at": at})
            # Gives back one page a row, so every row has to be asked for.
            self._writing.execute("PRAGMA incremental_vacuum").fetchall()

    def state(self, run: str, key: str) -> LogState | None:
        """What is kept of one attempt, or None."""
        return next(iter(self._states(sql.STATE, (run, key))), None)

    def states(self, run: str = "") -> Sequence[LogState]:
        """What is kept of a run's attempts, or of all."""
        return self._states(sql.STATES_OF_RUN, (run,)) if run else self._states(sql.STATES, ())

    def oldest(self, *, limit: int, besides: Collection[str]) -> Sequence[LogState]:
        """Logs that were closed and are still there, oldest end first; none of these runs."""
        return self._states(sql.OLDEST, {"limit": limit, "besides": json.dumps(sorted(besides))})

    def size(self) -> int:
        """Bytes of masked output of all logs that are still there."""
        with self._speaking("read"):
            return _count(self._reading.execute(sql.SIZE))

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """The pieces that hold the lines behind `after`, as many as cover `limit` lines or fill the room."""
        found: list[Piece] = []
        size = 0
        with self._speaking("read"):
            for first, lines, body in self._reading.execute(
                sql.PIECES_BEHIND, {"run": run, "key": key, "after": after}
            ):
                if first > after + limit or (room and size >= room):
                    break
                if first + lines > after + 1:
                    found.append(Piece(first=first, lines=lines, body=body))
                    size += len(body)
        return found

    def spans(
        self,
        run: str,
        *,
        after: int,
        until: int,
        limit: int,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> Sequence[Span]:
        """Where the run's lines behind `after` and up to `until` stand, as many as cover `limit` lines."""
        found: list[Span] = []
        statement = sql.SPANS[keys is not None, newest_first]
        # Each span has one line of the window at least, save the one in which it begins.
        words = {
            "run": run,
            "after": after,
            "until": until,
            "limit": limit,
            "keys": json.dumps(list(keys or ())),
        }
        with self._speaking("read"):
            for number, key, first, lines in self._reading.execute(statement, words):
                if limit <= 0:
                    break
                span = Span(number=number, key=key, first=first, lines=lines)
                held = min(span.last, until) - max(number, after + 1) + 1
                if held > 0:
                    found.append(span)
                    limit -= held
        return found

    def last_line(self, run: str) -> int:
        """The number of the run's last line."""
        with self._speaking("read"):
            return _last_span(self._reading, run).last

    def _write(self, write: LogWrite) -> None:
        state = write.state
        row = {name: getattr(state, name) for name in state.__struct_fields__}
        before = _count(self._writing.execute(sql.KEPT, (state.run, state.key)))
        log = _count(self._writing.execute(sql.KEEP_STATE, row))
        if state.lines > before:
            self._number(state.run, log, before + 1, state.lines - before)
        self._writing.executemany(
            sql.KEEP_PIECE, ((log, piece.first, piece.lines, piece.body) for piece in write.pieces)
        )

    def _number(self, run: str, log: int, first: int, lines: int) -> None:
        """Give lines of a log the next numbers of the run: the last span grows where it is of the same log."""
        last = _last_span(self._writing, run)
        if last.log == log:
            self._writing.execute(sql.KEEP_SPAN, (run, last.number, log, last.first, last.lines + lines))
        else:
            self._writing.execute(sql.KEEP_SPAN, (run, last.last + 1, log, first, lines))

    def _states(self, statement: str, words: tuple[str, ...] | dict[str, int | str]) -> list[LogState]:
        with self._speaking("read"):
            return [
                LogState(
                    run=run,
                    key=key,
                    lines=lines,
                    raw=raw,
                    size=size,
                    ended_at=ended_at,
                    missing=missing,
                    removed_at=removed_at,
                )
                for run, key, lines, raw, size, ended_at, missing, removed_at in self._reading.execute(
                    statement, words
                )
            ]

    def _make(self) -> None:
        """An empty file for its owner only, unless there is one; SQLite gives the files beside it the same rights."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise Unavailable(f"cannot open {self._path}: {error.strerror}") from error

    def _shut(self) -> None:
        """Nobody else may read it: an earlier version made the file as the umask said. One of another owner stays."""
        for end in ("", "-wal", "-shm"):
            path = Path(f"{self._path}{end}")
            with suppress(OSError):
                if path.stat().st_uid == os.geteuid():
                    path.chmod(0o600)

    def _connect(self, flags: int) -> apsw.Connection:
        if other := other_than_file(self._path):
            raise Unavailable(f"cannot open {self._path}: it is {other}, not a file; move it away")
        connection = apsw.Connection(str(self._path), flags=flags)
        connection.set_busy_timeout(PATIENCE_MS)
        return connection

    def _migrate(self, connection: apsw.Connection) -> None:
        if not connection.pragma("application_id"):
            if connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]:
                raise self._foreign()
            # Can only be chosen while the file is empty; it lets removed logs give their room back.
            connection.pragma("auto_vacuum", 2)
            connection.pragma("application_id", APPLICATION)
        self._check(connection)
        connection.pragma("journal_mode", "wal")
        connection.pragma("journal_size_limit", 64 * 1024 * 1024)
        connection.pragma("synchronous", "NORMAL")
        version = connection.pragma("user_version")
        for number, script in enumerate(sql.MIGRATIONS[version:], version + 1):
            with _transaction(connection):
                connection.execute(script)
                connection.pragma("user_version", number)

    def _check(self, connection: apsw.Connection) -> None:
        if connection.pragma("application_id") != APPLICATION:
            raise self._foreign()
        version = connection.pragma("user_version")
        if version > len(sql.MIGRATIONS):
            raise Unavailable(
                f"cannot open {self._path}: a newer Ferryman wrote it (version {version}, this one knows "
                f"{len(sql.MIGRATIONS)}); use that one, or another data folder"
            )

    def _foreign(self) -> Unavailable:
        return Unavailable(
            f"cannot open {self._path}: it is a database, but not Ferryman's logs; move it away"
        )

    @contextmanager
    def _speaking(self, verb: str) -> Iterator[None]:
        """Say in our words what the database refuses."""
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise Unavailable(
                f"cannot {verb} {self._path}: it is damaged ({error}); move it away to go on without the logs in it"
            ) from error
        except apsw.FullError as error:
            raise Unavailable(f"cannot {verb} {self._path}: the disk is full") from error
        except apsw.BusyError as error:
            raise Unavailable(f"cannot {verb} {self._path}: another program holds it locked") from error
        except apsw.Error as error:
            raise Unavailable(f"cannot {verb} {self._path}: {error}") from error


def _count(cursor: apsw.Cursor) -> int:
    """The one number that a statement gives."""
    ((number,),) = cursor.fetchall()
    return msgspec.convert(number, int)


class _LastSpan(NamedTuple):
    """Where the last lines of a run stand."""

    number: int
    log: int
    first: int
    lines: int

    @property
    def last(self) -> int:
        return self.number + self.lines - 1


def _last_span(connection: apsw.Connection, run: str) -> _LastSpan:
    """The last span of a run; one without lines where nothing was said."""
    rows = connection.execute(sql.LAST_SPAN, (run,)).fetchall()
    return msgspec.convert(rows[0], _LastSpan) if rows else _LastSpan(1, 0, 1, 0)


@contextmanager
def _transaction(connection: apsw.Connection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk ends the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
