"""How the values of a coverage run are spread, and which run is meant."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.sources import OF_A_RUN, RUN_SHOWN

__all__ = ["OF_A_RUN", "Pile", "cell_piles", "newest_run", "share_piles", "shown_run"]

SHOWN_RUN = text(f"SELECT r.id FROM {RUN_SHOWN} AS r")

NEWEST_RUN = text("""
    SELECT n.id
      FROM coverage_run AS n
     WHERE n.radius_m = COALESCE(CAST(:radius_m AS float8), (SELECT i.coverage_radius_m FROM installation AS i))
       AND n.category_code IS NOT DISTINCT FROM CAST(:category AS text)
     ORDER BY n.id DESC
     LIMIT 1
""")

# One look at every cell gives some hundreds of piles, from which any classes can be made.
CELL_PILES = text("""
    SELECT floor(n.nearest_m / :width) * :width AS low, count(*)
      FROM coverage_cell AS n
     WHERE n.run_id = :run_id
     GROUP BY 1
     ORDER BY 1
""")

# Areas of today that were not measured have no boundary; they are told as well. LEAST passes over a
# null, so without the CASE they would be counted among the full ones.
SHARE_PILES = text("""
    SELECT CASE WHEN s.share IS NOT NULL
                THEN LEAST(floor(s.share / :width), floor(0.999 / :width)) * :width END AS low, count(*)
      FROM area AS a
      LEFT JOIN coverage_area AS s ON s.run_id = :run_id AND s.level = a.level AND s.code = a.code
     WHERE a.level = :level
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     GROUP BY 1
     ORDER BY 1
""")


@dataclass(frozen=True)
class Pile:
    """So many with a value from `low` to before the next pile; None is without a value."""

    low: float | None
    count: int


def shown_run(session: Session) -> int | None:
    """The run that the map shows where none is named; None before any has been published."""
    found: int | None = session.execute(SHOWN_RUN).scalar()
    return found


def newest_run(session: Session, *, radius_m: float | None, category: str | None) -> int | None:
    """The newest stored run of a radius (None: the district's own) and category (None: any unit)."""
    found: int | None = session.execute(NEWEST_RUN, {"radius_m": radius_m, "category": category}).scalar()
    return found


def cell_piles(session: Session, run_id: int, *, width: float) -> list[Pile]:
    """Cells of a run by metres to the nearest unit, in piles of `width` metres, those without a value last."""
    return [Pile(*row) for row in session.execute(CELL_PILES, {"run_id": run_id, "width": width})]


def share_piles(session: Session, run_id: int, *, level: str, width: float) -> list[Pile]:
    """Areas of a level today by covered share (0..1), the full in the last pile; those not measured last."""
    values = {"run_id": run_id, "level": level, "width": width}
    return [Pile(*row) for row in session.execute(SHARE_PILES, values)]
