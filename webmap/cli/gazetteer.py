"""`wangge gazetteer`: what addresses are found by, and filling it from what is there."""

from pathlib import Path

import click

from geodata.services.gazetteer import GazetteerStatus, derive_crossings, gazetteer_status, learn_from_records
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group("gazetteer", epilog="\b\nExample: wangge gazetteer status")
def command() -> None:
    """Roads, doors, places and other names; `wangge import gazetteer FILE` takes files in."""


@command.command(epilog="\b\nExample: wangge gazetteer status --json")
@json_option
@data_option
def status(*, as_json: bool, data: Path | None) -> None:
    """Rows by kind, source and licence, and figures of roads and doors."""
    with work(data) as session:
        found = gazetteer_status(session)
    if as_json:
        show_json(found.to_json())
    else:
        _tell(found)


@command.command(epilog="\b\nExample: wangge gazetteer crossings\nAn import of roads does this by itself.")
@json_option
@data_option
def crossings(*, as_json: bool, data: Path | None) -> None:
    """Make crossings where the roads of today meet, and take away those of roads that are gone."""
    with work(data) as session:
        found = derive_crossings(session)
    figures = {what: len(ids) for what, ids in found._asdict().items()}
    if as_json:
        show_json(figures)
    else:
        click.echo(f"crossings: {figures['added']} new, {figures['changed']} changed, {figures['gone']} gone")


@command.command(epilog="\b\nExample: wangge gazetteer learn\n`wangge geocode` does this by itself.")
@json_option
@data_option
def learn(*, as_json: bool, data: Path | None) -> None:
    """Learn doors and estates from units and points that have an address and a place of their own."""
    with work(data) as session:
        found = learn_from_records(session)
    if as_json:
        show_json(found._asdict())
    else:
        click.echo(f"learned from records: {found.added} new, {found.gone} taken away")


def _tell(found: GazetteerStatus) -> None:
    if not found.counts:
        click.echo("the gazetteer is empty: wangge import gazetteer FILE --datum D")
        return
    show_table(
        ("kind", "source", "licence", "rows"), [(one.kind, one.source, one.licence, one.rows) for one in found.counts]
    )
    figures = found.figures
    click.echo(f"{figures.roads} roads drawn, {figures.road_km:,.1f} km of them")
    click.echo(
        f"{figures.doors} doors on {figures.roads_with_doors} roads: {figures.doors_median} on the middle road, "
        f"{figures.doors_most} at most"
    )
    last = figures.last_import
    click.echo(f"last import: {f'{last:%Y-%m-%d %H:%M}' if last else 'none'}")
