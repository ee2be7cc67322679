"""Where collections are taken away from: each as a file, in the format and CRS that one chooses."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from geodata import catalog
from geodata.catalog import Collection
from geodata.formats.writing import WRITERS, Writer
from geodata.queries.feature_rows import LONLAT, WKT, Counted
from geodata.queries.features import WGS84
from geodata.services import exports
from spatial import crs_uris
from spatial.crs import CGCS2000, crs_of
from webmap import params
from webmap.access import demand, needs
from webmap.api.selections import condition_names, conditions_kept, may_export, permission, selection
from webmap.languages import language
from webmap.records import current_session, district

bp = Blueprint("export_page", __name__, url_prefix="/exports")

# What is most asked for by those who open it in a GIS.
USUAL = "gpkg"

WEB_MERCATOR = 3857

CHOICES = ("collection", "form", "crs", "geometry")


class Row(NamedTuple):
    """A collection in the list: its title, how much of it there is, and where it is had."""

    id: str
    title: str
    counted: Counted
    href: str


class Choice(NamedTuple):
    """A format in the list of them, with what to know before choosing it."""

    writer: Writer
    title: str
    note: str


@bp.get("")
@needs("map.read")
def index() -> str:
    """All collections, or the one of `collection` under the conditions in the address.

    `form`, `crs` and `geometry` are chosen for the links.
    """
    asked = params.text("collection")
    chosen = catalog.collection(asked) if asked else None
    if chosen is not None:
        demand(permission(chosen))
    known = [chosen] if chosen else [each for each in catalog.COLLECTIONS if may_export(each)]
    params.only(*CHOICES, *(condition_names(chosen) if chosen else ()))
    form = params.one_of("form", tuple(WRITERS)) or USUAL
    writer = WRITERS[form]
    # CRS84 is the EPSG number 4326 in files, which have x before y
    srids = list(dict.fromkeys(one.srid for one in crs_uris.offered(district().metre_srid)))
    crs = params.one_of("crs", [f"EPSG:{srid}" for srid in srids]) if writer.takes_crs else None
    geometry = params.one_of("geometry", (LONLAT, WKT)) if writer.geometries else None
    kept = conditions_kept(chosen) if chosen else {}
    options = {"crs": crs, "geometry": geometry, **kept}
    said = urlencode({name: value for name, value in options.items() if value})
    query = f"?{said}" if said else ""
    return render_template(
        "exports.html",
        chosen=chosen and _title(chosen),
        kept=kept,
        rows=[_row(each, form, query) for each in known],
        writers=[Choice(each, _title(each), _note(each)) for each in WRITERS.values()],
        form=form,
        crs=crs or f"EPSG:{WGS84}",
        writer=writer,
        crs_names={f"EPSG:{srid}": _crs_name(srid) for srid in srids},
        geometry=geometry,
        collection=asked,
        texts=_texts(),
    )


def _row(each: Collection, form: str, query: str) -> Row:
    counted = exports.counted(current_session().connection(), selection(each, *CHOICES))
    return Row(each.id, _title(each), counted, f"{url_for('exports.file', collection_id=each.id, form=form)}{query}")


def _title(each: Collection | Writer) -> str:
    return each.title_en if language() == "en" else each.title_zh


def _crs_name(srid: int) -> str:
    known = {
        WGS84: _("longitude, latitude (WGS 84)"),
        CGCS2000.srid: _("longitude, latitude (CGCS2000)"),
        WEB_MERCATOR: _("Web Mercator: for web maps, not for measuring"),
    }
    return str(known.get(srid) or _("metres (%(name)s)", name=crs_of(srid).name))


def _texts() -> dict[str, str]:
    """What the script says; its names in brackets are filled in by it."""
    return {
        "waiting": _("asked for"),
        "queued": _("waits for other exports"),
        "making": _("the server writes %(done)s of %(total)s", done="%(done)s", total="%(total)s"),
        "sizes": _("%(done)s of %(total)s", done="%(done)s", total="%(total)s"),
        "features": _("%(done)s of %(total)s features, %(size)s", done="%(done)s", total="%(total)s", size="%(size)s"),
        "done": _("done, %(size)s", size="%(size)s"),
        "left": _("The format could not hold all: %(what)s.", what="%(what)s"),
        "cancel": _("Cancel"),
        "cancelled": _("download cancelled"),
        "dismiss": _("Dismiss"),
        "failed": _("The connection broke off. Try again."),
    }


def _note(writer: Writer) -> str:
    notes = {
        "geojson": _(
            "One file that every GIS and every browser reads. Other systems than WGS 84 only for desktop GIS."
        ),
        "geojsonseq": _("A feature a line, for programs that read as it comes."),
        "gpkg": _("For QGIS and ArcGIS: all names, long texts, days and moments kept."),
        "shp": _(
            "For old programs: names of ten letters, texts of 254 bytes; a list in the zip says what was shortened."
        ),
        "fgb": _("Fast to draw and to cut by a box."),
        "csv": _(
            "For spreadsheets and programs; open it in Excel by Data › From text, so that codes keep their zeros."
        ),
        "xlsx": _("For Excel and WPS: codes stay text; 1,048,575 rows at most."),
        "parquet": _("For analysis in Python, R, DuckDB; the smallest."),
        "kml": _("For globes and phones."),
    }
    return str(notes[writer.form])
