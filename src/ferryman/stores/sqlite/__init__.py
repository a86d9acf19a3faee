"""The store of one machine: one SQLite file, one writer, a few readers.

folder    who may use the data folder, and the rights of what is in it
library   which SQLite is good enough
database  open, check, migrate one file; refuse what must not be touched
crew      threads that take jobs off a queue and answer on the event loop
commits   many jobs in one transaction, each in its own savepoint
faults    what SQLite says → what Ferryman says
shelves   secrets and artifacts
store     all of it together
"""

from ferryman.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
