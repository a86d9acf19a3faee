"""Projects: made, listed, disabled."""

from collections.abc import Sequence

from msgspec.structs import replace

from ferryman.domain.access import Mode, Project
from ferryman.domain.access_views import ProjectView
from ferryman.domain.actions import Action
from ferryman.domain.errors import Conflict, Invalid, Problem
from ferryman.services.access import digests
from ferryman.services.access.asking import Asking
from ferryman.services.access.furnishing import free_number
from ferryman.services.access.register import Register
from ferryman.services.access.seed import HEX_ID, NAME
from ferryman.services.caller import Caller
from ferryman.services.permits import judged, permit


class Projects:
    """What can be done with projects."""

    def __init__(self, register: Register, asking: Asking) -> None:
        """Over this register."""
        self._register = register
        self._index = register.index
        self._asking = asking

    async def list(self, caller: Caller) -> Sequence[ProjectView]:
        """All projects that the caller is a member of, by name; disabled ones are for the account alone."""
        return [_view(project) for project in self._index.every(Project) if self._is_seen(caller, project)]

    def _is_seen(self, caller: Caller, project: Project) -> bool:
        # In no project only the account is somebody.
        place = "" if project.disabled and not caller.rights.projects else project.name
        return judged(self._asking.in_project(caller, place), Action.LIST_PROJECTS).allowed

    async def read(self, caller: Caller) -> ProjectView:
        """The caller's project. Raises `NotFound`."""
        permit(caller, Action.GET_PROJECT)
        return _view(self._register.found(Project, caller.project, "project", caller=caller))

    async def create(
        self,
        caller: Caller,
        *,
        name: str,
        number: int = 0,
        id: str = "",
        mode: Mode = Mode.STANDARD,
        connections: tuple[str, ...] | None = None,
    ) -> ProjectView:
        """Make a project; number and id are found where none is given. Raises `Invalid` with every problem and
        `Conflict` (exists) where name, number or id belong to another."""
        permit(caller, Action.CREATE_PROJECT, resource=f"project/{name}")
        problems = []
        if not NAME.fullmatch(name):
            problems.append(_problem("name", "is to be letters, digits, _, - and ., at most 128"))
        if not 0 <= number < 2**53:
            problems.append(_problem("number", "is to be a positive number"))
        if id and not HEX_ID.fullmatch(id):
            problems.append(_problem("id", "is to have 32 characters of hex, in small letters"))
        if problems:
            raise Invalid(problems)
        async with self._register.changing:
            self._register.fresh(Project, name, "project")
            others = self._index.every(Project)
            for other in others:
                if number == other.number or id == other.id:
                    what = "number" if number == other.number else "id"
                    raise Conflict(f"project {other.name} has this {what} already", reason="exists")
            project = Project(
                name=name,
                number=number or free_number({other.number for other in others}),
                id=id or digests.new_hex(),
                mode=mode,
                connections=connections,
                created_at=self._register.clock.now(),
            )
            await self._register.put(caller, Action.CREATE_PROJECT, keep=project, project=name)
        return _view(project)

    async def disable(self, caller: Caller, *, name: str, disabled: bool = True) -> ProjectView:
        """Let nobody do anything in a project any more, or, which only the account may, let them again. Raises
        `NotFound`."""
        permit(self._asking.in_project(caller, name if disabled else ""), Action.UPDATE_PROJECT)
        async with self._register.changing:
            project = replace(
                self._register.found(Project, name, "project", caller=caller), disabled=disabled
            )
            await self._register.put(caller, Action.UPDATE_PROJECT, keep=project, project=name)
        return _view(project)


def _view(project: Project) -> ProjectView:
    return ProjectView(
        name=project.name,
        number=project.number,
        id=project.id,
        mode=project.mode,
        connections=project.connections,
        disabled=project.disabled,
        created_at=project.created_at,
    )


def _problem(path: str, message: str) -> Problem:
    return Problem(path=path, message=message, code=0)
