-- `finder`: what finds the pipelines of a collection; without one it holds what was put into it.

ALTER TABLE collections ADD COLUMN finder BLOB;
