"""People and programs: principals, their roles in projects, their policies and passwords."""

import asyncio
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from msgspec.structs import replace

from ferryman.domain.access import Password, PolicyDocument, Principal, Project, Role
from ferryman.domain.access_views import MemberView, PersonView, VerdictView
from ferryman.domain.actions import Action
from ferryman.domain.errors import Invalid, NotFound, Problem, Refused
from ferryman.services.access import digests
from ferryman.services.access.asking import Asking
from ferryman.services.access.furnishing import new_user_id
from ferryman.services.access.register import Register
from ferryman.services.access.seed import PERSON
from ferryman.services.caller import Caller
from ferryman.services.permits import judged, permit, permit_own

WORD = "person"
SHORTEST_PASSWORD = 8


class People:
    """What can be done with principals."""

    def __init__(self, register: Register, asking: Asking) -> None:
        """Over this register."""
        self._register = register
        self._index = register.index
        self._asking = asking

    async def list(self, caller: Caller) -> Sequence[PersonView]:
        """Everybody, by name."""
        permit(caller, Action.MANAGE_PEOPLE)
        return [self._view(person) for person in self._index.every(Principal)]

    async def create(
        self,
        caller: Caller,
        *,
        name: str,
        account: bool = False,
        user_id: str | None = None,
        domain: str = "",
    ) -> PersonView:
        """Make a principal without any role; a user id is drawn where none is given, and empty is none. Raises
        `Conflict` (exists)."""
        permit(caller, Action.MANAGE_PEOPLE, resource=f"principal/{name}")
        problems = []
        if not PERSON.fullmatch(name):
            problems.append(_problem("name", "is to have 1 to 128 characters, no blank at an end"))
        if user_id and not (user_id.isascii() and user_id.isdecimal()):
            problems.append(_problem("user_id", "is to be digits, or empty for none"))
        taken = {person.user_id for person in self._index.every(Principal)}
        if user_id and user_id in taken:
            problems.append(_problem("user_id", "is somebody else's"))
        if problems:
            raise Invalid(problems)
        async with self._register.changing:
            self._register.fresh(Principal, name, WORD)
            person = Principal(
                name=name,
                account=account,
                user_id=new_user_id(taken) if user_id is None else user_id,
                domain=domain,
                created_at=self._register.clock.now(),
            )
            await self._register.put(caller, Action.MANAGE_PEOPLE, keep=person)
        return self._view(person)

    async def disable(self, caller: Caller, *, name: str, disabled: bool = True) -> PersonView:
        """Let somebody in no more, whatever they bring along, or again. Raises `NotFound`, and `Refused` (last-account)
        where nobody would be left who may do everything."""
        permit(caller, Action.MANAGE_PEOPLE, resource=f"principal/{name}")
        async with self._register.changing:
            person = self._register.found(Principal, name, WORD, caller=caller)
            if disabled and self._index.accounts() == [person]:
                raise Refused(
                    f"cannot disable {name}: {name} is the last account; make another one first, "
                    "as with `ferryman people create NAME --account`",
                    reason="last-account",
                )
            person = replace(person, disabled=disabled)
            await self._register.put(caller, Action.MANAGE_PEOPLE, keep=person)
        return self._view(person)

    async def attach(self, caller: Caller, *, name: str, policies: tuple[str, ...]) -> PersonView:
        """Give somebody exactly these policies. With any, role and policies must both allow (RULINGS 21). Raises
        `NotFound`."""
        permit(caller, Action.MANAGE_PEOPLE, resource=f"principal/{name}")
        for policy in policies:
            self._register.found(PolicyDocument, policy, "policy", caller=caller)
        return await self._changed(caller, name, Action.MANAGE_PEOPLE, {"policies": policies})

    async def set_password(self, caller: Caller, *, password: str, name: str = "") -> PersonView:
        """Give somebody, by default oneself, a password in place of the one before. Raises `Invalid`."""
        name = name or caller.name
        permit_own(caller, name)
        if len(password) < SHORTEST_PASSWORD:
            raise Invalid([_problem("password", f"is to have {SHORTEST_PASSWORD} characters or more")])
        person = self._register.found(Principal, name, WORD, caller=caller)
        hashed = await asyncio.to_thread(digests.hashed, password)
        async with self._register.changing:
            await self._register.put(
                caller, Action.MANAGE_OWN_KEYS, keep=Password(principal=person.name, hash=hashed)
            )
        return self._view(person)

    # roles in a project: the caller's, or another by name

    async def members(self, caller: Caller, *, project: str = "") -> Sequence[MemberView]:
        """Who is what in a project, by name."""
        caller = self._asking.in_project(caller, project or caller.project)
        permit(caller, Action.LIST_MEMBERS)
        return [
            _member(person, caller.project)
            for person in self._index.every(Principal)
            if person.roles.get(caller.project) or person.environments.get(caller.project)
        ]

    async def grant(
        self,
        caller: Caller,
        *,
        name: str,
        role: Role,
        project: str = "",
        environment: str = "",
        reason: str = "",
    ) -> MemberView:
        """Give somebody a role in a project, or in one environment of it. Raises `NotFound`."""
        caller = self._asking.in_project(caller, project or caller.project)
        return await self._set_role(caller, name, role, environment, reason)

    async def revoke(
        self, caller: Caller, *, name: str, project: str = "", environment: str = "", reason: str = ""
    ) -> MemberView:
        """Take the role away: in one environment, or all of them in a project. Raises `NotFound`."""
        caller = self._asking.in_project(caller, project or caller.project)
        return await self._set_role(caller, name, None, environment, reason)

    async def _set_role(
        self, caller: Caller, name: str, role: Role | None, environment: str, reason: str
    ) -> MemberView:
        permit(caller, Action.MANAGE_ACCESS, resource=f"principal/{name}", environment=environment)
        project = self._register.found(Project, caller.project, "project", caller=caller).name
        person = self._register.found(Principal, name, WORD, caller=caller)
        places = dict(person.environments)
        if environment:
            places[project] = _with(places.get(project, {}), environment, role)
            changes: dict[str, Any] = {"environments": places}
        else:
            if role is None:
                places.pop(project, None)
            changes = {"roles": _with(person.roles, project, role), "environments": places}
        await self._changed(caller, name, Action.MANAGE_ACCESS, changes, project=project, reason=reason)
        return _member(self._register.found(Principal, name, WORD, caller=caller), project)

    # why

    async def why(
        self,
        caller: Caller,
        *,
        action: str,
        name: str = "",
        names: tuple[str, ...] = (),
        project: str = "",
        resource: str = "*",
        environment: str = "",
        maker: str = "",
    ) -> VerdictView:
        """Whether somebody, by default oneself, may do something in a project, and why (API-9). `action` is the native
        one, `names` what an API calls it; `maker` made what it is about. Of others, only who manages access may ask."""
        subject = caller = self._asking.in_project(caller, project or caller.project)
        if name and name != caller.name:
            permit(caller, Action.MANAGE_ACCESS, resource=f"principal/{name}")
            person = self._register.found(Principal, name, WORD, caller=caller)
            if person.disabled:
                return VerdictView(allowed=False, ground="disabled", because=f"{name} is disabled")
            subject = replace(caller, name=name, rights=self._index.rights(person, caller.project))
        if action not in list(Action):
            near = "".join(f"; did you mean {one}?" for one in get_close_matches(action, list(Action), n=1))
            raise NotFound(f"there is no action {action}{near}", reason="action-unknown")
        asked = replace(subject, actions=names)
        verdict = judged(asked, action, resource=resource, environment=environment, maker=maker)
        return VerdictView(
            allowed=verdict.allowed, ground=verdict.ground, because=verdict.because, policy=verdict.policy
        )

    async def _changed(
        self,
        caller: Caller,
        name: str,
        action: Action,
        changes: Mapping[str, Any],
        *,
        project: str = "",
        reason: str = "",
    ) -> PersonView:
        async with self._register.changing:
            person = replace(self._register.found(Principal, name, WORD, caller=caller), **changes)
            await self._register.put(caller, action, keep=person, project=project, reason=reason)
        return self._view(person)

    def _view(self, person: Principal) -> PersonView:
        return PersonView(
            name=person.name,
            account=person.account,
            user_id=person.user_id,
            domain=person.domain,
            roles=person.roles,
            environments=person.environments,
            policies=person.policies,
            disabled=person.disabled,
            has_password=self._index.get(Password, person.name) is not None,
            created_at=person.created_at,
        )


def _member(person: Principal, project: str) -> MemberView:
    return MemberView(
        name=person.name,
        role=person.roles.get(project),
        environments=person.environments.get(project, {}),
    )


def _with(roles: Mapping[str, Role], place: str, role: Role | None) -> dict[str, Role]:
    """These roles with another one in this place, or none."""
    others = {name: each for name, each in roles.items() if name != place}
    return others if role is None else {**others, place: role}


def _problem(path: str, message: str) -> Problem:
    return Problem(path=path, message=message, code=0)
