"""Which tickets somebody may see: a condition that stands in every query that answers them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class Condition(NamedTuple):
    """One condition on a row `i` of the table `ticket`, and what it is bound to."""

    text: str
    values: dict[str, Any]


# Each begins with a bare column, so that its index is used. Tickets of a duty grid are looked up first: those in a cell
# of today, and those in one that such a cell, or its heir, took most of the ground of; what a code meant follows from
# the day, as codes come back when a grid is cut again.
OF_UNIT = "i.unit_id = :scope_unit"
IN_GRIDS = """i.id = ANY(ARRAY(
           WITH RECURSIVE ground AS (
               SELECT m.cell_code AS code, CAST('infinity' AS date) AS until,
                      (SELECT COALESCE(max(e.cut_on), '-infinity') FROM cell_succession AS e
                        WHERE e.old_code = m.cell_code) AS since
                 FROM duty_grid_cell AS m
                WHERE m.duty_grid_id = ANY(CAST(:scope_grids AS integer[]))
                UNION
               SELECT s.old_code, s.cut_on,
                      (SELECT COALESCE(max(e.cut_on), '-infinity') FROM cell_succession AS e
                        WHERE e.old_code = s.old_code AND e.cut_on < s.cut_on)
                 FROM ground AS g
                 JOIN cell_succession AS s ON s.new_code = g.code AND s.cut_on >= g.since AND s.cut_on < g.until
                WHERE NOT EXISTS (
                      SELECT FROM cell_succession AS b
                       WHERE b.old_code = s.old_code AND b.cut_on = s.cut_on
                         AND (b.share > s.share OR (b.share = s.share AND b.new_code < s.new_code))))
           SELECT t.id FROM ground AS g JOIN ticket AS t
               ON t.cell_code = g.code AND t.reported_at >= g.since AND t.reported_at < g.until))"""
IN_VILLAGES = "i.village_code = ANY(CAST(:scope_villages AS text[]))"
IN_TOWNS = "i.town_code = ANY(CAST(:scope_towns AS text[]))"
OWN_REPORT = "i.reported_by = :scope_reporter"

IS_WITHIN = "SELECT EXISTS (SELECT FROM ticket AS i WHERE i.id = :id AND {scope})"

AREA = text("""
    SELECT a.level, a.code, a.parent_code
      FROM area AS a
     WHERE a.code = :code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY CASE a.level WHEN 'district' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, a.id
     LIMIT 1
""")

AREA_OF_LEVEL = text("""
    SELECT a.level, a.code, a.parent_code
      FROM area AS a
     WHERE a.level = :level AND a.code = :code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.id
     LIMIT 1
""")

AREAS_TODAY = text("""
    SELECT a.level, a.code, a.parent_code
      FROM area AS a
     WHERE a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.level, a.code, a.id
""")

GRIDS_OF_USER = text("""
    SELECT g.id, g.town_code
      FROM user_duty_grid AS w
      JOIN duty_grid AS g ON g.id = w.duty_grid_id
     WHERE w.user_id = :user_id
     ORDER BY g.id
""")


@dataclass(frozen=True)
class Scope:
    """The tickets somebody may see; None is no limit, and of several limits the narrowest decides.

    unit_id     those that lie with this unit.
    duty_grids  ids; those stamped with a cell of one of them, or with one that such a cell is the heir of.
    villages    codes; those stamped so.
    towns       codes; those stamped so. A ticket without a town is in none: it is the district's own.
    reporter    name of a user whose own reports are seen beside these, wherever they lie.

    `towns` is said beside narrower limits too: it is where somebody takes part in what is a town's.
    """

    towns: tuple[str, ...] | None = None
    villages: tuple[str, ...] | None = None
    duty_grids: tuple[int, ...] | None = None
    unit_id: int | None = None
    reporter: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether no ticket is hidden."""
        return self == ALL

    def has_town(self, code: str) -> bool:
        """Whether what is a town's is theirs too."""
        return self.towns is None or code in self.towns

    def has_whole(self, *, town_code: str | None, village_code: str | None) -> bool:
        """Whether every ticket of an area is seen: of a village with its town, a town, or (both None) the district."""
        if self.is_all:
            return True
        if self.unit_id is not None or self.duty_grids is not None:
            return False
        if self.villages is not None:
            return village_code in self.villages
        return self.towns is None or town_code in self.towns

    def condition(self) -> Condition | None:
        """The condition in SQL; None where no ticket is hidden."""
        limit = self._limit()
        if limit is None or self.reporter is None:
            return limit
        return Condition(f"({limit.text}\n        OR {OWN_REPORT})", {**limit.values, "scope_reporter": self.reporter})

    def clause(self) -> str:
        """The condition in SQL on a row `i` of `ticket`, with the names of `values()` as `:name`."""
        found = self.condition()
        return found.text if found else "TRUE"

    def values(self) -> dict[str, Any]:
        """What the names of the clause are bound to."""
        found = self.condition()
        return found.values if found else {}

    def _limit(self) -> Condition | None:
        if self.unit_id is not None:
            return Condition(OF_UNIT, {"scope_unit": self.unit_id})
        if self.duty_grids is not None:
            return Condition(IN_GRIDS, {"scope_grids": list(self.duty_grids)})
        if self.villages is not None:
            return Condition(IN_VILLAGES, {"scope_villages": list(self.villages)})
        if self.towns is not None:
            return Condition(IN_TOWNS, {"scope_towns": list(self.towns)})
        return None


ALL = Scope()
NOTHING = Scope(towns=())


class AreaOfWork(NamedTuple):
    """The area somebody works for, as it is today; `parent_code` of a village is its town."""

    level: str
    code: str
    parent_code: str | None


class WalkedGrid(NamedTuple):
    """A duty grid that somebody walks; `town_code` may be unknown."""

    id: int
    town_code: str | None


def is_within(session: Session, ticket_id: int, scope: Scope) -> bool:
    """Whether a ticket as it is stored is one of these."""
    statement = text(IS_WITHIN.format(scope=scope.clause()))
    return bool(session.scalar(statement, {"id": ticket_id, **scope.values()}))


def area_of_work(session: Session, code: str) -> AreaOfWork | None:
    """The area of that code today, the larger one where a district and its only town share it; None where none has."""
    row = session.execute(AREA, {"code": code}).first()
    return AreaOfWork(*row) if row else None


def area_of_level(session: Session, level: str, code: str) -> AreaOfWork | None:
    """The area of that level and code today; None where there is none."""
    row = session.execute(AREA_OF_LEVEL, {"level": level, "code": code}).first()
    return AreaOfWork(*row) if row else None


def areas_today(session: Session) -> list[AreaOfWork]:
    """All areas of today by level and code."""
    return [AreaOfWork(*row) for row in session.execute(AREAS_TODAY)]


def grids_of_user(session: Session, user_id: int) -> list[WalkedGrid]:
    """Duty grids that a user walks, by id."""
    return [WalkedGrid(*row) for row in session.execute(GRIDS_OF_USER, {"user_id": user_id})]
