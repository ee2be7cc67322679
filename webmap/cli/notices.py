"""`wangge notices`: what people have been told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from geodata.services import notices
from webmap.cli.options import data_option, work


@click.group("notices", epilog="\b\nExample: wangge notices prune --days 90")
def command() -> None:
    """Notices to people who sign in."""


@command.command(epilog="\b\nExample: wangge notices prune --days 90\nThe server does this every day by itself.")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=notices.KEPT.days, show_default=True, help="Kept so long."
)
@data_option
def prune(*, days: int, data: Path | None) -> None:
    """Delete notices that are older, read or not."""
    with work(data) as session:
        count = notices.prune(session, before=datetime.now(UTC) - timedelta(days=days))
    click.echo(f"{count} notices deleted")
