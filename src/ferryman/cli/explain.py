"""`ferryman explain`: what a run of a pipeline would do, and why (a dry fold of the machine)."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click
import msgspec

from ferryman.cli import loading, options, texts
from ferryman.cli.exits import Exit, Stop
from ferryman.domain.errors import Refused

if TYPE_CHECKING:
    from ferryman.domain.pipeline import Pipeline

CONTEXT = "ci."
"""A value whose name begins so belongs to the context `ci`, not to the variables."""


@click.command(short_help="Show what a run would do, and why.")
@options.file
@options.values("A start value, or with ci. in front a value of context ci; may be repeated.")
@click.option(
    "--fail", metavar="PATH", multiple=True, help="Let this step fail at every attempt; may be repeated."
)
@click.option(
    "--reject",
    metavar="PATH",
    multiple=True,
    help="Let the people asked at this stage or step refuse; may be repeated.",
)
@options.output("text", "json", "yaml")
@options.accept_vendor_keys
@options.color
def explain(
    file: str,
    values: dict[str, str],
    fail: tuple[str, ...],
    reject: tuple[str, ...],
    output: str,
    accept_vendor_keys: bool,
) -> None:
    """Show what a run would do: what runs, what is skipped and why, whom and what it waits for.

    Nothing is run: every step is said to succeed, every question to be approved, every lock to be free. Paths are made
    of ids (staging/stage/put); the name of a step does where only one has it. Exits with 0 also where the run would
    fail.

    \b
    Examples:
      ferryman explain release.yaml --with target=production
      ferryman explain release.yaml --fail staging/stage/put
      ferryman explain release.yaml --reject staging --output json
    """
    from ferryman.cli.plan import nodes, paths, text
    from ferryman.cli.plan.fold import fold

    loaded = loading.load_file(file, accept_vendor_keys=accept_vendor_keys)
    pipeline = loaded.definition.pipeline
    steps, gates = tuple(paths.steps(pipeline)), tuple(paths.gates(pipeline))
    try:
        fails = frozenset(paths.found(path, steps, "step") for path in fail)
        rejects = frozenset(paths.found(path, gates, "stage or step that asks people") for path in reject)
    except paths.Unknown as unknown:
        raise Stop(str(unknown), Exit.USAGE) from unknown
    facts = {name.removeprefix(CONTEXT): text for name, text in values.items() if name.startswith(CONTEXT)}
    given = {name: text for name, text in values.items() if not name.startswith(CONTEXT)}
    try:
        dry = fold(pipeline, values=given, facts=facts, fails=fails, rejects=rejects)
    except Refused as refused:
        option = f": --with {refused.path}=VALUE" if refused.reason == "value-missing" else ""
        raise Stop(f"{refused}{option}", Exit.USAGE) from refused
    told = nodes.plan(dry, file=texts.shown(file), given=given)
    notes = [
        *_notes_on_values(pipeline, given),
        *nodes.never_met(told, fails, rejects),
        *loading.notes_on_machine(loaded),
    ]
    if not dry.complete:
        notes.append("the plan was cut short: it has too many events to be followed to its end")
    told = msgspec.structs.replace(told, notes=tuple(notes))
    match output:
        case "text":
            for line in text.lines(told):
                click.echo(line)
        case "yaml":
            click.echo(texts.as_yaml(msgspec.to_builtins(told)), nl=False)
        case _:
            click.echo(texts.as_json(told))


def _notes_on_values(pipeline: "Pipeline", given: dict[str, str]) -> Iterator[str]:
    """What is odd about the start values; a run would begin all the same."""
    declared = {parameter.name: parameter for parameter in pipeline.parameters}
    for name, value in given.items():
        parameter = declared.get(name)
        if parameter is None:
            near = get_close_matches(name, declared, n=1)
            yield f"{name} is not declared{f'; did you mean {near[0]}?' if near else ''}"
        elif parameter.constant or not parameter.settable:
            yield f"{name} cannot be set at the start; what was given is not used"
        elif parameter.options and not parameter.sensitive:
            choices = [choice for choice, _ in parameter.options]
            if value not in choices:
                yield f"{value} is none of the choices of {name}: {', '.join(choices)}"
