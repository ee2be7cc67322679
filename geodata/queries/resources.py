"""Shared resources as pages and the rule of matching see them: each with its unit, its place and its bookings."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# A resource is booked by joint projects that are not over.
BOOKED = """LEFT JOIN (SELECT m.resource_id, count(*) AS booked
                   FROM joint_match AS m
                   JOIN project AS j ON j.id = m.project_id
                  WHERE m.state = 'accepted' AND j.stage IN ('proposed', 'agreed', 'running')
                  GROUP BY m.resource_id) AS b
        ON b.resource_id = r.id"""

# What has no place of its own stands where its unit does.
SHOWN = f"""
    SELECT r.id, r.code, r.name, r.kind, r.kind_code, k.name_zh AS kind_zh, k.name_en AS kind_en,
           r.unit_id, u.code AS unit_code, u.name AS unit_name, COALESCE(u.is_active, TRUE) AS is_active,
           r.capacity, r.capacity_count, r.available, r.hours, r.audience, r.valid_from, r.valid_to, r.address,
           COALESCE(r.town_code, u.town_code) AS town_code, COALESCE(r.village_code, u.village_code) AS village_code,
           r.geom IS NOT NULL AS is_placed,
           ST_X(COALESCE(r.geom, u.geom)) AS lon, ST_Y(COALESCE(r.geom, u.geom)) AS lat,
           ST_X(COALESCE(r.geom_m, u.geom_m)) AS x, ST_Y(COALESCE(r.geom_m, u.geom_m)) AS y,
           COALESCE(b.booked, 0) AS booked
      FROM resource AS r
      LEFT JOIN resource_kind AS k ON k.code = r.kind_code
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
      {BOOKED}
"""

ONE = text(f"{SHOWN} WHERE r.code = :code ORDER BY r.code")

# Those of a kind that nobody knows are offered for every demand.
OF_KINDS = text(f"""
{SHOWN}
     WHERE CAST(:kinds AS text[]) IS NULL OR r.kind_code IS NULL OR r.kind_code = ANY(:kinds)
     ORDER BY r.code
""")

# For a list of demands: nothing but what the rule reads, and only of what could fit at all.
OFFERED = text(f"""
    SELECT r.kind_code, ST_X(COALESCE(r.geom_m, u.geom_m)) AS x, ST_Y(COALESCE(r.geom_m, u.geom_m)) AS y,
           r.capacity_count, r.hours, r.valid_from, r.valid_to, COALESCE(u.is_active, TRUE) AS is_active,
           COALESCE(b.booked, 0) AS booked, COALESCE(r.town_code, u.town_code) AS town_code,
           COALESCE(r.village_code, u.village_code) AS village_code
      FROM resource AS r
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
      {BOOKED}
     WHERE (r.kind_code IS NULL OR r.kind_code = ANY(:kinds))
       AND COALESCE(u.is_active, TRUE)
       AND (r.valid_to IS NULL OR CAST(:since AS date) IS NULL OR r.valid_to > :since)
     ORDER BY r.code
""")

LISTED = text(f"""
{SHOWN}
     WHERE (CAST(:kind AS text) IS NULL OR r.kind_code = :kind)
       AND (CAST(:town AS text) IS NULL OR COALESCE(r.town_code, u.town_code) = :town)
       AND (CAST(:unit AS text) IS NULL OR u.code = :unit)
       AND (CAST(:words AS text) IS NULL
            OR strpos(lower(concat_ws(' ', r.code, r.name, r.kind, r.audience, u.name)), lower(:words)) > 0)
       AND (CAST(:ended AS boolean) IS NULL OR (COALESCE(r.valid_to, 'infinity') <= :today) = :ended)
     ORDER BY COALESCE(r.valid_to, 'infinity') <= :today, r.kind_code NULLS LAST, r.name, r.code
     LIMIT :limit
""")

COUNTS = text("""
    SELECT count(*) FILTER (WHERE COALESCE(r.valid_to, 'infinity') > :today) AS offered,
           count(DISTINCT r.unit_id) FILTER (WHERE COALESCE(r.valid_to, 'infinity') > :today) AS units,
           count(DISTINCT r.kind_code) FILTER (WHERE COALESCE(r.valid_to, 'infinity') > :today) AS kinds,
           COALESCE(sum(r.capacity_count) FILTER (WHERE COALESCE(r.valid_to, 'infinity') > :today), 0) AS room
      FROM resource AS r
""")

TOTAL = text("SELECT count(*) FROM resource")


class ResourceRow(NamedTuple):
    """A resource with what it takes to show and to match it; x and y in the metre CRS, lon and lat WGS 84 degrees.

    town_code, village_code   of its place, else of its unit; `is_placed` says that the place is its own.
    """

    id: int
    code: str
    name: str
    kind: str | None
    kind_code: str | None
    kind_zh: str | None
    kind_en: str | None
    unit_id: int | None
    unit_code: str | None
    unit_name: str | None
    is_active: bool
    capacity: str | None
    capacity_count: int | None
    available: str | None
    hours: str | None
    audience: str | None
    valid_from: date | None
    valid_to: date | None
    address: str | None
    town_code: str | None
    village_code: str | None
    is_placed: bool
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    booked: int


class OfferedRow(NamedTuple):
    """What the rule of matching ranks a resource by, in the order of `spatial.matching_arrays.OfferColumns`.

    kind       of `resource_kind`, None where it is of no known one.
    hours      in the notation of OpenStreetMap.
    """

    kind: str | None
    x: float | None
    y: float | None
    capacity: int | None
    hours: str | None
    valid_from: date | None
    valid_to: date | None
    is_active: bool
    booked: int
    town_code: str | None
    village_code: str | None


class ResourceFilter(NamedTuple):
    """Which resources are meant; None is no condition. `is_ended`: only those no longer offered, or only the others."""

    kind: str | None = None
    town: str | None = None
    unit: str | None = None
    words: str | None = None
    is_ended: bool | None = None


class ResourceCounts(NamedTuple):
    """Of what is offered today: how many resources, of how many units and kinds, and the room they have told."""

    offered: int
    units: int
    kinds: int
    room: int


def resource_row(session: Session, code: str) -> ResourceRow | None:
    """The resource of a code; None where there is none."""
    row = session.execute(ONE, {"code": code}).first()
    return ResourceRow(*row) if row else None


def resources_of_kinds(session: Session, kinds: list[str] | None) -> list[ResourceRow]:
    """Resources of these kinds (None: of all) and those of no known kind, by code."""
    return [ResourceRow(*row) for row in session.execute(OF_KINDS, {"kinds": kinds})]


def offered(session: Session, kinds: list[str], *, since: date | None) -> list[OfferedRow]:
    """What is offered of these kinds and of no known one, on that day (None: on any) or later, by code."""
    return [OfferedRow._make(row) for row in session.execute(OFFERED, {"kinds": kinds, "since": since})]


def listed(session: Session, wanted: ResourceFilter, *, today: date, limit: int) -> list[ResourceRow]:
    """Resources that a filter lets through: those still offered first, by kind and name."""
    bound = {**wanted._asdict(), "ended": wanted.is_ended, "today": today, "limit": limit}
    return [ResourceRow(*row) for row in session.execute(LISTED, bound)]


def counts(session: Session, *, today: date) -> ResourceCounts:
    """How much is offered on a day."""
    return ResourceCounts(*session.execute(COUNTS, {"today": today}).one())


def total(session: Session) -> int:
    """How many resources there are, ended ones too."""
    return int(session.execute(TOTAL).scalar_one())
