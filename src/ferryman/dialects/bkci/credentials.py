"""Who asks, as each of the three types of caller says it (bkci-v3 2.1, 2.2, 12.18, 12.19; RULINGS 22).

apigw-user   app code and secret, and the user's token: the user it belongs to acts
apigw-app    app code and secret, for a project the app is registered for: who X-DEVOPS-UID names acts
apigw        a token's owner; else with app code and secret who X-DEVOPS-UID names; else that header alone, which is
             believed only where nobody else could have sent it, and never once tokens are required
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from ferryman.asgi.origin import LOOPBACK
from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.domain.access import Project
from ferryman.domain.errors import Unauthenticated
from ferryman.services import Caller
from ferryman.services.access import Access

USER_TOKENS = ("access_token", "bk_token", "bk_ticket")
"""Keys of a user's token in the gateway's header; here all of them are the same list of tokens (RULINGS 21)."""


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What is believed without proof."""

    tokens_required: bool = False
    """The access token switch: callers of type apigw need a token."""
    networks: tuple[str, ...] = LOOPBACK
    """From where X-DEVOPS-UID is believed by itself."""


class Presented(NamedTuple):
    """What a request brings along to say who asks."""

    user: str = ""
    token: str = ""
    app: str = ""
    secret: str = ""


def presented(headers: Mapping[str, str], query: tuple[tuple[str, str], ...]) -> Presented:
    """What a request brings along. Raises `WireRefusal` for a gateway header that cannot be read."""
    gateway = _gateway(headers.get("x-bkapi-authorization", ""))
    token = next((value for name, value in query if name == "access_token" and value), "")
    token = token or next((text for name in USER_TOKENS if (text := gateway.get(name, ""))), "")
    return Presented(
        user=headers.get("x-devops-uid", "") or gateway.get("bk_username", ""),
        token=token or headers.get("x-devops-bk-token", ""),
        app=gateway.get("bk_app_code", "") or headers.get("x-devops-app-code", ""),
        secret=gateway.get("bk_app_secret", "") or headers.get("x-devops-app-secret", ""),
    )


def identified(
    kind: str,
    given: Presented,
    access: Access,
    *,
    project: str,
    trust: Trust,
    foreign: str,
    address: str = "",
) -> Caller:
    """Who asks, in a project that is there; `foreign` is why a name by itself cannot be believed, or empty;
    `address` is where wrong tokens and secrets are counted.

    Raises `WireRefusal` where the type's proof is missing or wrong, `Unauthenticated` for a name that nobody has,
    `NotFound` for the project (bkci-v3 12.19), `Forbidden` for an application that is not registered for it, and
    `Throttled` after too much that was wrong.
    """
    try:
        if kind == "apigw":
            return _plain(given, access, project, trust, foreign, address)
        if not given.app or not given.secret:
            raise WireRefusal(
                403,
                f"{kind} needs an application's code and secret, in X-Bkapi-Authorization or in X-DEVOPS-APP-CODE "
                "and X-DEVOPS-APP-SECRET",
            )
        if kind == "apigw-app":
            return _app(given, access, project, address)
        access.asking.app(given.app, given.secret, address=address)
        if not given.token:
            raise WireRefusal(
                400, "apigw-user needs the user's token too, as access_token in X-Bkapi-Authorization"
            )
        return _token(given, access, project, address)
    except Unauthenticated as error:
        # A token or an application that is wrong; a name that nobody has is told as it comes.
        if error.reason.startswith("user-"):
            raise
        raise WireRefusal(400, str(error)) from error


def _token(given: Presented, access: Access, project: str, address: str) -> Caller:
    caller = access.asking.by_token(given.token, project=project, address=address)
    access.register.found(Project, project, "project")
    return caller


def _app(given: Presented, access: Access, project: str, address: str) -> Caller:
    if not given.user:
        raise _no_user()
    access.asking.app(given.app, given.secret, address=address)
    access.register.found(Project, project, "project")
    return access.asking.by_app(given.app, given.secret, user=given.user, project=project, address=address)


def _plain(
    given: Presented, access: Access, project: str, trust: Trust, foreign: str, address: str
) -> Caller:
    if given.token:
        return _token(given, access, project, address)
    if trust.tokens_required:
        raise WireRefusal(400, "an access token is required here; add access_token to the query")
    if given.app and given.secret:
        return _app(given, access, project, address)
    if not given.user:
        raise _no_user()
    if foreign:
        raise WireRefusal(
            401,
            f"X-DEVOPS-UID alone is not believed {foreign}; add access_token to the query, "
            "or an application's code and secret",
        )
    caller = access.asking.by_name(given.user, project=project)
    access.register.found(Project, project, "project")
    return caller


def _no_user() -> WireRefusal:
    return WireRefusal(400, "header X-DEVOPS-UID is missing; it names the acting user")


def _gateway(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        told: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireRefusal(400, "X-Bkapi-Authorization is not JSON") from error
    if not isinstance(told, dict):
        raise WireRefusal(400, "X-Bkapi-Authorization is not a JSON object")
    return {name: value for name, value in told.items() if isinstance(value, str)}
