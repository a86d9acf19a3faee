"""Assembly: the only room that knows every room. Import its modules by name: each takes in only what it needs.

up         what `ferryman up` runs: a house, and all that answers over HTTP in front of it
server     the listening socket, and a stop that waits for nobody for long
front      a request's way to whoever answers its path, and its line in the log
house      a data folder held by this process, put together (`hold`)
beside     the same folder, read from beside the process that holds it (`visit`), or whichever is possible (`reach`)
serving    the socket by which other processes have their changes made
bindings   the small pieces between rooms that do not know one another
uses       uses of secrets, kept in the audit and said in logs
sealed     what is sealed and cannot be opened, told at the start
lacking    what a pipeline asks for and this machine has not, told before a run
doctor     what a server needs on this machine, looked at
backups    a data folder copied while it is in use, and brought back
"""
