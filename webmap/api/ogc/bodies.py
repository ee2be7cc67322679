"""Features as programs send them: GeoJSON read strictly, in any CRS that is offered, and merge patches of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from flask import request
from shapely.geometry.base import BaseGeometry

from geodata.catalog import Collection, Property
from geodata.formats.geojson import built
from geodata.ingest.places import shape_array
from geodata.record_errors import BadValue
from geodata.services.duty_shapes import MOST_CORNERS
from geodata.services.feature_drafts import LONGEST, Draft, Editor
from spatial.clean import Repair, RepairKind, repair_polygons
from spatial.coordinates import Coordinates
from spatial.crs import Datum
from spatial.crs_uris import CRS84, NamedCrs, find
from spatial.errors import BadGeometry
from webmap.api.ogc.encodings import GEOJSON, JSON

FEATURES = (GEOJSON, JSON)
MERGE_PATCH = "application/merge-patch+json"

# What a repair may make of an area; beyond it, it is a guess at what was meant.
REPAIRED_SHARE = 0.001

Document = dict[str, Any]


class Sent(NamedTuple):
    """A feature that was sent, and what was mended of it, in sentences."""

    draft: Draft
    notes: list[str]


def content_crs(known: Sequence[NamedCrs]) -> NamedCrs:
    """The CRS of the coordinates of the body, CRS84 unless `Content-Crs` names another one. Raises UnknownCrs."""
    said = request.headers.get("Content-Crs")
    return CRS84 if said is None else find(said.strip().removeprefix("<").removesuffix(">"), known)


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON value, as RFC 7396 has it
    """What a JSON value is after a merge patch (RFC 7396): null takes away, objects are merged, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def sent(found: Document, one: Collection, editor: Editor, *, crs: NamedCrs, key: str | None = None) -> Sent:
    """The feature that a document tells.

    key   of the feature that it is to replace; None for a new one, whose `id` says nothing.

    Properties that the schema calls readOnly say nothing either. Raises BadValue for all others that the collection
    has not, or that cannot have such a value, and BadGeometry.
    """
    if found.get("type") != "Feature":
        raise BadValue("type", "choice", found.get("type"), known="Feature")
    if "crs" in found:
        raise BadValue("crs", "fixed", "")
    if key is not None and "id" in found and str(found["id"]) != key:
        raise BadValue("id", "fixed", found["id"])
    properties = found.get("properties")
    if not isinstance(properties, dict | None):
        raise BadValue("properties", "choice", properties, known="an object")
    if "geometry" not in found:
        raise BadValue("geometry", "missing")
    values, code = _values(properties or {}, one, editor)
    if key is not None and code is not None and code != key:
        raise BadValue(one.key, "fixed", code)
    shape, notes = _shape(found["geometry"], editor, crs)
    return Sent(Draft(values, shape, code), notes)


def _values(said: Mapping[str, Any], one: Collection, editor: Editor) -> tuple[dict[str, Any], str | None]:
    known = {each.name: each for each in one.properties}
    for name in said:
        if name not in known:
            raise BadValue(name[:40], "property", said[name])
    values = {
        name: _value(known[name], said.get(name), longest=editor.longest.get(name, LONGEST)) for name in editor.settable
    }
    code = _value(known[one.key], said.get(one.key), longest=LONGEST)
    return values, code


def _value(one: Property, said: Any, *, longest: int) -> Any:  # noqa: ANN401 - any JSON value
    if said is None:
        return None
    if one.kind == "number":
        if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
            raise BadValue(one.name, "number", said, low=0, high=1e9)
        return float(said)
    if not isinstance(said, str) or len(said) > longest or any(ord(each) < 32 or ord(each) == 127 for each in said):
        raise BadValue(one.name, "text", said, most=longest)
    return said.strip() or None


def _shape(member: Any, editor: Editor, crs: NamedCrs) -> tuple[BaseGeometry | None, list[str]]:  # noqa: ANN401 - any JSON value
    if member is None:
        return None, []
    kind = member.get("type") if isinstance(member, dict) else type(member).__name__
    if kind not in editor.types:
        raise BadGeometry(f"{str(kind)[:40]!r} does not fit; send {' or '.join(editor.types)}")
    shape, gap = built(member)
    if shape is None or shape.is_empty:
        raise BadGeometry("it is empty")
    if shapely.get_num_coordinates(shape) > MOST_CORNERS:
        raise BadGeometry(f"it has {shapely.get_num_coordinates(shape):,} corners, and the most are {MOST_CORNERS:,}")
    notes = ["heights are not kept"] if shape.has_z else []
    if gap is not None:
        notes.append("an open ring was closed")
    moved = _in_degrees(shape, crs)
    if isinstance(moved, shapely.Point):
        return moved, notes
    fixed, repairs = repair_polygons(shape_array([moved]))
    return fixed[0], notes + _mended(repairs)


def _in_degrees(shape: BaseGeometry, crs: NamedCrs) -> BaseGeometry:
    """The shape in WGS 84 degrees, flat, its corners moved one by one. Raises BadGeometry for one that is nowhere."""
    told = shapely.get_coordinates(shape)
    x, y = (told[:, 1], told[:, 0]) if crs.is_yx else (told[:, 0], told[:, 1])
    places = Coordinates(x.tolist(), y.tolist(), Datum.parse(f"epsg:{crs.srid}")).to_wgs84()
    found = np.column_stack([places.lon, places.lat])
    bad = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if bad.size:
        first, second = told[bad[0]]
        raise BadGeometry(f"({first:g}, {second:g}) is no place on the globe in {crs.uri}", f"vertex {bad[0] + 1}")
    moved: BaseGeometry = shapely.transform(shape, lambda _coords: found)
    return moved


def _mended(repairs: Sequence[Repair]) -> list[str]:
    """What was mended, in sentences. Raises BadGeometry where it would be another area."""
    for one in repairs:
        if abs(one.area_after_m2 - one.area_before_m2) > REPAIRED_SHARE * max(one.area_before_m2, one.area_after_m2):
            areas = f"{one.area_before_m2:,.0f} m² would become {one.area_after_m2:,.0f} m²"
            raise BadGeometry(f"{one.what.value.replace('_', ' ')} ({one.detail}): mended, {areas}")
    return [
        f"{one.what.value.replace('_', ' ')}: {one.detail}" for one in repairs if one.what is not RepairKind.WINDING
    ]
