"""Contracts: what each port promises, as functions that anyone may call on an implementation of theirs."""

from ferryman.testing.stores import check_store

__all__ = ["check_store"]
