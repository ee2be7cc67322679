"""Whom to call at a place (沟通联系): roles of the village, the town and the district, by topic."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.ingest.cells import CellRefused, hours
from geodata.models import AreaContact
from geodata.queries import network as queries
from geodata.record_errors import BadValue
from geodata.services import changes
from geodata.services.installation import installation
from geodata.services.network import area_of
from geodata.services.units import Opening, opening

KIND = "contacts"
LONGEST = 60


class PlaceContact(NamedTuple):
    """Whom to call about a topic: a role of an area, and whether it answers now."""

    id: int
    level: str
    area_code: str
    topic: str
    role: str
    phone: str | None
    hours: str | None
    opening: Opening


def contacts_at(
    session: Session,
    *,
    district: str | None = None,
    town_code: str | None = None,
    village_code: str | None = None,
    at: datetime | None = None,
) -> list[PlaceContact]:
    """Contacts of a place by topic: what the village tells first, of each topic the nearest role first.

    at  the moment that hours are asked for; None is now.
    """
    moment, zone = at or datetime.now(UTC), installation(session).timezone
    found = queries.contacts(session, district=district, town=town_code, village=village_code)
    rows = [PlaceContact(*one, opening(one.hours, moment, timezone=zone)) for one in found]
    return _nearest_topics_first(rows)


def add_contact(
    session: Session,
    level: str,
    code: str,
    *,
    topic: str,
    role: str,
    phone: str | None,
    when: str | None,
    actor: str,
) -> AreaContact:
    """Add a contact of an area. Raises NotFound and BadValue."""
    area_of(session, level, code)
    made = AreaContact(level=level, area_code=code, topic=topic, role=role, phone=phone, hours=_hours(when))
    _refuse_twice(session, made)
    session.add(made)
    session.flush()
    _keep(session, made, did="add", before=None, after=_said(made), actor=actor)
    return made


def set_contact(
    session: Session,
    level: str,
    code: str,
    *,
    row_id: int,
    topic: str,
    role: str,
    phone: str | None,
    when: str | None,
    actor: str,
) -> None:
    """Have a contact say this. Raises NotFound and BadValue."""
    row = contact(session, level, code, row_id)
    before = _said(row)
    told = AreaContact(level=level, area_code=code, topic=topic, role=role, phone=phone, hours=_hours(when))
    if (topic, role) != (row.topic, row.role):
        _refuse_twice(session, told)
    row.topic, row.role, row.phone, row.hours = topic, role, phone, told.hours
    session.flush()
    if _said(row) != before:
        _keep(session, row, did="set", before=before, after=_said(row), actor=actor)


def remove_contact(session: Session, level: str, code: str, *, row_id: int, actor: str) -> None:
    """Take a contact out. Raises NotFound and BadValue."""
    row = contact(session, level, code, row_id)
    session.delete(row)
    session.flush()
    _keep(session, row, did="remove", before=_said(row), after=None, actor=actor)


def contact(session: Session, level: str, code: str, row_id: int) -> AreaContact:
    """The contact of an area by its id. Raises NotFound for the area, and BadValue."""
    area_of(session, level, code)
    found = session.get(AreaContact, row_id)
    if found is None or (found.level, found.area_code) != (level, code):
        raise BadValue("id", "unknown", row_id)
    return found


def topics(session: Session) -> list[str]:
    """The topics that any area has a contact for, by name."""
    return list(session.scalars(select(AreaContact.topic).distinct().order_by(AreaContact.topic)))


def _nearest_topics_first(rows: Sequence[PlaceContact]) -> list[PlaceContact]:
    rank = {"village": 0, "town": 1, "district": 2}
    nearest: dict[str, int] = {}
    for one in rows:
        nearest[one.topic] = min(nearest.get(one.topic, 2), rank[one.level])
    return sorted(rows, key=lambda one: (nearest[one.topic], one.topic, rank[one.level], one.role))


def _hours(said: str | None) -> str | None:
    if said is None:
        return None
    try:
        return str(hours(said))
    except CellRefused as error:
        raise BadValue("hours", "hours", said) from error


def _refuse_twice(session: Session, told: AreaContact) -> None:
    same = select(AreaContact.id).where(
        AreaContact.level == told.level,
        AreaContact.area_code == told.area_code,
        AreaContact.topic == told.topic,
        AreaContact.role == told.role,
    )
    if session.scalars(same.order_by(AreaContact.id)).first() is not None:
        raise BadValue("role", "taken", told.role)


def _said(row: AreaContact) -> dict[str, str | None]:
    """What a contact says as plain data."""
    return {"topic": row.topic, "role": row.role, "phone": row.phone, "hours": row.hours}


def _keep(
    session: Session,
    row: AreaContact,
    *,
    did: str,
    before: dict[str, str | None] | None,
    after: dict[str, str | None] | None,
    actor: str,
) -> None:
    facts = {"did": did, "name": f"{row.topic} · {row.role}", "level": row.level, "area_code": row.area_code}
    changes.keep(session, KIND, actor=actor, facts=facts | {"before": before, "after": after})
