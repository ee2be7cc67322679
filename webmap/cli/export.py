"""`wangge export`: a published collection, or the sheet of a kind of record, into a file."""

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click
from sqlalchemy.orm import Session

from geodata import masking
from geodata.catalog import COLLECTIONS, collection
from geodata.formats.filetable import FORMS
from geodata.queries.features import Box, stream_geojson
from geodata.queries.readers import CountsTold, Reader
from geodata.queries.whistle import ALL_CALLS
from geodata.services import masks, registrations
from geodata.services.sheets import SHEETS, sheet
from webmap.cli.options import data_option, work
from webmap.cli.output import whole_file


@click.command(
    epilog="\b\nExample: wangge export units --format geojson --out units.geojson\n"
    "         wangge export memberships --format xlsx --out memberships.xlsx\nCollections (geojson): "
    + ", ".join(each.id for each in COLLECTIONS)
    + "\nSheets (csv, xlsx): "
    + ", ".join(SHEETS)
)
@click.argument("name", metavar="COLLECTION")
@click.option(
    "--format", "form", type=click.Choice(["geojson", *FORMS]), default="geojson", show_default=True, help="Form."
)
@click.option("--bbox", help="Only what touches west,south,east,north (degrees, WGS 84).")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File; - is stdout."
)
@click.option(
    "--as-written",
    is_flag=True,
    help="Leave telephone, identity and plate numbers in what people wrote, and tell small counts of registration.",
)
@data_option
def command(*, name: str, form: str, bbox: str | None, out: Path, as_written: bool, data: Path | None) -> None:
    """Write all features of COLLECTION, whatever their number, with little memory; or the sheet of that kind."""
    if form in FORMS:
        _write_sheet(name, form, out, data=data, bbox=bbox)
        return
    asked, box = collection(name), _box(bbox)
    with work(data) as session:
        reword = None if as_written else partial(masking.mask, keep=masks.own_codes(session))
        pieces = stream_geojson(
            session.connection(), asked, box, reader=_reader(session, is_all_told=as_written), reword=reword
        )
        _put(out, pieces)


def _reader(session: Session, *, is_all_told: bool) -> Reader:
    """Whoever works at the server: every call; small counts of the newest period only where they are asked for."""
    known = registrations.known_periods(session)
    if not known:
        return Reader(calls=ALL_CALLS)
    told = registrations.report(
        session, known[0], holds_area=lambda _level, _code: is_all_told, holds_unit=lambda _unit: is_all_told
    )
    return Reader(ALL_CALLS, CountsTold(registrations.as_json(told)))


def _write_sheet(name: str, form: str, out: Path, *, data: Path | None, bbox: str | None) -> None:
    if bbox is not None:
        raise click.BadParameter("a sheet is written whole", param_hint="--bbox")
    wanted = sheet(name)
    with work(data) as session:
        _put(out, wanted.make(session).pieces(form, sheet=wanted.kind.title_zh))


def _put(out: Path, pieces: Iterable[bytes]) -> None:
    if str(out) == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    with whole_file(out) as file:
        file.writelines(pieces)
    click.echo(f"{out}: {out.stat().st_size:,} bytes", err=True)


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("four numbers are needed: west,south,east,north", param_hint="--bbox") from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise click.BadParameter("west ≤ east and south ≤ north, in degrees", param_hint="--bbox")
    return Box(west, south, east, north)
