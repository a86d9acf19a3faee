"""The desk: every verb under its name, for faces that speak in names and plain values (the socket, in-process alike).

What a verb takes stands in its signature; arguments are fitted to it here, so that whatever comes over a wire is either
what the verb promises to take or `Invalid` with every problem.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

import msgspec

from ferryman.domain.errors import Invalid, NotFound, Problem, Refused
from ferryman.services.access import Access
from ferryman.services.caller import Caller
from ferryman.services.logs import RunLogs
from ferryman.services.pipelines import Pipelines
from ferryman.services.requests import Requests
from ferryman.services.runs import Runs
from ferryman.services.sealing import SealingKey
from ferryman.services.secrets import SecretNames

Verb = Callable[..., Any]


class Desk:
    """All verbs of one process. Without `requests` runs can only be read, without `sealing` the key stays."""

    def __init__(
        self,
        *,
        runs: Runs,
        pipelines: Pipelines,
        logs: RunLogs,
        secrets: SecretNames,
        access: Access,
        requests: Requests | None = None,
        sealing: SealingKey | None = None,
    ) -> None:
        """A desk over these services."""
        self._streams: Mapping[str, Verb] = {
            "runs.watch": runs.watch,
            "logs.follow": logs.follow,
            "logs.raw": logs.raw,
        }
        self._verbs: dict[str, Verb] = {
            "pipelines.save": pipelines.save,
            "pipelines.read": pipelines.read,
            "runs.read": runs.read,
            "runs.list": runs.list,
            "runs.unfinished": runs.unfinished,
            "runs.journal": runs.journal,
            "runs.why": runs.why,
            "runs.seen": runs.seen,
            "logs.attempts": logs.attempts,
            "logs.read": logs.read,
            "logs.tail": logs.tail,
            "secrets.write": secrets.write,
            "secrets.remove": secrets.remove,
            "secrets.list": secrets.list,
            "projects.list": access.projects.list,
            "projects.create": access.projects.create,
            "projects.disable": access.projects.disable,
            "people.list": access.people.list,
            "people.create": access.people.create,
            "people.disable": access.people.disable,
            "people.attach": access.people.attach,
            "people.password": access.people.set_password,
            "people.why": access.people.why,
            "roles.list": access.people.members,
            "roles.grant": access.people.grant,
            "roles.revoke": access.people.revoke,
            "keys.list": access.keys.list,
            "keys.make": access.keys.make,
            "keys.disable": access.keys.disable,
            "keys.remove": access.keys.remove,
            "tokens.list": access.keys.tokens,
            "tokens.make": access.keys.make_token,
            "tokens.revoke": access.keys.revoke_token,
            "policies.list": access.policies.list,
            "policies.read": access.policies.read,
            "policies.write": access.policies.write,
            "policies.remove": access.policies.remove,
            "audit.list": access.audit.list,
        }
        if sealing is not None:
            self._verbs["secrets.change-key"] = sealing.change
        if requests is not None:
            self._verbs |= {
                "runs.start": requests.start,
                "runs.cancel": requests.cancel,
                "runs.restart": requests.restart,
                "runs.retry": requests.retry,
                "runs.skip": requests.skip,
                "runs.answer": requests.answer,
                "runs.judge": requests.judge,
                "runs.resume": requests.resume,
                "runs.halt": requests.halt,
                "runs.settle": requests.settle,
                "runs.note": requests.note,
            }

    @property
    def verbs(self) -> frozenset[str]:
        """Names of all verbs that can be asked here."""
        return frozenset(self._verbs)

    async def ask(self, caller: Caller, verb: str, arguments: Mapping[str, Any]) -> Any:
        """Do a verb; its view. Raises `Invalid` for arguments it does not take, and what the verb raises."""
        asked = self._verbs.get(verb)
        if asked is None:
            if verb.startswith("runs."):
                raise Refused(f"cannot do {verb} here: runs can only be read", reason="read-only")
            raise NotFound(f"there is no verb {verb}")
        return await asked(caller, **_fitted(asked, arguments))

    def stream(self, caller: Caller, verb: str, arguments: Mapping[str, Any]) -> AsyncIterator[Any]:
        """Do a verb that answers again and again."""
        asked = self._streams.get(verb)
        if asked is None:
            raise NotFound(f"there is no verb {verb}")
        answers: AsyncIterator[Any] = asked(caller, **_fitted(asked, arguments))
        return answers


@cache
def _taken(verb: Verb) -> tuple[dict[str, Any], frozenset[str]]:
    """What a verb takes: type by name, and the names that it needs."""
    parameters = [one for one in inspect.signature(verb).parameters.values() if one.kind is one.KEYWORD_ONLY]
    hints = get_type_hints(verb)
    needed = frozenset(one.name for one in parameters if one.default is one.empty)
    return {one.name: hints[one.name] for one in parameters}, needed


def _fitted(verb: Verb, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the verb takes them."""
    types, needed = _taken(verb)
    problems = [Problem(path=name, message="is missing", code=0) for name in sorted(needed - set(arguments))]
    fitted: dict[str, Any] = {}
    for name, value in arguments.items():
        if name not in types:
            problems.append(Problem(path=name, message="is not known", code=0))
            continue
        try:
            fitted[name] = msgspec.convert(value, types[name])
        except msgspec.ValidationError as error:
            problems.append(Problem(path=name, message=str(error), code=0))
    if problems:
        raise Invalid(problems)
    return fitted
