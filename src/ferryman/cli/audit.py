"""`ferryman audit`: every change and decision, by whom, when, why."""

import click

from ferryman.cli import ages, options, session, shown

OWN = "ferryman:"
"""What actions of Ferryman's own begin with; the table leaves it out."""


@click.command(short_help="Show who changed and decided what.")
@click.option("--by", metavar="PERSON", default="", show_default=False, help="Only what this person did.")
@click.option(
    "--action", metavar="ACTION", default="", show_default=False, help="Only this, as in ferryman:CancelRun."
)
@click.option(
    "--subject",
    metavar="KIND/NAME",
    default="",
    show_default=False,
    help="Only about this, as in run/ID or pipeline/ID.",
)
@click.option(
    "--since", metavar="AGE", default="", show_default=False, help="Not older than this: 90s, 10m, 2h, 1d."
)
@click.option("--all-projects", is_flag=True, help="Of the whole installation, not of one project.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, help="How many, from the newest.")
@options.data
@options.project
@options.table_output
@options.color
def audit(
    by: str,
    action: str,
    subject: str,
    since: str,
    all_projects: bool,
    limit: int,
    data: str | None,
    output: str,
) -> None:
    """Show who changed and decided what, when and why, the newest first.

    \b
    Examples:
      ferryman audit --since 1d
      ferryman audit --subject run/0194f3c2a1b07c3e9d5f60718293a4b5 --output json
    """
    first = ages.since(since)
    # The table shows actions without their first part, so they may be asked for without it.
    action = f"{OWN}{action}" if action and ":" not in action else action
    found = session.read(
        data,
        lambda client: client.access.audit(
            by=by, action=action, subject=subject, since=first, whole=all_projects, limit=limit
        ),
    )
    if shown.as_form(found, output):
        return
    shown.table(
        ("WHEN", "WHO", "PROJECT", "DID", "ABOUT", "WHY"),
        (
            (
                shown.moment(one.at),
                one.by,
                one.project,
                one.action.removeprefix(OWN),
                one.subject,
                one.reason,
            )
            for one in found
        ),
    )
