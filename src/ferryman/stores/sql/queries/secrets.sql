-- name: keep
-- A sealed secret; an older one of this name is replaced.
INSERT INTO secrets (project, name, sealed, created_at, created_by)
VALUES (:project, :name, :sealed, :created_at, :created_by)
ON CONFLICT (project, name) DO UPDATE
SET sealed = excluded.sealed, created_at = excluded.created_at, created_by = excluded.created_by;

-- name: read
-- One secret.
SELECT project, name, sealed, created_at, created_by
FROM secrets
WHERE project = :project AND name = :name;

-- name: every
-- All secrets of a project.
SELECT project, name, sealed, created_at, created_by
FROM secrets
WHERE project = :project
ORDER BY name;

-- name: remove
-- No row comes back where there was none.
DELETE FROM secrets WHERE project = :project AND name = :name RETURNING name;
