"""Ferryman carries a change from development to production and tells every client that asks where it is."""

__version__ = "0.1.0"
