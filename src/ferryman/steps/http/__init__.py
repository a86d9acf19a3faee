"""ferrymanHttp: send one request and judge the answer (pipeline-yaml 15.1)."""

import json
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from ferryman.domain.work import Action, CallHttp
from ferryman.steps.inputs import Address, Text
from ferryman.steps.kind import Capability, Output, StepKind
from ferryman.steps.order import Order

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


def _prepare(settings: HttpSettings, order: Order) -> Action:
    headers, body = dict(settings.headers), settings.body
    if body is None or isinstance(body, str):
        text = body or ""
    else:
        text = json.dumps(body, ensure_ascii=False)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
    return CallHttp(
        url=settings.url,
        method=settings.method,
        headers=headers,
        body=text,
        expect_status=settings.expect_status,
        expect_text=settings.expect_text or "",
        tries=settings.retry + 1,
    )


KIND = StepKind(
    name="ferrymanHttp",
    summary="Sends one HTTP request and fails unless the answer is as expected.",
    settings=HttpSettings,
    needs_machine=False,
    outputs=(Output("status", "the status of the answer"), Output("body", "the text of the answer")),
    capabilities=(Capability.NETWORK,),
    prepare=_prepare,
)
