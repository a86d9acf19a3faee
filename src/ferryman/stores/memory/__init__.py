"""The store in memory: every promise but durability, for tests and simulated worlds."""

from ferryman.stores.memory.store import MemoryStore

__all__ = ["MemoryStore"]
