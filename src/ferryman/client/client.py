"""The verbs as typed calls. What they promise stands at the services; refusals arrive with their own class."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from ferryman.client.access import AccessCalls
from ferryman.client.transport import Transport
from ferryman.domain import views
from ferryman.domain.values import Json

View = TypeVar("View")


class Client:
    """Asks services over one transport."""

    def __init__(self, transport: Transport) -> None:
        """Over this transport."""
        self._transport = transport
        self.access = AccessCalls(self._ask)
        """Projects, people, roles, keys, policies."""

    async def _ask(self, kind: type[View], verb: str, /, **arguments: Any) -> View:
        return msgspec.convert(await self._transport.ask(verb, arguments), kind)

    # pipelines

    async def save(
        self, *, text: str = "", model: dict[str, Any] | None = None, name: str = "", pipeline: str = ""
    ) -> views.Saved:
        """Keep a definition, as a file's text or as a model."""
        given: dict[str, Any] = {"text": text} if model is None else {"model": model}
        return await self._ask(views.Saved, "pipelines.save", **given, name=name, pipeline=pipeline)

    # runs

    async def start(
        self,
        pipeline: str,
        *,
        version: int = 0,
        values: Mapping[str, str] | None = None,
        reason: str = "",
        key: str = "",
    ) -> views.RunView:
        """Start a run."""
        return await self._ask(
            views.RunView,
            "runs.start",
            pipeline=pipeline,
            version=version,
            values=dict(values or {}),
            reason=reason,
            key=key,
        )

    async def run(self, run: str) -> views.RunView:
        """One run, whole."""
        return await self._ask(views.RunView, "runs.read", run=run)

    async def runs(
        self,
        *,
        pipeline: str = "",
        phase: str = "",
        limit: int = 50,
        before: tuple[int, str] | None = None,
    ) -> list[views.RunLine]:
        """Runs, newest first."""
        return await self._ask(
            list[views.RunLine], "runs.list", pipeline=pipeline, phase=phase, limit=limit, before=before
        )

    async def unfinished(self) -> list[views.RunLine]:
        """All runs that have not ended, oldest first."""
        return await self._ask(list[views.RunLine], "runs.unfinished")

    async def journal(self, run: str, *, after: int = 0, limit: int = 1000) -> list[views.Entry]:
        """Entries of the journal behind `after`."""
        return await self._ask(list[views.Entry], "runs.journal", run=run, after=after, limit=limit)

    async def why(self, run: str, *, path: str = "") -> list[views.Explained]:
        """Why each node stands where it stands."""
        return await self._ask(list[views.Explained], "runs.why", run=run, path=path)

    async def seen(self, run: str) -> views.Seen:
        """What conditions of a run see."""
        return await self._ask(views.Seen, "runs.seen", run=run)

    async def watch(self, run: str) -> AsyncIterator[views.RunView]:
        """The run now and after every change, until it has ended."""
        async for view in self._transport.stream("runs.watch", {"run": run}):
            yield msgspec.convert(view, views.RunView)

    async def cancel(
        self,
        run: str,
        *,
        reason: str = "",
        force: bool = False,
        running: Literal["stop", "finish"] = "stop",
        key: str = "",
    ) -> views.RunView:
        """Stop a run."""
        return await self._ask(
            views.RunView, "runs.cancel", run=run, reason=reason, force=force, running=running, key=key
        )

    async def restart(self, run: str) -> views.RunView:
        """Start a new run with the same start values."""
        return await self._ask(views.RunView, "runs.restart", run=run)

    async def note(self, run: str, text: str) -> views.RunLine:
        """Keep what a person says of a run."""
        return await self._ask(views.RunLine, "runs.note", run=run, text=text)

    async def retry(
        self, run: str, *, path: str = "", failed_only: bool = False, reason: str = "", key: str = ""
    ) -> views.RunView:
        """Run again, whole or from a node on."""
        return await self._ask(
            views.RunView,
            "runs.retry",
            run=run,
            path=path,
            failed_only=failed_only,
            reason=reason,
            key=key,
        )

    async def skip(self, run: str, path: str, *, reason: str = "", key: str = "") -> views.RunView:
        """Pass over a failed step or the failed steps of a stage."""
        return await self._ask(views.RunView, "runs.skip", run=run, path=path, reason=reason, key=key)

    async def answer(
        self,
        run: str,
        path: str,
        *,
        yes: bool,
        comment: str = "",
        values: Mapping[str, str] | None = None,
        group: str = "",
        name: str = "",
        key: str = "",
    ) -> views.RunView:
        """Answer a review or a manual start."""
        return await self._ask(
            views.RunView,
            "runs.answer",
            run=run,
            path=path,
            yes=yes,
            comment=comment,
            values=dict(values or {}),
            group=group,
            name=name,
            key=key,
        )

    async def resume(
        self,
        run: str,
        path: str,
        *,
        settings: Mapping[str, Json] | None = None,
        reason: str = "",
        key: str = "",
    ) -> views.RunView:
        """Let a paused step begin, with settings of it changed. Raises `Refused` for one that it has not."""
        return await self._ask(
            views.RunView,
            "runs.resume",
            run=run,
            path=path,
            settings=dict(settings or {}),
            strict=True,
            reason=reason,
            key=key,
        )

    async def halt(self, run: str, path: str, *, reason: str = "", key: str = "") -> views.RunView:
        """End a paused step before it begins."""
        return await self._ask(views.RunView, "runs.halt", run=run, path=path, reason=reason, key=key)

    async def settle(
        self,
        run: str,
        path: str,
        verdict: Literal["repeat", "succeeded", "failed"],
        *,
        reason: str = "",
        key: str = "",
    ) -> views.RunView:
        """Say what became of a lost attempt."""
        return await self._ask(
            views.RunView, "runs.settle", run=run, path=path, verdict=verdict, reason=reason, key=key
        )

    # logs

    async def attempts(self, run: str, *, step: str = "") -> list[views.AttemptLog]:
        """The attempts that have said something."""
        return await self._ask(list[views.AttemptLog], "logs.attempts", run=run, step=step)

    async def lines(self, run: str, key: str, *, after: int = 0, limit: int = 1000) -> list[views.Line]:
        """Lines of an attempt behind `after`."""
        return await self._ask(list[views.Line], "logs.read", run=run, key=key, after=after, limit=limit)

    async def tail(self, run: str, key: str, lines: int) -> list[views.Line]:
        """The last lines of an attempt."""
        return await self._ask(list[views.Line], "logs.tail", run=run, key=key, lines=lines)

    async def follow(self, run: str, key: str, *, after: int = 0) -> AsyncIterator[views.Line]:
        """Every line of an attempt once and in order, until it has ended."""
        async for line in self._transport.stream("logs.follow", {"run": run, "key": key, "after": after}):
            yield msgspec.convert(line, views.Line)

    async def raw(self, run: str, key: str) -> AsyncIterator[bytes]:
        """What an attempt wrote, byte for byte except for masks."""
        async for piece in self._transport.stream("logs.raw", {"run": run, "key": key}):
            yield piece

    # secrets

    async def write_secret(self, name: str, fields: Mapping[str, str]) -> views.Written:
        """Keep a secret."""
        return await self._ask(views.Written, "secrets.write", name=name, fields=dict(fields))

    async def remove_secret(self, name: str) -> None:
        """Remove a secret."""
        await self._ask(views.Done, "secrets.remove", name=name)

    async def change_key(self) -> views.Resealed:
        """Seal everything anew under a new key."""
        return await self._ask(views.Resealed, "secrets.change-key")

    async def secrets(self) -> list[views.SecretName]:
        """All secrets, without their values."""
        return await self._ask(list[views.SecretName], "secrets.list")
