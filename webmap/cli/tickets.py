"""`wangge tickets`: the history of tickets proven, and anchored outside."""

from pathlib import Path

import click

from geodata.services import chain
from webmap.cli import REFUSED
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json

SHOWN = 20


@click.group(epilog="\b\nExample: wangge tickets verify")
def command() -> None:
    """Tickets and their history."""


@command.command(epilog="\b\nExample: wangge tickets verify\nExample: wangge tickets verify --json")
@json_option
@data_option
def verify(*, as_json: bool, data: Path | None) -> int:
    """Check every chain of events, and every ticket against its events; exit code 1 when anything is wrong."""
    with work(data) as session:
        report = chain.verify(session)
    if as_json:
        show_json(report.to_json())
    else:
        click.echo(
            f"{report.tickets} tickets, {report.events} events, {report.anchors} anchors; digest {report.digest}"
        )
        for fault in report.faults[:SHOWN]:
            click.echo(f"  {fault.what} {fault.number}: {fault.detail}", err=True)
        if len(report.faults) > SHOWN:
            click.echo(f"  … {len(report.faults) - SHOWN} more, with --json", err=True)
    return 0 if report.is_whole else REFUSED


@command.command(epilog="\b\nExample: wangge tickets anchor >> /media/usb/anchors.txt")
@json_option
@data_option
def anchor(*, as_json: bool, data: Path | None) -> None:
    """Write down what all chains come to; keep the line it prints outside this machine."""
    with work(data) as session:
        made = chain.anchor(session)
        facts = {"anchor": made.id, "events": made.events, "digest": made.digest}
    if as_json:
        show_json(facts)
    else:
        click.echo(f"anchor {made.id}: {made.events} events, digest {made.digest}")
