"""The form of a region, block, point or team: what is typed, read, and what can be chosen from."""

import re
from typing import Any, NamedTuple

import shapely
from flask import request

from geodata.models import Duty, Region, ResponsibilityBlock, ResponsibilityPoint, ServiceTeam
from geodata.queries import duty_ground as queries
from geodata.queries import duty_shapes
from geodata.record_errors import BadValue
from geodata.services.duty_changes import Told
from geodata.services.duty_ground import Duty as Shown
from geodata.services.duty_shapes import read_shape, stored_shape, union_of
from geodata.services.placing import position_of
from webmap.pages import forms, pick_place
from webmap.records import current_session

DEPUTIES = 5
LONGEST_NAME, LONGEST_ROLE = 80, 40
_LONGEST_SHAPE = 1_000_000
_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
_BETWEEN = re.compile(r"[\s,，、;；]+")


class Choices(NamedTuple):
    """What the fields of a town's form offer, words by value."""

    regions: dict[str, str]
    blocks: dict[str, str]
    teams: dict[str, str]
    villages: dict[str, str]
    units: list[str]


def choices(town_code: str | None) -> Choices:
    """Regions, blocks, teams and villages of a town, and units, its own first."""
    session = current_session()

    def named(kind: str) -> dict[str, str]:
        found = queries.duties(session, kind, town_code=town_code)
        return {row.code: f"{row.name} {row.code}" for row in found}

    units = queries.units_to_choose(session, town_code)
    return Choices(named("region"), named("block"), named("team"), duty_shapes.villages(session, town_code), units)


def told(kind: str, town_code: str | None) -> Told:
    """What the form says a record should be. Raises BadValue."""
    is_point, is_team = kind == "point", kind == "team"
    return Told(
        name=forms.needed("name", longest=LONGEST_NAME),
        holder=forms.text("holder"),
        holder_role=forms.text("holder_role", longest=LONGEST_ROLE),
        deputies=_deputies(),
        parent=forms.text("parent"),
        team=forms.text("team"),
        shape=shape_told(town_code) if kind in {"region", "block"} else None,
        kind=forms.text("kind", longest=LONGEST_ROLE),
        radius_m=forms.number("radius_m", low=1, high=5000) if is_point else None,
        address=forms.text("address"),
        place=pick_place.told() if is_point else None,
        contact_role=forms.text("contact_role", longest=LONGEST_ROLE) if is_team else None,
        contact_phone=forms.text("contact_phone", longest=LONGEST_ROLE) if is_team else None,
        served=forms.several("served", most=1000) if is_team else (),
    )


def shape_told(town_code: str | None) -> shapely.MultiPolygon | None:
    """The shape of a form: made of the areas it names, else as it was drawn; None where it says neither."""
    codes = [*forms.several("village", most=1000), *areas_told()]
    if codes:
        return union_of(current_session(), list(dict.fromkeys(codes)), town_code=town_code)
    said = forms.text("shape", longest=_LONGEST_SHAPE)
    return read_shape(said) if said else None


def areas_told() -> list[str]:
    """Codes or names that are written into the field of areas."""
    return [said for said in _BETWEEN.split(forms.text("areas", longest=20_000) or "") if said]


def code_told() -> str | None:
    """The code that a new record should have, None for the next free one. Raises BadValue."""
    said = forms.text("code", longest=20)
    if said is not None and (not _CODE.fullmatch(said) or said == "new"):
        raise BadValue("code", "code", said)
    return said


def typed(held: Duty, shown: Shown) -> dict[str, Any]:
    """What the form of a record says before anybody has typed."""
    row = shown.row
    said: dict[str, Any] = {
        "name": row.name,
        "holder": f"{row.holder_code} {row.holder_name}" if row.holder_code else "",
        "holder_role": row.holder_role,
    }
    for rank, one in enumerate(shown.deputies, start=1):
        said |= {f"deputy_unit_{rank}": f"{one.code} {one.name}", f"deputy_role_{rank}": one.role}
    if isinstance(held, ResponsibilityBlock):
        said |= {"parent": held.region_code, "team": row.team_code}
    if isinstance(held, ResponsibilityPoint):
        place = position_of(held.geom)
        said |= {"parent": held.block_code, "kind": held.kind, "address": held.address}
        said |= {"radius_m": f"{held.radius_m:g}"}
        if place:
            said |= {"lon": f"{place[0]:.7f}", "lat": f"{place[1]:.7f}"}
    if isinstance(held, ServiceTeam):
        said |= {"contact_role": held.contact_role, "contact_phone": held.contact_phone, "served": row.block_codes}
    return said


def typed_again() -> dict[str, Any]:
    """What was typed into a form that was refused, its lists as lists."""
    lists = {name: request.form.getlist(name) for name in ("village", "served")}
    return {**forms.typed(), **lists}


def shape_of(held: Duty | None) -> dict[str, Any] | None:
    """The stored shape of a region or block as a GeoJSON geometry, None without one."""
    shape = stored_shape(held) if isinstance(held, Region | ResponsibilityBlock) else None
    return as_geojson(shape) if shape is not None else None


def place_of(held: Duty | None) -> tuple[float, float] | None:
    """Where a point is (lon, lat, WGS 84 degrees), None for all else."""
    return position_of(held.geom) if isinstance(held, ResponsibilityPoint) else None


def as_geojson(shape: shapely.MultiPolygon) -> dict[str, Any]:
    """A shape as the scripts read it."""
    found: dict[str, Any] = shapely.geometry.mapping(shape)
    return found


def _deputies() -> list[tuple[str, str | None]]:
    found = []
    for rank in range(1, DEPUTIES + 1):
        unit, role = forms.text(f"deputy_unit_{rank}"), forms.text(f"deputy_role_{rank}", longest=LONGEST_ROLE)
        if unit is None and role is not None:
            raise BadValue(f"deputy_unit_{rank}", "missing")
        if unit is not None:
            found.append((unit, role))
    return found
