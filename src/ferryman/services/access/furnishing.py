"""Applying a seed, and the first start without one.

A seed says what is to be there. Applied again it changes nothing; what it leaves out stays as it is; what was made
since stays too. One thing it does not bring back: a token that was revoked.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from ferryman.domain.access import (
    AccessKey,
    App,
    Password,
    PolicyDocument,
    Principal,
    Project,
    Record,
    Session,
    Token,
)
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Invalid, Problem, Unavailable
from ferryman.domain.installation import CrossProject, Environment, Extension, Fetch, Limits, Plugin
from ferryman.secrets import KeyFile
from ferryman.services.access import digests
from ferryman.services.access.index import Change
from ferryman.services.access.rates import PRESETS
from ferryman.services.access.register import Register
from ferryman.services.access.seed import Seed, SeedPrincipal, SeedProject, Table, problem
from ferryman.services.caller import LOCAL, Caller

FIRST_NUMBER = 10_000
"""The number of a project where none is given: this one, then the next that is free."""

SEEDING = Caller(name="seed")
"""Who applies a seed, as the audit names it."""

Kind = TypeVar("Kind", bound=Record)


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the first start made, to be shown once. Printed as a whole, it shows names only."""

    project: str
    principal: str
    token: str
    key_id: str
    key_secret: str

    def __repr__(self) -> str:
        """Whose it is."""
        return f"SignIn({self.principal!r})"


class Furnishing:
    """Fills an installation with what it needs."""

    def __init__(self, register: Register, keys: KeyFile) -> None:
        """Into this register; `keys` seal what must be opened again."""
        self._register = register
        self._index = register.index
        self._keys = keys

    async def first_start(self, *, principal: str = "owner") -> SignIn | None:
        """Make one project, its account, a token and an access key, where there is nobody yet; None where there is."""
        async with self._register.changing:
            return None if self._index.every(Principal) else await self._begin(principal)

    async def _begin(self, principal: str) -> SignIn:
        token, key_id, secret = digests.new_token(), digests.new_key_id(), digests.drawn(40)
        made = Seed(
            project=(SeedProject(name=LOCAL),),
            principal=(SeedPrincipal(name=principal, account=True),),
        )
        records = await self._wanted(made)
        now = self._register.clock.now()
        records += [
            Token(
                id=digests.new_token_id(),
                digest=digests.digest(token),
                name="first sign-in",
                owner=principal,
                created_at=now,
            ),
            AccessKey(
                id=key_id,
                owner=principal,
                sealed=digests.sealed(self._keys, f"key/{key_id}", secret),
                created_at=now,
            ),
        ]
        await self._keep(records)
        return SignIn(project=LOCAL, principal=principal, token=token, key_id=key_id, key_secret=secret)

    async def apply(self, seed: Seed) -> int:
        """Have everything there that a seed declares; how many records that changed. Raises `Invalid` with every name
        that means nothing, and changes nothing then."""
        async with self._register.changing:
            if faults := list(_loose_ends(seed, self._register)):
                raise Invalid(faults)
            return await self._keep(await self._wanted(seed))

    async def reseal(self) -> int:
        """Seal every secret anew under the current key, for whoever changes the keys (`SecretStore.rotate`, SEC-3); how
        many those were. Nothing else changes, so the audit is silent."""
        async with self._register.changing:
            anew: list[Record] = [
                replace(one, sealed=digests.resealed(self._keys, f"key/{one.id}", one.sealed))
                for one in self._index.every(AccessKey)
            ]
            anew += [
                replace(one, sealed=digests.resealed(self._keys, f"session/{one.id}", one.sealed))
                for one in self._index.every(Session)
            ]
            await self._register.change(Change(keep=tuple(anew)))
            return len(anew)

    async def _keep(self, records: list[Record]) -> int:
        """Keep those that are not there like this already, each with its entry in the audit."""
        new = [record for record in records if self._index.get(type(record), record.key) != record]
        if new:
            await self._register.change(Change(keep=tuple(new)), audit=[self._entry(one) for one in new])
        return len(new)

    def _entry(self, record: Record) -> AuditEntry:
        return self._register.noted(
            SEEDING,
            Action.CREATE_PROJECT if isinstance(record, Project) else Action.MANAGE_PEOPLE,
            record,
            project=record.name if isinstance(record, Project) else "",
        )

    async def _wanted(self, seed: Seed) -> list[Record]:
        """The records that the seed means, each as it is to be."""
        records: list[Record] = []
        records += self._projects(seed)
        records += [
            self._old(PolicyDocument, one.name, PolicyDocument(name=one.name, document=one.document))
            for one in seed.policy
        ]
        for person in seed.principal:
            records.append(self._person(person))
            records += self._credentials(person)
            if person.password is not None:
                records.append(await self._password(person.name, person.password))
        records += [
            self._old(
                App, one.code, App(code=one.code, digest=digests.digest(one.secret), projects=one.projects)
            )
            for one in seed.bkci_app
        ]
        kinds: Mapping[type[Record], tuple[Table, ...]] = {
            Extension: seed.extension,
            Environment: seed.environment,
            CrossProject: seed.cross_project,
            Plugin: seed.plugin,
            Fetch: (seed.fetch,) if seed.fetch else (),
        }
        if seed.limits is not None:
            numbers = Limits(all=seed.limits.all, reads=seed.limits.reads, writes=seed.limits.writes)
            records.append(PRESETS.get(seed.limits.preset, numbers))
        # These have the same fields in the file and in the store.
        records += [
            kind(**msgspec.structs.asdict(one)) for kind, declared in kinds.items() for one in declared
        ]
        return records

    def _old(self, kind: type[Kind], key: str, new: Kind) -> Kind:
        """The new record, made when the old one was."""
        old = self._index.get(kind, key)
        made = getattr(old, "created_at", 0) or self._register.clock.now()
        return replace(new, created_at=made)

    def _projects(self, seed: Seed) -> Iterator[Project]:
        taken = {one.number for one in self._index.every(Project)}
        taken |= {one.number for one in seed.project if one.number}
        for one in seed.project:
            old = self._index.get(Project, one.name)
            number = one.number or (old.number if old else free_number(taken))
            taken.add(number)
            yield Project(
                name=one.name,
                number=number,
                id=one.id or (old.id if old else digests.new_hex()),
                **_given(one, old, "mode", "connections"),
                disabled=old.disabled if old else False,
                created_at=old.created_at if old else self._register.clock.now(),
            )

    def _person(self, one: SeedPrincipal) -> Principal:
        old = self._index.get(Principal, one.name)
        roles = {**(old.roles if old else {}), **one.roles}
        given = _given(one, old, "account", "domain", "policies", "user_id")
        if "user_id" not in given:
            given["user_id"] = new_user_id({each.user_id for each in self._index.every(Principal)})
        fresh = old or Principal(name=one.name, created_at=self._register.clock.now())
        return replace(fresh, roles=roles, **given)

    def _credentials(self, person: SeedPrincipal) -> Iterator[Record]:
        for key in person.access_keys:
            old = self._index.get(AccessKey, key.id)
            enabled = key.enabled if key.enabled is not None else old.enabled if old else True
            name = f"key/{key.id}"
            new = AccessKey(
                id=key.id,
                owner=person.name,
                sealed=self._sealed(name, key.secret, old),
                enabled=enabled,
            )
            yield self._old(AccessKey, key.id, new)
        for token in person.tokens:
            digest = digests.digest(token.value)
            kept = self._index.get(Token, digest)
            yield Token(
                id=kept.id if kept else digests.new_token_id(),
                digest=digest,
                owner=person.name,
                **_given(token, kept, "name", "scopes", "projects"),
                expires_at=_moment(token.expires),
                revoked_at=kept.revoked_at if kept else 0,
                created_at=kept.created_at if kept else self._register.clock.now(),
            )
        for session in person.sessions:
            yield Session(
                id=session.id,
                owner=person.name,
                sealed=self._sealed(
                    f"session/{session.id}", session.secret, self._index.get(Session, session.id)
                ),
                token_digest=digests.digest(session.token),
                expires_at=_moment(session.expires),
            )

    def _sealed(self, name: str, secret: str, old: AccessKey | Session | None) -> bytes:
        """The secret sealed; as it was where it is the same, since sealing the same twice gives something else."""
        if old is not None:
            try:
                if digests.opened(self._keys, name, old.sealed) == secret:
                    return old.sealed
            except Unavailable:
                # What cannot be opened any more is sealed anew.
                pass
        return digests.sealed(self._keys, name, secret)

    async def _password(self, name: str, password: str) -> Password:
        old = self._index.get(Password, name)
        if old is not None and await asyncio.to_thread(digests.is_password, password, old.hash):
            return old
        return Password(principal=name, hash=await asyncio.to_thread(digests.hashed, password))


def new_user_id(taken: set[str]) -> str:
    """Sixteen digits that nobody has."""
    while (drawn := str(secrets.randbelow(9 * 10**15) + 10**15)) in taken:
        continue
    return drawn


def free_number(taken: set[int]) -> int:
    """The first number that no project has."""
    number = FIRST_NUMBER
    while number in taken:
        number += 1
    return number


def _moment(at: datetime | None) -> int:
    """Milliseconds since 1970; 0 for never."""
    return round(at.timestamp() * 1000) if at else 0


def _given(declared: Table, old: Record | None, *names: str) -> dict[str, Any]:
    """Fields that the seed gives, else those that are there already; the record's own defaults are left to it."""
    given = {name: getattr(declared, name) for name in names}
    return {
        name: value if value is not None else getattr(old, name)
        for name, value in given.items()
        if value is not None or old is not None
    }


def _loose_ends(seed: Seed, register: Register) -> Iterator[Problem]:
    """Names that mean nothing, here or in the seed, and things that somebody else has already."""
    index = register.index
    projects = {one.name for one in index.every(Project)} | {one.name for one in seed.project}
    known_policies = {one.name for one in index.every(PolicyDocument)} | {one.name for one in seed.policy}

    def lacking(
        path: str, names: tuple[str, ...] | list[str], among: set[str], what: str
    ) -> Iterator[Problem]:
        for name in names:
            if name not in among:
                yield problem(path, f"there is no {what} {name}", f"declare it with [[{what}]]")

    for at, project in enumerate(seed.project):
        for other in index.every(Project):
            if other.name == project.name:
                continue
            if other.number == project.number:
                yield problem(f"project[{at}].number", f"is the number of project {other.name}")
            if other.id == project.id:
                yield problem(f"project[{at}].id", f"is the id of project {other.name}")
    accounts = {one.name for one in index.accounts()}
    demoted = {one.name for one in seed.principal if one.account is False}
    locked_out = {one.name for one in index.every(Principal) if one.disabled}
    if accounts:
        accounts |= {one.name for one in seed.principal if one.account} - locked_out
    for at, one in enumerate(seed.principal):
        path = f"principal[{at}]"
        yield from lacking(f"{path}.roles", list(one.roles), projects, "project")
        yield from lacking(f"{path}.policies", one.policies or (), known_policies, "policy")
        for of, token in enumerate(one.tokens):
            yield from lacking(f"{path}.tokens[{of}].projects", token.projects or (), projects, "project")
            kept = index.get(Token, digests.digest(token.value))
            if kept is not None and kept.owner != one.name:
                yield problem(f"{path}.tokens[{of}].value", f"is a token of {kept.owner}")
        for of, key in enumerate(one.access_keys):
            held = index.get(AccessKey, key.id)
            if held is not None and held.owner != one.name:
                yield problem(f"{path}.access_keys[{of}].id", f"is a key of {held.owner}")
        if one.name in accounts & demoted and not accounts - demoted:
            yield problem(f"{path}.account", "would leave no account", "declare another one beside it")
        for person in index.every(Principal):
            if one.user_id and person.user_id == one.user_id and person.name != one.name:
                yield problem(f"{path}.user_id", f"is the user id of {person.name}")
    for at, app in enumerate(seed.bkci_app):
        yield from lacking(f"bkci_app[{at}].projects", app.projects, projects, "project")
    for at, extension in enumerate(seed.extension):
        yield from lacking(f"extension[{at}].project", [extension.project], projects, "project")
    for at, environment in enumerate(seed.environment):
        yield from lacking(f"environment[{at}].project", [environment.project], projects, "project")
    for at, crossing in enumerate(seed.cross_project):
        yield from lacking(f"cross_project[{at}].source", [crossing.source], projects, "project")
        # Its target may be made later: the form as published names one that is not declared.
