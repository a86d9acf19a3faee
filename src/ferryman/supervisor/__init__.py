"""The supervisor: one long-lived small process that starts the processes of steps and outlives the server.

`process/` is what runs there (standard library only, so that it starts at once and stays small); `client` is the
server's end of the conversation and implements `ports.processes`. Nothing else of the product imports this room but
the assembly. See docs/guide/processes.md for the promises and their limits.
"""
