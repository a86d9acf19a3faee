"""Stores: where runs, definitions and locks are kept. Each passes `ferryman.testing.check_store`.

`sql` holds what every SQL database has in common, `sqlite` is the store of one machine, `memory` keeps the same
promises in memory, for tests.
"""
