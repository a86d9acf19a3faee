"""The index: every record of access in memory, by kind and key; what each request is judged by.

It changes only by `apply`, right after the store has kept the change, so the next request sees it (RULINGS 32).
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec

from ferryman.domain.access import (
    NOTHING,
    AccessKey,
    App,
    Password,
    Policy,
    PolicyDocument,
    Principal,
    Project,
    Record,
    Rights,
    Session,
    Token,
    Use,
)
from ferryman.domain.installation import CrossProject, Environment, Extension, Fetch, Limits, Plugin
from ferryman.services.judging import policies

Known = (
    Project
    | Principal
    | Password
    | PolicyDocument
    | AccessKey
    | Session
    | Token
    | App
    | Use
    | Extension
    | Environment
    | CrossProject
    | Plugin
    | Fetch
    | Limits
)
"""Every kind of record there is."""

Kind = TypeVar("Kind", bound=Record)


class Change(NamedTuple):
    """What is to be kept, in place of records of the same kind and key, and what is to be removed."""

    keep: tuple[Record, ...] = ()
    remove: tuple[Record, ...] = ()


class Index:
    """All records."""

    def __init__(self) -> None:
        """Empty."""
        self._records: dict[type[Record], dict[str, Any]] = {}
        self._policies: dict[str, Policy] = {}

    def get(self, kind: type[Kind], key: str) -> Kind | None:
        """One record, or None."""
        found: Kind | None = self._records.get(kind, {}).get(key)
        return found

    def every(self, kind: type[Kind]) -> list[Kind]:
        """All records of a kind, by key."""
        return [record for _, record in sorted(self._records.get(kind, {}).items())]

    def apply(self, change: Change) -> None:
        """Know what was kept and forget what was removed."""
        for record in change.remove:
            self._records.get(type(record), {}).pop(record.key, None)
            if isinstance(record, PolicyDocument):
                self._policies.pop(record.name, None)
        for record in change.keep:
            self._records.setdefault(type(record), {})[record.key] = record
            if isinstance(record, PolicyDocument):
                self._policies[record.name] = policies.read(record.name, record.document).policy

    def accounts(self) -> list[Principal]:
        """Everybody let in who may do everything."""
        return [person for person in self.every(Principal) if person.account and not person.disabled]

    def in_roles(self, project: str, roles: Iterable[str]) -> tuple[str, ...]:
        """The names of everybody let in who has one of these roles in a project as a whole, role by role; a role that
        there is not is nobody's (semantics 4.1.1)."""
        people = [person for person in self.every(Principal) if not person.disabled]
        return tuple(person.name for role in roles for person in people if person.roles.get(project) == role)

    def rights(
        self,
        principal: Principal,
        project: str,
        *,
        scopes: tuple[str, ...] = (),
        projects: tuple[str, ...] = (),
    ) -> Rights:
        """What a principal may do in a project, within what a token is limited to. In a project that is not there, is
        disabled, or is none of the token's, nobody is anything (API-10); without a project only the account is."""
        if project:
            place = self.get(Project, project)
            if place is None or place.disabled or (projects and project not in projects):
                return NOTHING
        return Rights(
            account=principal.account,
            role=principal.roles.get(project),
            environments=principal.environments.get(project, {}),
            # One that were not there would allow nothing: never more than it did.
            policies=tuple(
                self._policies.get(name) or Policy(name=name, statements=()) for name in principal.policies
            ),
            scopes=scopes,
            projects=projects,
        )


_decoder = msgspec.json.Decoder(Known)
_encoder = msgspec.json.Encoder()


def written(record: Record) -> bytes:
    """A record as it is kept."""
    return _encoder.encode(record)


def read(texts: Iterable[bytes]) -> tuple[Record, ...]:
    """Records as they were kept."""
    return tuple(map(_decoder.decode, texts))


def kind_of(record: Record) -> str:
    """The word a record is kept under: `access-key`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(record).__name__).lower()
