-- Heads of pipelines: name, setting and state above all versions; labels, their groups, and collections.

CREATE TABLE heads (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    setting_version INTEGER NOT NULL,
    description TEXT NOT NULL,
    creator TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updater TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    tasks INTEGER NOT NULL,
    startable INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (project, pipeline)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX heads_by_name ON heads (project, name) WHERE deleted_at = 0;
CREATE INDEX heads_by_age ON heads (project, created_at, pipeline) WHERE deleted_at = 0;

-- Version 0 of a head has no row: what was saved before there were settings says its own.
CREATE TABLE settings (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    version INTEGER NOT NULL,
    setting BLOB NOT NULL,
    saved_at INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    UNIQUE (project, pipeline, version)
) STRICT;

CREATE TABLE label_groups (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (project, id),
    UNIQUE (project, name)
) STRICT, WITHOUT ROWID;

-- `kept_in`: the group.
CREATE TABLE labels (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    kept_in TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (project, id),
    UNIQUE (project, kept_in, name),
    FOREIGN KEY (project, kept_in) REFERENCES label_groups (project, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX labels_by_name ON labels (project, name, id);

CREATE TABLE labeled (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (project, pipeline, label),
    FOREIGN KEY (project, label) REFERENCES labels (project, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX labeled_with ON labeled (project, label);

-- `owner`: empty where the whole project shares it.
CREATE TABLE collections (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    origin BLOB NOT NULL,
    PRIMARY KEY (project, id),
    UNIQUE (project, owner, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX collections_by_name ON collections (project, name, id);

CREATE TABLE collected (
    project TEXT NOT NULL,
    collection TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    PRIMARY KEY (project, collection, pipeline),
    FOREIGN KEY (project, collection) REFERENCES collections (project, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX collected_in ON collected (project, pipeline);

-- What is there already is called by its id until it is saved again.
INSERT INTO heads
SELECT
    project, pipeline, pipeline, max(version), 0, '',
    (SELECT first.saved_by FROM pipelines AS first
     WHERE (first.project, first.pipeline, first.version) = (pipelines.project, pipelines.pipeline, 1)),
    min(saved_at), saved_by, max(saved_at), 0, 1, 0, 0
FROM pipelines
GROUP BY project, pipeline;
