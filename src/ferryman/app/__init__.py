"""Assembly: the only room that knows every room.

    house      a data folder held by this process, put together
    beside     the same folder, read from beside the process that holds it
    bindings   the small pieces between rooms that do not know one another
    serving    the socket by which other processes have their changes made

`hold` takes a data folder, `visit` reads it and sends changes to its holder, `reach` does whichever is possible.
"""

from ferryman.app.beside import Reached, is_held, reach, visit
from ferryman.app.bindings import user
from ferryman.app.house import House, hold

__all__ = ["House", "Reached", "hold", "is_held", "reach", "user", "visit"]
