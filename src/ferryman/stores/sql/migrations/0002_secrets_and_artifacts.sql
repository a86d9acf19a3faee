-- Sealed secrets, and what manifests say of artifacts.

CREATE TABLE secrets (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (project, name)
) STRICT;

CREATE TABLE artifacts (
    place INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    manifest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project, run, name, version)
) STRICT;

CREATE INDEX artifacts_of_run ON artifacts (project, run, place);
CREATE INDEX artifacts_by_name ON artifacts (project, name, created_at, place);
