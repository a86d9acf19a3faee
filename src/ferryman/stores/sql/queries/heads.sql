-- name: keep
-- A head as it is from now on.
INSERT INTO heads (
    project, pipeline, name, version, setting_version, description, creator, created_at, updater, updated_at, tasks,
    startable, disabled, deleted_at
)
VALUES (
    :project, :pipeline, :name, :version, :setting_version, :description, :creator, :created_at, :updater, :updated_at,
    :tasks, :startable, :disabled, :deleted_at
)
ON CONFLICT (project, pipeline) DO UPDATE SET
    name = excluded.name, version = excluded.version, setting_version = excluded.setting_version,
    description = excluded.description, updater = excluded.updater, updated_at = excluded.updated_at,
    tasks = excluded.tasks, startable = excluded.startable, disabled = excluded.disabled,
    deleted_at = excluded.deleted_at;

-- name: read
-- One head with its newest setting, deleted or not.
SELECT
    heads.project, heads.pipeline, name, heads.version, setting_version, description, creator, created_at, updater,
    updated_at, tasks, startable, disabled, deleted_at, setting
FROM heads
LEFT JOIN settings ON settings.project = heads.project AND settings.pipeline = heads.pipeline
    AND settings.version = heads.setting_version
WHERE heads.project = :project AND heads.pipeline = :pipeline;

-- name: named
-- The head of a name.
SELECT
    project, pipeline, name, version, setting_version, description, creator, created_at, updater, updated_at, tasks,
    startable, disabled, deleted_at
FROM heads
WHERE project = :project AND name = :name AND deleted_at = 0;

-- name: page
-- Newest creation first; every name has the empty one in it.
SELECT
    heads.project, heads.pipeline, name, heads.version, setting_version, description, creator, created_at, updater,
    updated_at, tasks, startable, disabled, deleted_at, setting
FROM heads
LEFT JOIN settings ON settings.project = heads.project AND settings.pipeline = heads.pipeline
    AND settings.version = heads.setting_version
WHERE heads.project = :project AND deleted_at = 0 AND instr(lower(name), lower(:name)) > 0
ORDER BY created_at DESC, heads.pipeline DESC
LIMIT :limit OFFSET :skip;

-- name: how many
-- How many of a project have this in their name.
SELECT count(*) FROM heads
WHERE project = :project AND deleted_at = 0 AND instr(lower(name), lower(:name)) > 0;

-- name: counts
-- There, of one creator, deleted.
SELECT
    count(*) FILTER (WHERE deleted_at = 0),
    count(*) FILTER (WHERE deleted_at = 0 AND creator = :creator),
    count(*) FILTER (WHERE deleted_at <> 0)
FROM heads
WHERE project = :project;

-- name: save setting
-- A new version of a setting.
INSERT INTO settings (project, pipeline, version, setting, saved_at, saved_by)
VALUES (:project, :pipeline, :version, :setting, :saved_at, :saved_by);
