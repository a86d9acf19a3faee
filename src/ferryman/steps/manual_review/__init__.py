"""manualReviewUserTask: wait inside a job until a person decides (pipeline-yaml 8.1, semantics 8.2)."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, Impossible
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind
from ferryman.steps.order import Order

Reviewers = Annotated[tuple[Text, ...], Meta(min_length=1)]
Hours = Annotated[int, Meta(ge=0, le=8760)]


class ReviewChoice(Struct, frozen=True, kw_only=True):
    """One of the values a reviewer may choose."""

    key: Annotated[str, Meta(description="The value.")]
    value: Annotated[str, Meta(description="What the reviewer reads.")]


class ReviewParam(Struct, frozen=True, kw_only=True, rename="camel"):
    """A variable the reviewer sets while approving."""

    key: Annotated[Text, Meta(description="The name of the variable.")]
    value: Annotated[Any, Meta(description="The value it has if the reviewer changes nothing.")] = None
    value_type: Annotated[
        Literal["STRING", "TEXTAREA", "BOOLEAN", "ENUM", "MULTIPLE", "CHECKBOX"],
        Meta(description="The sort of value."),
    ] = "STRING"
    required: Annotated[bool, Meta(description="Whether an approval needs a value.")] = False
    desc: Annotated[str, Meta(description="Help shown to the reviewer.")] = ""
    options: Annotated[
        tuple[ReviewChoice, ...], Meta(description="What may be chosen, for ENUM and MULTIPLE.")
    ] = ()
    chinese_name: Annotated[str | None, Meta(description="The label shown instead of the name.")] = None
    variable_option: Annotated[
        str | None, Meta(description="The variable that holds the choices as a JSON list.")
    ] = None


class ManualReviewSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who decides, and what they see and fill in."""

    review_users: Annotated[
        Text | Reviewers, Meta(description="Who may decide: a list, or text with commas between the names.")
    ]
    desc: Annotated[str | None, Meta(description="What the reviewers read.")] = None
    suggest: Annotated[str | None, Meta(description="The comment, filled in beforehand.")] = None
    params: Annotated[
        tuple[ReviewParam, ...], Meta(description="Variables the reviewer sets while approving.")
    ] = ()
    namespace: Annotated[str | None, Meta(description="A prefix for the names of those variables.")] = None
    notify_type: Annotated[
        tuple[Text, ...], Meta(description="The ways by which the reviewers are told.")
    ] = ()
    notify_title: Annotated[str | None, Meta(description="The title of the message to them.")] = None
    markdown_content: Annotated[bool, Meta(description="Whether desc is Markdown.")] = False
    notify_group: Annotated[tuple[Text, ...], Meta(description="Groups that are told as well.")] = ()
    reminder_time: Annotated[
        Hours | None, Meta(description="Hours after which the reviewers are reminded.")
    ] = None
    suggest_required: Annotated[bool, Meta(description="Whether a decision needs a comment.")] = False


def _prepare(settings: ManualReviewSettings, order: Order) -> Action:
    """A review is a gate, which the run itself opens; an attempt of one has nothing to do."""
    return Impossible(message="a review is answered by people, not carried out", code=TaskCode.BAD_INPUT)


KIND = StepKind(
    name="manualReviewUserTask",
    summary="Waits until a person approves; a refusal fails the job.",
    settings=ManualReviewSettings,
    needs_machine=False,
    repeatable=True,
    unheeded={"notifyType": (), "notifyTitle": (), "notifyGroup": (), "reminderTime": ()},
    capabilities=(Capability.PEOPLE, Capability.MESSAGES),
    prepare=_prepare,
)
