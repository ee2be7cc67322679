"""Records as the rows of a sheet that an import takes back; the names of the columns are the fields of its kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

# The name of the area a row is of; whoever reads the sheet knows it by that.
AREA_OF = """
      LEFT JOIN area AS a
        ON a.level = {row}.level AND a.code = {row}.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

MEMBERSHIPS = text(f"""
    SELECT u.code AS unit, u.name AS unit_name, m.level, m.area_code, a.name AS area_name, m.valid_from, m.valid_to
      FROM membership AS m
      JOIN member_unit AS u ON u.id = m.unit_id
      {AREA_OF.format(row="m")}
     ORDER BY m.level, m.area_code, u.code, m.valid_from, m.id
""")

PARTNERS_OF = """
    (SELECT array_agg(u.code ORDER BY u.code)
       FROM project_partner AS p
       JOIN member_unit AS u ON u.id = p.unit_id
      WHERE p.project_id = j.id AND p.part = '{part}')
"""

PROJECTS = text(f"""
    SELECT j.code, j.name, j.joint, j.level, j.area_code, a.name AS area_name, j.stage, l.code AS lead,
           l.name AS lead_name, {PARTNERS_OF.format(part="partner")} AS partners,
           {PARTNERS_OF.format(part="support")} AS support, j.starts_on, j.ends_on, j.outcome,
           j.people_served, j.address
      FROM project AS j
      LEFT JOIN member_unit AS l ON l.id = j.lead_unit_id
      {AREA_OF.format(row="j")}
     ORDER BY j.code
""")

# People tell a time by its last day; the tables by the day after.
CONVENERS = text(f"""
    SELECT t.level, t.area_code, a.name AS area_name, u.code AS unit, u.name AS unit_name, t.valid_from,
           t.valid_to - 1 AS last_day
      FROM convener_term AS t
      JOIN member_unit AS u ON u.id = t.unit_id
      {AREA_OF.format(row="t")}
     ORDER BY t.level, t.area_code, t.valid_from, t.id
""")

SEATS = text(f"""
    SELECT s.level, s.area_code, a.name AS area_name, s.body, u.code AS unit, u.name AS unit_name, s.position,
           s.valid_from, s.valid_to - 1 AS last_day
      FROM conference_seat AS s
      JOIN member_unit AS u ON u.id = s.unit_id
      {AREA_OF.format(row="s")}
     ORDER BY s.level, s.area_code, s.body, s.position, u.code, s.valid_from, s.id
""")

CONTACTS = text(f"""
    SELECT c.level, c.area_code, a.name AS area_name, c.topic, c.role, c.phone, c.hours
      FROM area_contact AS c
      {AREA_OF.format(row="c")}
     ORDER BY c.level, c.area_code, c.topic, c.role, c.id
""")

PILOTS = text(f"""
    SELECT y.level, y.area_code, a.name AS area_name, y.note, y.valid_from, y.valid_to - 1 AS last_day
      FROM pilot_area AS y
      {AREA_OF.format(row="y")}
     ORDER BY y.level, y.area_code, y.valid_from, y.id
""")


REGISTRATIONS = text("""
    SELECT CASE WHEN r.of_kind = 'unit' THEN r.of_code END AS unit,
           CASE WHEN r.of_kind <> 'unit' THEN r.of_kind END AS level,
           CASE WHEN r.of_kind <> 'unit' THEN r.of_code END AS area_code,
           COALESCE(a.name, u.name) AS area_name, r.period,
           r.members_total, r.members_registered, r.units_registered, r.pledges_claimed, r.source
      FROM registration_count AS r
      LEFT JOIN area AS a
        ON a.level = r.of_kind AND a.code = r.of_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
      LEFT JOIN member_unit AS u ON r.of_kind = 'unit' AND u.code = r.of_code
     WHERE CAST(:towns AS text[]) IS NULL
        OR COALESCE(u.town_code, CASE WHEN r.of_kind = 'village' THEN a.parent_code ELSE r.of_code END)
         = ANY(CAST(:towns AS text[]))
     ORDER BY r.period, r.of_kind, r.of_code, r.id
""")

FIGURES = text(f"""
    SELECT f.figure, f.level, f.area_code, a.name AS area_name, f.period, f.value, f.source
      FROM stated_figure AS f
      {AREA_OF.format(row="f")}
     ORDER BY f.level, f.area_code, f.figure, f.period, f.id
""")

TEAMS = text("""
    SELECT t.code, t.name, t.town_code, u.code AS holder, u.name AS holder_name, t.holder_role, t.contact_role,
           t.contact_phone
      FROM service_team AS t
      LEFT JOIN member_unit AS u ON u.id = t.holder_id
     ORDER BY t.code
""")

DEPUTIES = text("""
    SELECT d.of_kind, d.of_code, COALESCE(r.name, b.name, p.name, t.name) AS of_name, d.rank, u.code AS unit,
           u.name AS unit_name, d.role
      FROM duty_deputy AS d
      JOIN member_unit AS u ON u.id = d.unit_id
      LEFT JOIN region AS r ON d.of_kind = 'region' AND r.code = d.of_code
      LEFT JOIN responsibility_block AS b ON d.of_kind = 'block' AND b.code = d.of_code
      LEFT JOIN responsibility_point AS p ON d.of_kind = 'point' AND p.code = d.of_code
      LEFT JOIN service_team AS t ON d.of_kind = 'team' AND t.code = d.of_code
     ORDER BY array_position(ARRAY['region', 'block', 'point', 'team'], d.of_kind), d.of_code, d.rank
""")


WEIGHTS = text("""
    SELECT w.subject, w.index, w.weight, w.valid_from, w.valid_to
      FROM index_weight AS w
     ORDER BY w.subject, w.index, w.valid_from, w.id
""")


ROSTER = text("""
    SELECT t.of_kind, t.of_code, t.day, t.opens, t.closes, u.code AS unit, u.name AS unit_name, t.role
      FROM roster_turn AS t
      LEFT JOIN member_unit AS u ON u.id = t.unit_id
     ORDER BY t.day, t.of_kind, t.of_code, t.opens, t.id
""")

SHARED_SERVICES = text(f"""
    SELECT h.of_kind, h.of_code, h.level, h.area_code, a.name AS area_name
      FROM shared_service AS h
      {AREA_OF.format(row="h")}
     ORDER BY h.of_kind, h.of_code, h.level, h.area_code
""")

PLEDGES = text(f"""
    SELECT p.code, p.name, u.code AS unit, u.name AS unit_name, p.category_codes, p.level, p.area_code,
           a.name AS area_name, p.radius_m, p.hours, p.address, p.valid_from, p.valid_to
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
      {AREA_OF.format(row="p")}
     ORDER BY p.code
""")

RESOURCE_KINDS = text("SELECT k.code, k.name_zh, k.name_en FROM resource_kind AS k ORDER BY k.code")

# A sheet tells no position: what comes in again without one leaves the place as it is.
RESOURCES = text("""
    SELECT r.code, r.name, r.kind, r.kind_code, k.name_zh AS kind_name, u.code AS unit, u.name AS unit_name, r.capacity,
           r.capacity_count, r.available, r.hours, r.audience, r.valid_from, r.valid_to, r.address
      FROM resource AS r
      LEFT JOIN resource_kind AS k ON k.code = r.kind_code
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
     ORDER BY r.code
""")

DEMANDS = text(f"""
    SELECT d.code, d.name, d.kind_code, k.name_zh AS kind_name, d.level, d.area_code, a.name AS area_name, d.details,
           d.audience, d.people, d.needed_from, d.needed_until, d.state, d.address, d.posted_by
      FROM demand AS d
      JOIN resource_kind AS k ON k.code = d.kind_code
      {AREA_OF.format(row="d")}
     ORDER BY d.code
""")


MEETINGS = text(f"""
    SELECT m.code, m.name, m.body, m.level, m.area_code, a.name AS area_name, m.held_at, m.state, m.agenda, m.minutes,
           m.address
      FROM meeting AS m
      {AREA_OF.format(row="m")}
     ORDER BY m.held_at, m.code, m.id
""")

# What follows a whistle call is not of a meeting.
RESOLUTIONS = text("""
    SELECT m.code AS meeting, m.name AS meeting_name, r.seq, r.words, u.code AS unit, u.name AS unit_name, r.due_on,
           r.state, r.target_kind, r.target_code, r.note
      FROM resolution AS r
      JOIN meeting AS m ON m.id = r.meeting_id
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
     ORDER BY m.held_at, m.code, r.seq, r.id
""")


MEETING_SEATS = text("""
    SELECT m.code AS meeting, m.name AS meeting_name, u.code AS unit, u.name AS unit_name, s.position, s.attended
      FROM meeting_seat AS s
      JOIN meeting AS m ON m.id = s.meeting_id
      JOIN member_unit AS u ON u.id = s.unit_id
     ORDER BY m.held_at, m.code, array_position(ARRAY['chair', 'deputy', 'member'], s.position), u.code
""")

# Calls are for their town and for who is called: of the others none stands in a sheet of one town.
_OF_CALL = f"""
      FROM whistle_call AS w
      {AREA_OF.format(row="w")}
"""
_IN_TOWNS = """(CAST(:towns AS text[]) IS NULL
            OR CASE w.level WHEN 'village' THEN a.parent_code WHEN 'town' THEN w.area_code END
             = ANY(CAST(:towns AS text[])))"""

WHISTLE_CALLS = text(f"""
    SELECT w.code, w.reason, w.level, w.area_code, a.name AS area_name, w.meet_at, w.state, w.minutes, w.closed_at,
           t.number AS ticket, w.address
      {_OF_CALL}
      LEFT JOIN ticket AS t ON t.id = w.ticket_id
     WHERE {_IN_TOWNS}
     ORDER BY w.meet_at, w.code, w.id
""")

# Where somebody stood who said they had arrived stays here; how far that was from the place is told.
WHISTLE_INVITEES = text(f"""
    SELECT w.code AS call, n.seq, u.code AS unit, u.name AS unit_name, n.office_code AS office, n.part, n.arrived_at,
           n.arrived_m, n.note
      {_OF_CALL}
      JOIN whistle_invitee AS n ON n.call_id = w.id
      LEFT JOIN member_unit AS u ON u.id = n.unit_id
     WHERE {_IN_TOWNS}
     ORDER BY w.meet_at, w.code, n.seq, n.id
""")

_RESOLVED = """r.seq, r.words, u.code AS unit, u.name AS unit_name, r.due_on, r.state, r.target_kind, r.target_code,
           r.note"""

WHISTLE_TASKS = text(f"""
    SELECT w.code AS call, {_RESOLVED}
      {_OF_CALL}
      JOIN resolution AS r ON r.whistle_id = w.id
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
     WHERE {_IN_TOWNS}
     ORDER BY w.meet_at, w.code, r.seq, r.id
""")


def rows(session: Session, statement: TextClause, *, towns: Sequence[str] | None = None) -> list[Mapping[str, Any]]:
    """The rows of one of these statements, each a mapping by column.

    towns   codes: of what is for few eyes, those of these towns and their villages and units; None for all.
    """
    values = {"towns": None if towns is None else list(towns)}
    return [row._asdict() for row in session.execute(statement, values)]
