"""`wangge geocode`: addresses to places."""

from pathlib import Path

import click

from geodata.services.geocoding import GeocodeSummary, geocode_records, read_review, write_review
from geodata.services.review_sheets import ReviewReport
from webmap.cli import REFUSED
from webmap.cli.geocode_address import tell_address
from webmap.cli.geocode_online import ask_online, check_allowed, tell_online
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import progress, show_json

KINDS = ("units", "points", "tickets")


@click.command(
    epilog="\b\nExample: wangge geocode --kind units --review review.xlsx\n"
    "Fill in the decision columns of the review file, then: wangge geocode --decisions review.xlsx"
)
@click.option("--address", metavar="TEXT", help="Show how one address is read and where it leads; store nothing.")
@click.option("--kind", type=click.Choice(KINDS), default="units", show_default=True, help="Records to place.")
@click.option("--review", type=click.Path(dir_okay=False, path_type=Path), help="File for what is not certain.")
@click.option(
    "--decisions", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A review file, filled in."
)
@click.option("--trust-datum", is_flag=True, help="Take the decisions' datum although the places speak against it.")
@click.option("--online", metavar="NAME", help="Then ask another house's geocoder, which WANGGE_GEOCODER names.")
@click.option("--yes", "is_agreed", is_flag=True, help="Send the addresses without asking first.")
@json_option
@data_option
def command(
    *,
    address: str | None,
    kind: str,
    review: Path | None,
    decisions: Path | None,
    trust_datum: bool,
    online: str | None,
    is_agreed: bool,
    as_json: bool,
    data: Path | None,
) -> int:
    """Place records that have an address and no position; what is not certain waits for a person."""
    if address is not None:
        with work(data) as session:
            tell_address(session, address, as_json=as_json)
        return 0
    settled: ReviewReport | None = None
    if online is not None:
        check_allowed(data, online)
    with work(data) as session, progress("addresses") as move:
        if decisions is not None:
            settled = read_review(session, decisions, actor=ACTOR, trust_datum=trust_datum)
            if settled.problems:
                _tell_problems(settled)
                return REFUSED
        summary = geocode_records(session, kind=kind, progress=move)
        if review is not None and online is None:
            write_review(session, review)
    told = None if online is None else ask_online(data, online, kind=kind, is_agreed=is_agreed, review=review)
    if as_json:
        counts = settled and {"settled": settled.settled, "unchanged": settled.unchanged, "open": settled.open}
        more = {"decisions": counts, "online": told.to_json() if told else None}
        show_json({**summary.to_json(), **{name: value for name, value in more.items() if value is not None}})
    else:
        if settled:
            click.echo(f"decisions: {settled.settled} stored, {settled.unchanged} as before, {settled.open} left open")
        _tell(summary)
        if told is not None:
            tell_online(told)
    return REFUSED if told is not None and told.has_failed else 0


def _tell(summary: GeocodeSummary) -> None:
    click.echo(f"{summary.rows} addresses of {summary.kind}: {summary.accepted} placed, {summary.review} to review")
    for level, count in summary.by_level.items():
        click.echo(f"  placed by {level}: {count}")
    for level, count in summary.review_by_level.items():
        click.echo(f"  to review, best by {level}: {count}")
    if summary.no_address:
        click.echo(f"  {summary.no_address} have neither place nor address")
    for one in summary.misplaced:
        click.echo(f"  {one.code}: its address says {one.says}, it lies in {one.lies_in or 'no town'}")


def _tell_problems(settled: ReviewReport) -> None:
    for problem in settled.problems:
        click.echo(f"  row {problem.row}, {problem.field}: {problem.value!r} {problem.reason}", err=True)
    click.echo("nothing stored: correct these rows and read the file again", err=True)
