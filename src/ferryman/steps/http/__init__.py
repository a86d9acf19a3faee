"""ferrymanHttp: send one request and judge the answer (pipeline-yaml 15.1)."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from ferryman.steps.inputs import Address, Text
from ferryman.steps.kind import Capability, Output, StepKind

Status = Annotated[int, Meta(ge=100, le=599)]
Times = Annotated[int, Meta(ge=0, le=5)]


class HttpSettings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """The request, and what a good answer is."""

    url: Annotated[Address, Meta(description="The address to ask.")]
    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        Meta(description="The method of the request."),
    ] = "GET"
    headers: Annotated[dict[str, str], Meta(description="Headers to send.")] = field(default_factory=dict)
    body: Annotated[
        str | dict[str, Any] | tuple[Any, ...] | None,
        Meta(description="What to send: text as it is, a mapping or list as JSON."),
    ] = None
    expect_status: Annotated[Status, Meta(description="The status a good answer has.")] = 200
    expect_text: Annotated[Text | None, Meta(description="Text that a good answer contains.")] = None
    retry: Annotated[Times, Meta(description="How often to ask again after a bad answer or none.")] = 0


KIND = StepKind(
    name="ferrymanHttp",
    summary="Sends one HTTP request and fails unless the answer is as expected.",
    settings=HttpSettings,
    needs_machine=False,
    outputs=(Output("status", "the status of the answer"), Output("body", "the text of the answer")),
    capabilities=(Capability.NETWORK,),
)
