"""The layers of the coverage page: shares, distances and gaps of one run, below borders and units."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from geodata.queries.versions import collection_versions
from geodata.services.classes import classes
from geodata.services.coverage import CoverageReport
from webmap.access import may
from webmap.languages import language
from webmap.maps.layers import LAYERS, Classes, MapLayer, layers_for
from webmap.maps.styles import GAP, Break, Style, StyleClass

# What the map can show of a run, and the collections of which it is made; `{level}` is the one chosen.
SHOWN: dict[str, tuple[str, ...]] = {
    "share": ("coverage_{level}s", "gaps"),
    "nearest": ("coverage_cells",),
    "gaps": ("gaps",),
}
OF_A_RUN = ("coverage_cells", "coverage_towns", "coverage_villages", "gaps")
# What the legend explains; borders and the base map explain themselves.
EXPLAINED = (*OF_A_RUN, "units")
ALWAYS = ("districts", "water", "waterways", "rails", "roads", "villages", "towns", "units")

UNIT = Style(fill="--map-label", symbol="circle", size_px=3.6)
UNITS_URL = "/api/coverage/units/{z}/{x}/{y}.mvt"

# From afar one dot stands for all units in a square of so many pixels, or they would hide what is measured.
THIN_PX = 9

# Before this many a unit is a dot of its own, so that it can be clicked to be closed.
CROWD = 2000


def shown(show: str, level: str) -> list[str]:
    """Ids of the layers that are on."""
    return [*ALWAYS, *(name.format(level=level) for name in SHOWN[show])]


def coverage_layers(session: Session, report: CoverageReport, *, show: str, level: str) -> list[dict[str, Any]]:
    """The layers as plain values for the page, lowest first; classes and counts are those of the run.

    Of the units there are those that the run counts, and no others.
    """
    on = shown(show, level)
    layers = layers_for(
        may=may,
        kinds=(),
        version=collection_versions(session),
        lang=language(),
        breaks={name: _breaks(session, name, report.run_id) for name in OF_A_RUN if name != "gaps"},
        layers=[_here(layer, on, report) for layer in LAYERS if layer.collection in {*OF_A_RUN, *ALWAYS}],
    )
    for layer in layers:
        if layer["id"] == "units":
            query = {"v": layer["version"], **({"category": report.category} if report.category else {})}
            layer |= {"url": f"{UNITS_URL}?{urlencode(query)}", "isJoint": False, "thinPx": THIN_PX}
    return layers


def _breaks(session: Session, collection: str, run_id: int) -> list[Break]:
    return [Break(one.low, one.high, one.count) for one in classes(session, collection, run_id)]


def _here(layer: MapLayer, on: list[str], report: CoverageReport) -> MapLayer:
    changes: dict[str, Any] = {"is_on": layer.collection in on}
    if layer.collection == "villages":
        changes["label_zooms"] = (13, 22)
    if layer.collection == "gaps":
        changes["classes"] = _one(_("no unit within reach"), GAP, len(report.gaps))
    if layer.collection == "units":
        # what kind it is matters less here than where it stands
        changes |= {"by": None, "classes": _one(_("unit that counts"), UNIT, report.site_count), "crowd": CROWD}
    return replace(layer, **changes)


def _one(title: str, style: Style, count: int) -> Classes:
    return lambda _district: (StyleClass(title, style, count=count),)
