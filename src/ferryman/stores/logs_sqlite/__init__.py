"""Pieces of logs in a SQLite file of their own (`logs.db`), apart from what must survive everything."""

from ferryman.stores.logs_sqlite.store import SqliteLogs

__all__ = ["SqliteLogs"]
