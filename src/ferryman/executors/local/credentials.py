"""Which fields of secrets an attempt needs, opened at the moment of use."""

from ferryman.domain.errors import NotFound
from ferryman.domain.work import Checkout, RunPlugin, RunScript, Work
from ferryman.executors.local.placeholders import Field, fields
from ferryman.ports.secrets import NO_FIELD, Secrets

LOGIN = ("username", "password", "access_token", "token", "privateKey")
"""What a checkout may log in with; any of them may be missing, but not all."""


async def opened(work: Work, secrets: Secrets | None) -> dict[Field, str]:
    """The fields that this work needs. Only secrets that the work names are opened: a placeholder that came out of a
    variable's value stays as it is. Raises NotFound, and what `secrets` raises."""
    wanted = list(fields(work.env))
    optional: list[Field] = []
    match work.action:
        case RunScript(text=text):
            wanted += fields(text)
        case RunPlugin(input=given):
            wanted += fields(given)
        case Checkout(secret=secret) if secret:
            optional = [(secret, field) for field in LOGIN]
    wanted = [field for field in dict.fromkeys(wanted) if field[0] in work.secrets]
    if secrets is None and (wanted or optional):
        raise NotFound(f"there is no secret {(wanted or optional)[0][0]}: no secrets are kept here")
    known: dict[Field, str] = {}
    if secrets is None:
        return known
    for name, field in wanted:
        known[name, field] = await secrets.resolve(work.project, name, field, run=work.run, key=work.key)
    for name, field in optional:
        try:
            known[name, field] = await secrets.resolve(work.project, name, field, run=work.run, key=work.key)
        except NotFound as missing:
            if missing.reason != NO_FIELD:
                raise
    if optional and not any(known.get(field) for field in optional[1:]):
        raise NotFound(f"secret {optional[0][0]} has no password, token or private key to log in with")
    return known
