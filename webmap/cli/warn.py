"""`wangge warn`: warnings of stages whose time runs out."""

from pathlib import Path

import click

from geodata.services.warnings import warn
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json


@click.command(epilog="\b\nExample: wangge warn\nThe server does this every minute by itself.")
@json_option
@data_option
def command(*, as_json: bool, data: Path | None) -> None:
    """Warn of every step that running clocks have reached, once each."""
    with work(data) as session:
        count = warn(session)
    if as_json:
        show_json({"warnings": count})
    else:
        click.echo(f"{count} warnings")
