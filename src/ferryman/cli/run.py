"""`ferryman run`: run a pipeline file to its end, in the foreground."""

import os
import shlex
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ferryman.cli import loading, options, problems, session, shown, texts
from ferryman.cli.exits import Exit, Stop
from ferryman.domain.errors import Refused
from ferryman.domain.values import LONGEST_VALUE

if TYPE_CHECKING:
    from ferryman.app.beside import Reached
    from ferryman.client import Client
    from ferryman.domain.pipeline import Pipeline
    from ferryman.domain.values import Parameter
    from ferryman.domain.views import RunView

CALL = "subPipelineCall"
CALL_SETTINGS = ("subPipelineId", "subPipelineName")
ENDINGS = (".yaml", ".yml", ".json", "")
"""How the file of a called pipeline may end (RULINGS 26)."""


@click.command(short_help="Run a pipeline to its end.")
@options.file
@options.values("A start value; may be repeated.", name="--param")
@options.data
@options.project
@click.option(
    "--approve",
    metavar="GATE",
    multiple=True,
    help="Approve this stage or step when it asks, in the name of whoever is asked; may be repeated.",
)
@options.reason("Why it is started; pipelines see it as ci.build_msg.")
@click.option(
    "--key",
    metavar="TEXT",
    default="",
    show_default=False,
    help="Started again with the same key, the run that is there is followed.",
)
@click.option(
    "--detach",
    is_flag=True,
    help="Have the server of the data folder run it, and end once the start is kept; follow it with `ferryman watch`.",
)
@options.output("text", "json", "yaml")
@options.accept_vendor_keys
@options.color
def run(
    file: str,
    values: dict[str, str],
    data: str | None,
    approve: tuple[str, ...],
    reason: str,
    key: str,
    detach: bool,
    output: str,
    accept_vendor_keys: bool,
) -> None:
    """Run a pipeline to its end and show how it goes: a tree on a terminal, else one line for each change.

    Reviews are asked for at the terminal, or answered by `ferryman approve` from another one. Ctrl-C cancels the run, a
    second one forces it to its end. Exits with 0 when the run succeeded, 1 when not, 7 when its time ran out, 130 after
    Ctrl-C. Runs that were interrupted before are taken up too. Where another process holds the data
    folder, the run is started there.

    \b
    Examples:
      ferryman run release.yaml
      ferryman run release.yaml --param target=production --approve staging
      ferryman run release.yaml --output json | jq .outcome
      ferryman run release.yaml --detach
    """
    from ferryman.cli import following

    if detach and approve:
        raise Stop("--approve needs somebody who follows the run: leave out --detach", Exit.USAGE)
    loaded = loading.load_file(file, accept_vendor_keys=accept_vendor_keys)
    for problem in loading.all_warnings(loaded, data):
        click.echo(problems.line(texts.shown(file), problem), err=True)
    _check_values(loaded.definition.pipeline, values)
    _check_gates(loaded.definition.pipeline, approve)

    async def start(client: "Client") -> "RunView":
        await _save_called(client, loaded.definition.pipeline, file, seen=set(), way=(str(Path(file)),))
        saved = await _save(client, file, loaded)
        try:
            view = await client.start(saved, values=values, reason=reason, key=key)
        except Refused as refused:
            if refused.reason != "value-missing":
                raise
            raise Stop(f"{refused}: --param {refused.path}=VALUE", Exit.USAGE) from refused
        if output == "text":
            click.echo(f"{texts.plain(view.name)} #{view.number}  ({view.id})")
        return view

    async def take_up_and_start(reached: "Reached") -> "RunView":
        if reached.recovered and output == "text":
            click.echo(f"taking up {problems.count(reached.recovered, 'interrupted run')}")
        return await start(reached.client)

    if detach:
        view = session.ask_server(data, start)
        if not shown.as_form(view, output):
            words = ["ferryman", "watch", view.id, *(("--data", data) if data is not None else ())]
            click.echo(texts.plain(f"the server runs it; follow it with: {shlex.join(words)}"))
        return
    manner = following.Manner(approve=approve, quiet=output != "text")
    view, code = following.work_on(data, take_up_and_start, manner)
    shown.as_form(view, output)
    click.get_current_context().exit(code)


def _check_values(pipeline: "Pipeline", values: dict[str, str]) -> None:
    """Refuse a value that its kind does not allow; say which does not count and what nobody declared (CFG-4, ERR-3)."""
    declared = {parameter.name: parameter for parameter in pipeline.parameters}
    for name, value in values.items():
        parameter = declared.get(name)
        if parameter is None:
            near = get_close_matches(name, declared, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            click.echo(texts.clipped(texts.plain(f"note: {name} is not declared{hint}")), err=True)
            continue
        if len(value) > LONGEST_VALUE and not pipeline.fail_on_long_value:
            most = f"{len(value):,} characters are more than {LONGEST_VALUE:,}"
            click.echo(texts.plain(f"note: the value of {name} is dropped: {most}"), err=True)
            continue
        if parameter.constant or not parameter.settable:
            what = "is a constant" if parameter.constant else "takes no value at a start"
            click.echo(texts.plain(f"note: {name} {what}; the value given for it does not count"), err=True)
            continue
        if wrong := _wrong(parameter, value):
            raise Stop(texts.plain(wrong), Exit.USAGE)


def _wrong(parameter: "Parameter", value: str) -> str:
    """Why a parameter cannot have this value, by its kind; empty if it can."""
    choices = [choice for choice, _ in parameter.options]
    if parameter.kind == "boolean":
        odd = [] if value in ("true", "false") else [value]
        wants = f"neither true nor false, as {parameter.name} has to be"
    elif parameter.kind in ("choice", "choices") and choices:
        given = [value] if parameter.kind == "choice" else [one for one in value.split(",") if one]
        odd = [one for one in given if one not in choices]
        wants = f"none of the choices of {parameter.name}: {', '.join(choices)}"
    else:
        odd, wants = [], ""
    told = "that value" if parameter.sensitive else "".join(odd[:1]) or "an empty value"
    return f"{told} is {wants}" if odd else ""


def _check_gates(pipeline: "Pipeline", approve: tuple[str, ...]) -> None:
    """Refuse a promise for what no stage or step is called, which would never be kept (ERR-3)."""
    steps = [step for stage in pipeline.stages for job in stage.jobs for step in job.steps]
    words = [(stage.id, stage.name) for stage in pipeline.stages] + [(step.id, step.name) for step in steps]
    known = [word for pair in words for word in pair if word]
    for gate in approve:
        # A path ends with an id; which of the jobs of a matrix it goes through is known only later.
        if gate not in known and gate.rpartition("/")[2] not in known:
            near = get_close_matches(gate.rpartition("/")[2], known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise Stop(texts.plain(f"--approve {gate}: there is no such stage or step{hint}"), Exit.USAGE)


async def _save(client: "Client", file: str, loaded: loading.Loaded) -> str:
    """Keep the definition that was loaded; the identifier of its pipeline."""
    from ferryman import definition

    name = "" if file == texts.STANDARD_INPUT else texts.shown(file)
    if loaded.form == "model":
        saved = await client.save(model=definition.to_model(loaded.definition), name=name)
    else:
        saved = await client.save(text=loaded.definition.text, name=name)
    return saved.pipeline


async def _save_called(
    client: "Client", pipeline: "Pipeline", file: str, *, seen: set[str], way: tuple[str, ...]
) -> None:
    """Keep the pipelines that this one calls, where files of their names stand beside the caller's (RULINGS 26). `way`
    leads from the file that is to run to this one; no call may lead back to it (CFG-7)."""
    folder = Path(file).parent
    for name in _called(pipeline):
        place = next(
            (folder / (name + end) for end in ENDINGS if os.path.isfile(folder / (name + end))), None
        )
        if place is not None and str(place) in way:
            circle = " → ".join(Path(each).name for each in (*way[way.index(str(place)) :], str(place)))
            raise Stop(
                texts.plain(f"{texts.shown(file)} cannot be used: calls go in a circle: {circle}"),
                Exit.FAILED,
            )
        if place is None or str(place) in seen:
            continue
        seen.add(str(place))
        loaded = loading.load_file(str(place))
        await _save_called(client, loaded.definition.pipeline, str(place), seen=seen, way=(*way, str(place)))
        await client.save(text=loaded.definition.text, name=place.name, pipeline=name)


def _called(pipeline: "Pipeline") -> set[str]:
    steps = (step for stage in pipeline.stages for job in stage.jobs for step in job.steps)
    named = {step.settings.get(setting) for step in steps if step.kind == CALL for setting in CALL_SETTINGS}
    return {name for name in named if isinstance(name, str) and name and "$" not in name and "/" not in name}
