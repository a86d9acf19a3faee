"""Who is asking: credentials → `Caller`, with rights resolved anew for every request.

Nothing here waits, except for a password: everything is in memory, and costs microseconds.
"""

import asyncio

import msgspec

from ferryman.domain.access import EVERYTHING, AccessKey, App, Password, Principal, Session, Token, Use
from ferryman.domain.errors import Forbidden, Unauthenticated, Unavailable
from ferryman.domain.installation import Limits
from ferryman.secrets import KeyFile
from ferryman.services.access import digests
from ferryman.services.access.brake import Brake, place_of
from ferryman.services.access.index import Change
from ferryman.services.access.rates import Allowance, Rates
from ferryman.services.access.register import Register
from ferryman.services.caller import Caller

USED_EVERY = 60_000
"""Milliseconds: a use is noted at most so often."""
NAME_COUNTED = 128
"""Characters of a name that passwords are tried for; no name has more."""
WRITTEN_EVERY = 30_000
"""Milliseconds: noted uses are written together, so often."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What a signature is checked with. Printed, it shows its id only."""

    id: str
    owner: str
    secret: str
    token_digest: str = ""
    """Of temporary credentials: what their token must fit."""
    expires_at: int = 0
    """Of temporary credentials; whoever checks them compares it with the clock."""

    def __repr__(self) -> str:
        """Its id."""
        return f"Credential({self.id!r})"

    @property
    def is_temporary(self) -> bool:
        """Whether it counts together with its token only."""
        return bool(self.token_digest)

    def takes(self, token: str) -> bool:
        """Whether this is the token of these temporary credentials."""
        return digests.fits(token, self.token_digest)


class Asking:
    """Finds out who asks."""

    def __init__(self, register: Register, keys: KeyFile, brake: Brake) -> None:
        """By this register; `keys` open what is sealed, and `brake` holds up who guesses."""
        self._register = register
        self._index = register.index
        self._clock = register.clock
        self._keys = keys
        self._brake = brake
        self._rates = Rates()
        self._uses: dict[str, int] = {}
        self._unwritten: set[str] = set()
        self._to_write = asyncio.Event()
        # Checked in place of a password that is not there, so that a name cannot be told by the time it takes.
        self._nobody = ""

    def by_token(self, text: str, *, project: str = "", request: str = "", address: str = "") -> Caller:
        """The owner of a token, within its limits. Raises `Unauthenticated` (token-unknown, token-revoked,
        token-expired, user-disabled) and `Throttled` where too many wrong ones came from this address."""
        token, now = self._index.get(Token, digests.digest(text)), self._clock.now()
        if token is None:
            self._brake.wrong((place_of(address),), now)
            raise Unauthenticated("the token is not known", reason="token-unknown")
        self._brake.right(place_of(address), f"token:{token.id}", now)
        if token.revoked_at:
            raise Unauthenticated("the token was revoked", reason="token-revoked")
        if token.expires_at and token.expires_at <= now:
            raise Unauthenticated("the token has expired; make a new one", reason="token-expired")
        owner = self._active(token.owner)
        self._used(f"token:{token.id}", now)
        rights = self._index.rights(owner, project, scopes=token.scopes, projects=token.projects)
        return Caller(
            name=owner.name,
            project=project,
            rights=rights,
            request=request,
            address=address,
            at=now,
            credential=f"token:{token.id}",
        )

    def by_key(self, id: str) -> Credential:
        """What a signature by this access key, or by temporary credentials of this id, is checked with. Raises
        `Unauthenticated` (key-unknown, key-disabled). That temporary ones expire, and need their token, is for whoever
        checks the signature, in the order in which its API wants it."""
        key = self._index.get(AccessKey, id)
        if key is not None:
            if not key.enabled:
                raise Unauthenticated(f"access key {id} is disabled", reason="key-disabled")
            secret = digests.opened(self._keys, f"key/{id}", key.sealed)
            return Credential(id=id, owner=key.owner, secret=secret)
        session = self._index.get(Session, id)
        if session is None:
            raise Unauthenticated(f"there is no access key {id}", reason="key-unknown")
        return Credential(
            id=id,
            owner=session.owner,
            secret=digests.opened(self._keys, f"session/{id}", session.sealed),
            token_digest=session.token_digest,
            expires_at=session.expires_at,
        )

    def by_credential(
        self, credential: Credential, *, project: str = "", request: str = "", address: str = ""
    ) -> Caller:
        """The owner of a credential, once the signature was found right. Raises `Unauthenticated` (user-disabled)."""
        self._used(f"key:{credential.id}", self._clock.now())
        return self.by_name(
            credential.owner,
            project=project,
            request=request,
            address=address,
            credential=f"key:{credential.id}",
        )

    def app(self, code: str, secret: str, *, address: str = "") -> App:
        """A BK-CI application. Raises `Unauthenticated` (app-unknown), whichever of the two is wrong, and `Throttled`
        where too many wrong ones came from this address."""
        app = self._index.get(App, code)
        if app is None or not digests.fits(secret, app.digest):
            self._brake.wrong((place_of(address),), self._clock.now())
            raise Unauthenticated(
                "the application is not known, or its secret is wrong", reason="app-unknown"
            )
        self._brake.right(place_of(address), f"app:{app.code}", self._clock.now())
        return app

    def by_app(
        self, code: str, secret: str, *, user: str, project: str = "", request: str = "", address: str = ""
    ) -> Caller:
        """The user an application acts for, taken on its word (bkci-v3 2.2, apigw-app). Raises `Unauthenticated`
        (app-unknown, user-unknown, user-disabled) and `Forbidden` (app-not-registered) for a project that is not the
        application's."""
        app = self.app(code, secret, address=address)
        if project and project not in app.projects:
            raise Forbidden(
                f"application {code} is not registered for project {project}", reason="app-not-registered"
            )
        return self.by_name(
            user, project=project, request=request, address=address, credential=f"app:{app.code}"
        )

    def by_name(
        self, name: str, *, project: str = "", request: str = "", address: str = "", credential: str = ""
    ) -> Caller:
        """A principal whose word was believed by somebody else. Raises `Unauthenticated` (user-unknown,
        user-disabled)."""
        owner = self._active(name)
        return Caller(
            name=owner.name,
            project=project,
            rights=self._index.rights(owner, project),
            request=request,
            address=address,
            at=self._clock.now(),
            credential=credential,
        )

    async def by_password(
        self, name: str, password: str, *, project: str = "", request: str = "", address: str = ""
    ) -> Caller:
        """A principal with its password. Raises `Unauthenticated` (wrong-password) whichever of the two is wrong, and
        `Throttled` where too many wrong ones came from this address, or for this name."""
        places = (place_of(address), f"password:{name[:NAME_COUNTED]}")
        # One that may be wrong is counted before it is looked at: many at the same time are no more than one by one.
        self._brake.wrong(places, self._clock.now())
        kept = self._index.get(Password, name)
        if not kept and not self._nobody:
            self._nobody = await asyncio.to_thread(digests.hashed, digests.new_token())
        fits = await asyncio.to_thread(digests.is_password, password, kept.hash if kept else self._nobody)
        if not kept or not fits:
            raise Unauthenticated("the name is not known, or the password is wrong", reason="wrong-password")
        self._brake.forgive(places)
        return self.by_name(name, project=project, request=request, address=address)

    def in_project(self, caller: Caller, project: str) -> Caller:
        """The same caller in another project, with the rights it has there."""
        if caller.rights is EVERYTHING:
            # The owner of the data folder need not be a principal.
            return msgspec.structs.replace(caller, project=project)
        owner = self._active(caller.name)
        rights = self._index.rights(
            owner, project, scopes=caller.rights.scopes, projects=caller.rights.projects
        )
        return msgspec.structs.replace(caller, project=project, rights=rights)

    def _active(self, name: str) -> Principal:
        found = self._index.get(Principal, name)
        if found is None:
            raise Unauthenticated(f"there is no user {name}", reason="user-unknown")
        if found.disabled:
            raise Unauthenticated(f"user {name} is disabled", reason="user-disabled")
        return found

    def allowance(self, caller: Caller, *, writes: bool) -> Allowance:
        """Count one call against the limits of its key, before it is done (`[limits]`); whoever speaks the API says
        what came of it in its own way."""
        limits = self._index.get(Limits, "limits")
        return self._rates.take(
            limits, caller.credential or caller.name, writes=writes, now=self._clock.now()
        )

    # last use

    def used_at(self, of: str) -> int:
        """When `token:ID` or `key:ID` was last used, to about a minute; 0: never."""
        use = self._index.get(Use, of)
        return max(self._uses.get(of, 0), use.at if use else 0)

    def _used(self, of: str, now: int) -> None:
        if now - self._uses.get(of, 0) >= USED_EVERY:
            self._uses[of] = now
            self._unwritten.add(of)
            self._to_write.set()

    async def write_uses(self) -> None:
        """Keep, all together, which tokens and keys were used since the last time. Where the store cannot take it now,
        the next time does."""
        unwritten, self._unwritten = self._unwritten, set()
        if unwritten:
            uses = tuple(Use(of=of, at=self._uses[of]) for of in sorted(unwritten))
            try:
                await self._register.change(Change(keep=uses))
            except Unavailable:
                self._unwritten |= unwritten
                self._to_write.set()

    async def keep_writing_uses(self) -> None:
        """Do so again and again, until canceled; a server that nobody uses sleeps."""
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            await self._clock.sleep_until(self._clock.now() + WRITTEN_EVERY)
            await self.write_uses()
