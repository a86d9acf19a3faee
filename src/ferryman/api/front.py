"""The front page with what belongs to it: `/`, `/health`, `/version`, `/documents/NAME`, `/schemas/pipeline-v3.0.json`,
`/style.css`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

import msgspec

from ferryman import __version__
from ferryman.api.health import Check, examined
from ferryman.api.html import STYLE, send_page, table
from ferryman.asgi import Exchange
from ferryman.asgi.origin import foreign
from ferryman.domain.views import RunLine

NEWEST = 20
"""Runs on the page."""
DOCUMENTS = "/documents/"
SCHEMA = "/schemas/pipeline-v3.0.json"
"""The fixed address of the JSON Schema of pipeline files (CFG-1)."""


class Document(NamedTuple):
    """What one API answers."""

    name: str
    """In its address."""
    title: str
    prose: str
    operations: tuple[tuple[str, str], ...]
    """Name and routes of each."""


Runs = Callable[[int], Awaitable[Sequence[tuple[str, RunLine]]]]
"""The newest runs of all projects, so many: each with the name of its project."""


class FrontPage:
    """Answers what a browser, a load balancer and a curious person ask first."""

    def __init__(
        self,
        *,
        checks: Mapping[str, Check],
        runs: Runs,
        documents: Sequence[Document],
        schema: Callable[[], object],
    ) -> None:
        """`checks` tell of the server's parts, by name; `schema` makes that of pipeline files."""
        self._checks = checks
        self._runs = runs
        self._schema_of_files = schema
        self._documents = {each.name: each for each in documents}
        self._answers: Mapping[str, Callable[[Exchange], Awaitable[None]]] = {
            "/": self._front,
            "/health": self._health,
            "/version": self._version,
            SCHEMA: self._schema,
            "/style.css": self._style,
        }

    def answers(self, path: str) -> bool:
        """Its own paths."""
        return path in self._answers or path.startswith(DOCUMENTS)

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one."""
        if exchange.method not in ("GET", "HEAD"):
            text = f"{exchange.method} is not possible here, but GET"
            body = msgspec.json.encode({"message": text, "request": exchange.request})
            await exchange.answer(405, body, headers=[("allow", "GET, HEAD")], close=True)
            return
        await self._answers.get(exchange.path, self._document)(exchange)

    async def _health(self, exchange: Exchange) -> None:
        health = await examined(self._checks)
        body = msgspec.json.encode(health)
        await exchange.answer(200 if health.ready else 503, body, headers=[("cache-control", "no-store")])

    async def _version(self, exchange: Exchange) -> None:
        await exchange.answer(200, msgspec.json.encode({"name": "ferryman", "version": __version__}))

    async def _schema(self, exchange: Exchange) -> None:
        body = msgspec.json.encode(self._schema_of_files())
        await exchange.answer(200, body, media="application/schema+json")

    async def _style(self, exchange: Exchange) -> None:
        await exchange.answer(200, STYLE.encode(), media="text/css; charset=utf-8")

    async def _front(self, exchange: Exchange) -> None:
        health = await examined(self._checks)
        parts = [(name, part.state, part.why) for name, part in health.parts.items()]
        listed = "\n".join(
            f'<li><a href="{DOCUMENTS}{escape(each.name)}">{escape(each.title)}</a>: {escape(each.prose)}</li>'
            for each in self._documents.values()
        )
        body = "\n".join(
            (
                f"<p>Version {escape(__version__)}, {'ready' if health.ready else 'not ready'}.</p>",
                "<h2>Health</h2>",
                table(("part", "state", "why"), parts),
                "<h2>Newest runs</h2>",
                await self._newest(exchange),
                "<h2>API documents</h2>",
                f"<ul>\n{listed}\n</ul>",
                "<h2>Pipeline files</h2>",
                f'<p><a href="{SCHEMA}">JSON Schema</a>, for completion and checks in an editor.</p>',
            )
        )
        await send_page(exchange, "Ferryman", body)

    async def _newest(self, exchange: Exchange) -> str:
        """The newest runs, for whoever sits at this machine; from elsewhere nobody is known here."""
        if foreign(exchange):
            return "<p>Runs are shown on the server's own machine only; elsewhere ask an API.</p>"
        runs = await self._runs(NEWEST)
        if not runs:
            return "<p>None yet.</p>"
        rows = [
            (
                project,
                f"{run.pipeline}#{run.number}",
                run.outcome or run.phase,
                _moment(run.queued_at),
                run.id,
            )
            for project, run in runs
        ]
        return table(("project", "run", "state", "asked for", "id"), rows)

    async def _document(self, exchange: Exchange) -> None:
        found = self._documents.get(exchange.path.removeprefix(DOCUMENTS))
        if found is None:
            await send_page(exchange, "Not found", "<p>There is no such document.</p>", status=404)
            return
        body = f"<p>{escape(found.prose)}</p>\n{table(('operation', 'where'), found.operations)}"
        await send_page(exchange, found.title, body)


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""
