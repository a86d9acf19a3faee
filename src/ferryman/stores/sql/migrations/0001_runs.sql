-- Definitions, runs with their journals, snapshots and locks.

CREATE TABLE pipelines (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition BLOB NOT NULL,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    UNIQUE (project, pipeline, version)
) STRICT;

-- The last number given to a run of a pipeline.
CREATE TABLE numbers (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (project, pipeline)
) STRICT, WITHOUT ROWID;

-- What lists show of a run. `place` is its name inside the database; `seq` is its last entry, compared and set.
CREATE TABLE runs (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    version INTEGER NOT NULL,
    number INTEGER NOT NULL,
    phase TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    started_by TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    FOREIGN KEY (project, pipeline, version) REFERENCES pipelines (project, pipeline, version)
) STRICT;

CREATE INDEX runs_of_project ON runs (project, queued_at, id);
CREATE INDEX runs_of_pipeline ON runs (project, pipeline, queued_at, id);
CREATE INDEX runs_by_number ON runs (project, pipeline, number);
CREATE INDEX runs_by_definition ON runs (project, pipeline, version);
CREATE INDEX runs_unfinished ON runs (queued_at, id) WHERE phase <> 'finished';

-- Append-only. Entries lie in the order of their arrival, so that many runs at once fill few pages.
CREATE TABLE journal (
    run INTEGER NOT NULL REFERENCES runs (place),
    seq INTEGER NOT NULL,
    entry BLOB NOT NULL,
    UNIQUE (run, seq)
) STRICT;

-- A run as it stood after entry `seq`; the newest only. `packed`: compressed with zlib.
CREATE TABLE snapshots (
    run INTEGER PRIMARY KEY REFERENCES runs (place),
    seq INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

-- A lock outlives its holders: its version must never be given out again.
CREATE TABLE locks (
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    idle INTEGER NOT NULL,
    lock BLOB NOT NULL,
    UNIQUE (project, kind, name)
) STRICT;

CREATE INDEX locks_busy ON locks (project, kind, name) WHERE idle = 0;
