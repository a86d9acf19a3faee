"""checkout: a copy of a source repository on the machine of the job (pipeline-yaml 8.1).

The key `checkout` of a step says which repository; that becomes `repository`, `repo-id` or `repo-name`
here. What stands in `with` has the words of the plugin of that name; those not listed are kept and have
no effect.
"""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Checkout, Impossible
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, Choice, StepKind
from ferryman.steps.order import Order

Depth = Annotated[int, Meta(ge=0, le=1000000)]


class CheckoutSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """Which repository, which state of it, and where to put it."""

    repository: Annotated[
        Text | None, Meta(description="`self`, the repository the file came from, or an address.")
    ] = None
    repo_id: Annotated[Text | None, Meta(description="The id of a repository the project knows.")] = None
    repo_name: Annotated[Text | None, Meta(description="The name of a repository the project knows.")] = None
    pull_type: Annotated[Literal["BRANCH", "TAG", "COMMIT_ID"], Meta(description="What refName names.")] = (
        field(default="BRANCH", name="pullType")
    )
    ref_name: Annotated[
        Text | None, Meta(description="Branch, tag or commit; what started the run if absent.")
    ] = field(default=None, name="refName")
    local_path: Annotated[Text, Meta(description="The folder to put it into, in the working folder.")] = (
        field(default=".", name="localPath")
    )
    strategy: Annotated[
        Literal["REVERT_UPDATE", "FRESH_CHECKOUT", "INCREMENT_UPDATE"],
        Meta(description="What happens to a copy that is there: undo its changes, replace it, only pull."),
    ] = "REVERT_UPDATE"
    fetch_depth: Annotated[Depth, Meta(description="How many commits of history; 0 means all.")] = field(
        default=0, name="fetchDepth"
    )
    ticket_id: Annotated[Text | None, Meta(description="The name of the secret to log in with.")] = field(
        default=None, name="ticketId"
    )
    enable_submodule: Annotated[bool, Meta(description="Fetch submodules too.")] = field(
        default=True, name="enableSubmodule"
    )


_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_NO_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")
"""What no name of a branch or tag has: git gives each of these another meaning."""
_SECRET = re.compile(r"\$\{\{\s*settings\.")
_REF_KINDS = {"BRANCH": "branch", "TAG": "tag", "COMMIT_ID": "commit"}


def _prepare(settings: CheckoutSettings, order: Order) -> Action:
    address = _address(settings, order)
    if not address:
        named = settings.repo_id or settings.repo_name
        what = f"repository {named}" if named else "the repository that this pipeline came from"
        return Impossible(
            message=f"nobody here knows the address of {what}; give it to the project, or write it into the step",
            code=TaskCode.NOT_FOUND,
        )
    ref = settings.ref_name or _started_by(settings, order)
    kind = _REF_KINDS[settings.pull_type] if settings.ref_name else "branch"
    if wrong := _wrong(address, ref, kind, settings.local_path):
        return Impossible(message=wrong, code=TaskCode.BAD_INPUT)
    return Checkout(
        url=address,
        ref=ref,
        ref_kind=kind,
        folder="" if settings.local_path == "." else settings.local_path,
        depth=settings.fetch_depth,
        fresh=settings.strategy == "FRESH_CHECKOUT",
        clean=settings.strategy != "INCREMENT_UPDATE",
        secret=settings.ticket_id or "",
        submodules=settings.enable_submodule,
    )


def _wrong(address: str, ref: str, kind: str, folder: str) -> str:
    """What git would take for something else, or say in a line of its own, where a step is heard; empty if nothing."""
    for what, text in ((f"the address {address!r}", address), (f"localPath: {folder!r}", folder)):
        if _CONTROLS.search(text):
            return f"{what} has a line feed or another control character"
    if _SECRET.search(address):
        # It would stand in the copy's own settings, where every later step of the job could read it.
        return f"the address {address!r} names a secret: leave that out, and name the secret under ticketId"
    if (_CONTROLS if kind == "commit" else _NO_NAME).search(ref):
        return f"refName: {ref!r} is no {'id' if kind == 'commit' else 'name'} of a {kind}"
    return ""


def _address(settings: CheckoutSettings, order: Order) -> str:
    if settings.repository == "self":
        return order.ci("repo_url") or order.repositories.get("self", "")
    if settings.repository is not None:
        return settings.repository
    return order.repositories.get(settings.repo_id or settings.repo_name or "", "")


def _started_by(settings: CheckoutSettings, order: Order) -> str:
    """The branch that started the run; another repository knows nothing of it and gives its default branch."""
    return order.ci("branch") if settings.repository == "self" else ""


KIND = StepKind(
    name="checkout",
    summary="Brings the source of a repository into the working folder of the job.",
    settings=CheckoutSettings,
    needs_machine=True,
    free=True,
    choices=(Choice(("repository", "repo-id", "repo-name")),),
    capabilities=(Capability.PROCESS, Capability.WORKSPACE, Capability.NETWORK, Capability.REPOSITORY),
    prepare=_prepare,
)
