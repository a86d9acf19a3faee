"""Golden pairs: what goes over BK-CI's wire, request and answer as they are, kept in files to be read by people.

One file is one story, told to a server of its own. It holds pairs one after another:

    ### a title
    # given a finished build of talk
    GET /ms/openapi/api/apigw/v4/projects/demo/logs/log_mode?buildId={build-1} HTTP/1.1
    X-DEVOPS-UID: operator

    HTTP/1.1 200
    content-type: application/json; charset=utf-8

    {"status":0,"data":{"buildId":"{build-1}","finished":true,"logMode":"UPLOAD"}}

What differs from one telling to the next stands as a placeholder: moments, durations, the id of a request, and ids that
are made anew (numbered by kind, in the order of their first appearance; a request may use what was shown before it).
Lines with a `#` in front of a request are done before it; `DIRECTIVES` has them all.

With FERRYMAN_REWRITE_GOLDEN=1 the answers in the files are written anew, to be looked at with `git diff`.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from ferryman.services import Caller
from ferryman.testing.http import Answered, ask
from ferryman.testing.server import InProcess

REWRITE = "FERRYMAN_REWRITE_GOLDEN"
FOLDER = Path(__file__).parent
FINISHED = "finished"

MADE = {
    "pipeline": r"\bp-[0-9a-f]{32}\b",
    "build": r"\bb-[0-9a-f]{32}\b",
    "drawn": r'"(?:id|groupId)":"([0-9a-f]{32})"',
}
"""Kind → the form of ids that are made anew each time; `drawn` are those that are told by their field alone."""
PASSING = (
    (r"\[request [0-9a-f]{32}\]", "[request {id}]"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?::\d{3})?\b", "{moment}"),
    (r"\b1[6-9]\d{11}\b", "{ms}"),
    (r"(Time\":)1[6-9]\d{8}\b", r"\1{seconds}"),
    (r"((?:[eE]lapsed|totalTime|[eE]xecuteTime|\w+Cost)\":)\d+\b", r"\1{duration}"),
    (r"\bafter \d+ ms\b", "after {duration}"),
)
"""What differs each time and is never asked for → what stands for it."""
TOLD_HEADERS = ("content-type", "content-disposition")


class Pair(NamedTuple):
    """A request and its answer."""

    title: str
    directives: tuple[str, ...]
    request: str
    answer: str


class Placeholders:
    """Names for what is made anew, in both directions, through one story."""

    def __init__(self) -> None:
        self._name_of: dict[str, str] = {}

    def name(self, kind: str, value: str) -> None:
        """Let the next name of this kind stand for a value."""
        number = 1 + sum(name.startswith(f"{{{kind}-") for name in self._name_of.values())
        if value not in self._name_of:
            self._name_of[value] = f"{{{kind}-{number}}}"
            # What is said to people may hold the id as it is inside.
            prefix, _, inner = value.partition("-")
            if prefix and inner:
                self._name_of[inner] = f"{{inner-{kind}-{number}}}"

    def hidden(self, text: str) -> str:
        """A text with names for values."""
        for kind, form in MADE.items():
            for value in re.findall(form, text):
                self.name(kind, value)
        for value, name in self._name_of.items():
            text = text.replace(value, name)
        for form, name in PASSING:
            text = re.sub(form, name, text)
        return text

    def shown(self, text: str) -> str:
        """A text with values for names."""
        for value, name in self._name_of.items():
            text = text.replace(name, value)
        return text


def read(text: str) -> list[Pair]:
    """The pairs of a file."""
    return [_pair(part) for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]]


def written(pairs: list[Pair]) -> str:
    """A file of pairs."""
    return "\n".join(
        "\n".join(
            (
                f"### {pair.title}",
                *(f"# {line}" for line in pair.directives),
                pair.request,
                "",
                pair.answer,
                "",
            )
        )
        for pair in pairs
    )


async def replayed(server: InProcess, pairs: list[Pair]) -> list[Pair]:
    """The same requests, with what this server answers to them."""
    known = Placeholders()
    told: list[Pair] = []
    for pair in pairs:
        for line in pair.directives:
            await _done(server, known, line)
        answer = await _sent(server.address, known.shown(pair.request))
        told.append(pair._replace(answer=known.hidden(_text_of(answer))))
    return told


def _pair(part: str) -> Pair:
    title, _, rest = part.partition("\n")
    directives, request = [], rest
    while request.startswith("# "):
        line, _, request = request.removeprefix("# ").partition("\n")
        directives.append(line)
    request, mark, answer = request.partition("\n\nHTTP/1.1 ")
    return Pair(title, tuple(directives), request.rstrip("\n"), f"{mark.lstrip()}{answer}".rstrip("\n"))


async def _sent(address: str, request: str) -> Answered:
    head, _, body = request.partition("\n\n")
    line, *headers = head.split("\n")
    method, path, _ = line.split(" ")
    sent = dict(header.split(": ", 1) for header in headers)
    return await ask(address, method, path, body=body.encode() or None, headers=sent)


def _text_of(answer: Answered) -> str:
    headers = [f"{name}: {answer.headers[name]}" for name in TOLD_HEADERS if name in answer.headers]
    return "\n".join((f"HTTP/1.1 {answer.status}", *headers, "", answer.body.decode())).rstrip("\n")


async def _done(server: InProcess, known: Placeholders, line: str) -> None:
    for form, do in DIRECTIVES.items():
        if found := re.fullmatch(form, line):
            await do(server, known, *found.groups())
            return
    raise AssertionError(f"nobody knows how to do this: {line}")


async def _given_build(server: InProcess, known: Placeholders, name: str) -> None:
    """Save the pipeline file of this name that stands beside the stories, run it, and wait for its end."""
    services = server.house.services
    assert services is not None
    saved = await services.pipelines.save(OWNER, text=(FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    started = await services.requests.start(OWNER, pipeline=saved.pipeline)
    known.name("build", f"b-{started.id}")
    await _until(server, known, f"b-{started.id}", FINISHED)


async def _until(server: InProcess, known: Placeholders, build: str, phase: str) -> None:
    """Wait until a build is in a phase, or until it waits for people."""
    services = server.house.services
    assert services is not None
    async for view in services.runs.watch(OWNER, run=known.shown(build).removeprefix("b-")):
        if view.phase == phase:
            return
    raise AssertionError(f"{build} ended before it was {phase}")


OWNER = Caller(name="operator", project="demo")
Directive = Callable[..., Awaitable[None]]
DIRECTIVES: dict[str, Directive] = {
    r"given a finished build of (\w+)": _given_build,
    r"until (\{build-\d+\}) is (\w+)": _until,
}
"""What may stand before a request → what is done."""
