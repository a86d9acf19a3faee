"""The command line: one file for each command, and what they share.

A command reads its arguments, asks `definition` or `machine`, and prints. What costs time to import is imported inside
the command, so that `--help` stays quick. Refusals travel up as exceptions; `main` alone turns them into one sentence
and an exit code (`exits`).
"""
