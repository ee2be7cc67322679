"""`wangge geocode`: addresses to places."""

from pathlib import Path

import click

from geodata.services.geocoding import geocode_records, read_review, write_review
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import progress, show_json

KINDS = ("units", "points", "tickets")


@click.command(
    epilog="\b\nExample: wangge geocode --kind units --review review.xlsx\n"
    "Fill in the decision columns of the review file, then: wangge geocode --decisions review.xlsx"
)
@click.option("--kind", type=click.Choice(KINDS), default="units", show_default=True, help="Records to place.")
@click.option("--review", type=click.Path(dir_okay=False, path_type=Path), help="File for what is not certain.")
@click.option(
    "--decisions", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A review file, filled in."
)
@json_option
@data_option
def command(*, kind: str, review: Path | None, decisions: Path | None, as_json: bool, data: Path | None) -> None:
    """Place records that have an address and no position; what is not certain waits for a person."""
    with work(data) as session, progress("addresses") as move:
        if decisions is not None:
            read_review(session, decisions, ACTOR)
        summary = geocode_records(session, kind=kind, progress=move)
        if review is not None:
            write_review(session, review)
    if as_json:
        show_json(summary.to_json())
    else:
        click.echo(str(summary))
