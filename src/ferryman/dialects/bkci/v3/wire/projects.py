"""Questions about who may do what in a project, on the wire (bkci-v3 3.1)."""

from msgspec import Struct


class MemberAsked(Struct, kw_only=True):
    """Is the caller a member, or one of a group?"""

    projectId: str
    group: str = ""


class PermissionAsked(Struct, kw_only=True):
    """May somebody, by default the caller, do this?"""

    projectId: str
    userId: str = ""
    action: str
    resourceType: str = "pipeline"
    resourceCode: str = "*"
