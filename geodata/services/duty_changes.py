"""Setting, adding and removing regions, blocks, points and teams by hand, each change written down."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.geocode.geocoder import Geocoder
from geodata.models import (
    DUTY_MODELS,
    Duty,
    DutyDeputy,
    MemberUnit,
    Region,
    ResponsibilityBlock,
    ResponsibilityPoint,
    RosterTurn,
    ServiceTeam,
    SharedService,
)
from geodata.queries import duty_shapes as shape_queries
from geodata.queries.locate import areas_at
from geodata.record_errors import BadValue, RecordChanged, StillUsed
from geodata.services import changes
from geodata.services.duty_shapes import check
from geodata.services.ground_checks import in_words
from geodata.services.placing import NewPlace, pin, position_of, set_place
from geodata.services.rules import today
from geodata.services.stamps import stamp

# Under which a change is kept: the names of the kinds of import.
KINDS = {"region": "regions", "block": "blocks", "point": "points", "team": "teams"}

_PREFIX = {"region": "R", "block": "B", "point": "P", "team": "T"}
_RADIUS_M = 50.0


@dataclass(frozen=True)
class Told:
    """What somebody wants a region, block, point or team to be; what its kind does not have is left as it is here.

    holder    a unit by code or by a name only one has, None for nobody; so are those of the deputies, each with
              its role, in the order in which they step in.
    parent    code of the region of a block, or of the block of a point.
    shape     of a region or block, WGS 84 degrees; None leaves what is there.
    place     lon and lat of a point, WGS 84 degrees; None leaves what is there, or looks a new address up.
    is_placeless   whether the shape or place that is there is taken away.
    served    codes of the blocks that a team serves.
    """

    name: str
    holder: str | None = None
    holder_role: str | None = None
    deputies: Sequence[tuple[str, str | None]] = ()
    parent: str | None = None
    team: str | None = None
    shape: shapely.MultiPolygon | None = None
    kind: str | None = None
    radius_m: float | None = None
    address: str | None = None
    place: tuple[float, float] | None = None
    is_placeless: bool = False
    contact_role: str | None = None
    contact_phone: str | None = None
    served: Sequence[str] = ()


def record(session: Session, kind: str, code: str, *, is_held: bool = False) -> Duty:
    """The region, block, point or team of a code; `is_held` keeps it from others until the end. Raises NotFound."""
    model = DUTY_MODELS[kind]
    wanted = select(model).where(model.code == code)
    found = session.scalars(wanted.with_for_update() if is_held else wanted).first()
    if found is None:
        raise NotFound(kind, code)
    return cast("Duty", found)


def town_of(session: Session, held: Duty) -> str | None:
    """The town that a record belongs to: that of a point is its block's, else the one it lies in."""
    if isinstance(held, ResponsibilityPoint):
        wanted = select(ResponsibilityBlock.town_code).where(ResponsibilityBlock.code == held.block_code)
        return session.scalar(wanted) or held.town_code
    return held.town_code


def deputies_of(session: Session, kind: str, code: str) -> list[tuple[str, str | None]]:
    """The deputies of a record as `Told` has them: code of the unit and role, in the order in which they step in."""
    wanted = (
        select(MemberUnit.code, DutyDeputy.role)
        .join(MemberUnit, MemberUnit.id == DutyDeputy.unit_id)
        .where(DutyDeputy.of_kind == kind, DutyDeputy.of_code == code)
        .order_by(DutyDeputy.rank)
    )
    return [(row.code, row.role) for row in session.execute(wanted)]


def version_of(session: Session, kind: str, held: Duty) -> str:
    """A mark of all that the forms show of a record; another one as soon as any of it is changed."""
    said = {name: str(value) for name, value in _state(session, kind, held).items()}
    geom = getattr(held, "geom", None)
    said["geom"] = "" if geom is None else to_shape(geom).wkb_hex
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def set_duty(session: Session, kind: str, code: str, told: Told, *, actor: str, version: str) -> None:
    """Have a record be what somebody wants, if nobody changed it since the one with `version` was shown.

    Raises NotFound, RecordChanged, and BadValue for what cannot be.
    """
    shape_queries.hold_town(session, town_of(session, record(session, kind, code)))
    held = record(session, kind, code, is_held=True)
    if version_of(session, kind, held) != version:
        raise RecordChanged(kind, code)
    before = _state(session, kind, held)
    _fill(session, kind, held, told, town_code=town_of(session, held))
    _keep(session, kind, held, actor=actor, did="set", before=before)


def add_duty(
    session: Session, kind: str, told: Told, *, actor: str, town_code: str | None, code: str | None = None
) -> str:
    """Add a region, block, point or team of a town, under a code of its own or the next free one; returns the code.

    Raises BadValue for what cannot be.
    """
    shape_queries.hold_town(session, town_code)
    code = code or _next_code(session, kind)
    model = DUTY_MODELS[kind]
    if session.scalar(select(model.id).where(model.code == code)) is not None:
        raise BadValue("code", "taken", code)
    held = model(code=code, name=told.name)
    if not isinstance(held, ResponsibilityPoint):
        held.town_code = town_code
    session.add(held)
    _fill(session, kind, held, told, town_code=town_code)
    _keep(session, kind, held, actor=actor, did="add", before=None)
    return code


def remove_duty(session: Session, kind: str, code: str, *, actor: str, version: str) -> None:
    """Remove a record with its deputies and its roster.

    Raises NotFound, RecordChanged, and StillUsed where others hang on it.
    """
    held = record(session, kind, code, is_held=True)
    if version_of(session, kind, held) != version:
        raise RecordChanged(kind, code)
    hanging = {
        "region": ("blocks", select(func.count()).where(ResponsibilityBlock.region_code == code)),
        "block": ("points", select(func.count()).where(ResponsibilityPoint.block_code == code)),
        "team": ("blocks", select(func.count()).where(ResponsibilityBlock.team_id == held.id)),
    }
    if kind in hanging:
        users, counted = hanging[kind]
        if many := session.scalar(counted):
            raise StillUsed(kind, code, count=many, users=users)
    before = _state(session, kind, held)
    for model in (DutyDeputy, RosterTurn, SharedService):
        session.execute(delete(model).where(model.of_kind == kind, model.of_code == code))
    session.delete(held)
    facts = {"did": "remove", "name": held.name, "code": code, "before": before, "after": None}
    changes.keep(session, KINDS[kind], actor=actor, facts=facts)


def unit_named(session: Session, field: str, said: str) -> MemberUnit:
    """The unit of a code or of a name only one has, or of both with a blank between. Raises BadValue."""
    wanted = select(MemberUnit).where((MemberUnit.code == said) | (MemberUnit.name == said))
    found = list(session.scalars(wanted.order_by(MemberUnit.code).limit(2)))
    if not found and " " in said:
        code, _, name = said.partition(" ")
        found = list(
            session.scalars(select(MemberUnit).where(MemberUnit.code == code, MemberUnit.name == name.strip()))
        )
    if len(found) != 1:
        raise BadValue(field, "several" if found else "unknown", said)
    return found[0]


def _fill(session: Session, kind: str, held: Duty, told: Told, *, town_code: str | None) -> None:
    held.name, held.holder_role = told.name, told.holder_role if told.holder else None
    holder = unit_named(session, "holder", told.holder) if told.holder else None
    held.holder_id = holder.id if holder else None
    if isinstance(held, Region | ResponsibilityBlock) and told.shape is not None:
        check(session, kind, told.shape, town_code=town_code, code=held.code)
        held.geom = from_shape(told.shape, srid=4326)
    elif isinstance(held, Region | ResponsibilityBlock) and told.is_placeless:
        held.geom = None
    if isinstance(held, ResponsibilityBlock):
        held.region_code = _of_town(session, Region, "parent", told.parent, town_code)
        held.team_id = None
        if told.team:
            _of_town(session, ServiceTeam, "team", told.team, town_code)
            held.team_id = session.scalars(select(ServiceTeam.id).where(ServiceTeam.code == told.team)).one()
    if isinstance(held, ServiceTeam):
        held.contact_role, held.contact_phone = told.contact_role, told.contact_phone
    session.flush()
    if isinstance(held, ServiceTeam):
        _serve(session, held, told.served, town_code)
    if isinstance(held, ResponsibilityPoint):
        _fill_point(session, held, told, town_code=town_code)
    _set_deputies(session, kind, held, told.deputies)
    session.flush()
    session.refresh(held)


def _fill_point(session: Session, held: ResponsibilityPoint, told: Told, *, town_code: str | None) -> None:
    is_new_address = told.address != held.address
    held.kind, held.address = told.kind, told.address
    held.radius_m = told.radius_m or _RADIUS_M
    held.block_code = _of_town(session, ResponsibilityBlock, "parent", told.parent, town_code)
    found: NewPlace | None = None
    if told.is_placeless:
        set_place(session, held, None, actor="")
        return
    if told.place is not None and told.place != position_of(held.geom):
        lon, lat = told.place
        areas = areas_at(session, lon=lon, lat=lat, day=today(session))
        town = areas.get("town")
        if town is None and "district" not in areas:
            raise BadValue("lon", "place", f"{lon}, {lat}")
        if town is not None and town_code is not None and town.code != town_code:
            raise BadValue("lon", "elsewhere", f"{lon}, {lat}", town=town.name)
        found = pin(session, lon=lon, lat=lat, datum="wgs84")
    elif told.place is None and told.address and is_new_address:
        (answer,) = Geocoder(session).geocode_many([told.address])
        if answer.status == "accepted" and answer.lon is not None and answer.lat is not None:
            found = NewPlace(answer.lon, answer.lat, answer.level or "", "geocoded", answer.error_m)
    if found is not None:
        set_place(session, held, found, actor="")
        session.flush()
        stamp(session, ResponsibilityPoint, ids=[held.id])


def _of_town(
    session: Session,
    model: type[Region | ResponsibilityBlock | ServiceTeam],
    field: str,
    code: str | None,
    town_code: str | None,
) -> str | None:
    """A code that there is in the town. Raises BadValue."""
    if code is None:
        return None
    wanted = select(model.town_code).where(model.code == code)
    found = session.execute(wanted).first()
    if found is None or (town_code is not None and found.town_code not in {None, town_code}):
        raise BadValue(field, "unknown", code)
    return code


def _serve(session: Session, held: ServiceTeam, codes: Sequence[str], town_code: str | None) -> None:
    """Have a team serve just these blocks."""
    for code in codes:
        _of_town(session, ResponsibilityBlock, "served", code, town_code)
    mine = ResponsibilityBlock.team_id == held.id
    wanted = select(ResponsibilityBlock).where(mine | ResponsibilityBlock.code.in_(codes)).with_for_update()
    for block in session.scalars(wanted.order_by(ResponsibilityBlock.code)):
        block.team_id = held.id if block.code in codes else None


def _set_deputies(session: Session, kind: str, held: Duty, told: Sequence[tuple[str, str | None]]) -> None:
    _drop_deputies(session, kind, held.code)
    seen = {held.holder_id}
    for rank, (said, role) in enumerate(told, start=1):
        unit = unit_named(session, f"deputy_unit_{rank}", said)
        if unit.id in seen:
            raise BadValue(f"deputy_unit_{rank}", "twice", said)
        seen.add(unit.id)
        session.add(DutyDeputy(of_kind=kind, of_code=held.code, rank=rank, unit_id=unit.id, role=role))


def _drop_deputies(session: Session, kind: str, code: str) -> None:
    session.execute(delete(DutyDeputy).where(DutyDeputy.of_kind == kind, DutyDeputy.of_code == code))


def _next_code(session: Session, kind: str) -> str:
    """The number after the highest of its letter, as wide as those there are."""
    shape_queries.hold_town(session, f"codes of {kind}s")
    model, prefix = DUTY_MODELS[kind], _PREFIX[kind]
    codes = session.scalars(select(model.code).where(model.code.regexp_match(f"^{prefix}[0-9]{{1,9}}$")))
    numbers = [(len(code), int(code[1:])) for code in codes]
    width = max((width for width, _ in numbers), default=3) - 1
    return f"{prefix}{max((number for _, number in numbers), default=0) + 1:0{width}d}"


def _state(session: Session, kind: str, held: Duty) -> dict[str, Any]:
    """What a record says, in words and numbers that can be kept; a shape by its size and middle."""
    holder = session.get(MemberUnit, held.holder_id) if held.holder_id else None
    deputies = session.execute(
        select(MemberUnit.name, DutyDeputy.role)
        .join(MemberUnit, MemberUnit.id == DutyDeputy.unit_id)
        .where(DutyDeputy.of_kind == kind, DutyDeputy.of_code == held.code)
        .order_by(DutyDeputy.rank)
    )
    said: dict[str, Any] = {
        "name": held.name,
        "holder": holder.name if holder else None,
        "holder_role": held.holder_role,
        "deputies": [f"{row.name} {row.role or ''}".strip() for row in deputies],
    }
    if isinstance(held, ResponsibilityBlock):
        team = session.get(ServiceTeam, held.team_id) if held.team_id else None
        said |= {"region": held.region_code, "team": team.name if team else None}
    if isinstance(held, Region | ResponsibilityBlock) and held.geom is not None:
        said["shape"] = in_words(to_shape(held.geom))
    if isinstance(held, ResponsibilityPoint):
        place = position_of(held.geom)
        said |= {"kind": held.kind, "block": held.block_code, "radius_m": held.radius_m, "address": held.address}
        said["place"] = f"{place[0]:.6f}, {place[1]:.6f}" if place else None
    if isinstance(held, ServiceTeam):
        blocks = select(ResponsibilityBlock.code).where(ResponsibilityBlock.team_id == held.id)
        said |= {"contact_role": held.contact_role, "contact_phone": held.contact_phone}
        said["blocks"] = list(session.scalars(blocks.order_by(ResponsibilityBlock.code)))
    return said


def _keep(session: Session, kind: str, held: Duty, *, actor: str, did: str, before: dict[str, Any] | None) -> None:
    after = _state(session, kind, held)
    if before == after and did == "set":
        return
    facts = {"did": did, "name": held.name, "code": held.code, "before": before, "after": after}
    changes.keep(session, KINDS[kind], actor=actor, facts=facts)
