"""The boundary referee: which side of a border a place belongs to, by a fixed rule that is written down.

A place belongs to the side whose polygon holds it; on the line itself, to the side of the lower code. Within the
district's `border_m` of a border both sides are told, since a position is no more exact than that.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from geodata.models import Ticket
from geodata.queries import locate
from geodata.queries.locate import SideHit
from geodata.services.installation import installation

HOLDS, LINE, NOBODY = "holds", "line", "nobody"


@dataclass(frozen=True)
class Ruling:
    """What the rule says at a border of one level.

    rule     `holds` (one side holds the place), `line` (it lies on the line: the lower code) or `nobody` (it lies in
             a gap between the sides).
    chosen   the side it belongs to, None in a gap.
    sides    all sides, those that hold the place first.
    """

    level: str
    rule: str
    chosen: str | None
    sides: tuple[SideHit, ...]

    def to_json(self) -> dict[str, Any]:
        """The ruling as JSON values, metres to the decimetre."""
        sides = [{"code": one.code, "name": one.name, "metres": round(one.metres, 1)} for one in self.sides]
        return {"level": self.level, "rule": self.rule, "chosen": self.chosen, "sides": sides}


def rulings(session: Session, *, lon: float, lat: float, day: date) -> list[Ruling]:
    """The rulings at a WGS 84 point (degrees) on a day: one a level that has a border near, towns first."""
    place = installation(session)
    found = locate.sides_at(session, lon=lon, lat=lat, day=day, metre_srid=place.metre_srid, border_m=place.border_m)
    return [_ruling(level, found[level]) for level in ("town", "village") if level in found]


def of_ticket(session: Session, held: Ticket) -> list[dict[str, Any]]:
    """The rulings at a ticket's place on the day it was reported, as its history keeps them; none without a place."""
    if held.geom is None:
        return []
    lon, lat = to_shape(held.geom).coords[0]
    day = held.reported_at.astimezone(ZoneInfo(installation(session).timezone)).date()
    return [ruling.to_json() for ruling in rulings(session, lon=lon, lat=lat, day=day)]


def _ruling(level: str, sides: list[SideHit]) -> Ruling:
    holding = [side for side in sides if side.holds]
    rule = NOBODY if not holding else HOLDS if len(holding) == 1 else LINE
    return Ruling(level, rule, holding[0].code if holding else None, tuple(sides))
