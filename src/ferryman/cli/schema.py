"""`ferryman schema`: the JSON Schema of pipeline files, for editors (CFG-1)."""

import click

from ferryman.cli import options, texts


@click.command(short_help="Print the JSON Schema of pipeline files.")
@options.output_file
def schema(output_file: str | None) -> None:
    """Print the JSON Schema (draft-07) of pipeline files, which gives completion and checks in editors.

    \b
    Examples:
      ferryman schema --output-file pipeline.schema.json
      ferryman schema | jq '.properties | keys'
    """
    from ferryman import definition

    texts.write(texts.as_json(definition.schema()), output_file)
