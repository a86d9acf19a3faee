"""What several commands of access share: the secret that is shown once, what is undone, and how cells are filled."""

import click

from ferryman.cli import shown, texts

again = click.option("--undo", is_flag=True, help="Enable it again instead.")


def once(label: str, secret: str) -> None:
    """Show a secret that was just made: this once."""
    click.echo(f"{label}  {texts.plain(secret)}")
    click.echo("keep it safe: it is not shown again", err=True)


def listed(names: tuple[str, ...], empty: str = "") -> str:
    """Names in one cell of a table."""
    return ", ".join(names) or empty


def since(at: int) -> str:
    """A time, or that it never was."""
    return shown.moment(at) or "never"
