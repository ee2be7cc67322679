"""Coverage: how much ground lies near a unit, where the gaps are, and which areas have no unit at all."""

from flask import Blueprint, render_template

from geodata.errors import NoBoundary
from geodata.queries.positions import area_boxes
from geodata.services.categories import categories
from geodata.services.coverage import CoverageReport, areas_without_units, coverage
from webmap import params
from webmap.access import needs, role
from webmap.errors import SignInNeeded
from webmap.pages import words
from webmap.records import current_session, district

bp = Blueprint("coverage", __name__, url_prefix="/coverage")

# A visitor picks one of these; a calculation of any other radius is for those who signed in.
RADII_M = (300, 500, 800, 1000, 1500, 2000)

# The small ones below these are slivers; the export has them all.
MOST_GAPS = 100


@bp.get("")
@needs("map.read")
def index() -> str:
    """Shares per town and village, ranked gaps, and areas without units, for `radius` and `category`."""
    params.only("radius", "category")
    session = current_session()
    own_m = district().coverage_radius_m
    radius_m, category = params.radius_m(own_m), params.text("category")
    if radius_m not in (own_m, *RADII_M) and role() == "visitor":
        raise SignInNeeded
    report = _report(radius_m, category)
    if report is not None:
        without = report.without
    else:
        without = [
            area
            for level in ("town", "village")
            for area in areas_without_units(session, level=level, category=category)
        ]
    return render_template(
        "coverage.html",
        report=report,
        without=without,
        gaps=report.gaps[:MOST_GAPS] if report else [],
        boxes=area_boxes(session, "town") | area_boxes(session, "village"),
        radius_m=radius_m,
        radii_m=sorted({*RADII_M, radius_m}),
        category=category,
        categories=categories(session),
        level_words=words.levels(),
    )


def _report(radius_m: float, category: str | None) -> CoverageReport | None:
    """None where no area has a boundary, which the page says in words."""
    try:
        return coverage(current_session(), radius_m=radius_m, category=category)
    except NoBoundary:
        return None
