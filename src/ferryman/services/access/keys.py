"""Access keys and tokens: made, listed, disabled, revoked. A secret is shown when it is made, and never again."""

from collections.abc import Sequence

from msgspec.structs import replace

from ferryman.domain import views
from ferryman.domain.access import AccessKey, Principal, Project, Session, Token
from ferryman.domain.access_views import KeyMade, KeyView, TokenMade, TokenView
from ferryman.domain.actions import Action
from ferryman.domain.errors import Invalid, NotFound, Problem
from ferryman.secrets import KeyFile
from ferryman.services.access import digests
from ferryman.services.access.asking import Asking
from ferryman.services.access.register import Register
from ferryman.services.caller import Caller
from ferryman.services.permits import judged, permit_own

LONGEST_LIFE = 100 * 366 * 86_400_000
"""Milliseconds: no token that expires does so later. Times far beyond cannot be told as dates."""
LONGEST_NAME = 128


class Keys:
    """What can be done with access keys and tokens: one's own, or, for who manages people, everybody's."""

    def __init__(self, register: Register, asking: Asking, keys: KeyFile) -> None:
        """Over this register; `keys` seal secrets."""
        self._register = register
        self._index = register.index
        self._asking = asking
        self._keys = keys

    async def list(self, caller: Caller, *, owner: str = "") -> Sequence[KeyView]:
        """Access keys and temporary credentials, without their secrets: of `owner`, or of everybody that the caller
        may see."""
        owner = self._seen(caller, owner)
        keys = [
            KeyView(
                id=key.id,
                owner=key.owner,
                enabled=key.enabled,
                created_at=key.created_at,
                used_at=self._asking.used_at(f"key:{key.id}"),
            )
            for key in self._index.every(AccessKey)
        ]
        keys += [
            KeyView(
                id=session.id,
                owner=session.owner,
                enabled=True,
                created_at=0,
                used_at=self._asking.used_at(f"key:{session.id}"),
                expires_at=session.expires_at,
            )
            for session in self._index.every(Session)
        ]
        return [key for key in keys if owner in ("", key.owner)]

    async def make(self, caller: Caller, *, owner: str = "") -> KeyMade:
        """Make an access key; its secret is shown this once. Raises `NotFound`."""
        owner = owner or caller.name
        permit_own(caller, owner)
        self._register.found(Principal, owner, "person", caller=caller)
        id, secret = digests.new_key_id(), digests.drawn(40)
        async with self._register.changing:
            key = AccessKey(
                id=id,
                owner=owner,
                sealed=digests.sealed(self._keys, f"key/{id}", secret),
                created_at=self._register.clock.now(),
            )
            await self._register.put(caller, Action.MANAGE_OWN_KEYS, keep=key)
        return KeyMade(id=id, owner=owner, secret=secret)

    async def disable(self, caller: Caller, *, id: str, disabled: bool = True) -> KeyView:
        """Let an access key sign nothing any more, or again. Raises `NotFound`."""
        async with self._register.changing:
            key = replace(self._key(caller, id), enabled=not disabled)
            await self._register.put(caller, Action.MANAGE_OWN_KEYS, keep=key)
        (view,) = [one for one in await self.list(caller, owner=key.owner) if one.id == id]
        return view

    async def remove(self, caller: Caller, *, id: str) -> views.Done:
        """Forget an access key. Raises `NotFound`."""
        async with self._register.changing:
            await self._register.put(caller, Action.MANAGE_OWN_KEYS, remove=self._key(caller, id))
        return views.Done()

    async def tokens(self, caller: Caller, *, owner: str = "") -> Sequence[TokenView]:
        """Tokens, oldest first: of `owner`, or of everybody that the caller may see."""
        owner = self._seen(caller, owner)
        found = sorted(self._index.every(Token), key=lambda token: (token.created_at, token.id))
        return [self._token_view(token) for token in found if owner in ("", token.owner)]

    async def make_token(
        self,
        caller: Caller,
        *,
        owner: str = "",
        name: str = "",
        scopes: tuple[str, ...] = (),
        projects: tuple[str, ...] = (),
        expires_at: int = 0,
    ) -> TokenMade:
        """Make a token; its text is shown this once. `scopes` are patterns over actions and `projects` names that it is
        limited to; `expires_at` is in milliseconds since 1970, 0 for never. Raises `Invalid` and `NotFound`."""
        owner = owner or caller.name
        permit_own(caller, owner)
        self._register.found(Principal, owner, "person", caller=caller)
        now = self._register.clock.now()
        problems = [
            _problem(f"projects[{at}]", f"there is no project {project}")
            for at, project in enumerate(projects)
            if self._index.get(Project, project) is None
        ]
        problems += [
            _problem(f"scopes[{at}]", "is empty") for at, scope in enumerate(scopes) if not scope.strip()
        ]
        if len(name) > LONGEST_NAME:
            problems.append(_problem("name", f"is to have at most {LONGEST_NAME} characters"))
        if expires_at and expires_at <= now:
            problems.append(_problem("expires_at", "is to be in the future, or 0 for never"))
        if expires_at > now + LONGEST_LIFE:
            problems.append(_problem("expires_at", "is to be within 100 years, or 0 for never"))
        if problems:
            raise Invalid(problems)
        text = digests.new_token()
        token = Token(
            id=digests.new_token_id(),
            digest=digests.digest(text),
            name=name,
            owner=owner,
            scopes=scopes,
            projects=projects,
            expires_at=expires_at,
            created_at=now,
        )
        async with self._register.changing:
            await self._register.put(caller, Action.MANAGE_OWN_KEYS, keep=token)
        return TokenMade(id=token.id, owner=owner, text=text)

    async def revoke_token(self, caller: Caller, *, id: str) -> TokenView:
        """Let a token open nothing any more, from the next request on; it stays in the list. Raises `NotFound`."""
        async with self._register.changing:
            token = next((one for one in self._index.every(Token) if one.id == id), None)
            if token is None or not self._may_see(caller, token.owner):
                raise NotFound(f"there is no token {id}", reason="token-unknown")
            revoked = replace(token, revoked_at=token.revoked_at or self._register.clock.now())
            await self._register.put(caller, Action.MANAGE_OWN_KEYS, keep=revoked)
        return self._token_view(revoked)

    def _key(self, caller: Caller, id: str) -> AccessKey:
        key = self._index.get(AccessKey, id)
        if key is None or not self._may_see(caller, key.owner):
            raise NotFound(f"there is no access key {id}", reason="key-unknown")
        permit_own(caller, key.owner)
        return key

    def _may_see(self, caller: Caller, owner: str) -> bool:
        own = owner == caller.name
        return judged(caller, Action.MANAGE_OWN_KEYS if own else Action.MANAGE_PEOPLE).allowed

    def _seen(self, caller: Caller, owner: str) -> str:
        """Whose keys are listed; empty: everybody's."""
        if not owner:
            return "" if judged(caller, Action.MANAGE_PEOPLE).allowed else self._seen(caller, caller.name)
        if not self._may_see(caller, owner):
            permit_own(caller, owner)
        return owner

    def _token_view(self, token: Token) -> TokenView:
        return TokenView(
            id=token.id,
            name=token.name,
            owner=token.owner,
            scopes=token.scopes,
            projects=token.projects,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            created_at=token.created_at,
            used_at=self._asking.used_at(f"token:{token.id}"),
        )


def _problem(path: str, message: str) -> Problem:
    return Problem(path=path, message=message, code=0)
