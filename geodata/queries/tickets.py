"""Numbers of tickets, and the cell that a place lay in on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session, aliased

from geodata.models import Ticket
from geodata.queries.scope import Scope

NEXT_NUMBERS = text("SELECT nextval('ticket_number') FROM generate_series(1, :count)")

# ST_Covers and the lower code, as everywhere: a place on a border line lies in one cell.
CELL_ON = text("""
    SELECT c.code
      FROM grid_cell AS c
     WHERE ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
       AND c.valid_from <= :day
       AND (c.valid_to IS NULL OR c.valid_to > :day)
     ORDER BY c.code
     LIMIT 1
""")


# A cell may be in several duty grids, one a scheme: the first scheme's is the post that answers for tickets. Of a cell
# that was cut again since, the heir of most of its ground is asked: as in `stamping.GIVE_POSTS`, for one.
def answering_grid(cell: str, day: str, what: str) -> str:
    """SQL of one value: `what` of the duty grid `g` that answers today for what was `cell` on `day`."""
    return f"""
    WITH RECURSIVE line AS (
        SELECT CAST({cell} AS text) AS cell_code, CAST({day} AS date) AS reached
         UNION ALL
        SELECT n.new_code, n.cut_on
          FROM line AS l
         CROSS JOIN LATERAL (
            SELECT s.new_code, s.cut_on
              FROM cell_succession AS s
             WHERE s.old_code = l.cell_code AND s.cut_on > l.reached
             ORDER BY s.cut_on, s.share DESC, s.new_code
             LIMIT 1) AS n)
    SELECT {what}
      FROM (SELECT cell_code FROM line ORDER BY reached DESC LIMIT 1) AS c
      JOIN duty_grid_cell AS m ON m.cell_code = c.cell_code
      JOIN duty_grid AS g ON g.id = m.duty_grid_id
     ORDER BY g.scheme, g.code
     LIMIT 1
"""


DUTY_GRID_OF = text(answering_grid(":cell_code", ":day", "g.code"))


# One alias for all: what SQLAlchemy works out for it is worked out once.
_HELD = aliased(Ticket, name="i")


def of_number(number: str, scope: Scope) -> Select[Ticket]:
    """The one way to a single ticket: that of this number if the scope holds it."""
    return select(_HELD).where(_HELD.number == number, text(scope.clause()).bindparams(**scope.values()))


def of_numbers(numbers: Sequence[str], scope: Scope) -> Select[Ticket]:
    """Tickets of these numbers as far as the scope holds them, by number."""
    kept = select(_HELD).where(_HELD.number.in_(numbers), text(scope.clause()).bindparams(**scope.values()))
    return kept.order_by(_HELD.number)


def merged_into(ticket_id: int, scope: Scope) -> Select[Ticket]:
    """Tickets of a scope that ended in another, by number."""
    kept = select(_HELD).where(_HELD.merged_into_id == ticket_id, text(scope.clause()).bindparams(**scope.values()))
    return kept.order_by(_HELD.number)


def next_numbers(session: Session, days: Sequence[date]) -> list[str]:
    """Ticket numbers that nobody else gets, one for each day: 20260131-000042.

    The running numbers are unique and rise; one that is drawn and not stored is missing from the row.
    """
    drawn = session.scalars(NEXT_NUMBERS, {"count": len(days)})
    return [number_of(day, running) for day, running in zip(days, drawn, strict=True)]


def number_of(day: date, running: int) -> str:
    """A day and a running number as ticket numbers are written."""
    return f"{day:%Y%m%d}-{running:06d}"


def cell_on(session: Session, *, lon: float, lat: float, day: date) -> str | None:
    """Code of the cell at a WGS 84 point (degrees) on a day, None outside the grid."""
    code: str | None = session.execute(CELL_ON, {"lon": lon, "lat": lat, "day": day}).scalar()
    return code


def duty_grid_of(session: Session, cell_code: str | None, *, day: date) -> str | None:
    """Code of the duty grid that answers today for what was a cell on a day; None where none does, and for no cell."""
    code: str | None = session.execute(DUTY_GRID_OF, {"cell_code": cell_code, "day": day}).scalar()
    return code
