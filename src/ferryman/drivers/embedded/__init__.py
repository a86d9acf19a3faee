"""The embedded driver: one asyncio loop, the journal in the store, steps in an executor."""

from ferryman.drivers.embedded.loop import EmbeddedDriver, Start

__all__ = ["EmbeddedDriver", "Start"]
