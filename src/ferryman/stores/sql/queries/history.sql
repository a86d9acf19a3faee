-- name: by number
-- A page of the runs that are meant, highest number first.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project AND pipeline = :pipeline
    AND (:states = '' OR phase || '/' || outcome || '/' || reason IN (SELECT value FROM json_each(:states)))
    AND (:ids = '' OR id IN (SELECT value FROM json_each(:ids)))
    AND (:hows = '' OR how IN (SELECT value FROM json_each(:hows)))
    AND (:started_by = '' OR started_by IN (SELECT value FROM json_each(:started_by)))
    AND (:remark = '' OR instr(CASE WHEN note = '' THEN remark ELSE note END, :remark) > 0)
    AND (:message = '' OR instr(message, :message) > 0)
    AND number BETWEEN :number_from AND :number_to
    AND queued_at BETWEEN :queued_from AND :queued_to
    AND started_at BETWEEN :started_from AND :started_to
    AND ended_at BETWEEN :ended_from AND :ended_to
    AND CASE WHEN ended_at = 0 OR started_at = 0 THEN -1 ELSE ended_at - started_at END
        BETWEEN :took_from AND :took_to
ORDER BY number DESC
LIMIT :limit OFFSET :skip;

-- name: by change
-- The same, by the time of the last change; a direction of -1 turns the order around.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project AND pipeline = :pipeline
    AND (:states = '' OR phase || '/' || outcome || '/' || reason IN (SELECT value FROM json_each(:states)))
    AND (:ids = '' OR id IN (SELECT value FROM json_each(:ids)))
    AND (:hows = '' OR how IN (SELECT value FROM json_each(:hows)))
    AND (:started_by = '' OR started_by IN (SELECT value FROM json_each(:started_by)))
    AND (:remark = '' OR instr(CASE WHEN note = '' THEN remark ELSE note END, :remark) > 0)
    AND (:message = '' OR instr(message, :message) > 0)
    AND number BETWEEN :number_from AND :number_to
    AND queued_at BETWEEN :queued_from AND :queued_to
    AND started_at BETWEEN :started_from AND :started_to
    AND ended_at BETWEEN :ended_from AND :ended_to
    AND CASE WHEN ended_at = 0 OR started_at = 0 THEN -1 ELSE ended_at - started_at END
        BETWEEN :took_from AND :took_to
ORDER BY :direction * updated_at, :direction * number
LIMIT :limit OFFSET :skip;

-- name: count
-- How many are meant.
SELECT COUNT(*)
FROM runs
WHERE project = :project AND pipeline = :pipeline
    AND (:states = '' OR phase || '/' || outcome || '/' || reason IN (SELECT value FROM json_each(:states)))
    AND (:ids = '' OR id IN (SELECT value FROM json_each(:ids)))
    AND (:hows = '' OR how IN (SELECT value FROM json_each(:hows)))
    AND (:started_by = '' OR started_by IN (SELECT value FROM json_each(:started_by)))
    AND (:remark = '' OR instr(CASE WHEN note = '' THEN remark ELSE note END, :remark) > 0)
    AND (:message = '' OR instr(message, :message) > 0)
    AND number BETWEEN :number_from AND :number_to
    AND queued_at BETWEEN :queued_from AND :queued_to
    AND started_at BETWEEN :started_from AND :started_to
    AND ended_at BETWEEN :ended_from AND :ended_to
    AND CASE WHEN ended_at = 0 OR started_at = 0 THEN -1 ELSE ended_at - started_at END
        BETWEEN :took_from AND :took_to;

-- name: count all
-- How many there are at all: the index tells.
SELECT COUNT(*) FROM runs WHERE project = :project AND pipeline = :pipeline;

-- name: newest
-- The run with the highest number.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE project = :project AND pipeline = :pipeline
    AND id NOT IN (SELECT value FROM json_each(:without))
ORDER BY number DESC
LIMIT 1;

-- name: unfinished
-- Those that have not finished.
SELECT
    id, project, pipeline, version, number, phase, outcome, reason,
    started_by, queued_at, started_at, ended_at, execution, how, message, remark, note, updated_at
FROM runs
WHERE phase <> 'finished' AND project = :project AND pipeline = :pipeline
    AND id NOT IN (SELECT value FROM json_each(:without));

-- name: finished
-- How many have.
SELECT COUNT(*)
FROM runs
WHERE project = :project AND pipeline = :pipeline AND phase = 'finished'
    AND id NOT IN (SELECT value FROM json_each(:without));

-- name: note
-- No row comes back where there is no such run.
UPDATE runs SET note = :note WHERE id = :id RETURNING id;

-- name: recommended
-- The recommended number of a pipeline.
SELECT base, number, since FROM recommended WHERE project = :project AND pipeline = :pipeline;

-- name: recommend
-- The same, kept.
INSERT INTO recommended (project, pipeline, base, number, since)
VALUES (:project, :pipeline, :base, :number, :since)
ON CONFLICT (project, pipeline) DO UPDATE
SET base = excluded.base, number = excluded.number, since = excluded.since;

-- name: succeeded since
-- How many later runs have succeeded in their first execution.
SELECT COUNT(*)
FROM runs
WHERE project = :project AND pipeline = :pipeline AND number > :number
    AND phase = 'finished' AND outcome = 'succeeded' AND execution = 1;
