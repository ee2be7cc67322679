"""`wangge export`: a published collection, or the sheet of a kind of record, into a file."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata import masking
from geodata.catalog import COLLECTIONS, Collection, collection
from geodata.errors import BadSetting
from geodata.formats.filetable import FORMS
from geodata.formats.writing import WRITERS, writer
from geodata.queries import cql
from geodata.queries.feature_rows import LONLAT, WKT
from geodata.queries.features import Box, Selection
from geodata.queries.readers import CountsTold, Reader
from geodata.queries.whistle import ALL_CALLS
from geodata.services import export_files, exports, masks, registrations
from geodata.services.exports import Order
from geodata.services.installation import installation
from geodata.services.sheets import SHEETS, sheet
from geodata.settings import Settings
from spatial.errors import UnknownCrs
from webmap.cli.options import data_option, work
from webmap.cli.output import progress, whole_file


@click.command(
    epilog="\b\nExample: wangge export units --format gpkg --crs EPSG:4549 --out units.gpkg\n"
    "         wangge export memberships --format xlsx --out memberships.xlsx\nCollections: "
    + ", ".join(each.id for each in COLLECTIONS)
    + "\nSheets (csv, xlsx; where a collection has the same name, they come first): "
    + ", ".join(SHEETS)
)
@click.argument("name", metavar="COLLECTION")
@click.option(
    "--format", "form", type=click.Choice(list(WRITERS)), default="geojson", show_default=True, help="Format."
)
@click.option("--bbox", help="Only what touches west,south,east,north (degrees, WGS 84).")
@click.option("--where", metavar="CQL2", help="Only what this condition holds for, such as \"kind = 'property'\".")
@click.option("--crs", help="CRS of the coordinates: EPSG:4549, CRS84 and the like; WGS 84 unless said.")
@click.option(
    "--geometry",
    type=click.Choice([LONLAT, WKT]),
    help="How a table says where: two columns, or text; points have columns and the rest text unless said.",
)
@click.option("--as-features", is_flag=True, help="The collection, where a sheet has the same name.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File; - is stdout."
)
@click.option(
    "--as-written",
    is_flag=True,
    help="Leave telephone, identity and plate numbers in what people wrote, and tell small counts of registration.",
)
@data_option
def command(
    *,
    name: str,
    form: str,
    bbox: str | None,
    where: str | None,
    crs: str | None,
    geometry: str | None,
    as_features: bool,
    out: Path,
    as_written: bool,
    data: Path | None,
) -> None:
    """Write all features of COLLECTION, whatever their number, with little memory; or the sheet of that kind."""
    is_known = any(name == each.id for each in COLLECTIONS)
    is_of_features = is_known and (as_features or bbox or where or crs or geometry)
    if form in FORMS and not is_of_features and (name in SHEETS or not is_known):
        _write_sheet(name, form, out, data=data, bbox=bbox)
        return
    about, box = collection(name), _box(bbox)
    with work(data) as session:
        asked = _order(session, about, box, where=where, form=form, crs=crs, geometry=geometry, is_all_told=as_written)
        with progress(f"{name} {form}") as move:
            if asked.writer.streams:
                _put(out, exports.stream(session.connection(), asked, move))
                return
            with export_files.workroom(Settings.from_environment(data).data_dir) as room:
                made = room / f"export{asked.writer.suffix}"
                layer = exports.make(_engine(session), asked, made, move)
                with made.open("rb") as file, _target(out) as target:
                    shutil.copyfileobj(file, target)
    for word, count in sorted(layer.lost.items()):
        click.echo(f"{out}: the format could not hold {count:,} of {word} whole", err=True)


def _order(
    session: Session,
    about: Collection,
    box: Box | None,
    *,
    where: str | None,
    form: str,
    crs: str | None,
    geometry: str | None,
    is_all_told: bool,
) -> Order:
    reword = None if is_all_told else partial(masking.mask, keep=masks.own_codes(session))
    known = {each.name: each for each in about.properties if is_all_told or each.name not in about.free_text}
    condition = cql.condition(where, language="cql2-text", queryables=known) if where else None
    rows = Selection(about, box, reader=_reader(session, is_all_told=is_all_told), condition=condition)
    place = installation(session)
    try:
        return exports.order(rows, writer(form), place=place, crs=crs, geometry=geometry, reword=reword)
    except BadSetting as error:
        raise click.BadParameter(f"it must be {error.wanted}", param_hint=f"--{error.name}") from error
    except UnknownCrs as error:
        raise click.BadParameter(str(error), param_hint="--crs") from error


def _engine(session: Session) -> Engine:
    found = session.get_bind()
    return found if isinstance(found, Engine) else found.engine


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
    with _target(out) as file:
        file.writelines(pieces)


@contextmanager
def _target(out: Path) -> Iterator[BinaryIO]:
    """Where the file goes: stdout, or a file that is there only once it is whole."""
    if str(out) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with whole_file(out) as file:
        yield file
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
