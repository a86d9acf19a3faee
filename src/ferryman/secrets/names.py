"""What a secret may be called, which fields it may have, and what is said of a value when it is saved."""

import re
from collections.abc import Iterator, Mapping

from ferryman.domain.errors import Problem
from ferryman.logs.forms import SHORTEST, too_common, too_short

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""A name as expressions spell it, at most 64 characters."""

FIELDS = (
    "value",
    "username",
    "password",
    "access_token",
    "token",
    "secretKey",
    "privateKey",
    "passphrase",
    "appId",
    "secretId",
    "region",
)
"""The fields of stored credentials (pipeline-yaml 10, `settings.CREDENTIAL.FIELD`), and `value` for a plain one."""

OPEN_FIELDS = frozenset({"username", "region", "appId"})
"""Fields that often hold a common word and are no secret by themselves: such a word is kept, but not masked."""

LONGEST = 64 * 1024
"""Bytes of the longest value."""

BAD_NAME = 2100149
UNKNOWN_FIELD = 2100147
TOO_MUCH = 2100150
UNFIT_VALUE = 2100113


def problems(name: str, fields: Mapping[str, str]) -> Iterator[Problem]:
    """Why a secret cannot be kept like this, every reason; no value is ever part of a message."""
    if not NAME.fullmatch(name):
        yield Problem(
            path="name",
            code=BAD_NAME,
            message="a name has letters, digits, _ and -, begins with a letter or _, and has at most 64 characters",
        )
    if not fields:
        yield Problem(path="fields", code=UNFIT_VALUE, message="a secret needs at least one field")
    for field, value in fields.items():
        if field not in FIELDS:
            yield Problem(
                path=f"fields.{field}",
                code=UNKNOWN_FIELD,
                message="no such field",
                hint="one of " + ", ".join(FIELDS),
            )
        elif not value.strip():
            yield Problem(path=f"fields.{field}", code=UNFIT_VALUE, message="the value is empty")
        elif len(value.encode("utf-8", "surrogatepass")) > LONGEST:
            yield Problem(path=f"fields.{field}", code=TOO_MUCH, message=f"longer than {LONGEST:,} bytes")
        elif not _is_text(value):
            yield Problem(
                path=f"fields.{field}", code=UNFIT_VALUE, message="the value is not text (UTF-8, no NUL)"
            )
        elif too_common(value) and field not in OPEN_FIELDS:
            yield Problem(
                path=f"fields.{field}",
                code=UNFIT_VALUE,
                message="a common word: masking it would blank the logs, and it would be guessed at once",
            )


def remarks(fields: Mapping[str, str]) -> Iterator[str]:
    """What whoever saves a secret should know of it: the values that cannot be masked."""
    for field, value in fields.items():
        if too_short(value):
            yield f"{field} has fewer than {SHORTEST} characters and cannot be masked safely: it may show up in logs"
        elif too_common(value):
            yield f"{field} is a common word and is not masked"
        elif "\n" in value.strip() and any(too_short(line) for line in value.split("\n") if line.strip()):
            yield f"{field} has lines of fewer than {SHORTEST} characters, masked only together with the others"


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value
