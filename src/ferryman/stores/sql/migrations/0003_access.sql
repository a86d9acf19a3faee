-- Who may do what, and the audit.

-- Records of access by kind and key. They are few, are all held in memory, and are looked for there only.
CREATE TABLE access (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;

-- Append-only. `before` and `after` are JSON, or NULL where there was or is nothing.
CREATE TABLE audit (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    project TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    request TEXT NOT NULL,
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    before BLOB,
    after BLOB
) STRICT;

CREATE INDEX audit_of_project ON audit (project, place);
CREATE INDEX audit_of_subject ON audit (subject, place);
CREATE INDEX audit_by_whom ON audit (by, place);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit is never changed');
END;

CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE (ABORT, 'nothing is removed from the audit');
END;
