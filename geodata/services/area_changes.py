"""Towns and villages changed one by one.

What is changed of an area holds from today on: the whole generation of its level begins anew today, and so tickets of
the past still find the areas of their day. Changes of the same day go into the same generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import Area
from geodata.queries import generations
from geodata.queries.namers import namers
from geodata.queries.references import area_shapes, areas
from geodata.queries.stamping import today
from geodata.record_errors import BadValue, StillUsed
from geodata.services import changes, ground_checks
from geodata.services.areas import derive_district
from geodata.services.duty_shapes import ALLOWED
from geodata.services.feature_drafts import Done, Draft, is_same
from geodata.services.installation import installation
from geodata.services.stamps import restamp_near
from spatial.clean import only_area
from spatial.codes import CodePattern
from spatial.errors import BadCode

# Under which a change is kept: the name of the kind of import.
KIND = "areas"
ORIGIN = "edited"
LONGEST_NAME = 80


@dataclass(frozen=True)
class AreaEditor:
    """Towns (`town`) or villages (`village`) of today; the codes are the office's own, and so are told."""

    level: str
    settable: tuple[str, ...]
    types: tuple[str, ...] = ("Polygon", "MultiPolygon")
    action: str = "area.set"
    longest: Mapping[str, int] = field(default_factory=lambda: {"name": LONGEST_NAME})

    def hold(self, session: Session, code: str) -> None:  # noqa: ARG002 - an area's neighbours must stay as they are too
        """Wait for whoever changes any area."""
        generations.hold(session)
        session.expire_all()

    def town_of(self, session: Session, code: str) -> str | None:
        """The town itself, or that of the village. Raises NotFound."""
        held = _current(session, self.level, code)
        return held.code if self.level == "town" else held.parent_code

    def town_for(self, session: Session, draft: Draft) -> str | None:  # noqa: ARG002 - as every editor has it
        """The town that a new village is told to be in; a new town is nobody's yet."""
        return None if self.level == "town" else draft.properties.get("town_code")

    def add(self, session: Session, draft: Draft, *, actor: str) -> Done:
        """Add an area, from today on."""
        generations.hold(session)
        code = _new_code(session, self.level, draft.code)
        parent = self._parent(session, draft)
        notes = self._checked(session, code, draft.shape, parent, before=None)
        day = today(session)
        generations.begin_today(session, self.level, day)
        made = Area(
            level=self.level,
            code=code,
            name=_name(draft),
            parent_code=parent,
            valid_from=day,
            valid_to=next(iter(generations.begins_after(session, self.level, day)), None),
            origin=ORIGIN,
        )
        _draw(made, draft.shape)
        session.add(made)
        after = _state(made)
        self._follow(session, draft.shape)
        self._keep(session, code, actor=actor, did="add", before=None, after=after)
        return Done(code, tuple(notes))

    def change(self, session: Session, code: str, draft: Draft, *, actor: str) -> Done:
        """Change its name, outline or parent, from today on. Raises StillUsed for an outline taken off what is used."""
        held = _current(session, self.level, code)
        stored, parent, name = _shape(held), self._parent(session, draft), _name(draft)
        is_drawn_anew = not is_same(stored, draft.shape)
        if not is_drawn_anew and (held.name, held.parent_code) == (name, parent):
            return Done(code)
        if stored is not None and draft.shape is None:
            self._demand_unused(session, code)
        before, notes = _state(held), list[str]()
        if is_drawn_anew or held.parent_code != parent:
            notes = self._checked(session, code, draft.shape, parent, before=stored)
        generations.begin_today(session, self.level, today(session))
        session.expire_all()
        held = _current(session, self.level, code)
        held.name, held.parent_code = name, parent
        if is_drawn_anew:
            _draw(held, draft.shape)
        after = _state(held)
        self._follow(session, ground_checks.changed_ground(stored, draft.shape) if is_drawn_anew else None)
        self._keep(session, code, actor=actor, did="set", before=before, after=after)
        return Done(code, tuple(notes))

    def remove(self, session: Session, code: str, *, actor: str) -> None:
        """Have there be no such area from today on. Raises StillUsed."""
        held = _current(session, self.level, code)
        self._demand_unused(session, code)
        before, stored, day = _state(held), _shape(held), today(session)
        generations.begin_today(session, self.level, day)
        session.expire_all()
        session.delete(_current(session, self.level, code))
        self._follow(session, stored)
        self._keep(session, code, actor=actor, did="remove", before=before, after=None)

    def _parent(self, session: Session, draft: Draft) -> str:
        if self.level == "town":
            return installation(session).code
        said: str | None = draft.properties.get("town_code")
        if said is None:
            raise BadValue("town_code", "missing")
        if said not in {area.code for area in areas(session, "town", today(session))}:
            raise BadValue("town_code", "unknown", said)
        return said

    def _checked(
        self, session: Session, code: str, shape: BaseGeometry | None, parent: str, *, before: BaseGeometry | None
    ) -> list[str]:
        """Sentences on what is amiss and may be. Raises BadValue for what may not."""
        day = today(session)
        others = area_shapes(session, self.level, day)
        others.pop(code, None)
        if shape is None:
            return ground_checks.left_open(session, before, None, others)
        ground_checks.demand_near(session, shape)
        if self.level == "village":
            town = area_shapes(session, "town", day).get(parent)
            if town is not None:
                ground_checks.demand_within(session, shape, town, parent)
        elif before is not None:
            _demand_villages_stay(session, code, shape, before)
        notes = ground_checks.demand_apart(session, shape, others, before=before)
        return notes + ground_checks.left_open(session, before, shape, others)

    def _demand_unused(self, session: Session, code: str) -> None:
        users = namers(session, self.level, code)
        if users:
            names = ", ".join(f"{one.rows} {one.words}" for one in users[1:4])
            more = f"{users[0].words}{f' (and {names})' if names else ''}"
            raise StillUsed(self.level, code, count=users[0].rows, users=more)

    def _follow(self, session: Session, ground: BaseGeometry | None) -> None:
        """What follows from other outlines: the district's, and the stamps of what lies there."""
        session.flush()
        if ground is None:
            return
        if self.level == "town":
            derive_district(session, today(session))
        restamp_near(session, ground)

    def _keep(
        self,
        session: Session,
        code: str,
        *,
        actor: str,
        did: str,
        before: dict[str, str | None] | None,
        after: dict[str, str | None] | None,
    ) -> None:
        name = (after or before or {}).get("name")
        facts = {"did": did, "level": self.level, "code": code, "name": name, "before": before, "after": after}
        changes.keep(session, KIND, actor=actor, facts=facts)


TOWNS = AreaEditor("town", ("name",))
VILLAGES = AreaEditor("village", ("name", "town_code"))


def _current(session: Session, level: str, code: str) -> Area:
    day = today(session)
    wanted = select(Area).where(
        Area.level == level,
        Area.code == code,
        Area.valid_from <= day,
        or_(Area.valid_to.is_(None), Area.valid_to > day),
    )
    held = session.scalars(wanted.with_for_update()).first()
    if held is None:
        raise NotFound(level, code)
    return held


def _new_code(session: Session, level: str, said: str | None) -> str:
    if said is None:
        raise BadValue("code", "missing")
    place = installation(session)
    pattern = CodePattern.parse(place.code_pattern)
    if level in pattern.levels:
        if pattern.level_of(said) != level:
            raise BadCode(said, pattern.text, f"it is not the code of a {level}")
        if "district" in pattern.levels and not pattern.is_same(
            pattern.parent_code(said, level, "district"), place.code
        ):
            raise BadCode(said, pattern.text, f"it is of another district than {place.code}")
    if said in {area.code for area in areas(session, level, today(session))}:
        raise BadValue("code", "taken", said)
    return said


def _demand_villages_stay(session: Session, town: str, shape: BaseGeometry, before: BaseGeometry) -> None:
    """Raise BadValue where an outline of a town leaves villages outside that were inside."""
    day = today(session)
    mine = {area.code for area in areas(session, "village", day) if area.parent_code == town}
    villages = {code: one for code, one in area_shapes(session, "village", day).items() if code in mine}
    left = []
    for code in sorted(villages):
        village, new, old = ground_checks.metres(session, villages[code], shape, before)
        outside_m2 = float(village.difference(new).area)
        if outside_m2 > ALLOWED * village.area and outside_m2 > float(village.difference(old).area):
            left.append(code)
    if left:
        raise BadValue("geometry", "leaves", town, names=", ".join(left[:3]) + (", …" if len(left) > 3 else ""))


def _name(draft: Draft) -> str:
    said: str | None = draft.properties.get("name")
    if said is None:
        raise BadValue("name", "missing")
    return said


def _shape(held: Area) -> BaseGeometry | None:
    return None if held.geom is None else only_area(to_shape(held.geom))


def _draw(held: Area, shape: BaseGeometry | None) -> None:
    held.geom = None if shape is None else from_shape(shape, srid=4326)
    held.datum, held.origin = None if shape is None else "wgs84", ORIGIN


def _state(held: Area) -> dict[str, str | None]:
    """What an area says, in words that can be kept; its outline by its size and middle."""
    shape = _shape(held)
    said = None if shape is None else ground_checks.in_words(shape)
    return {"name": held.name, "parent": held.parent_code, "shape": said}
