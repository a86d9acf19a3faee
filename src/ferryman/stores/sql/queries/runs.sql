-- name: begin
-- The row of a new run; no row comes back where one of this id is there already.
INSERT INTO runs (
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution,
    how, message, remark, note, updated_at, seq, definition
)
VALUES (
    :id, :project, :pipeline, :version, :number, :phase, :outcome, :reason,
    :started_by, :queued_at, :started_at, :ended_at, :execution,
    :how, :message, :remark, :note, :updated_at, :seq, :definition
)
ON CONFLICT (id) DO NOTHING
RETURNING place;

-- name: move
-- Compare and set: no row comes back unless the run's last entry is the one that the writer knows.
UPDATE runs
SET phase = :phase, outcome = :outcome, reason = :reason,
    started_at = :started_at, ended_at = :ended_at, execution = :execution,
    remark = :remark, updated_at = :updated_at, seq = :seq
WHERE id = :id AND seq = :before
RETURNING place;

-- name: keep definition
-- What a run keeps, once for all that keep the same.
INSERT INTO definitions (digest, definition) VALUES (:digest, :definition) ON CONFLICT (digest) DO NOTHING;

-- name: last entry
-- Where a run stands, to say it to whom it surprises.
SELECT seq FROM runs WHERE id = :id;

-- name: whole
-- A run with its definition (its own, else that of its version) and its newest snapshot.
SELECT
    runs.id, runs.project, runs.pipeline, runs.version, runs.number, runs.phase, runs.outcome, runs.reason,
    runs.started_by, runs.queued_at, runs.started_at, runs.ended_at, runs.execution,
    runs.how, runs.message, runs.remark, runs.note, runs.updated_at,
    runs.seq, COALESCE(definitions.definition, pipelines.definition),
    snapshots.seq, snapshots.packed, snapshots.state
FROM runs
INNER JOIN pipelines USING (project, pipeline, version)
LEFT JOIN definitions ON definitions.digest = runs.definition
LEFT JOIN snapshots ON snapshots.run = runs.place
WHERE runs.id = :id;

-- name: by id
-- The row of one run.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE id = :id;

-- name: by number
-- The same; of two runs that bear one number the newer.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project AND pipeline = :pipeline AND number = :number
ORDER BY place DESC
LIMIT 1;

-- name: unfinished
-- Every run that has not finished, oldest first. The condition is the partial index's own.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE phase <> 'finished'
ORDER BY queued_at, id;

-- name: of project
-- A page of a project's runs, newest first, behind the last row of the page before.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project
    AND (queued_at, id) < (:queued_at, :id)
    AND (:phase = '' OR phase = :phase)
ORDER BY queued_at DESC, id DESC
LIMIT :limit;

-- name: of pipeline
-- The same, of one pipeline.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project
    AND pipeline = :pipeline
    AND (queued_at, id) < (:queued_at, :id)
    AND (:phase = '' OR phase = :phase)
ORDER BY queued_at DESC, id DESC
LIMIT :limit;

-- name: keep snapshot
-- The newest snapshot takes the place of the older one.
INSERT INTO snapshots (run, seq, packed, state)
VALUES (:run, :seq, :packed, :state)
ON CONFLICT (run) DO UPDATE
SET seq = excluded.seq, packed = excluded.packed, state = excluded.state;
