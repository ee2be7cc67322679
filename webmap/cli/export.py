"""`wangge export`: a published collection into a file."""

import sys
from functools import partial
from pathlib import Path

import click

from geodata import masking
from geodata.catalog import COLLECTIONS, collection
from geodata.queries.features import Box, stream_geojson
from geodata.services import masks
from webmap.cli.options import data_option, work
from webmap.cli.output import whole_file


@click.command(
    epilog="\b\nExample: wangge export units --format geojson --out units.geojson\nCollections: "
    + ", ".join(each.id for each in COLLECTIONS)
)
@click.argument("name", metavar="COLLECTION")
@click.option("--format", "form", type=click.Choice(["geojson"]), default="geojson", show_default=True, help="Form.")
@click.option("--bbox", help="Only what touches west,south,east,north (degrees, WGS 84).")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File; - is stdout."
)
@click.option(
    "--as-written", is_flag=True, help="Leave telephone, identity and plate numbers in what people wrote of tickets."
)
@data_option
def command(*, name: str, form: str, bbox: str | None, out: Path, as_written: bool, data: Path | None) -> None:  # noqa: ARG001 - one form so far
    """Write all features of COLLECTION, whatever their number, with little memory."""
    asked, box = collection(name), _box(bbox)
    with work(data) as session:
        reword = None if as_written else partial(masking.mask, keep=masks.own_codes(session))
        pieces = stream_geojson(session.connection(), asked, box, reword=reword)
        if str(out) == "-":
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        else:
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
