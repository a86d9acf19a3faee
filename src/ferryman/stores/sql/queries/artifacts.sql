-- name: keep
-- A version of an artifact; no row comes back where it is there already.
INSERT INTO artifacts (project, run, name, version, manifest, created_at)
VALUES (:project, :run, :name, :version, :manifest, :created_at)
ON CONFLICT (project, run, name, version) DO NOTHING
RETURNING name;

-- name: read
-- One version.
SELECT project, run, name, version, manifest, created_at
FROM artifacts
WHERE project = :project AND run = :run AND name = :name AND version = :version;

-- name: of run
-- All that a run put up, in the order in which it did.
SELECT project, run, name, version, manifest, created_at
FROM artifacts
WHERE project = :project AND run = :run
ORDER BY place;

-- name: versions
-- Versions of one artifact, newest first.
SELECT project, run, name, version, manifest, created_at
FROM artifacts
WHERE project = :project AND name = :name
ORDER BY created_at DESC, place DESC
LIMIT :limit;
