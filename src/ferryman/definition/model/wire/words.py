"""The enumerations of BK-CI's model, and the tables from its words to the forms of the domain (bkci-v3 6).

Every table from a word to a form is read in both directions: `reverse` gives the other one, in which the first of two
words for one form is written.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from ferryman.domain.conditions import After, AfterStage, Always, Condition, Previous, Upstream
from ferryman.domain.policies import Exclusion

_Form = TypeVar("_Form")


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in its order."""
    return tuple(text.split())


def reverse(table: Mapping[str, _Form]) -> Mapping[_Form, str]:
    """The table read from the form to its first word."""
    return {form: word for word, form in reversed(list(table.items()))}


def kinds(table: Mapping[str, str], every: tuple[str, ...]) -> Mapping[str, str]:
    """A table of parameter types: the named ones, and all others in lower case with hyphens."""
    return MappingProxyType({word: table.get(word, word.lower().replace("_", "-")) for word in every})


MATCH = "CUSTOM_VARIABLE_MATCH"
MATCH_NOT = "CUSTOM_VARIABLE_MATCH_NOT_RUN"
EXPRESSION = "CUSTOM_CONDITION_MATCH"
VARIABLE_WORDS = (MATCH, MATCH_NOT)
CUSTOM_WORDS = (MATCH, MATCH_NOT, EXPRESSION)
"""Conditions on values; the same words on all three levels, with differences that are data (semantics 3.2)."""

STAGE_CONDITIONS: Mapping[str, Condition] = MappingProxyType({"AFTER_LAST_FINISHED": Always()})
JOB_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "STAGE_RUNNING": Always(),
        "PREVIOUS_STAGE_SUCCESS": AfterStage(Previous.SUCCEEDED),
        "PREVIOUS_STAGE_FAILED": AfterStage(Previous.FAILED),
        "PREVIOUS_STAGE_CANCEL": AfterStage(Previous.CANCELED),
    }
)
STEP_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "PRE_TASK_SUCCESS": Always(),
        "PRE_TASK_FAILED_BUT_CANCEL": Upstream(After.UNLESS_CANCELED),
        "PRE_TASK_FAILED_EVEN_CANCEL": Upstream(After.ALWAYS),
        "PRE_TASK_FAILED_ONLY": Upstream(After.FAILURE),
        "PRE_TASK_FAILED_ONLY_EXCEPT_SKIP": Upstream(After.FAILURE_NOT_CONTINUED),
        "OTHER_TASK_RUNNING": Upstream(After.OTHER_RUNNING),
        "PARENT_TASK_CANCELED_OR_TIMEOUT": Upstream(After.PARENT_STOPPED),
        "PARENT_TASK_FINISH": Upstream(After.PARENT_ENDED),
    }
)
"""Words that look at what went before (bkci-v3 6.3); of each table the first is the default."""

EXCLUSIONS: Mapping[str, Exclusion] = MappingProxyType(
    {
        "MULTIPLE": Exclusion.FREE,
        "SINGLE_LOCK": Exclusion.SINGLE,
        "SINGLE": Exclusion.SINGLE,
        "GROUP_LOCK": Exclusion.GROUP,
        "LOCK": Exclusion.CLOSED,
    }
)
"""runLockType (semantics 13)."""
LOCK_WHEN_NEW = "MULTIPLE"
"""runLockType of a pipeline that comes without a setting."""
LOCK_WHEN_PARSED = "SINGLE_LOCK"
"""runLockType of a setting that does not name one (bkci-v3 5.12)."""

SYSTEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"ALL": (), "LINUX": ("linux",), "WINDOWS": ("windows",), "MACOS": ("macos",)}
)
"""baseOS."""

STAGE_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "28ee946a59f64949a74f3dee40a1bda4": "Build",
        "d0a06f6986fa4670af65ccad7bb49d3a": "Test",
        "53b4d3f38e3e425cb1aaa97aa1b37857": "Deploy",
        "5168be68b9764edb91aa5b866e51a1a8": "Approve",
    }
)
"""Constants of the product's table of stage tags (pipeline-yaml 6)."""

REVIEW_VALUE_TYPES = words("STRING TEXTAREA BOOLEAN ENUM MULTIPLE CHECKBOX")
PARAMETER_TYPES = words(
    "STRING TEXTAREA ENUM DATE LONG BOOLEAN SVN_TAG GIT_REF MULTIPLE CODE_LIB CONTAINER_TYPE ARTIFACTORY"
    " SUB_PIPELINE CUSTOM_FILE PASSWORD TEMPORARY REPO_REF FORM_LIST"
)
_COMMON_KINDS = {"STRING": "text", "TEXTAREA": "long-text", "ENUM": "choice", "MULTIPLE": "choices"}
REVIEW_KINDS = kinds(_COMMON_KINDS, REVIEW_VALUE_TYPES)
PARAMETER_KINDS = kinds(_COMMON_KINDS, PARAMETER_TYPES)
WITHOUT_OPTIONS = frozenset(words("SVN_TAG GIT_REF CODE_LIB SUB_PIPELINE CONTAINER_TYPE"))
"""Parameters whose options are emptied on save: somebody else knows the choices."""
SECRET = "PASSWORD"

TRIGGER = "trigger"
MACHINE = "vmBuild"
AGENTLESS = "normal"
CONTAINER_TYPES = (TRIGGER, MACHINE, AGENTLESS, "jobTemplate")

MARKET = "marketBuild"
MARKET_AGENTLESS = "marketBuildLess"
MARKET_TYPES = (MARKET, MARKET_AGENTLESS)
REVIEW = "manualReviewUserTask"
CHECKOUT = "checkout"
OWN_TYPES = (
    *words(
        "linuxScript windowsScript manualReviewUserTask subPipelineCall qualityGateInTask qualityGateOutTask"
    ),
    *words("CODE_GIT CODE_GITLAB GITHUB CODE_SVN marketCheckImage matrixStatus stepTemplate"),
)
"""Elements that are kinds of their own; any other kind is an element of the market types."""

LOCK_WORDS = tuple(EXCLUSIONS)
SCRIPT_TYPES = words("SHELL BAT POWER_SHELL PYTHON2 PYTHON3")
CHARSETS = words("DEFAULT UTF_8 GBK")
REPOSITORY_TYPES = words("ID NAME SELF URL NONE")
DEPEND_BY_ID = "ID"
DEPEND_BY_NAME = "NAME"
DEPEND_ON_TYPES = (DEPEND_BY_ID, DEPEND_BY_NAME)
CALL_TYPES = words("ID NAME")
IMAGE_TYPES = words("BKDEVOPS BKSTORE THIRD")
AGENT_TYPES = words("ID NAME REUSE_JOB_ID")
REUSED = "REUSE_JOB_ID"
BUILD_NUMBER_TYPES = words("CONSISTENT SUCCESS_BUILD_INCREMENT EVERY_BUILD_INCREMENT")
NOTICE_TYPES = words("EMAIL RTX WECHAT SMS WEWORK VOICE WEWORK_GROUP")
CANCEL_POLICIES = words("EXECUTE_PERMISSION RESTRICTED")
CANCEL_POLICY_WHEN_NEW = "RESTRICTED"
CANCEL_POLICY_WHEN_PARSED = "EXECUTE_PERMISSION"
CONSTRAINED = "CONSTRAINED"
CLASSIC = "CLASSIC"
DIALECTS = (CLASSIC, CONSTRAINED)
FORMER_REVIEW_NAME = "Flow 1"
"""The one group of a review in its old form (bkci-v3 5.3)."""
OWN_GROUP = "${{ci.pipeline_id}}"
"""concurrencyGroup of a pipeline that shares its lock with none."""
