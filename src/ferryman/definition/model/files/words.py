"""The words of a file beside the words of the model (pipeline-yaml 3 to 9), each table read both ways."""

from collections.abc import Mapping
from types import MappingProxyType


def _table(**words: str) -> Mapping[str, str]:
    return MappingProxyType(words)


def reverse(table: Mapping[str, str]) -> dict[str, str]:
    """The table read from the model to the file; of two words with one meaning the first is written."""
    return {theirs: ours for ours, theirs in reversed(tuple(table.items()))}


STAGE_LABELS = _table(
    Build="28ee946a59f64949a74f3dee40a1bda4",
    Test="d0a06f6986fa4670af65ccad7bb49d3a",
    Deploy="53b4d3f38e3e425cb1aaa97aa1b37857",
    Approve="5168be68b9764edb91aa5b866e51a1a8",
)
"""Constants of the product's table of stage tags (6)."""
DEFAULT_LABEL = "Build"

CONDITION_MODES = _table(
    RUN_WHEN_ALL_PARAMS_MATCH="CUSTOM_VARIABLE_MATCH",
    NOT_RUN_WHEN_ALL_PARAMS_MATCH="CUSTOM_VARIABLE_MATCH_NOT_RUN",
)
"""`if.mode` (6)."""
EXPRESSION = "CUSTOM_CONDITION_MATCH"
"""The run condition of an `if` that is an expression."""

STAGE_DEFAULT = "AFTER_LAST_FINISHED"
JOB_DEFAULT = "STAGE_RUNNING"
STEP_DEFAULT = "PRE_TASK_SUCCESS"

STEP_CONDITIONS = _table(
    FAILURE="PRE_TASK_FAILED_ONLY",
    ALWAYS_UNLESS_CANCELLED="PRE_TASK_FAILED_BUT_CANCEL",
    ALWAYS="PRE_TASK_FAILED_EVEN_CANCEL",
)
FINAL_CONDITIONS = _table(
    ALWAYS=JOB_DEFAULT,
    SUCCESS="PREVIOUS_STAGE_SUCCESS",
    FAILURE="PREVIOUS_STAGE_FAILED",
    CANCELED="PREVIOUS_STAGE_CANCEL",
)

VARIABLE_TYPES = MappingProxyType(
    {
        "vuex-input": "STRING",
        "vuex-textarea": "TEXTAREA",
        "boolean": "BOOLEAN",
        "selector": "ENUM",
        "checkbox": "MULTIPLE",
        "custom-file": "CUSTOM_FILE",
        "artifactory": "ARTIFACTORY",
        "sub-pipeline": "SUB_PIPELINE",
        "git-ref": "GIT_REF",
        "svn-tag": "SVN_TAG",
        "repo-ref": "REPO_REF",
        "code-lib": "CODE_LIB",
        "container-type": "CONTAINER_TYPE",
        "form-list": "FORM_LIST",
        "tips": "STRING",
    }
)
"""`props.type` (5)."""
DEFAULT_VARIABLE_TYPE = "vuex-input"

REVIEW_TYPES = MappingProxyType(
    {
        "INPUT": "STRING",
        "TEXTAREA": "TEXTAREA",
        "SELECTOR": "ENUM",
        "SELECTOR-MULTIPLE": "MULTIPLE",
        "BOOL": "BOOLEAN",
        "CHECKBOX": "CHECKBOX",
    }
)
"""The type of a review variable (6.1)."""

REPOSITORY_TRIGGERS = MappingProxyType(
    {
        "git": "codeGitWebHookTrigger",
        "tgit": "codeTGitWebHookTrigger",
        "github": "codeGithubWebHookTrigger",
        "gitlab": "codeGitlabWebHookTrigger",
        "svn": "codeSVNWebHookTrigger",
        "p4": "codeP4WebHookTrigger",
        "scm_git": "codeScmGitWebHookTrigger",
        "scm_svn": "codeScmSvnWebHookTrigger",
    }
)
"""`on.type` (4)."""
DEFAULT_REPOSITORY = "git"
WRAPPED_TRIGGERS = frozenset(
    {"codeTGitWebHookTrigger", "codeScmGitWebHookTrigger", "codeScmSvnWebHookTrigger", "codeP4WebHookTrigger"}
)
"""Kinds that keep their fields in `data.input`."""

EVENT_TYPES = MappingProxyType(
    {
        "push": "PUSH",
        "tag": "TAG_PUSH",
        "mr": "MERGE_REQUEST",
        "mr-merged": "MERGE_REQUEST_ACCEPT",
        "review": "REVIEW",
        "issue": "ISSUES",
        "note": "NOTE",
    }
)
"""The repository events in the order of their elements (4)."""
EVENT_SYNONYMS = MappingProxyType({"POST_COMMIT": "push", "PULL_REQUEST": "mr", "CREATE": "tag"})

BUILD_NUMBER_TYPES = MappingProxyType(
    {
        "plus1-everytime": "EVERY_BUILD_INCREMENT",
        "plus1-when-success": "SUCCESS_BUILD_INCREMENT",
        "invariable": "CONSISTENT",
    }
)
"""`recommended-version.build-no.strategy` (3.3)."""
VERSION_PARAMS = _table(major="BK_CI_MAJOR_VERSION", minor="BK_CI_MINOR_VERSION", fix="BK_CI_FIX_VERSION")

CANCEL_POLICIES = _table(BROAD="EXECUTE_PERMISSION", RESTRICTED="RESTRICTED")
DIALECTS = _table(CONSTRAINT="CONSTRAINED", CLASSIC="CLASSIC")

NOTICE_TYPES = MappingProxyType({"email": "EMAIL", "wework-message": "RTX", "sms": "SMS", "voice": "VOICE"})
"""`notices[].type` (3.2); a chat is the type of a message with a flag beside it."""
CHAT = "wework-chat"
CHAT_TYPE = "RTX"

SYSTEMS = _table(linux="LINUX", windows="WINDOWS", macos="MACOS")
"""The first agent-selector (7.1)."""

CODE_DEFAULT_VERSION = "1.*"
ELEMENT_DEFAULTS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType(
    {
        "linuxScript": {"scriptType": "SHELL", "continueNoneZero": False, "enableArchiveFile": False},
        "windowsScript": {"scriptType": "BAT"},
        "manualReviewUserTask": {},
        "subPipelineCall": {"asynchronous": False},
    }
)
"""Step kinds that are elements of their own, with what such an element says when the file is silent (8.1)."""
