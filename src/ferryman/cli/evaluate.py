"""`ferryman evaluate`: try an expression (CFG-5)."""

import click

from ferryman.cli import options, texts


@click.command(short_help="Try an expression.")
@click.argument("expression")
@options.values("A variable, or with a dot in its name a value of a context (ci.actor=kim); may be repeated.")
@click.option(
    "--dialect",
    type=click.Choice(["constrained", "classic"]),
    default="constrained",
    help="How the text is read: as in files, or as in models.",
)
@click.option("--zone", default="UTC", help="The time zone that strToTime reads times in.")
@options.output("text", "json", "yaml")
def evaluate(expression: str, values: dict[str, str], dialect: str, zone: str, output: str) -> None:
    """Evaluate an expression as a condition would be, and say because of what it holds or not.

    Exits with 1 when it cannot be evaluated.

    \b
    Examples:
      ferryman evaluate "variables.branch == 'main'" --with branch=dev
      ferryman evaluate "startsWith(ci.branch, 'release/')" --with ci.branch=release/2
    """
    from ferryman import definition

    context: dict[str, object] = dict(values)
    context |= {f"variables.{name}": value for name, value in values.items() if "." not in name}
    context = context or {"variables": {}}
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


def _whole(value: object) -> object:
    """The language has one sort of number; whole ones are shown without a point, as it writes them itself."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value
