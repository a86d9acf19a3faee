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

KEEP_PIECE = """
    INSERT INTO piece (log, first, lines, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (log, first) DO UPDATE SET lines = excluded.lines, body = excluded.body
"""

STATE = "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log WHERE run = ? AND key = ?"
STATES_OF_RUN = (
    "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log WHERE run = ? ORDER BY id"
)
STATES = "SELECT run, key, lines, raw, size, ended_at, missing, removed_at FROM log ORDER BY id"

PIECES_BEHIND = """
    SELECT first, lines, body FROM piece
    WHERE log = (SELECT id FROM log WHERE run = :run AND key = :key)
      AND first >= coalesce(
          (SELECT max(first) FROM piece
           WHERE log = (SELECT id FROM log WHERE run = :run AND key = :key) AND first <= :after + 1),
          0)
    ORDER BY first
"""

DROP_PIECES = "DELETE FROM piece WHERE log = (SELECT id FROM log WHERE run = ? AND key = ?)"
MARK_REMOVED = "UPDATE log SET removed_at = :at WHERE run = :run AND key = :key AND removed_at = 0"
