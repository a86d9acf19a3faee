"""`ferryman secrets`: secrets by name.

A value comes from a prompt, a file or the standard input, never from an argument: everybody on the machine can read
those (CLI-15).
"""

import json
import sys
from typing import Any

import click

from ferryman.cli import options, problems, session, shown, texts
from ferryman.cli.exits import Exit, Stop

PLAIN = "value"
"""The field of a secret that has only one."""


@click.group(short_help="Keep secrets for pipelines.")
def secrets() -> None:
    """Keep secrets that pipelines use by name; their values are never shown again.

    A step reads one as `${{ settings.NAME.FIELD }}`.

    \b
    Examples:
      ferryman secrets set registry
      ferryman secrets list
    """


@secrets.command("set", short_help="Keep a secret.")
@click.argument("name", metavar="NAME")
@click.option(
    "--field",
    "fields",
    metavar="FIELD",
    multiple=True,
    show_default=PLAIN,
    help="A field to give a value, such as username or password; may be repeated.",
)
@click.option(
    "--from-file",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    show_default="asked at the terminal",
    help="Take the value from this file, whole but for a last line end; `-` is the standard input.",
)
@click.option(
    "--from-json",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Take fields and values from this file, a JSON object of texts; `-` is the standard input.",
)
@options.data
@options.project
@options.color
def set_secret(
    name: str, fields: tuple[str, ...], from_file: str | None, from_json: str | None, data: str | None
) -> None:
    """Keep a secret, in place of one of the same name.

    Its values are asked for, unseen, or read from a file: one value as it stands, or several fields as JSON, such as
    `{"username": "…", "password": "…"}`.

    \b
    Examples:
      ferryman secrets set registry --field username --field password
      ferryman secrets set deploy-key --field privateKey --from-file id_ed25519
      pass show registry | ferryman secrets set registry --field token --from-file -
      pass show registry.json | ferryman secrets set registry --from-json -
    """
    values = _values(name, fields, from_file, from_json)
    written = session.change(data, lambda client: client.write_secret(name, values))
    for remark in written.remarks:
        click.echo(f"warning: {texts.plain(remark)}", err=True)
    click.echo(f"{texts.plain(name)} is kept")


@secrets.command("list", short_help="List secrets, without values.")
@options.data
@options.project
@options.table_output
@options.color
def list_secrets(data: str | None, output: str) -> None:
    """List the names and fields of all secrets; values are never shown.

    \b
    Examples:
      ferryman secrets list --output json
    """
    found = session.read(data, lambda client: client.secrets())
    if shown.as_form(found, output):
        return
    shown.table(
        ("NAME", "FIELDS", "WRITTEN", "BY"),
        ((one.name, ", ".join(one.fields), shown.moment(one.created_at), one.created_by) for one in found),
    )


@secrets.command("remove", short_help="Remove a secret.")
@click.argument("name", metavar="NAME")
@options.data
@options.project
@options.color
def remove_secret(name: str, data: str | None) -> None:
    """Remove a secret; steps that need it fail from now on.

    \b
    Examples:
      ferryman secrets remove registry
    """
    session.change(data, lambda client: client.remove_secret(name))
    click.echo(f"{texts.plain(name)} is removed")


@secrets.command("change-key", short_help="Seal everything anew under a new key.")
@options.data
@options.project
@options.color
def change_key(data: str | None) -> None:
    """Make a new key, seal all secrets and access keys of all projects anew under it, and forget the key before.

    Nothing has to stop meanwhile. A backup that was made before opens with the key of that time only: keep that file
    with it, and a copy of the new one in a safe place.

    \b
    Examples:
      ferryman secrets change-key
    """
    from ferryman.app import beside

    beside.found(session.settings(data))
    sealed = session.change(data, lambda client: client.change_key())
    click.echo(f"sealed anew under a new key: {problems.count(sealed.count, 'secret')}")


def _values(
    name: str, fields: tuple[str, ...], from_file: str | None, from_json: str | None
) -> dict[str, str]:
    """The fields of a secret with their values, from where they shall come."""
    if from_json is not None:
        if fields or from_file is not None:
            beside = "--field" if fields else "--from-file"
            raise Stop(f"--from-json names the fields and holds their values: leave out {beside}", Exit.USAGE)
        return _fields_in(_text(from_json).removeprefix("\ufeff"), texts.shown(from_json))
    asked = fields or (PLAIN,)
    if from_file is not None:
        if len(asked) > 1:
            raise Stop(
                "a file holds one value: name one --field, or give all fields with --from-json", Exit.USAGE
            )
        return {asked[0]: _text(from_file).removesuffix("\n").removesuffix("\r")}
    if not sys.stdin.isatty():
        raise Stop(
            "there is no terminal to ask at: use --from-file FILE for one value, --from-json FILE for several fields; "
            "- is the standard input",
            Exit.USAGE,
        )
    return {
        field: click.prompt(f"{name}.{field}", hide_input=True, confirmation_prompt=True) for field in asked
    }


def _text(file: str) -> str:
    try:
        return texts.read(file).decode()
    except UnicodeDecodeError as error:
        raise Stop(f"{texts.shown(file)} is not text (UTF-8)", Exit.FAILED) from error


def _fields_in(text: str, file: str) -> dict[str, str]:
    """The texts of a JSON object by their names. What is said of a fault holds places and names, never a value."""
    try:
        members = json.loads(text, object_pairs_hook=_Members)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        # From nothing: the error that was caught holds the whole text.
        raise Stop(f"{file} is no JSON: {error.msg} at {where}", Exit.FAILED) from None
    except (RecursionError, ValueError):
        raise Stop(f"{file} is no JSON that can be read", Exit.FAILED) from None
    if not isinstance(members, _Members):
        raise Stop(f'{file} must hold a JSON object of texts, such as {{"username": "…"}}', Exit.FAILED)
    names = [name for name, _ in members]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Stop(f"{file} gives {_listed(twice)} more than once", Exit.FAILED)
    if other := [name for name, value in members if not isinstance(value, str)]:
        raise Stop(f"{file}: the value of {_listed(other)} must be a text, in quotes", Exit.FAILED)
    try:
        "".join(name + value for name, value in members).encode()
    except UnicodeEncodeError:
        raise Stop(f"{file} is not text: it holds half of a pair of escapes", Exit.FAILED) from None
    return dict(members)


class _Members(list[tuple[str, Any]]):
    """What stands in a JSON object, each as often as it is there."""


def _listed(names: list[str]) -> str:
    return texts.plain(", ".join(names))
