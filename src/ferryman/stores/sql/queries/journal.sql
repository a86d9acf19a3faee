-- name: append
-- One entry. A second writer of the same entry fails on the unique (run, seq), whatever else went wrong.
INSERT INTO journal (run, seq, entry) VALUES (:run, :seq, :entry);

-- name: read
-- Entries of a run behind one and up to another, in order.
SELECT journal.entry
FROM journal
INNER JOIN runs ON runs.place = journal.run
WHERE runs.id = :run AND journal.seq > :after AND journal.seq <= :upto
ORDER BY journal.seq
LIMIT :limit;
