"""Facts about the units that could take a ticket at a place."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geodata.queries.duty_list import HANDLING_ONE
from geodata.queries.pledges import THERE, PledgeThere


def _folded(statement: str) -> TextClause:
    """A statement without its layout: the driver keeps what it has understood of short texts alone."""
    return text(" ".join(statement.split()))


# What the records say before anybody is looked for, in one breath, as it is asked for each ticket: the policy of the
# town, else of the district, where either has one; the kinds of unit that the governance list names; the pledges.
TERMS = _folded(f"""
    SELECT (SELECT f.code FROM filing_rule AS f WHERE f.id = CAST(:rule_id AS integer)) AS rule_code,
           ARRAY({HANDLING_ONE}) AS kinds,
           (SELECT jsonb_agg(jsonb_build_array(t.unit_id, t.unit_code, t.code, t.name, t.hours) ORDER BY t.code)
              FROM ({THERE}) AS t) AS pledges,
           p.id, p.town_code, p.max_distance_m, p.rank_order, p.weights, p.note, p.actor, p.valid_from
      FROM (VALUES (1)) AS one (row)
      LEFT JOIN assignment_policy AS p
        ON p.town_code IN ('', :town)
       AND p.valid_from <= :moment AND (p.valid_to IS NULL OR p.valid_to > :moment)
     ORDER BY p.town_code DESC NULLS LAST, p.id DESC
     LIMIT 1
""")

# Everybody of the right kind within the limit, so that the choice is exact; then a few more for the
# record, so that a reader sees why the unit next door was not chosen: the nearest of the right
# kind wherever they are, and the nearest of any kind. Holders count at any distance. The place
# is bound as numbers, so that `<->` and `&&` reach the index of geom_m. Where no kind handles the
# category, none is looked for through the whole district; who returned this very ticket is told wherever
# it is. The code breaks ties only among the few that the index has fetched: asked for in the same breath, it
# would keep the index from being used at all.
FACTS = _folded("""
    WITH near AS (
        (SELECT u.id
           FROM member_unit AS u
          WHERE cardinality(CAST(:kinds AS text[])) > 0 AND u.kind = ANY(:kinds)
            AND ST_DWithin(u.geom_m, ST_SetSRID(ST_MakePoint(:x, :y), :srid), :limit_m))
        UNION
        (SELECT n.id
           FROM (SELECT u.id, u.code, u.geom_m <-> ST_SetSRID(ST_MakePoint(:x, :y), :srid) AS metres
                   FROM member_unit AS u
                  WHERE cardinality(CAST(:kinds AS text[])) > 0 AND u.kind = ANY(:kinds) AND u.geom IS NOT NULL
                  ORDER BY u.geom_m <-> ST_SetSRID(ST_MakePoint(:x, :y), :srid)
                  LIMIT :extra + 8) AS n
          ORDER BY n.metres, n.code
          LIMIT :extra)
        UNION
        (SELECT n.id
           FROM (SELECT u.id, u.code, u.geom_m <-> ST_SetSRID(ST_MakePoint(:x, :y), :srid) AS metres
                   FROM member_unit AS u
                  WHERE u.geom IS NOT NULL
                  ORDER BY u.geom_m <-> ST_SetSRID(ST_MakePoint(:x, :y), :srid)
                  LIMIT :extra + 8) AS n
          ORDER BY n.metres, n.code
          LIMIT :extra)),
         points AS (
        SELECT DISTINCT p.holder_id AS id
          FROM responsibility_point AS p
         WHERE p.holder_id IS NOT NULL
           AND p.geom_m && ST_Expand(ST_SetSRID(ST_MakePoint(:x, :y), :srid),
                                     (SELECT max(radius_m) FROM responsibility_point))
           AND ST_Distance(p.geom_m, ST_SetSRID(ST_MakePoint(:x, :y), :srid)) <= p.radius_m),
         blocks AS (
        SELECT DISTINCT b.holder_id AS id
          FROM responsibility_block AS b
         WHERE b.holder_id IS NOT NULL
           AND ST_Covers(b.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))),
         returned AS (
        SELECT DISTINCT CAST(e.facts ->> 'returned_by_id' AS integer) AS id
          FROM ticket_event AS e
         WHERE e.ticket_id = :ticket_id
           AND e.action = 'return'
           AND e.facts ? 'returned_by_id'),
         chosen AS (
        SELECT id FROM near UNION SELECT id FROM points UNION SELECT id FROM blocks UNION SELECT id FROM returned
        UNION SELECT unnest(CAST(:pledging AS integer[])))
    SELECT u.id, u.code, u.name, u.kind, ST_X(u.geom_m) AS x, ST_Y(u.geom_m) AS y, u.is_active,
           u.opening_hours, u.capacity, u.town_code, u.village_code,
           (SELECT count(*)
              FROM ticket AS i
             WHERE i.unit_id = u.id
               AND i.id <> :ticket_id
               AND i.state NOT IN ('done', 'checking', 'closed', 'cancelled', 'merged')) AS load,
           COALESCE(s.serves, u.town_code = CAST(:town_code AS text), false) AS serves_town,
           EXISTS (SELECT 1 FROM points AS p WHERE p.id = u.id) AS holds_point,
           EXISTS (SELECT 1 FROM blocks AS b WHERE b.id = u.id) AS holds_block,
           (SELECT e.at
              FROM ticket_event AS e
              JOIN ticket AS t ON t.id = e.ticket_id
             WHERE e.action = 'return'
               AND CAST(e.facts ->> 'returned_by_id' AS integer) = u.id
               AND e.at <= :moment
               AND t.category_code = :category
             ORDER BY e.at DESC, e.id DESC
             LIMIT 1) AS returned_at,
           EXISTS (SELECT 1 FROM returned AS r WHERE r.id = u.id) AS has_returned,
           c.is_asked
      FROM (SELECT id, bool_or(is_asked) AS is_asked
              FROM (SELECT id, true AS is_asked FROM chosen
                    UNION ALL SELECT CAST(:also AS integer), false) AS a
             GROUP BY id) AS c
      JOIN member_unit AS u ON u.id = c.id
      LEFT JOIN LATERAL (
            SELECT bool_or(m.level = 'district'
                        OR (m.level = 'town' AND m.area_code = CAST(:town_code AS text))
                        OR (m.level = 'village' AND v.parent_code = CAST(:town_code AS text))) AS serves
              FROM membership AS m
              LEFT JOIN area AS v
                ON m.level = 'village' AND v.level = 'village' AND v.code = m.area_code
               AND v.valid_from <= :day AND (v.valid_to IS NULL OR v.valid_to > :day)
             WHERE m.unit_id = u.id
               AND m.valid_from <= :day
               AND (m.valid_to IS NULL OR m.valid_to > :day)) AS s ON true
     ORDER BY u.code
""")


class UnitRow(NamedTuple):
    """What the database knows about a unit for one ticket; x and y in the metre CRS.

    load          open tickets that lie with it, this one left out.
    returned_at   when it last returned a ticket of the category; None for never, and where nobody asks.
    is_asked      whether it takes part in the decision; one told in any case may not.
    """

    id: int
    code: str
    name: str
    kind: str
    x: float | None
    y: float | None
    is_active: bool
    opening_hours: str | None
    capacity: int | None
    town_code: str | None
    village_code: str | None
    load: int
    serves_town: bool
    holds_point: bool
    holds_block: bool
    returned_at: datetime | None
    has_returned: bool
    is_asked: bool


class PolicyRow(NamedTuple):
    """A policy in force; see `geodata.models.AssignmentPolicy`."""

    id: int
    town_code: str
    max_distance_m: float
    rank_order: list[str]
    weights: dict[str, float]
    note: str | None
    actor: str
    valid_from: datetime


class Terms(NamedTuple):
    """What the records say of a ticket before units are looked for.

    rule_code   of the filing rule; None where it is not known yet.
    kinds       of unit that handle it by the governance list, in order; there may be none.
    pledges     that reach the place, their hours left out, by code.
    policy      of the town, else of the district; None where neither has one.
    """

    rule_code: str | None
    kinds: list[str]
    pledges: list[PledgeThere]
    policy: PolicyRow | None


class Spot(NamedTuple):
    """Where a ticket is: metre CRS and WGS 84 degrees; all None where nobody knows."""

    x: float | None
    y: float | None
    lon: float | None
    lat: float | None


NOWHERE = Spot(None, None, None, None)


def terms(
    session: Session,
    spot: Spot,
    *,
    category: str,
    rule_id: int | None,
    town_code: str | None,
    village_code: str | None,
    moment: datetime,
    day: date,
    srid: int,
) -> Terms:
    """What the records say at a moment, which is of that day, about a category at a place."""
    values = {
        "x": spot.x,
        "y": spot.y,
        "srid": srid,
        "category": category,
        "rule_id": rule_id,
        "town": town_code or "",
        "town_code": town_code,
        "village_code": village_code,
        "moment": moment,
        "day": day,
    }
    rule_code, kinds, pledges, *policy = session.execute(TERMS, values).one()
    made = [PledgeThere(*one) for one in pledges or ()]
    return Terms(rule_code, kinds, made, None if policy[0] is None else PolicyRow(*policy))


def unit_facts(
    session: Session,
    spot: Spot,
    *,
    kinds: Sequence[str],
    town_code: str | None,
    category: str,
    ticket_id: int,
    moment: datetime | None,
    day: date,
    srid: int,
    limit_m: float,
    extra: int = 5,
    also: int | None = None,
    pledging: Sequence[int] = (),
) -> list[UnitRow]:
    """Units to decide between, by code: see the statement for who is among them.

    moment     until when returns count; None leaves them out.
    also       id of a unit that is told in any case.
    pledging   ids of units that have pledged to do this.
    """
    values = {
        **spot._asdict(),
        "kinds": list(kinds),
        "town_code": town_code,
        "category": category,
        "ticket_id": ticket_id,
        "moment": moment,
        "day": day,
        "srid": srid,
        "limit_m": limit_m,
        # without a place nobody is near, and the order of the nearest would be any
        "extra": 0 if spot.x is None else extra,
        "also": also,
        "pledging": list(pledging),
    }
    return [UnitRow(*row) for row in session.execute(FACTS, values)]
