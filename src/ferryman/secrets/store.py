"""The secret store: writes sealed, resolves by name, never lists a value."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Invalid, NotFound, Unavailable
from ferryman.ports.clock import Clock
from ferryman.ports.secrets import NO_FIELD, SecretRow, SecretRows, SecretUse, SecretUses
from ferryman.secrets.former import is_former, next_name, over
from ferryman.secrets.keys import KeyFile
from ferryman.secrets.names import problems, remarks
from ferryman.secrets.sealing import read, seal, unseal

Answer = TypeVar("Answer")


class SecretListing(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a secret."""

    name: str
    fields: tuple[str, ...]
    at: int
    by: str


class SecretStore:
    """Secrets of all projects. Serves `ports.secrets.Secrets`."""

    def __init__(self, rows: SecretRows, uses: SecretUses, keys: KeyFile, clock: Clock) -> None:
        """Keep secrets in these rows, sealed with these keys, which must be open; tell `uses` of every use."""
        self._rows = rows
        self._uses = uses
        self._keys = keys
        self._clock = clock
        self._changing = asyncio.Lock()
        """Held by whoever seals: no key is forgotten, and no row put back, while somebody writes."""
        self._known: dict[str, tuple[str, ...]] = {}
        """Values by project, as they are kept: only we write. Empty while somebody does."""
        self._changes = 0

    async def write(
        self,
        project: str,
        name: str,
        fields: Mapping[str, str],
        *,
        by: str,
        audit: Sequence[AuditEntry] = (),
    ) -> tuple[str, ...]:
        """Keep a secret and its audit, in place of one of the same name; what its writer should know (values that
        cannot be masked). What it was before is masked for as long as a step may run that was given it. Raises
        `Invalid` with every problem."""
        if found := tuple(problems(name, fields)):
            raise Invalid(found)
        await self._alone(self._write(project, name, fields, by=by, audit=audit))
        return tuple(remarks(fields))

    async def remove(self, project: str, name: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a secret and keep the audit; its values are masked on as those of one that is replaced. Raises
        `NotFound`."""
        _not_former(project, name)
        await self._alone(self._remove(project, name, audit=audit))

    async def names(self, project: str) -> Sequence[SecretListing]:
        """All secrets of a project, by name, without their values."""
        return [
            SecretListing(
                name=row.name,
                fields=tuple(read(row.sealed, row.name).fields),
                at=row.created_at,
                by=row.created_by,
            )
            for row in await self._rows.every(project)
            if not is_former(row.name)
        ]

    async def resolve(self, project: str, name: str, field: str, *, run: str, key: str) -> str:
        """The value of a field, for this attempt; its use is recorded before it is given. Raises `NotFound`."""
        _not_former(project, name)
        fields = self._open(await self._rows.read(project, name))
        if field not in fields:
            raise NotFound(
                f"secret {name} of project {project} has no field {field}; it has {', '.join(fields)}",
                reason=NO_FIELD,
            )
        now = self._clock.now()
        await self._uses.record(SecretUse(project=project, name=name, field=field, run=run, key=key, at=now))
        return fields[field]

    async def values(self, project: str) -> Sequence[str]:
        """Every value of a project, to be masked in the logs of its steps: those that are kept now, and those that a
        step may have been given before."""
        if (known := self._known.get(project)) is not None:
            return known
        changes = self._changes
        rows = await self._rows.every(project)
        values = tuple(value for row in rows for value in self._masked(row))
        if changes == self._changes and not self._changing.locked():
            self._known[project] = values
        return values

    async def rotate(
        self, projects: Iterable[str], *, also: Sequence[Callable[[], Awaitable[int]]] = ()
    ) -> int:
        """Seal every secret anew under a new key, then forget the keys before; how many were sealed.

        `projects` must name all that there are, and `also` whatever else seals with these keys: each seals its own anew
        and says how many those were. Nothing has to stop meanwhile. Interrupted, it leaves all keys in
        place, and the next one ends the work.
        """
        return await self._alone(self._rotate(tuple(projects), also))

    async def _rotate(self, projects: Sequence[str], also: Sequence[Callable[[], Awaitable[int]]]) -> int:
        rows = [row for project in projects for row in await self._rows.every(project)]
        self._keys.add()
        for row in rows:
            if is_former(row.name) and not self._keys.holds(read(row.sealed, row.name).key_id):
                await self._rows.remove(row.project, row.name)
            else:
                await self._keep(row.project, row.name, self._open(row), at=row.created_at, by=row.created_by)
        others = [await each() for each in also]
        self._keys.forget_others()
        return sum(not is_former(row.name) for row in rows) + sum(others)

    async def _alone(self, change: Coroutine[Any, Any, Answer]) -> Answer:
        """Have this done while nobody else writes. Who stops waiting does not stop it: the store would keep it anyway,
        and until then nobody knows what is kept."""
        task = asyncio.create_task(self._change(change))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            raise

    async def _change(self, change: Coroutine[Any, Any, Answer]) -> Answer:
        """Nothing is remembered of what was read before, or meanwhile: that may be told after the end."""
        async with self._changing:
            self._forget()
            try:
                return await change
            finally:
                self._forget()

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()

    async def _write(
        self, project: str, name: str, fields: Mapping[str, str], *, by: str, audit: Sequence[AuditEntry]
    ) -> None:
        now = self._clock.now()
        await self._retire(project, name, at=now, by=by, still=fields.values())
        await self._keep(project, name, fields, at=now, by=by, audit=audit)

    async def _remove(self, project: str, name: str, *, audit: Sequence[AuditEntry]) -> None:
        await self._retire(project, name, at=self._clock.now(), by="")
        await self._rows.remove(project, name, audit=audit)

    async def _retire(
        self, project: str, name: str, *, at: int, by: str, still: Collection[str] = ()
    ) -> None:
        """Keep what a secret holds as former values, but for those it will hold `still`; forget what is over."""
        rows = await self._rows.every(project)
        for row in rows:
            if row.name == name:
                with contextlib.suppress(Unavailable):
                    gone = {field: value for field, value in self._open(row).items() if value not in still}
                    if gone:
                        await self._keep(project, next_name(name, rows), gone, at=at, by=by)
        for each in over(await self._rows.every(project), at):
            await self._rows.remove(project, each)

    async def _keep(
        self,
        project: str,
        name: str,
        fields: Mapping[str, str],
        *,
        at: int,
        by: str,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        sealed = seal(*self._keys.current, project, name, fields)
        row = SecretRow(project=project, name=name, sealed=sealed, created_at=at, created_by=by)
        await self._rows.keep(row, audit=audit)

    def _masked(self, row: SecretRow) -> Collection[str]:
        if is_former(row.name):
            # Its key was lost: what nobody can open any more must not keep the others from being masked.
            with contextlib.suppress(Unavailable):
                return self._open(row).values()
            return ()
        return self._open(row).values()

    def _open(self, row: SecretRow) -> dict[str, str]:
        sealed = read(row.sealed, row.name)
        key = self._keys.key(sealed.key_id, what=f"secret {row.name} of project {row.project}")
        return {field: unseal(sealed, key, row.project, row.name, field) for field in sealed.fields}


def _not_former(project: str, name: str) -> None:
    """What was replaced is there to be masked, and for nothing else. Raises `NotFound`."""
    if is_former(name):
        raise NotFound(f"there is no secret {name} in project {project}")
