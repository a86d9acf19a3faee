"""Who may do what in a project, in BK-CI's words (bkci-v3 2.3, 3.1)."""

from collections.abc import Mapping
from types import MappingProxyType

from ferryman.dialects.bkci.v3.wire.projects import MemberAsked, PermissionAsked
from ferryman.domain.access import Role
from ferryman.domain.actions import Action
from ferryman.domain.errors import NotFound
from ferryman.services import Caller, Services

PIPELINE = "pipeline"
MANAGE = "manage"
"""What whoever made a pipeline may do."""

GROUPS: Mapping[str, Role] = MappingProxyType(
    {
        "CI_MANAGER": Role.ADMIN,
        "CIADMIN": Role.ADMIN,
        "MANAGER": Role.ADMIN,
        "DEVELOPER": Role.DEVELOPER,
        "MAINTAINER": Role.OPERATOR,
        "PM": Role.DEPLOYER,
        "VISITOR": Role.VISITOR,
        "VIEWER": Role.VISITOR,
        **{role.value: role for role in Role},
    }
)
"""Groups of the vendor, and the roles by their own names → what their members are here; nobody is in any other."""

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "create": Action.CREATE_PIPELINE,
        "list": Action.LIST_PIPELINES,
        "view": Action.GET_PIPELINE,
        "edit": Action.UPDATE_PIPELINE,
        "delete": Action.DELETE_PIPELINE,
        "execute": Action.START_RUN,
        "download": Action.DOWNLOAD_ARTIFACT,
        MANAGE: Action.MANAGE_PIPELINE,
    }
)
"""Actions on pipelines → ours. What this API family does not use (share, archive, deploy) nobody may do."""


async def is_member(services: Services, caller: Caller, asked: MemberAsked) -> bool:
    """Whether the caller is a member of the project, or has the role of this group in it."""
    if not asked.group:
        return (await services.people.why(caller, action=Action.GET_PROJECT)).allowed
    return asked.group in GROUPS and caller.rights.role is GROUPS[asked.group]


async def is_permitted(services: Services, caller: Caller, asked: PermissionAsked) -> bool:
    """Whether somebody may do this; nobody may do what is not known, and nobody unknown may do anything."""
    word = asked.action.removeprefix(f"{PIPELINE}_")
    action = ACTIONS.get(word)
    if asked.resourceType != PIPELINE or action is None:
        return False
    resource = "*" if asked.resourceCode == "*" or word == "create" else f"{PIPELINE}/{asked.resourceCode}"
    try:
        maker = await services.catalog.maker(caller, pipeline=asked.resourceCode) if word == MANAGE else ""
        verdict = await services.people.why(
            caller,
            name=asked.userId,
            action=action,
            names=(word, f"{PIPELINE}_{word}"),
            resource=resource,
            maker=maker,
        )
    except NotFound:
        return False
    return verdict.allowed
