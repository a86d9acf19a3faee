"""`ferryman validate`: every fault of every file in one pass, without a server (CLI-11)."""

import click
import msgspec

from ferryman.cli import loading, options, problems, texts
from ferryman.cli.exits import Exit, Stop
from ferryman.domain.errors import Invalid


@click.command(short_help="Check files and models; tell every fault.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@options.output("text", "json", "yaml", "github")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@options.accept_vendor_keys
@options.strict_scripts
@options.color
def validate(
    files: tuple[str, ...], output: str, strict: bool, accept_vendor_keys: bool, strict_scripts: bool
) -> None:
    """Check pipeline files and models, and tell every fault of all of them at once.

    FILE is a pipeline file (YAML) or a model (JSON), told apart by content; `-` reads the standard input. Works
    offline. Exits with 1 when a file has errors.

    \b
    Examples:
      ferryman validate release.yaml
      ferryman validate --strict pipelines/*.yaml
      ferryman validate --output github .ci/*.yaml
      generate-pipeline | ferryman validate --output json -
    """
    reports = []
    unreadable = Exit.DONE
    for name in files:
        try:
            content = texts.read(name)
        except Stop as stop:
            # The other files are still worth looking at.
            click.echo(f"Error: {texts.clipped(stop.message)}", err=True)
            unreadable = unreadable or Exit(stop.exit_code)
            reports.append(problems.FileReport(file=texts.shown(name), valid=False, unreadable=stop.message))
            continue
        reports.append(_check(name, content, accept_vendor_keys, strict_scripts))
    told = problems.report(reports)
    match output:
        case "text":
            lines = problems.as_text(told)
        case "github":
            lines = problems.as_annotations(told)
        case "yaml":
            lines = iter([texts.as_yaml(msgspec.to_builtins(told)).rstrip("\n")])
        case _:
            lines = iter([texts.as_json(told)])
    for line in lines:
        click.echo(line)
    invalid = told.errors or (strict and told.warnings)
    click.get_current_context().exit(unreadable or (Exit.FAILED if invalid else Exit.DONE))


def _check(name: str, content: bytes, accept_vendor_keys: bool, strict_scripts: bool) -> problems.FileReport:
    shown = texts.shown(name)
    try:
        loaded = loading.load(
            name, content, accept_vendor_keys=accept_vendor_keys, strict_scripts=strict_scripts
        )
    except Invalid as invalid:
        return problems.FileReport(file=shown, valid=False, problems=invalid.problems)
    return problems.FileReport(file=shown, valid=True, problems=loading.all_warnings(loaded))
