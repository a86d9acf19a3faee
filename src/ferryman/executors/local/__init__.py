"""Runs steps as processes of this machine, by way of the supervisor (docs/guide/processes.md).

Who does what:

    executor       LocalExecutor: orders in, results out
    orders         what is to be started for an action
    lacks          what a job asks for and this machine has not: pure, also for warnings before a run
    interpreters   which program reads a script
    prelude        what stands before a shell script, on its first line
    places         who works in which folder, and when it goes
    surroundings   folders and environment of a step, made from scratch
    credentials    which fields of secrets an attempt needs
    placeholders   their values put in at the last moment
    checkout       the script that fetches a git repository
    sayings        commands that a step prints, and files of names and values that it writes
    output         reading what a step prints while it grows
    endings        what ended attempts came to: read to their end, then reported
    results        how an exit reads for people and rules
"""

from ferryman.executors.local.executor import CARRIES, LocalExecutor
from ferryman.executors.local.lacks import lacks

__all__ = ["CARRIES", "LocalExecutor", "lacks"]
