"""Access: who is asking, and what they may do.

    asking      credentials → `Caller`, with rights resolved anew for every request
    judge       may this be done, and why; `roles` and `conditions` are its tables
    policies    documents of three families → policies
    register    every record, in memory and in the store, changed together with the audit
    furnishing  applying a seed (`seed` reads it), and the first start without one

`Access` is all of it, opened once by the process that holds the data folder.
"""

from ferryman.ports.access import AccessRows
from ferryman.ports.clock import Clock
from ferryman.secrets import KeyFile
from ferryman.services.access.asking import Asking, Credential
from ferryman.services.access.furnishing import Furnishing, SignIn
from ferryman.services.access.register import Register
from ferryman.services.access.seed import Seed
from ferryman.services.access.seed import read as read_seed


class Access:
    """Who may do what here. `asking` tells who asks; `furnishing` fills an empty installation."""

    def __init__(self, *, rows: AccessRows, keys: KeyFile, clock: Clock) -> None:
        """Over these rows, sealed with these keys, which must be open."""
        self.register = Register(rows=rows, clock=clock)
        self.asking = Asking(self.register, keys)
        self.furnishing = Furnishing(self.register, keys)

    async def open(self) -> None:
        """Read everything that is kept."""
        await self.register.open()

    async def close(self) -> None:
        """Write what is yet to be written."""
        await self.asking.write_uses()
        await self.register.close()


__all__ = ["Access", "Credential", "Seed", "SignIn", "read_seed"]
