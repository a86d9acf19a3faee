-- name: begin
-- A lock that nobody asked for before; no row comes back where it is there already.
INSERT INTO locks (project, kind, name, version, idle, lock)
VALUES (:project, :kind, :name, :version, :idle, :lock)
ON CONFLICT (project, kind, name) DO NOTHING
RETURNING version;

-- name: move
-- Compare and set: no row comes back unless the lock is at the version it was read at.
UPDATE locks
SET version = :version, idle = :idle, lock = :lock
WHERE project = :project AND kind = :kind AND name = :name AND version = :before
RETURNING version;

-- name: read
-- One lock, idle or not.
SELECT lock FROM locks WHERE project = :project AND kind = :kind AND name = :name;

-- name: busy
-- Every lock that anybody holds, has stepped aside from, or waits for.
SELECT project, kind, name, version, lock
FROM locks
WHERE idle = 0
ORDER BY project, kind, name;
