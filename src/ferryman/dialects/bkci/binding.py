"""One row bound to HTTP: what was sent becomes what the operation takes, its verb is asked, what came of it goes out.

A field is filled from the path, else from the query (again and again for a list), else from a header of `HEADERS`, else
from the body: a field `body` takes it whole, other fields take theirs from it by name.
"""

from collections.abc import Awaitable, Callable, Mapping
from operator import attrgetter
from typing import Any

from ferryman.dialects.bkci import conversion
from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.operation import Operation
from ferryman.services import Caller, Services

BODY = "body"
HEADERS = {
    "x-devops-temporary-page-size-not-limit": "pageSizeNotLimit",
    "x-devops-channel": "channelCode",
}
"""Headers that operations may take, by the field that takes them (bkci-v3 2.1)."""

Verb = Callable[..., Awaitable[Any]]


class Bound:
    """A row, ready to be asked."""

    def __init__(self, operation: Operation, services: Services) -> None:
        """Raises AttributeError where the services have no such verb."""
        self.operation = operation
        self._services = services
        self._verb: Verb | None = attrgetter(operation.verb)(services) if operation.verb else None
        if (self._verb is None) == (operation.exceptional is None):
            raise ValueError(f"{operation.name} needs either a verb or a function of its own")
        self._fields = conversion.fields_of(operation.takes)
        self._texts = {name for name, field in self._fields.items() if conversion.takes_text(field)}
        self._many = {name for name, field in self._fields.items() if conversion.takes_many(field)}
        self.reads_body = any(not route.startswith("GET ") for route in operation.routes)

    async def ask(self, caller: Caller, taken: Any) -> Any:
        """Do it."""
        operation = self.operation
        if operation.exceptional is not None:
            return await operation.exceptional(self._services, caller, taken)
        assert self._verb is not None
        return operation.tells(await self._verb(caller, **operation.asks(taken)), taken)

    def taken(
        self,
        path: Mapping[str, str],
        query: tuple[tuple[str, str], ...],
        headers: Mapping[str, str],
        body: Any,
    ) -> Any:
        """What was sent, as the operation takes it; `body` is None where there was none. Raises `WireRefusal`."""
        values: dict[str, Any] = {}
        if isinstance(body, dict) and BODY not in self._fields:
            values.update((name, value) for name, value in body.items() if name in self._fields)
        for header, name in HEADERS.items():
            if header in headers and name in self._fields:
                values[name] = headers[header]
        values.update(self._asked(query))
        values.update(path)
        if BODY in self._fields and body is not None:
            values[BODY] = body
        for name, field in self._fields.items():
            value = values.get(name)
            if name in path or field.required:
                if isinstance(value, str) and not value.strip():
                    raise WireRefusal(400, f"{name} is blank")
                if value is None:
                    raise WireRefusal(400, "the body is missing" if name == BODY else f"{name} is missing")
        return conversion.converted(values, self.operation.takes)

    def _asked(self, query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        """The parameters that the operation takes; the first of each, or all for a list. One without a value, as forms
        send what was not filled in, is not there unless it is a text."""
        found: dict[str, Any] = {}
        for name, value in query:
            if name == BODY or name not in self._fields or (not value and name not in self._texts):
                continue
            if name in self._many:
                found.setdefault(name, []).append(value)
            else:
                found.setdefault(name, value)
        return found
