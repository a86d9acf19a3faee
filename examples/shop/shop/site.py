"""What the shop answers; pure, so that the tests need no network."""

import json
from dataclasses import dataclass

from shop.prices import CATALOG, UnknownCurrency, price


@dataclass(frozen=True)
class Settings:
    """What differs from one environment to the next, and the version that answers."""

    environment: str
    currency: str
    version: str


@dataclass(frozen=True)
class Answer:
    """A status, the kind of the body, and the body."""

    status: int
    kind: str
    body: str


def answer(path: str, settings: Settings) -> Answer:
    """The answer to a GET of this path."""
    page = PAGES.get(path)
    return page(settings) if page else _json(404, {"error": f"there is no page {path}"})


def health(settings: Settings) -> Answer:
    """200 while every item has a price in the configured currency, else 503 with the reason."""
    try:
        for item in CATALOG:
            price(item, settings.currency)
    except UnknownCurrency as fault:
        return _json(503, {"status": "unfit", "because": str(fault)})
    return _json(200, {"status": "fit"})


def version(settings: Settings) -> Answer:
    """Which version answers, and where."""
    return _json(200, {"version": settings.version, "environment": settings.environment})


def prices(settings: Settings) -> Answer:
    """The list of prices, as a page for people."""
    try:
        rows = [f"<li>{item}: {price(item, settings.currency)} {settings.currency}</li>" for item in CATALOG]
    except UnknownCurrency as fault:
        return _json(500, {"error": str(fault)})
    return Answer(200, "text/html", f"<h1>Shop {settings.version}</h1><ul>{''.join(rows)}</ul>")


PAGES = {"/": prices, "/health": health, "/version": version}


def _json(status: int, content: dict[str, str]) -> Answer:
    return Answer(status, "application/json", json.dumps(content))
