"""The verbs of access as typed calls: projects, people, roles, keys, tokens, policies, the audit."""

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

from ferryman.domain import access_views as seen
from ferryman.domain import views
from ferryman.domain.access import Mode, Role

View = TypeVar("View")


class Ask(Protocol):
    """Has a verb done; its view, of this kind."""

    def __call__(self, kind: type[View], verb: str, /, **arguments: Any) -> Awaitable[View]:
        """Ask."""
        ...


class AccessCalls:
    """Who may do what, asked and changed."""

    def __init__(self, ask: Ask) -> None:
        """Over this way to ask."""
        self._ask = ask

    async def projects(self) -> list[seen.ProjectView]:
        """All projects."""
        return await self._ask(list[seen.ProjectView], "projects.list")

    async def create_project(
        self, name: str, *, number: int = 0, id: str = "", mode: Mode = Mode.STANDARD
    ) -> seen.ProjectView:
        """Make a project."""
        return await self._ask(
            seen.ProjectView, "projects.create", name=name, number=number, id=id, mode=mode
        )

    async def disable_project(self, name: str, *, disabled: bool) -> seen.ProjectView:
        """Disable a project, or enable it."""
        return await self._ask(seen.ProjectView, "projects.disable", name=name, disabled=disabled)

    async def people(self) -> list[seen.PersonView]:
        """Everybody."""
        return await self._ask(list[seen.PersonView], "people.list")

    async def create_person(
        self, name: str, *, account: bool = False, user_id: str | None = None, domain: str = ""
    ) -> seen.PersonView:
        """Make a principal."""
        return await self._ask(
            seen.PersonView, "people.create", name=name, account=account, user_id=user_id, domain=domain
        )

    async def disable_person(self, name: str, *, disabled: bool) -> seen.PersonView:
        """Disable a principal, or enable it."""
        return await self._ask(seen.PersonView, "people.disable", name=name, disabled=disabled)

    async def set_password(self, name: str, password: str) -> seen.PersonView:
        """Give somebody a password."""
        return await self._ask(seen.PersonView, "people.password", name=name, password=password)

    async def attach(self, name: str, policies: tuple[str, ...]) -> seen.PersonView:
        """Give somebody exactly these policies."""
        return await self._ask(seen.PersonView, "people.attach", name=name, policies=policies)

    async def why(
        self, name: str, action: str, *, resource: str, environment: str, names: tuple[str, ...]
    ) -> seen.VerdictView:
        """Whether somebody may do something, and why."""
        return await self._ask(
            seen.VerdictView,
            "people.why",
            name=name,
            action=action,
            resource=resource,
            environment=environment,
            names=names,
        )

    async def members(self) -> list[seen.MemberView]:
        """Who is what in a project."""
        return await self._ask(list[seen.MemberView], "roles.list")

    async def grant(
        self, name: str, role: Role, *, environment: str = "", reason: str = ""
    ) -> seen.MemberView:
        """Give somebody a role in a project."""
        return await self._ask(
            seen.MemberView,
            "roles.grant",
            name=name,
            role=role,
            environment=environment,
            reason=reason,
        )

    async def revoke(self, name: str, *, environment: str = "", reason: str = "") -> seen.MemberView:
        """Take a role away."""
        return await self._ask(
            seen.MemberView,
            "roles.revoke",
            name=name,
            environment=environment,
            reason=reason,
        )

    async def keys(self, owner: str = "") -> list[seen.KeyView]:
        """Access keys."""
        return await self._ask(list[seen.KeyView], "keys.list", owner=owner)

    async def make_key(self, owner: str) -> seen.KeyMade:
        """Make an access key."""
        return await self._ask(seen.KeyMade, "keys.make", owner=owner)

    async def disable_key(self, id: str, *, disabled: bool) -> seen.KeyView:
        """Disable an access key, or enable it."""
        return await self._ask(seen.KeyView, "keys.disable", id=id, disabled=disabled)

    async def remove_key(self, id: str) -> None:
        """Remove an access key."""
        await self._ask(views.Done, "keys.remove", id=id)

    async def tokens(self, owner: str = "") -> list[seen.TokenView]:
        """Tokens."""
        return await self._ask(list[seen.TokenView], "tokens.list", owner=owner)

    async def make_token(
        self,
        owner: str,
        *,
        name: str = "",
        scopes: tuple[str, ...] = (),
        projects: tuple[str, ...] = (),
        expires_at: int = 0,
    ) -> seen.TokenMade:
        """Make a token."""
        return await self._ask(
            seen.TokenMade,
            "tokens.make",
            owner=owner,
            name=name,
            scopes=scopes,
            projects=projects,
            expires_at=expires_at,
        )

    async def revoke_token(self, id: str) -> seen.TokenView:
        """Revoke a token."""
        return await self._ask(seen.TokenView, "tokens.revoke", id=id)

    async def policies(self) -> list[seen.PolicyView]:
        """All policies."""
        return await self._ask(list[seen.PolicyView], "policies.list")

    async def policy(self, name: str) -> seen.PolicyView:
        """One policy."""
        return await self._ask(seen.PolicyView, "policies.read", name=name)

    async def write_policy(self, name: str, document: str) -> seen.PolicyView:
        """Keep a policy."""
        return await self._ask(seen.PolicyView, "policies.write", name=name, document=document)

    async def remove_policy(self, name: str) -> None:
        """Remove a policy."""
        await self._ask(views.Done, "policies.remove", name=name)

    async def audit(self, **wanted: Any) -> list[seen.AuditView]:
        """Entries of the audit, newest first."""
        return await self._ask(list[seen.AuditView], "audit.list", **wanted)
