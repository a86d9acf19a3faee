"""The SQL of the log store, each statement by name, and the migrations in their order."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE log (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        lines INTEGER NOT NULL,
        raw INTEGER NOT NULL,
        size INTEGER NOT NULL,
        ended_at INTEGER NOT NULL,
        missing TEXT NOT NULL,
        removed_at INTEGER NOT NULL,
        UNIQUE (run, key)
    ) STRICT;
    CREATE TABLE piece (
        log INTEGER NOT NULL REFERENCES log (id),
        first INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (log, first)
    ) STRICT;
    """,
    # What is there gets its numbers in the order in which the attempts began.
    """
    CREATE TABLE span (
        run TEXT NOT NULL,
        number INTEGER NOT NULL,
        log INTEGER NOT NULL REFERENCES log (id),
        first INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        PRIMARY KEY (run, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX span_of_log ON span (log, number);
    INSERT INTO span (run, number, log, first, lines)
    SELECT run, 1 + sum(lines) OVER (PARTITION BY run ORDER BY id) - lines, id, 1, lines FROM log WHERE lines > 0;
    """,
)
"""Number n brings a file of version n - 1 to version n; never changed once released."""

KEEP_STATE = """
    INSERT INTO log (run, key, lines, raw, size, ended_at, missing, removed_at)
    VALUES (:run, :key, :lines, :raw, :size, :ended_at, :missing, :removed_at)
    ON CONFLICT (run, key) DO UPDATE SET
        lines = excluded.lines, raw = excluded.raw, size = excluded.size,
        ended_at = excluded.ended_at, missing = excluded.missing
    RETURNING id
"""

KEPT = "SELECT coalesce(max(lines), 0) FROM log WHERE run = ? AND key = ?"

LAST_SPAN = "SELECT number, log, first, lines FROM span WHERE run = ? ORDER BY number DESC LIMIT 1"
KEEP_SPAN = """
    INSERT INTO span (run, number, log, first, lines) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (run, number) DO UPDATE SET lines = excluded.lines
"""

KEEP_PIECE = """
    INSERT INTO piece (log, first, lines, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (log, first) DO UPDATE SET lines = excluded.lines, body = excluded.body
"""

STATE = "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log WHERE run = ? AND key = ?"
STATES_OF_RUN = (
    "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log WHERE run = ? ORDER BY id"
)
STATES = "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log ORDER BY id"

OLDEST = """
    SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log
    WHERE ended_at > 0 AND removed_at = 0 AND run NOT IN (SELECT value FROM json_each(:besides))
    ORDER BY ended_at, run, key
    LIMIT :limit
"""
SIZE = "SELECT coalesce(sum(size), 0) FROM log WHERE removed_at = 0"

PIECES_BEHIND = """
    SELECT first, lines, body FROM piece
    WHERE log = (SELECT id FROM log WHERE run = :run AND key = :key)
      AND first >= coalesce(
          (SELECT max(first) FROM piece
           WHERE log = (SELECT id FROM log WHERE run = :run AND key = :key) AND first <= :after + 1),
          0)
    ORDER BY first
"""

_SPANS = """
    SELECT span.number, log.key, span.first, span.lines FROM {tables}
    WHERE {which} AND log.removed_at = 0 AND span.number <= :until
      AND span.number >= coalesce(
          (SELECT max(number) FROM span WHERE run = :run AND number <= :after + 1),
          0)
    ORDER BY span.number {order}
    LIMIT :limit + 1
"""
_OF_RUN = ("span CROSS JOIN log ON log.id = span.log", "span.run = :run")
_OF_LOGS = (
    "log CROSS JOIN span ON span.log = log.id",
    "log.run = :run AND log.key IN (SELECT value FROM json_each(:keys))",
)
SPANS = {
    (of_logs, newest_first): _SPANS.format(
        tables=tables, which=which, order="DESC" if newest_first else "ASC"
    )
    for of_logs, (tables, which) in ((False, _OF_RUN), (True, _OF_LOGS))
    for newest_first in (False, True)
}
"""Whether attempts are named, whether the newest come first → the statement."""

DROP_PIECES = "DELETE FROM piece WHERE log = (SELECT id FROM log WHERE run = ? AND key = ?)"
MARK_REMOVED = "UPDATE log SET removed_at = :at WHERE run = :run AND key = :key AND removed_at = 0"
