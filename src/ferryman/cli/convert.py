"""`ferryman convert`: a pipeline file to BK-CI's model, and back."""

import click

from ferryman.cli import loading, options, problems, texts


@click.command(short_help="Turn a file into a model, or back.")
@options.file
@click.option(
    "form",
    "--to",
    type=click.Choice(["yaml", "model"]),
    show_default="the other form",
    help="The form to write.",
)
@options.output_file
@options.accept_vendor_keys
@options.color
def convert(file: str, form: str | None, output_file: str | None, accept_vendor_keys: bool) -> None:
    """Turn a pipeline file (YAML) into a model (JSON), or a model into a file.

    FILE is told apart by its content; `-` reads the standard input. What the other form cannot say is listed on the
    standard error.

    \b
    Examples:
      ferryman convert release.yaml
      ferryman convert model.json --to yaml --output-file release.yaml
    """
    from ferryman import definition

    loaded = loading.load_file(file, accept_vendor_keys=accept_vendor_keys)
    wanted = form or ("model" if loaded.form == "yaml" else "yaml")
    told = list(loaded.definition.warnings)
    if wanted == "model":
        text = texts.as_json(definition.to_model(loaded.definition))
    else:
        text = definition.to_yaml(loaded.definition)
        told += definition.export_warnings(loaded.definition)
    for problem in told:
        click.echo(problems.line(texts.shown(file), problem), err=True)
    texts.write(text, output_file)
