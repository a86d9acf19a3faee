"""`ferryman keys`: access keys and tokens. A secret is shown when it is made, and never again (API-8)."""

import click

from ferryman.cli import made, options, session, shown, texts

DAY = 24 * 60 * 60 * 1_000
owner = click.option(
    "--owner", metavar="NAME", default="", show_default="everybody", help="Only of this person."
)


@click.group(short_help="Make access keys and tokens.")
def keys() -> None:
    """Make, list and withdraw access keys, which sign requests, and tokens, which are brought along with them.

    \b
    Examples:
      ferryman keys make ann
      ferryman keys make-token ann --name ci --days 90 --scope "*:Get*"
    """


@keys.command("list", short_help="List access keys.")
@owner
@options.data
@options.table_output
@options.color
def list_keys(owner: str, data: str | None, output: str) -> None:
    """List access keys, without their secrets.

    \b
    Examples:
      ferryman keys list --owner ann
    """
    found = session.read(data, lambda client: client.access.keys(owner))
    if shown.as_form(found, output):
        return
    shown.table(
        ("ID", "OWNER", "STATE", "MADE", "LAST USED", "EXPIRES"),
        (
            (
                one.id,
                one.owner,
                "enabled" if one.enabled else "disabled",
                shown.moment(one.created_at),
                made.since(one.used_at),
                made.since(one.expires_at),
            )
            for one in found
        ),
    )


@keys.command("make", short_help="Make an access key.")
@click.argument("owner", metavar="OWNER")
@options.data
@options.output("text", "json", "yaml")
@options.color
def make_key(owner: str, data: str | None, output: str) -> None:
    """Make an access key for somebody; its secret is shown this once.

    \b
    Examples:
      ferryman keys make ann
    """
    key = session.change(data, lambda client: client.access.make_key(owner))
    if not shown.as_form(key, output):
        click.echo(f"id      {key.id}")
        made.once("secret", key.secret)


@keys.command("disable", short_help="Let an access key sign nothing.")
@click.argument("key", metavar="ID")
@made.again
@options.data
@options.color
def disable_key(key: str, undo: bool, data: str | None) -> None:
    """Let an access key sign nothing any more, from the next request on.

    \b
    Examples:
      ferryman keys disable FKq3…
      ferryman keys disable FKq3… --undo
    """
    session.change(data, lambda client: client.access.disable_key(key, disabled=not undo))
    click.echo(f"{texts.plain(key)} is {'enabled' if undo else 'disabled'}")


@keys.command("remove", short_help="Remove an access key.")
@click.argument("key", metavar="ID")
@options.data
@options.color
def remove_key(key: str, data: str | None) -> None:
    """Remove an access key for ever.

    \b
    Examples:
      ferryman keys remove FKq3…
    """
    session.change(data, lambda client: client.access.remove_key(key))
    click.echo(f"{texts.plain(key)} is removed")


@keys.command("tokens", short_help="List tokens.")
@owner
@options.data
@options.table_output
@options.color
def list_tokens(owner: str, data: str | None, output: str) -> None:
    """List tokens with what they are limited to and when they were last used; their text is never shown again.

    \b
    Examples:
      ferryman keys tokens --owner ann --output json
    """
    found = session.read(data, lambda client: client.access.tokens(owner))
    if shown.as_form(found, output):
        return
    shown.table(
        ("ID", "NAME", "OWNER", "STATE", "LAST USED", "EXPIRES", "PROJECTS", "SCOPES"),
        (
            (
                one.id,
                one.name,
                one.owner,
                "revoked" if one.revoked_at else "good",
                made.since(one.used_at),
                made.since(one.expires_at),
                made.listed(one.projects, "all"),
                made.listed(one.scopes, "all"),
            )
            for one in found
        ),
    )


@keys.command("make-token", short_help="Make a token.")
@click.argument("owner", metavar="OWNER")
@click.option("--name", metavar="TEXT", default="", show_default=False, help="What it is for.")
@click.option(
    "--days", type=click.IntRange(1, 36_500), show_default="never", help="It expires after so many days."
)
@click.option(
    "--scope",
    "scopes",
    metavar="PATTERN",
    multiple=True,
    show_default="whatever the owner may",
    help='Limit it to these actions, such as "*:Get*"; may be repeated.',
)
@click.option(
    "--project",
    "projects",
    metavar="NAME",
    multiple=True,
    show_default="wherever the owner is a member",
    help="Limit it to this project; may be repeated.",
)
@options.data
@options.output("text", "json", "yaml")
@options.color
def make_token(
    owner: str,
    name: str,
    days: int | None,
    scopes: tuple[str, ...],
    projects: tuple[str, ...],
    data: str | None,
    output: str,
) -> None:
    """Make a token for somebody; its text is shown this once.

    \b
    Examples:
      ferryman keys make-token ann --name laptop
      ferryman keys make-token ci --days 90 --project demo --scope "*:Get*" --scope "*:StartRun"
    """
    expires_at = shown.now() + days * DAY if days else 0
    token = session.change(
        data,
        lambda client: client.access.make_token(
            owner, name=name, scopes=scopes, projects=projects, expires_at=expires_at
        ),
    )
    if not shown.as_form(token, output):
        click.echo(f"id     {token.id}")
        made.once("token", token.text)


@keys.command("revoke-token", short_help="Revoke a token.")
@click.argument("token", metavar="ID")
@options.data
@options.color
def revoke_token(token: str, data: str | None) -> None:
    """Let a token open nothing any more, from the next request on.

    ID is the one that `ferryman keys tokens` shows.

    \b
    Examples:
      ferryman keys revoke-token 5f0c2a9be118
    """
    session.change(data, lambda client: client.access.revoke_token(token))
    click.echo(f"{texts.plain(token)} is revoked")
