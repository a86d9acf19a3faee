"""The store of one machine: one SQLite file, one writer, a few readers.

folder    who may use the data folder, and the rights of what is in it
library   which SQLite is good enough
database  open, check, migrate one file; refuse what must not be touched
crew      threads that take jobs off a queue and answer on the event loop
commits   many jobs in one transaction, each in its own savepoint
faults    what SQLite says → what Ferryman says
shelves   secrets and artifacts; `heads`, `labels`, `history`, `access` the same for their tables
changes   how often a part has changed, for those who keep what they made of it
backup    one file copied whole while it is in use
store     all of it together
"""

from ferryman.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
