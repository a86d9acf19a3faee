-- name: add
-- One entry.
INSERT INTO audit (at, by, project, action, subject, request, address, reason, before, after)
VALUES (:at, :by, :project, :action, :subject, :request, :address, :reason, :before, :after);

-- name: of a subject
-- Entries about one subject, newest first; what is empty restricts nothing.
SELECT place, at, by, project, action, subject, request, address, reason, before, after
FROM audit
WHERE subject = :subject
    AND place < :below
    AND (:project = '' OR project = :project)
    AND (:by = '' OR by = :by)
    AND (:action = '' OR action = :action)
    AND at >= :since
    AND (:until = 0 OR at < :until)
ORDER BY place DESC
LIMIT :limit;

-- name: by whom
-- Entries about what one did.
SELECT place, at, by, project, action, subject, request, address, reason, before, after
FROM audit
WHERE by = :by
    AND place < :below
    AND (:project = '' OR project = :project)
    AND (:subject = '' OR subject = :subject)
    AND (:action = '' OR action = :action)
    AND at >= :since
    AND (:until = 0 OR at < :until)
ORDER BY place DESC
LIMIT :limit;

-- name: of a project
-- Entries of one project.
SELECT place, at, by, project, action, subject, request, address, reason, before, after
FROM audit
WHERE project = :project
    AND place < :below
    AND (:by = '' OR by = :by)
    AND (:subject = '' OR subject = :subject)
    AND (:action = '' OR action = :action)
    AND at >= :since
    AND (:until = 0 OR at < :until)
ORDER BY place DESC
LIMIT :limit;

-- name: page
-- Entries of all.
SELECT place, at, by, project, action, subject, request, address, reason, before, after
FROM audit
WHERE place < :below
    AND (:action = '' OR action = :action)
    AND at >= :since
    AND (:until = 0 OR at < :until)
ORDER BY place DESC
LIMIT :limit;
