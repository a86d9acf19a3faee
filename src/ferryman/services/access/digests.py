"""Secrets in the form in which they are kept, and the drawing of new ones.

What is brought along with each request (tokens, secrets of apps) is kept as its SHA-256: checking it costs a
microsecond. What people think up is kept as argon2. What a signature is computed with has to be opened again, so it is
sealed with the key file.
"""

import hashlib
import hmac
import secrets
import string

import argon2

from ferryman.secrets import KeyFile, sealing

TOKEN_PREFIX = "fm_"
"""Begins every token that is made here, for scanners of source code (API-8)."""
KEY_PREFIX = "FK"
_LETTERS = string.ascii_letters + string.digits
_FIELD = "secret"
_hasher = argon2.PasswordHasher()


def drawn(length: int) -> str:
    """That many letters and digits, drawn by lot."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def new_token() -> str:
    """The text of a new token: 238 bits."""
    return TOKEN_PREFIX + drawn(40)


def new_token_id() -> str:
    """The id that names a new token in lists."""
    return secrets.token_hex(6)


def new_key_id() -> str:
    """The id of a new access key."""
    return KEY_PREFIX + drawn(18)


def new_hex() -> str:
    """32 characters of hex, such as a project's id."""
    return secrets.token_hex(16)


def digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def fits(text: str, kept: str) -> bool:
    """Whether this is the text of a digest; takes as long whatever the answer."""
    return hmac.compare_digest(digest(text), kept)


def hashed(password: str) -> str:
    """What a password is checked against. Takes a good part of a second on purpose: never on the event loop."""
    return _hasher.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Whether this is the password. Takes as long as `hashed`."""
    try:
        return _hasher.verify(kept, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def sealed(keys: KeyFile, name: str, secret: str) -> bytes:
    """A secret, sealed for the thing of this name: `key/AK`, `session/STS.x`."""
    return sealing.seal(*keys.current, "", name, {_FIELD: secret})


def opened(keys: KeyFile, name: str, kept: bytes) -> str:
    """The secret again. Raises `Unavailable` where it was changed or the key is gone."""
    found = sealing.read(kept, name)
    return sealing.unseal(found, keys.key(found.key_id), "", name, _FIELD)


def resealed(keys: KeyFile, name: str, kept: bytes) -> bytes:
    """The same secret under the current key."""
    return sealed(keys, name, opened(keys, name, kept))
