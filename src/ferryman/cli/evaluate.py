"""`ferryman evaluate`: try an expression (CFG-5)."""

from typing import Any

import click

from ferryman.cli import completion, options, session, texts


@click.command(short_help="Try an expression.")
@click.argument("expression")
@options.values("A variable, or with a dot in its name a value of a context (ci.actor=kim); may be repeated.")
@click.option(
    "--run",
    metavar="RUN",
    default="",
    show_default=False,
    shell_complete=completion.runs,
    help="Try it on this run: what its conditions see as it stands, with the values of --with in place of its own.",
)
@click.option(
    "--dialect",
    type=click.Choice(["constrained", "classic"]),
    show_default="that of the run, else constrained",
    help="How the text is read: as in files, or as in models.",
)
@click.option(
    "--zone", show_default="that of the run, else UTC", help="The time zone that strToTime reads times in."
)
@options.data
@options.project
@options.output("text", "json", "yaml")
def evaluate(
    expression: str,
    values: dict[str, str],
    run: str,
    dialect: str | None,
    zone: str | None,
    data: str | None,
    output: str,
) -> None:
    """Evaluate an expression as a condition would be, and say because of what it holds or not.

    Exits with 1 when it cannot be evaluated. Sensitive values of a run are hidden from it.

    \b
    Examples:
      ferryman evaluate "variables.branch == 'main'" --with branch=dev
      ferryman evaluate "startsWith(ci.branch, 'release/')" --with ci.branch=release/2
      ferryman evaluate "jobs.build.status == 'FAILED'" --run shop-release#3
    """
    from ferryman import definition

    context: dict[str, Any] = dict(values)
    if run:
        seen = session.read(data, lambda client: client.seen(run))
        dialect, zone = dialect or seen.dialect, zone or seen.zone
        context = _with(seen.names, values)
    else:
        context |= {f"variables.{name}": value for name, value in values.items() if "." not in name}
        context = context or {"variables": {}}
    dialect, zone = dialect or "constrained", zone or "UTC"
    value = _whole(definition.evaluate(expression, context, dialect=dialect, zone=zone))
    judgement = definition.judge(expression, context, dialect=dialect, zone=zone)
    because = judgement.because.sentence()
    told = {"value": value, "holds": judgement.value, "because": because}
    match output:
        case "text":
            click.echo(texts.plain(value if isinstance(value, str) else texts.as_json(value)))
            click.echo(f"{'holds' if judgement.value else 'does not hold'}: {texts.plain(because)}")
        case "yaml":
            click.echo(texts.as_yaml(told), nl=False)
        case _:
            click.echo(texts.as_json(told))


def _with(names: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """What a run sees, with these values in place of its own; variables are there by their plain names too."""
    for name, value in values.items():
        first, dot, rest = name.partition(".")
        place = names.setdefault(first, {}) if dot else names["variables"]
        if isinstance(place, dict):
            place[rest or first] = value
    return {**names["variables"], **names}


def _whole(value: object) -> object:
    """The language has one sort of number; whole ones are shown without a point, as it writes them itself."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value
