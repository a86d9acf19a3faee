-- name: save
-- A new version of a definition.
INSERT INTO pipelines (project, pipeline, version, definition, text, saved_at, saved_by)
VALUES (:project, :pipeline, :version, :definition, :text, :saved_at, :saved_by);

-- name: newest
-- The newest version.
SELECT version, definition, text
FROM pipelines
WHERE project = :project AND pipeline = :pipeline
ORDER BY version DESC
LIMIT 1;

-- name: by version
-- One version.
SELECT version, definition, text
FROM pipelines
WHERE project = :project AND pipeline = :pipeline AND version = :version;

-- name: is there
-- Whether a version was ever saved.
SELECT 1 FROM pipelines WHERE project = :project AND pipeline = :pipeline AND version = :version;

-- name: next number
-- One more than the last number given out.
INSERT INTO numbers (project, pipeline, last)
VALUES (:project, :pipeline, 1)
ON CONFLICT (project, pipeline) DO UPDATE SET last = numbers.last + 1
RETURNING last;
