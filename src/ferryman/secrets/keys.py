"""The file with the keys that secrets are sealed with.

It is made at first use, only its owner may read it, and it belongs in no backup of the data folder: a backup without it
reveals no secret. It holds the current key and, while secrets are sealed anew, the ones before.
"""

import base64
import os
import secrets
import stat
from pathlib import Path

import msgspec

from ferryman.domain.errors import Refused, Unavailable
from ferryman.secrets.sealing import KEY_BYTES


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds."""

    current: str
    keys: dict[str, str]
    """Key by id, in base64."""
    version: int = 1


class KeyFile:
    """The keys of one installation. `open` first."""

    def __init__(self, path: Path) -> None:
        """Use this file."""
        self.path = path

    def open(self) -> None:
        """Read the file, or make it with a new key. Raises `Refused` where others could read or change it, and
        `Unavailable` where it cannot be used."""
        if not self.path.exists() and not self.path.is_symlink():
            self._make()
        self._keys = self._read()

    @property
    def current(self) -> tuple[str, bytes]:
        """The key to seal with: its id and its bytes."""
        return self._keys.current, self.key(self._keys.current)

    def holds(self, key_id: str) -> bool:
        """Whether the file has the key of this id."""
        return key_id in self._keys.keys

    def text_with(self, earlier: "KeyFile") -> bytes:
        """What a file says that holds the keys of this one and those that it held earlier."""
        return _encoded(msgspec.structs.replace(self._keys, keys={**earlier._keys.keys, **self._keys.keys}))

    def key(self, key_id: str, *, what: str = "a secret") -> bytes:
        """The key of this id, which `what` is sealed with. Another process may have added it, so the file is read again
        before giving up. Raises `Unavailable`."""
        if key_id not in self._keys.keys:
            self._keys = self._read()
        if key_id not in self._keys.keys:
            raise Unavailable(
                f"{what} is sealed with key {key_id}, which is not in {self.path}; "
                "put that key file back, or write the secret again"
            )
        return base64.b64decode(self._keys.keys[key_id])

    def add(self) -> str:
        """Add a new key and make it the current one; its id. Those before can still open what they sealed."""
        key_id, key = _new_key()
        self._keys = Keys(current=key_id, keys={**self._read().keys, key_id: key})
        self._replace(self._keys)
        return key_id

    def forget_others(self) -> None:
        """Remove every key but the current one: nothing is sealed with them any more."""
        self._keys = Keys(
            current=self._keys.current, keys={self._keys.current: self._keys.keys[self._keys.current]}
        )
        self._replace(self._keys)

    def _make(self) -> None:
        key_id, key = _new_key()
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = self._write_beside(Keys(current=key_id, keys={key_id: key}))
            try:
                # Unlike a rename this never replaces a file that another process has made meanwhile.
                os.link(made, self.path)
            except FileExistsError:
                pass
            finally:
                made.unlink()
            self._sync_folder()
        except OSError as error:
            raise Unavailable(f"cannot make the key file {self.path}: {error.strerror}") from error

    def _replace(self, keys: Keys) -> None:
        try:
            self._write_beside(keys).replace(self.path)
            self._sync_folder()
        except OSError as error:
            raise Unavailable(f"cannot write the key file {self.path}: {error.strerror}") from error

    def _write_beside(self, keys: Keys) -> Path:
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_encoded(keys))
            file.flush()
            os.fsync(file.fileno())
        return beside

    def _sync_folder(self) -> None:
        handle = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _read(self) -> Keys:
        if self.path.is_symlink():
            raise Unavailable(
                f"cannot read the key file {self.path}: it is a link to {self.path.readlink()}; put the file itself in "
                "its place"
            )
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                self._refuse_exposed(os.fstat(file.fileno()))
                text = file.read()
        except OSError as error:
            raise Unavailable(f"cannot read the key file {self.path}: {error.strerror}") from error
        try:
            keys = msgspec.json.decode(text, type=Keys)
            sizes = {len(base64.b64decode(key, validate=True)) for key in keys.keys.values()}
        except ValueError as error:
            # The text of the error could quote a key.
            raise Unavailable(
                f"the key file {self.path} is damaged; put it back from where it is kept safe"
            ) from error
        if keys.version != 1 or sizes != {KEY_BYTES} or keys.current not in keys.keys:
            raise Unavailable(
                f"the key file {self.path} holds no keys of this version; put the right one back"
            )
        return keys

    def _refuse_exposed(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"the key file {self.path} is no plain file", reason="key-file-exposed")
        if status.st_uid != os.geteuid():
            raise Refused(
                f"the key file {self.path} belongs to user {status.st_uid}, not to {os.geteuid()} who runs Ferryman; "
                f"chown it",
                reason="key-file-exposed",
            )
        if status.st_mode & 0o077:
            raise Refused(
                f"the key file {self.path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}); "
                f"chmod 600 it, and change the key if somebody may have read it",
                reason="key-file-exposed",
            )


def _encoded(keys: Keys) -> bytes:
    return msgspec.json.format(msgspec.json.encode(keys)) + b"\n"


def _new_key() -> tuple[str, str]:
    return secrets.token_hex(4), base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
