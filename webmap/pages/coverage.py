"""Coverage: how much ground lies near a unit, where the gaps are, and what would change it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Blueprint, Response, g, render_template, url_for
from flask_babel import gettext as _

from geodata.errors import NoBoundary
from geodata.formats import delimited
from geodata.queries.coverage import AreaShare, Nearest, gap_boxes, nearest_by_area
from geodata.queries.positions import area_boxes, extent
from geodata.services.categories import categories
from geodata.services.coverage import CoverageReport, areas_unjudged, areas_without_units, coverage
from geodata.services.coverage_trial import MOST_CHANGES
from webmap import params
from webmap.access import needs
from webmap.languages import language, zone
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.coverage_layers import EXPLAINED, OF_A_RUN, SHOWN, coverage_layers
from webmap.maps.coverage_run import RADII_M, RunAsked, run_asked
from webmap.maps.coverage_texts import script_texts, unjudged
from webmap.maps.layers import DEEPEST_TILES
from webmap.maps.page import map_parts
from webmap.pages import words
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("coverage", __name__, url_prefix="/coverage")

MODULE = "coverage.js"
LEVELS = ("town", "village")

# The small ones below these are slivers; the export has them all.
MOST_GAPS = 100


class Row(NamedTuple):
    """An area as the tables show it; `nearest` is None where it has no cells, or there is no unit."""

    share: AreaShare
    gap_m2: float
    nearest: Nearest | None


class Sums(NamedTuple):
    """The foot of a table; `share` is of all the ground together."""

    share: float
    area_m2: float
    site_count: int
    gap_m2: float


@bp.get("")
@needs("map.read")
def index() -> str:
    """Map, shares, ranked gaps and areas without units, for `radius`, `category`, `level` and `show`."""
    params.only("radius", "category", "level", "show")
    session = current_session()
    asked = run_asked()
    report = _report(asked)
    tables = {level: _rows(report, level) for level in LEVELS} if report else {}
    level = params.one_of("level", LEVELS) or ("village" if tables.get("village") else "town")
    show = params.one_of("show", tuple(SHOWN)) or "share"
    without = report.without if report else _without(asked.category)
    return render_template(
        "coverage.html",
        parts=map_parts(g.csp_nonce, MODULE) if report else None,
        config=_config(report, show=show, level=level) if report else None,
        config_id=CONFIG_ID,
        report=report,
        whole=next(iter(report.of_level("district")), None) if report else None,
        mean_m=_mean_m(report) if report else None,
        tables=tables,
        sums={level: _sums(rows) for level, rows in tables.items() if rows},
        without=without,
        unjudged=unjudged(report.unjudged if report else areas_unjudged(session)),
        gaps=report.gaps[:MOST_GAPS] if report else [],
        gap_boxes=gap_boxes(session, report.run_id, most=MOST_GAPS) if report else {},
        boxes={"town": area_boxes(session, "town"), "village": area_boxes(session, "village")},
        asked=asked,
        level=level,
        show=show,
        radii_m=sorted({*RADII_M, asked.radius_m}),
        categories=categories(session),
        level_words=words.levels(),
    )


@bp.get("/areas.csv")
@needs("map.read")
def areas() -> Response:
    """The table of a `level` for a `radius` and a `category` as CSV for a spreadsheet."""
    params.only("radius", "category", "level")
    report = coverage(current_session(), radius_m=(asked := run_asked()).radius_m, category=asked.category)
    level = params.one_of("level", LEVELS) or "village"
    content = b"".join(delimited.write(_headings(), (_cells(row) for row in _rows(report, level))))
    return attachment(content, f"coverage-{level}s-{asked.radius_m:g}m.csv", mimetype="text/csv")


def _headings() -> list[str]:
    return [
        _("Code"),
        _("Area"),
        _("Belongs to"),
        _("Covered, %"),
        _("Area, km²"),
        _("Units"),
        _("Gaps, ha"),
        _("Nearest unit on average, m"),
        _("Nearest unit at most, m"),
    ]


def _cells(row: Row) -> list[str | float]:
    share, nearest = row.share, row.nearest
    return [
        share.code,
        share.name or "",
        share.parent_name or "",
        round(100 * share.share, 2),
        round(share.area_m2 / 1e6, 4),
        share.site_count,
        round(row.gap_m2 / 1e4, 2),
        round(nearest.mean_m) if nearest else "",
        round(nearest.farthest_m) if nearest else "",
    ]


def _report(asked: RunAsked) -> CoverageReport | None:
    """None where no area has a boundary, which the page says in words."""
    try:
        return coverage(current_session(), radius_m=asked.radius_m, category=asked.category)
    except NoBoundary:
        return None


def _without(category: str | None) -> list[Any]:
    session = current_session()
    return [area for level in LEVELS for area in areas_without_units(session, level=level, category=category)]


def _rows(report: CoverageReport, level: str) -> list[Row]:
    """Areas of a level, the lowest share first."""
    near = nearest_by_area(current_session(), report.run_id)
    return [
        Row(share, share.area_m2 - share.covered_m2, near.get((level, share.code))) for share in report.of_level(level)
    ]


def _sums(rows: Sequence[Row]) -> Sums:
    area_m2, gap_m2 = sum(row.share.area_m2 for row in rows), sum(row.gap_m2 for row in rows)
    return Sums(1 - gap_m2 / area_m2, area_m2, sum(row.share.site_count for row in rows), gap_m2)


def _mean_m(report: CoverageReport) -> float | None:
    whole = nearest_by_area(current_session(), report.run_id).get(("district", None))
    return whole.mean_m if whole else None


def _config(report: CoverageReport, *, show: str, level: str) -> dict[str, Any]:
    """What the scripts need to know: layers, addresses and words."""
    session = current_session()
    ground = extent(session)
    run = {"radius": f"{report.radius_m:g}", **({"category": report.category} if report.category else {})}
    return {
        "layers": coverage_layers(session, report, show=show, level=level),
        "runLayers": list(OF_A_RUN),
        "explained": list(EXPLAINED),
        "shown": {name: list(layers) for name, layers in SHOWN.items()},
        "run": run,
        "bounds": list(ground) if ground else None,
        "deepestTiles": DEEPEST_TILES,
        "jointUrl": "/tiles/several/{ids}/{z}/{x}/{y}.mvt",
        "mostChanges": MOST_CHANGES,
        "whereUrl": url_for("where.here"),
        "tryUrl": url_for("coverage_trial.trial"),
        "signInUrl": url_for("login.form"),
        "zone": zone(),
        "lang": language(),
        "texts": script_texts(),
        "modules": {"pbf": assets.url("pbf"), "vectorTile": assets.url("vector_tile")},
    }
