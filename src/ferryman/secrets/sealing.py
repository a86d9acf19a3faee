"""Sealing the fields of one secret: AES-256-GCM, each value with a nonce of its own, bound to where it belongs.

A sealed value that is moved to another project, name or field, or claimed for another key, does not open.
"""

import os
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ferryman.domain.errors import Unavailable

KEY_BYTES = 32
NONCE_BYTES = 12


class SealedField(msgspec.Struct, frozen=True, array_like=True):
    """One value, sealed."""

    nonce: bytes
    text: bytes


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A secret as it is stored: the id of the key, and each field."""

    key_id: str
    fields: dict[str, SealedField]


def seal(key_id: str, key: bytes, project: str, name: str, fields: Mapping[str, str]) -> bytes:
    """Seal the fields of a secret."""
    cipher = AESGCM(key)
    sealed = {}
    for field, value in fields.items():
        nonce = os.urandom(NONCE_BYTES)
        text = cipher.encrypt(nonce, value.encode(), _place(project, name, field, key_id))
        sealed[field] = SealedField(nonce, text)
    return msgspec.msgpack.encode(Sealed(key_id=key_id, fields=sealed))


def read(row: bytes, name: str) -> Sealed:
    """What can be told of a stored secret without a key. Raises `Unavailable` where it was changed."""
    try:
        return msgspec.msgpack.decode(row, type=Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable(f"what is stored of secret {name} is damaged; write the secret again") from error


def unseal(sealed: Sealed, key: bytes, project: str, name: str, field: str) -> str:
    """The value of a field. Raises `Unavailable` where the row was changed or belongs somewhere else."""
    row = sealed.fields[field]
    try:
        return AESGCM(key).decrypt(row.nonce, row.text, _place(project, name, field, sealed.key_id)).decode()
    except (InvalidTag, ValueError) as error:
        raise Unavailable(
            f"cannot open {field} of secret {name}: what is stored was changed, or was sealed with another key of "
            f"the id {sealed.key_id}; write the secret again"
        ) from error


def _place(project: str, name: str, field: str, key_id: str) -> bytes:
    # As JSON, so that no two places are spelled alike.
    return msgspec.json.encode(("ferryman secret 1", project, name, field, key_id))
