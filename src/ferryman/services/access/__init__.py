"""Access: who is asking, and what they may do.

    asking      credentials → `Caller`, with rights resolved anew for every request
    register    every record, in memory and in the store, changed together with the audit
    furnishing  applying a seed (`seed` reads it), and the first start without one
    rates       limits of calls for each key
    brake       limits of wrong tokens, secrets and passwords for each address

Verbs: `projects`, `people` (and their roles), `keys` (and tokens), `documents` (policies), `auditing`. What anybody may
do is judged in `services.judging`. `Access` is all of it, opened once by the process that holds the data folder.
"""

from ferryman.ports.access import AccessRows, AuditRows
from ferryman.ports.clock import Clock
from ferryman.secrets import KeyFile
from ferryman.services.access.asking import Asking, Credential
from ferryman.services.access.auditing import Audit
from ferryman.services.access.brake import WRONG_A_MINUTE, Brake
from ferryman.services.access.documents import Policies
from ferryman.services.access.furnishing import Furnishing, SignIn
from ferryman.services.access.keys import Keys
from ferryman.services.access.people import People
from ferryman.services.access.projects import Projects
from ferryman.services.access.rates import Allowance
from ferryman.services.access.register import Register
from ferryman.services.access.seed import Seed
from ferryman.services.access.seed import read as read_seed


class Access:
    """Who may do what here. `asking` tells who asks; `furnishing` fills an empty installation; the others are verbs."""

    def __init__(
        self,
        *,
        rows: AccessRows,
        audit: AuditRows,
        keys: KeyFile,
        clock: Clock,
        wrong_a_minute: int = WRONG_A_MINUTE,
    ) -> None:
        """Over these rows and this audit, sealed with these keys, which must be open before a secret is. From one place
        so many wrong tokens, secrets and passwords are borne in a minute; 0: any number."""
        self.register = Register(rows=rows, clock=clock)
        self.asking = Asking(self.register, keys, Brake(wrong_a_minute))
        self.furnishing = Furnishing(self.register, keys)
        self.projects = Projects(self.register, self.asking)
        self.people = People(self.register, self.asking)
        self.keys = Keys(self.register, self.asking, keys)
        self.policies = Policies(self.register)
        self.audit = Audit(audit, self.asking)

    async def open(self) -> None:
        """Read everything that is kept."""
        await self.register.open()

    async def close(self) -> None:
        """Write what is yet to be written."""
        await self.asking.write_uses()
        await self.register.close()


__all__ = ["Access", "Allowance", "Credential", "Seed", "SignIn", "read_seed"]
