-- Definitions that differ from the version they were made from, by digest; what lists of runs are searched by; and
-- numbers that pipelines recommend.

CREATE TABLE definitions (
    digest TEXT PRIMARY KEY,
    definition BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- `definition`: what the run keeps, where that is not its version as it stands.
ALTER TABLE runs ADD COLUMN definition TEXT REFERENCES definitions (digest);
ALTER TABLE runs ADD COLUMN how TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN message TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;

-- `base`: what the definition said when counting began; `since`: the last run that is counted in `number` already.
CREATE TABLE recommended (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    base INTEGER NOT NULL,
    number INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (project, pipeline)
) STRICT, WITHOUT ROWID;
