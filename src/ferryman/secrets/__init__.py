"""Secrets: written once, sealed, used by name, never shown again (expectations SEC-1, SEC-3).

`names` says what a secret may be called and hold, `sealing` seals one value, `former` names what was replaced and
how long it is masked, `keys` owns the file with the keys, and `store` joins them over the rows of a database
(`ports.secrets.SecretRows`).
"""

from ferryman.secrets.former import is_former
from ferryman.secrets.keys import KeyFile
from ferryman.secrets.store import SecretStore

__all__ = ["KeyFile", "SecretStore", "is_former"]
