-- name: groups
-- All groups of a project.
SELECT project, id, name, created_at, created_by, updated_at, updated_by
FROM label_groups
WHERE project = :project
ORDER BY name;

-- name: group
-- One group.
SELECT project, id, name, created_at, created_by, updated_at, updated_by
FROM label_groups
WHERE project = :project AND id = :id;

-- name: group of name
-- Whose name this is.
SELECT id FROM label_groups WHERE project = :project AND name = :name;

-- name: how many groups
-- How many groups a project has.
SELECT count(*) FROM label_groups WHERE project = :project;

-- name: keep group
-- A group as it is from now on.
INSERT INTO label_groups (project, id, name, created_at, created_by, updated_at, updated_by)
VALUES (:project, :id, :name, :created_at, :created_by, :updated_at, :updated_by)
ON CONFLICT (project, id) DO UPDATE
SET name = excluded.name, updated_at = excluded.updated_at, updated_by = excluded.updated_by;

-- name: remove group
-- No row comes back where there was none.
DELETE FROM label_groups WHERE project = :project AND id = :id RETURNING id;

-- name: labels
-- All labels of a project.
SELECT project, id, kept_in, name, created_at, created_by, updated_at, updated_by
FROM labels
WHERE project = :project
ORDER BY name, id;

-- name: labels of group
-- The labels of one group.
SELECT id FROM labels WHERE project = :project AND kept_in = :kept_in;

-- name: label
-- One label.
SELECT project, id, kept_in, name, created_at, created_by, updated_at, updated_by
FROM labels
WHERE project = :project AND id = :id;

-- name: label of name
-- Whose name this is in its group.
SELECT id FROM labels WHERE project = :project AND kept_in = :kept_in AND name = :name;

-- name: how many labels
-- How many labels a group has beside one.
SELECT count(*) FROM labels WHERE project = :project AND kept_in = :kept_in AND id <> :id;

-- name: keep label
-- A label as it is from now on.
INSERT INTO labels (project, id, kept_in, name, created_at, created_by, updated_at, updated_by)
VALUES (:project, :id, :kept_in, :name, :created_at, :created_by, :updated_at, :updated_by)
ON CONFLICT (project, id) DO UPDATE
SET kept_in = excluded.kept_in, name = excluded.name, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by;

-- name: remove label
-- No row comes back where there was none.
DELETE FROM labels WHERE project = :project AND id = :id RETURNING id;

-- name: unlabel all
-- Nobody carries a label any more.
DELETE FROM labeled WHERE project = :project AND label = :label;

-- name: unlabel
-- A pipeline carries nothing any more.
DELETE FROM labeled WHERE project = :project AND pipeline = :pipeline;

-- name: attach
-- A pipeline carries a label, if there is such a label.
INSERT INTO labeled (project, pipeline, label)
SELECT project, :pipeline, id FROM labels WHERE project = :project AND id = :label
ON CONFLICT DO NOTHING;

-- name: carried
-- The labels of a pipeline.
SELECT label FROM labeled WHERE project = :project AND pipeline = :pipeline;
