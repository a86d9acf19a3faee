"""Policies by name: written, read, removed, as documents of any family that can be judged."""

from collections.abc import Sequence

from ferryman.domain import views
from ferryman.domain.access import PolicyDocument, Principal
from ferryman.domain.access_views import PolicyView
from ferryman.domain.actions import Action
from ferryman.domain.errors import Invalid, Problem, Refused
from ferryman.services.access.register import Register
from ferryman.services.access.seed import NAME
from ferryman.services.caller import Caller
from ferryman.services.judging import policies
from ferryman.services.permits import permit


class Policies:
    """What can be done with policies."""

    def __init__(self, register: Register) -> None:
        """Over this register."""
        self._register = register
        self._index = register.index

    async def list(self, caller: Caller) -> Sequence[PolicyView]:
        """All policies, by name."""
        permit(caller, Action.MANAGE_PEOPLE)
        return [self._view(each) for each in self._index.every(PolicyDocument)]

    async def read(self, caller: Caller, *, name: str) -> PolicyView:
        """One policy. Raises `NotFound`."""
        permit(caller, Action.MANAGE_PEOPLE)
        return self._view(self._register.found(PolicyDocument, name, "policy", caller=caller))

    async def write(self, caller: Caller, *, name: str, document: str) -> PolicyView:
        """Keep a policy, in place of one of the same name; whoever has it is judged by it from the next request on.
        Raises `Invalid` with every problem of the document."""
        permit(caller, Action.MANAGE_PEOPLE, resource=f"policy/{name}")
        if not NAME.fullmatch(name):
            raise Invalid(
                [Problem(path="name", message="is to be letters, digits, _, - and ., at most 128", code=0)]
            )
        policies.read(name, document)
        async with self._register.changing:
            old = self._index.get(PolicyDocument, name)
            made = old.created_at if old else self._register.clock.now()
            policy = PolicyDocument(name=name, document=document, created_at=made)
            await self._register.put(caller, Action.MANAGE_PEOPLE, keep=policy)
        return self._view(policy)

    async def remove(self, caller: Caller, *, name: str) -> views.Done:
        """Forget a policy. Raises `NotFound`, and `Refused` (in-use) while somebody has it: without it they could do
        more."""
        permit(caller, Action.MANAGE_PEOPLE, resource=f"policy/{name}")
        async with self._register.changing:
            policy = self._register.found(PolicyDocument, name, "policy", caller=caller)
            if people := self._people(name):
                raise Refused(
                    f"cannot remove policy {name}: {', '.join(people)} would be freed of it; take it from them first",
                    reason="in-use",
                )
            await self._register.put(caller, Action.MANAGE_PEOPLE, remove=policy)
        return views.Done()

    def _people(self, name: str) -> tuple[str, ...]:
        return tuple(person.name for person in self._index.every(Principal) if name in person.policies)

    def _view(self, policy: PolicyDocument) -> PolicyView:
        return PolicyView(
            name=policy.name,
            document=policy.document,
            people=self._people(policy.name),
            remarks=policies.read(policy.name, policy.document).remarks,
            created_at=policy.created_at,
        )
