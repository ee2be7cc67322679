"""Blocks and points as features that are changed one by one: what the forms of duty ground do, from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import ResponsibilityBlock
from geodata.queries.duty_shapes import hold_town
from geodata.queries.locate import areas_at
from geodata.record_errors import BadValue
from geodata.services import duty_changes
from geodata.services.duty_changes import Told
from geodata.services.feature_drafts import Done, Draft, is_same
from geodata.services.ground_checks import plain_code
from geodata.services.rules import today

LONGEST_NAME, LONGEST_ROLE = 80, 40
RADII_M = (1.0, 5000.0)


@dataclass(frozen=True)
class DutyEditor:
    """Blocks (`block`) or points (`point`): a town office sets those of its town, and codes may be left to us."""

    kind: str
    types: tuple[str, ...]
    settable: tuple[str, ...]
    action: str = "ground.set"

    @property
    def longest(self) -> Mapping[str, int]:
        """As the forms have it."""
        return {"name": LONGEST_NAME, "holder_role": LONGEST_ROLE, "kind": LONGEST_ROLE}

    def hold(self, session: Session, code: str) -> None:
        """Wait for whoever changes the ground of the same town, and hold the record."""
        try:
            hold_town(session, self.town_of(session, code))
            # what was read before the wait may have changed in it
            session.expire_all()
            duty_changes.record(session, self.kind, code, is_held=True)
        except NotFound:
            return

    def town_of(self, session: Session, code: str) -> str | None:
        """The town of the record. Raises NotFound."""
        return duty_changes.town_of(session, duty_changes.record(session, self.kind, code))

    def town_for(self, session: Session, draft: Draft) -> str | None:
        """The town that the shape lies in, else that of the block of a point. Raises BadValue without either."""
        if draft.shape is not None:
            spot = shapely.point_on_surface(draft.shape)
            lon, lat = float(shapely.get_x(spot)), float(shapely.get_y(spot))
            areas = areas_at(session, lon=lon, lat=lat, day=today(session))
            if "town" not in areas and "district" not in areas:
                raise BadValue("geometry", "place", f"{lon:.6f}, {lat:.6f}")
            return areas["town"].code if "town" in areas else None
        block = draft.properties.get("block_code")
        if block is None:
            raise BadValue("geometry", "missing")
        wanted = select(ResponsibilityBlock.town_code).where(ResponsibilityBlock.code == block)
        return session.scalar(wanted)

    def add(self, session: Session, draft: Draft, *, actor: str) -> Done:
        """Add one, under the code that is told or the next free one."""
        code = None if draft.code is None else plain_code(draft.code)
        told, town = self._told(draft, draft.shape), self.town_for(session, draft)
        return Done(duty_changes.add_duty(session, self.kind, told, actor=actor, town_code=town, code=code))

    def change(self, session: Session, code: str, draft: Draft, *, actor: str) -> Done:
        """Have it be what the draft says; its deputies stay."""
        held = duty_changes.record(session, self.kind, code)
        geom = getattr(held, "geom", None)
        stored = None if geom is None else to_shape(geom)
        # the very place that is there: a point without one would be looked up by its address
        shape = stored if is_same(stored, draft.shape) else draft.shape
        told = self._told(
            draft,
            None if shape is stored and self.kind == "block" else shape,
            deputies=duty_changes.deputies_of(session, self.kind, code),
            is_placeless=stored is not None and draft.shape is None,
        )
        version = duty_changes.version_of(session, self.kind, held)
        duty_changes.set_duty(session, self.kind, code, told, actor=actor, version=version)
        return Done(code)

    def remove(self, session: Session, code: str, *, actor: str) -> None:
        """Remove it with its deputies and its roster."""
        held = duty_changes.record(session, self.kind, code)
        version = duty_changes.version_of(session, self.kind, held)
        duty_changes.remove_duty(session, self.kind, code, actor=actor, version=version)

    def _told(self, draft: Draft, shape: Any, **more: Any) -> Told:  # noqa: ANN401 - a shape, and fields of Told
        said = draft.properties
        if said.get("name") is None:
            raise BadValue("name", "missing")
        radius_m = said.get("radius_m")
        if radius_m is not None and not RADII_M[0] <= radius_m <= RADII_M[1]:
            raise BadValue("radius_m", "number", radius_m, low=RADII_M[0], high=RADII_M[1])
        is_point = self.kind == "point"
        return Told(
            name=said["name"],
            holder=said.get("holder_code"),
            holder_role=said.get("holder_role"),
            parent=said.get("block_code" if is_point else "region_code"),
            team=said.get("team_code"),
            shape=None if is_point else shape,
            place=(float(shape.x), float(shape.y)) if is_point and shape is not None else None,
            kind=said.get("kind"),
            radius_m=radius_m,
            address=said.get("address"),
            **more,
        )


BLOCKS = DutyEditor(
    "block", ("Polygon", "MultiPolygon"), ("name", "region_code", "holder_code", "holder_role", "team_code")
)
POINTS = DutyEditor(
    "point", ("Point",), ("name", "kind", "address", "block_code", "holder_code", "holder_role", "radius_m")
)
