"""Whistle calls: who may read of which, who was called and came, and how far from the place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Those of one's town, those one has called, and those to which one's unit or office is called.
VISIBLE = """(:is_all
            OR w.called_by = :caller
            OR CASE w.level WHEN 'town' THEN w.area_code
                            WHEN 'village' THEN (SELECT max(v.parent_code) FROM area AS v
                                                  WHERE v.level = 'village' AND v.code = w.area_code
                                                    AND v.valid_from <= CURRENT_DATE
                                                    AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE))
               END = ANY(CAST(:towns AS text[]))
            OR EXISTS (SELECT FROM whistle_invitee AS n
                        WHERE n.call_id = w.id
                          AND (n.unit_id = :unit_id OR n.office_code = ANY(CAST(:towns AS text[])))))"""

LINES = f"""
    SELECT w.id, w.code, w.reason, w.level, w.area_code, a.name AS area_name, w.address, w.meet_at, w.state,
           t.number AS ticket_number,
           (SELECT count(*) FROM whistle_invitee AS n WHERE n.call_id = w.id) AS called,
           (SELECT count(*) FROM whistle_invitee AS n WHERE n.call_id = w.id AND n.arrived_at IS NOT NULL) AS came,
           (SELECT count(*) FROM resolution AS r WHERE r.whistle_id = w.id) AS tasks
      FROM whistle_call AS w
      LEFT JOIN ticket AS t ON t.id = w.ticket_id
      LEFT JOIN area AS a
        ON a.level = w.level AND a.code = w.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE {VISIBLE} AND {{wanted}}
     ORDER BY (w.state IN ('called', 'met')) DESC,
              CASE WHEN w.state IN ('called', 'met') THEN w.meet_at END,
              w.meet_at DESC, w.id
     LIMIT :most
"""
ANY_CALL = text(LINES.format(wanted="TRUE"))
OF_CODE = text(LINES.format(wanted="w.code = :code"))
OF_CODES = text(LINES.format(wanted="w.code = ANY(CAST(:codes AS text[]))"))
OF_TICKET = text(LINES.format(wanted="w.ticket_id = :ticket_id"))

INVITEES = text("""
    SELECT n.id, n.seq, n.unit_id, u.code AS unit_code, u.name AS unit_name, n.office_code, a.name AS office_name,
           n.part, n.arrived_at, n.arrived_m, n.note
      FROM whistle_invitee AS n
      LEFT JOIN member_unit AS u ON u.id = n.unit_id
      LEFT JOIN LATERAL (SELECT o.name FROM area AS o
                          WHERE o.code = n.office_code AND o.level IN ('district', 'town')
                            AND o.valid_from <= CURRENT_DATE AND (o.valid_to IS NULL OR o.valid_to > CURRENT_DATE)
                          ORDER BY o.level DESC, o.id
                          LIMIT 1) AS a ON TRUE
     WHERE n.call_id = :call_id
     ORDER BY n.seq, n.id
""")

IDS_BY_CODE = text("SELECT w.code, w.id FROM whistle_call AS w ORDER BY w.id")

# Degrees are no metres: the place has its twin in the metre CRS, and the phone's position is brought there.
METRES_FROM = text("""
    SELECT ST_Distance(w.geom_m, ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), ST_SRID(w.geom_m)))
      FROM whistle_call AS w
     WHERE w.id = :call_id AND w.geom IS NOT NULL
""")


@dataclass(frozen=True)
class CallScope:
    """The calls somebody may read: all, or those of `towns`, of their own calling, and those they are called to."""

    is_all: bool
    caller: str
    towns: tuple[str, ...] = ()
    unit_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no call is hidden."""
        return self.is_all

    def clause(self) -> str:
        """The condition in SQL on a row `w` of `whistle_call`, with the names of `values()` as `:name`."""
        return VISIBLE

    def values(self) -> dict[str, object]:
        """What the names of the clause are bound to."""
        return {"is_all": self.is_all, "caller": self.caller, "towns": list(self.towns), "unit_id": self.unit_id}


ALL_CALLS = CallScope(is_all=True, caller="")
NO_CALLS = CallScope(is_all=False, caller="")


class CallLine(NamedTuple):
    """A call in a list: `came` of those `called` have arrived."""

    id: int
    code: str
    reason: str
    level: str
    area_code: str
    area_name: str | None
    address: str | None
    meet_at: datetime
    state: str
    ticket_number: str | None
    called: int
    came: int
    tasks: int

    @property
    def is_running(self) -> bool:
        """Whether it is neither over nor called off."""
        return self.state in {"called", "met"}


class Invitee(NamedTuple):
    """Who is called: a unit, or the office of an area; `arrived_m` is None where nobody knows from where they said so.

    part   the department or role that should come.
    """

    id: int
    seq: int
    unit_id: int | None
    unit_code: str | None
    unit_name: str | None
    office_code: str | None
    office_name: str | None
    part: str | None
    arrived_at: datetime | None
    arrived_m: float | None
    note: str | None


def calls(session: Session, scope: CallScope, *, most: int = 500) -> list[CallLine]:
    """Calls of a scope: running ones first, the earliest first; then those that are over, the latest first."""
    return [CallLine(*row) for row in session.execute(ANY_CALL, {**scope.values(), "most": most})]


def call_of_code(session: Session, scope: CallScope, code: str) -> CallLine | None:
    """The call of that code; None where the scope has none of it."""
    row = session.execute(OF_CODE, {**scope.values(), "code": code, "most": 1}).first()
    return CallLine(*row) if row else None


def calls_of_codes(session: Session, scope: CallScope, codes: Collection[str]) -> dict[str, CallLine]:
    """The calls of those codes that the scope has, by code."""
    found = session.execute(OF_CODES, {**scope.values(), "codes": sorted(codes), "most": len(codes)}) if codes else ()
    return {row.code: CallLine(*row) for row in found}


def calls_of_ticket(session: Session, scope: CallScope, ticket_id: int) -> list[CallLine]:
    """Calls from a ticket, in the same order."""
    found = session.execute(OF_TICKET, {**scope.values(), "ticket_id": ticket_id, "most": 50})
    return [CallLine(*row) for row in found]


def ids_by_code(session: Session) -> dict[str, int]:
    """Ids of all calls by their codes."""
    return {row.code: row.id for row in session.execute(IDS_BY_CODE)}


def invitees(session: Session, call_id: int) -> Sequence[Invitee]:
    """Who is called, in the order of the call."""
    return [Invitee(*row) for row in session.execute(INVITEES, {"call_id": call_id})]


def metres_from(session: Session, call_id: int, *, lon: float, lat: float) -> float | None:
    """Metres from the place of a call to a point (WGS 84 degrees); None where the call has no place."""
    found: float | None = session.execute(METRES_FROM, {"call_id": call_id, "lon": lon, "lat": lat}).scalar()
    return found
