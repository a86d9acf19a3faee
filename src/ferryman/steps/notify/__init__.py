"""ferrymanNotify: tell people something (pipeline-yaml 15.1; the words of 3.2)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ferryman.domain.work import Action, Notify
from ferryman.steps.inputs import Text
from ferryman.steps.kind import Capability, StepKind
from ferryman.steps.order import Order

Receivers = Annotated[tuple[Text, ...], Meta(min_length=1)]


class NotifySettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """Whom to tell what, and by which way."""

    type: Annotated[
        Literal["email", "wework-message", "wework-chat", "sms", "voice"],
        Meta(description="The way the message takes."),
    ]
    receivers: Annotated[
        Text | Receivers, Meta(description="Who gets it: a list, or text with commas between the names.")
    ]
    content: Annotated[Text, Meta(description="What to say.")]


def _prepare(settings: NotifySettings, order: Order) -> Action:
    given = settings.receivers.split(",") if isinstance(settings.receivers, str) else settings.receivers
    receivers = tuple(name.strip() for name in given if name.strip())
    return Notify(types=(settings.type,), receivers=receivers, content=settings.content)


KIND = StepKind(
    name="ferrymanNotify",
    summary="Sends a message to people.",
    settings=NotifySettings,
    needs_machine=False,
    capabilities=(Capability.MESSAGES,),
    prepare=_prepare,
)
