"""Sources of what units do together: see `geodata/queries/sources.py`, which names each by its collection."""

from geodata.queries.figures import STANDS_IN_VILLAGE, VILLAGE_UNIT_ROWS
from geodata.queries.resolutions import BECAME, STATE
from geodata.queries.source_parts import AREA_OF, OF_AREA, OF_UNIT, PLACED_BY, TOWN_ABOVE, TOWN_OF

PROJECTS = """
    SELECT j.code, j.name, j.joint, j.level, j.area_code, j.stage, u.code AS lead_code, u.name AS lead_name,
           (SELECT string_agg(m.name, '、' ORDER BY m.code)
              FROM project_partner AS p
              JOIN member_unit AS m ON m.id = p.unit_id
             WHERE p.project_id = j.id) AS partner_names,
           j.starts_on, j.ends_on, j.outcome, j.people_served, j.address, j.town_code, j.village_code, j.cell_code,
           COALESCE(j.geom, u.geom) AS geom
      FROM project AS j
      LEFT JOIN member_unit AS u ON u.id = j.lead_unit_id
"""

RESOURCES = f"""
    SELECT r.code, r.name, r.kind, r.kind_code, k.name_zh AS kind_name, u.code AS unit_code, u.name AS unit_name,
           r.audience, r.capacity, r.capacity_count, r.available, r.hours, r.valid_from, r.valid_to, r.address,
           {OF_UNIT.format(row="r")}
      FROM resource AS r
      LEFT JOIN resource_kind AS k ON k.code = r.kind_code
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
"""

PLEDGES = f"""
    SELECT p.code, p.name, u.code AS unit_code, u.name AS unit_name,
           array_to_string(p.category_codes, ',') AS categories,
           p.level, p.area_code, p.radius_m, p.hours, p.valid_from, p.valid_to, p.address,
           {OF_UNIT.format(row="p")}
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
"""

DEMANDS = f"""
    SELECT d.code, d.name, d.kind_code AS kind, k.name_zh AS kind_name, d.level, d.area_code, a.name AS area_name,
           d.people, d.needed_from, d.needed_until, d.state, d.state = 'open' AS is_unmet,
           {OF_AREA.format(row="d")}
      FROM demand AS d
      JOIN resource_kind AS k ON k.code = d.kind_code
      {AREA_OF.format(row="d")}
"""

# Resolutions follow what they became, as on the page of the meeting.
MEETINGS = f"""
    SELECT m.code, m.name, m.body, m.level, m.area_code, a.name AS area_name, m.held_at, m.state,
           (SELECT count(*) FROM meeting_seat AS s WHERE s.meeting_id = m.id) AS seats,
           (SELECT count(*) FROM meeting_seat AS s WHERE s.meeting_id = m.id AND s.attended) AS came,
           o.resolutions, o.resolutions_done, o.resolutions_late, m.address, {PLACED_BY.format(row="m")},
           {OF_AREA.format(row="m")}
      FROM meeting AS m
      {AREA_OF.format(row="m")}
     CROSS JOIN LATERAL (
           SELECT count(*) AS resolutions, count(*) FILTER (WHERE {STATE} = 'done') AS resolutions_done,
                  count(*) FILTER (WHERE {STATE} = 'open' AND r.due_on < CURRENT_DATE) AS resolutions_late
             FROM resolution AS r
             {BECAME}
            WHERE r.meeting_id = m.id) AS o
"""

WHISTLE_CALLS = f"""
    SELECT w.code, w.reason, w.level, w.area_code, a.name AS area_name, w.meet_at, w.state,
           (SELECT count(*) FROM whistle_invitee AS n WHERE n.call_id = w.id) AS invited,
           (SELECT count(*) FROM whistle_invitee AS n
             WHERE n.call_id = w.id AND n.arrived_at IS NOT NULL) AS arrived,
           (SELECT count(*) FROM whistle_invitee AS n
             WHERE n.call_id = w.id AND n.arrived_at > w.meet_at) AS arrived_late,
           (SELECT count(*) FROM resolution AS r WHERE r.whistle_id = w.id) AS tasks,
           w.closed_at, w.address, {PLACED_BY.format(row="w")},
           {OF_AREA.format(row="w")}
      FROM whistle_call AS w
      {AREA_OF.format(row="w")}
"""

# The ground of a team: the blocks it serves; without any, the areas that share it; without these, its town.
DUTY_TEAMS = (
    """
    SELECT s.code, s.name, CASE WHEN s.town_code IS NULL THEN 'district' ELSE 'town' END AS level, s.town_code,
           t.name AS town_name, h.code AS holder_code, h.name AS holder_name, s.holder_role,
           d.deputies, d.deputy_roles, b.blocks, o.shared_areas, r.turns_ahead, r.duty_roles, r.next_turn_at,
           CASE WHEN b.geom IS NOT NULL THEN 'blocks' WHEN o.geom IS NOT NULL THEN 'areas'
                WHEN t.geom IS NOT NULL THEN 'town' END AS ground_by,
           COALESCE(b.geom, o.geom, t.geom) AS geom
      FROM service_team AS s
      LEFT JOIN member_unit AS h ON h.id = s.holder_id
"""
    + TOWN_OF.format(row="s")
    + """
     CROSS JOIN LATERAL (
           SELECT count(*) AS deputies, string_agg(p.role, '、' ORDER BY p.rank) AS deputy_roles
             FROM duty_deputy AS p
            WHERE p.of_kind = 'team' AND p.of_code = s.code) AS d
     CROSS JOIN LATERAL (
           SELECT count(*) AS blocks, ST_Multi(ST_Union(g.geom)) AS geom
             FROM responsibility_block AS g
            WHERE g.team_id = s.id) AS b
     CROSS JOIN LATERAL (
           SELECT count(*) AS shared_areas, ST_Multi(ST_Union(a.geom)) AS geom
             FROM shared_service AS e
             LEFT JOIN area AS a
               ON a.level = e.level AND a.code = e.area_code
              AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
            WHERE e.of_kind = 'team' AND e.of_code = s.code) AS o
     CROSS JOIN LATERAL (
           SELECT count(*) AS turns_ahead, string_agg(DISTINCT y.role, '、') AS duty_roles,
                  CAST(min(y.day + y.opens) AS timestamptz) AS next_turn_at
             FROM roster_turn AS y
            WHERE y.of_kind = 'team' AND y.of_code = s.code AND y.day + y.closes > LOCALTIMESTAMP) AS r
"""
)

# What of these counts is told to whoever asks is worked out by geodata/services/registrations.py, the one place that
# knows what would give a hidden count away, and comes in as `:told`; without it nothing is told.
_TOLD = """
      FROM jsonb_to_recordset(CAST(:told AS jsonb))
        AS d (level text, code text, period text, members_total bigint, members_registered bigint, rate float8,
              units_registered bigint, pledges_claimed bigint, hidden text, is_summed boolean)
      JOIN area AS a
        ON a.level = d.level AND a.code = d.code AND a.level = '{level}'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""
_COUNTS = "d.period, d.members_total, d.members_registered, d.rate, d.units_registered, d.pledges_claimed, d.hidden"

REGISTRATIONS = (
    f"""
    SELECT a.code, a.name, a.parent_code AS town_code, t.name AS town_name, {_COUNTS}, a.geom, a.geom_web
"""
    + _TOLD.format(level="village")
    + TOWN_ABOVE.format(row="a")
)

REGISTRATIONS_OF_TOWNS = f"""
    SELECT a.code, a.name, {_COUNTS}, d.is_summed, a.geom, a.geom_web
""" + _TOLD.format(level="town")

# The counts of the page of the district, with each kind of unit, and what somebody has stated of the village.
UNIT_DENSITY = (
    f"""
    SELECT n.code, n.name, n.town_code, t.name AS town_name, n.area_m2, n.units AS unit_count,
           CAST(round(CAST(1000000 * n.units / NULLIF(n.area_m2, 0) AS numeric), 3) AS float8) AS units_per_km2,
           (SELECT CAST(jsonb_object_agg(g.kind, g.number) AS text)
              FROM (SELECT u.kind, count(*) AS number
                      FROM member_unit AS u
                     WHERE {STANDS_IN_VILLAGE}
                     GROUP BY u.kind) AS g) AS kinds,
           f.value AS stated_units, f.period AS stated_period, v.geom, v.geom_web
      FROM ({VILLAGE_UNIT_ROWS}) AS n
      JOIN area AS v
        ON v.level = 'village' AND v.code = n.code
       AND v.valid_from <= CURRENT_DATE AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)
"""
    + TOWN_OF.format(row="n")
    + """
      LEFT JOIN LATERAL (
           SELECT e.value, e.period
             FROM stated_figure AS e
            WHERE e.figure = 'units_village' AND e.level = 'village' AND e.area_code = n.code
            ORDER BY e.period DESC, e.id
            LIMIT 1) AS f ON TRUE
"""
)
