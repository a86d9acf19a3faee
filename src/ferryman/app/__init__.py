"""Assembly: the only room that knows every room. Import its modules by name: each takes in only what it needs.

house      a data folder held by this process, put together (`hold`)
beside     the same folder, read from beside the process that holds it (`visit`), or whichever is possible (`reach`)
serving    the socket by which other processes have their changes made
bindings   the small pieces between rooms that do not know one another
lacking    what a pipeline asks for and this machine has not, told before a run
"""
