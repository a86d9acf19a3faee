"""The one table of what each role may do (RULINGS 21; dataworks-2024 2.8 for who runs production).

Roles stand in columns, A admin, D developer, P deployer, O operator, V visitor; an action that no role may do is the
account's alone. `docs/access.md` shows this table.
"""

from ferryman.domain.access import Role
from ferryman.domain.actions import Action

LETTERS = {
    "A": Role.ADMIN,
    "D": Role.DEVELOPER,
    "P": Role.DEPLOYER,
    "O": Role.OPERATOR,
    "V": Role.VISITOR,
}

FAMILIES: dict[str, dict[Action, str]] = {
    "projects": {
        Action.LIST_PROJECTS: "ADPOV",
        Action.GET_PROJECT: "ADPOV",
        Action.CREATE_PROJECT: "",
        Action.UPDATE_PROJECT: "A",
    },
    "pipelines": {
        Action.LIST_PIPELINES: "ADPOV",
        Action.GET_PIPELINE: "ADPOV",
        Action.CREATE_PIPELINE: "AD",
        Action.UPDATE_PIPELINE: "AD",
        Action.DELETE_PIPELINE: "AD",
        Action.RESTORE_PIPELINE: "A",
        Action.MANAGE_PIPELINE: "A",
        Action.MANAGE_LABELS: "AD",
    },
    "runs": {
        Action.LIST_RUNS: "ADPOV",
        Action.GET_RUN: "ADPOV",
        Action.GET_LOG: "ADPOV",
        Action.DOWNLOAD_ARTIFACT: "ADPO",
        Action.START_RUN: "ADPO",
        Action.CANCEL_RUN: "ADPO",
        Action.RETRY_RUN: "ADPO",
        Action.SKIP_STEP: "ADPO",
        Action.RESUME_STEP: "ADPO",
        Action.HALT_STEP: "ADPO",
        Action.SETTLE_STEP: "APO",
        Action.ANSWER_GATE: "ADPO",
        Action.JUDGE_GATE: "APO",
    },
    "secrets": {
        Action.LIST_SECRETS: "ADPO",
        Action.WRITE_SECRET: "A",
        Action.REMOVE_SECRET: "A",
        Action.CHANGE_KEY: "",
    },
    "access": {
        Action.LIST_MEMBERS: "ADPOV",
        Action.MANAGE_ACCESS: "A",
        Action.MANAGE_OWN_KEYS: "ADPOV",
        Action.READ_AUDIT: "A",
        Action.MANAGE_PEOPLE: "",
    },
}
"""Family → action → letters of the roles that may."""

ALLOWED: dict[str, frozenset[Role]] = {
    action: frozenset(LETTERS[letter] for letter in letters)
    for actions in FAMILIES.values()
    for action, letters in actions.items()
}
"""Action → roles that may."""


OF_MAKERS = frozenset({Action.MANAGE_PIPELINE})
"""What anybody may do, whatever the role, with what they made themselves (bkci-v3 2.3)."""


def allows(role: Role, action: str) -> bool:
    """Whether a role may do this; nobody may do what the table does not know."""
    return role in ALLOWED.get(action, frozenset())
