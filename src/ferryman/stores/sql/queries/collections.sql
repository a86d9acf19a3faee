-- name: every
-- All collections of a project.
SELECT project, id, name, owner, created_at, created_by, updated_at, updated_by, finder, origin
FROM collections
WHERE project = :project
ORDER BY name, id;

-- name: one
-- One collection.
SELECT project, id, name, owner, created_at, created_by, updated_at, updated_by, finder, origin
FROM collections
WHERE project = :project AND id = :id;

-- name: of name
-- Whose name this is among those of one owner.
SELECT id FROM collections WHERE project = :project AND owner = :owner AND name = :name;

-- name: keep
-- A collection as it is from now on.
INSERT INTO collections (project, id, name, owner, created_at, created_by, updated_at, updated_by, finder, origin)
VALUES (:project, :id, :name, :owner, :created_at, :created_by, :updated_at, :updated_by, :finder, :origin)
ON CONFLICT (project, id) DO UPDATE
SET name = excluded.name, owner = excluded.owner, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by, finder = excluded.finder, origin = excluded.origin;

-- name: remove
-- No row comes back where there was none.
DELETE FROM collections WHERE project = :project AND id = :id RETURNING id;

-- name: empty
-- Nothing is in a collection any more.
DELETE FROM collected WHERE project = :project AND collection = :collection;

-- name: take from all
-- A pipeline is in no collection any more.
DELETE FROM collected WHERE project = :project AND pipeline = :pipeline;

-- name: put
-- A pipeline is in a collection, if both are there.
INSERT INTO collected (project, collection, pipeline)
SELECT collections.project, id, pipeline
FROM collections
JOIN heads ON heads.project = collections.project AND heads.pipeline = :pipeline
WHERE collections.project = :project AND id = :collection
ON CONFLICT DO NOTHING;

-- name: take
-- A pipeline is in a collection no more.
DELETE FROM collected WHERE project = :project AND collection = :collection AND pipeline = :pipeline;

-- name: members
-- The pipelines of a collection that are there.
SELECT heads.pipeline
FROM collected
JOIN heads ON heads.project = collected.project AND heads.pipeline = collected.pipeline
WHERE collected.project = :project AND collection = :collection AND deleted_at = 0
ORDER BY collected.pipeline;

-- name: holding
-- The collections that a pipeline is in.
SELECT collection FROM collected WHERE project = :project AND pipeline = :pipeline;
