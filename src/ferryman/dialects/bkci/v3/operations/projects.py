"""Questions about membership and permissions, which have no number in the documents (bkci-v3 3.1)."""

from ferryman.dialects.bkci.v3 import projects
from ferryman.dialects.bkci.v3.wire.projects import MemberAsked, PermissionAsked
from ferryman.dialects.operation import Operation

V3 = "/v3/auth/validate/projects/{projectId}"
V4 = "/v4/auth/validate/projects/{projectId}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="is-project-user",
        routes=(f"GET {V3}/isProjectUsers", f"GET {V4}/check_project_users"),
        takes=MemberAsked,
        exceptional=projects.is_member,
        tells_strangers=True,
    ),
    Operation(
        name="validate-permission",
        routes=(f"GET {V4}/permission/validate",),
        takes=PermissionAsked,
        exceptional=projects.is_permitted,
        tells_strangers=True,
    ),
)
