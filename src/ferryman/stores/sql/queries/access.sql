-- name: every
-- All records.
SELECT kind, key, record FROM access ORDER BY kind, key;

-- name: keep
-- A record, in place of an older one.
INSERT INTO access (kind, key, record)
VALUES (:kind, :key, :record)
ON CONFLICT (kind, key) DO UPDATE SET record = excluded.record;

-- name: remove
-- A record; none where it is not there.
DELETE FROM access WHERE kind = :kind AND key = :key;
