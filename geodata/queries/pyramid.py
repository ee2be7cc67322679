"""Counts made beforehand for the low zooms: reading them as tiles, and keeping them true.

Squares are those of `geodata/models/pyramid.py`: 64 to a tile's side, numbered from the north-west.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.sources import RUN_SHOWN

SQUARES = 64
FARTHEST, NEAREST = 5, 13

# The zoom at which a tile is one square of the nearest.
DEEPEST = 19

# Any number of ours; whoever folds holds it until the end of the transaction.
FOLDING = 3_101_120_005

# Two parts that no reader sees apart: what has been folded, and what has changed since. Both come
# from one statement and so from one moment. Columns of squares are named one by one, because the
# index leads to a run of rows only within one column.
TICKET_SQUARES = """
        SELECT q.x, q.y, CAST(sum(q.number) AS integer) AS count
          FROM (SELECT b.x >> :nearer AS x, b.y >> :nearer AS y, b.{counted} AS number
                  FROM ticket_bin AS b
                 WHERE b.z = :level
                   AND b.x = ANY(ARRAY(SELECT generate_series(CAST(:west AS integer), CAST(:east AS integer))))
                   AND b.y BETWEEN :north AND :south
                 UNION ALL
                SELECT c.x >> :finest, c.y >> :finest, c.{counted}
                  FROM ticket_bin_change AS c
                 WHERE c.x >> (:finest + 6) = :x
                   AND c.y >> (:finest + 6) = :y) AS q
         GROUP BY q.x, q.y
        HAVING sum(q.number) <> 0
"""

TICKETS_IN = "SELECT COALESCE(sum(t.count), 0) FROM ({squares}) AS t"

TICKET_TILE = """
    WITH counted AS ({squares}),
         drawn AS (
        SELECT c.count, ST_MakePoint((c.x - :x * 64) * 64 + 32, (c.y - :y * 64) * 64 + 32) AS geom
          FROM counted AS c)
    SELECT COALESCE(ST_AsMVT(drawn, :layer, 4096, 'geom'), '') FROM drawn
"""

# Squares of one value are one feature: a tile then holds some dozens of features instead of thousands,
# and travels in a third of the bytes. Means are told to 10 metres, as no one needs them finer.
SQUARES_DRAWN = """
         , drawn AS (
        SELECT CAST(sum(c.count) AS integer) AS count, CAST(round(CAST(c.mean AS numeric), -1) AS float8) AS value,
               ST_ForcePolygonCCW(ST_Collect(ST_MakeEnvelope(
                   (c.x - :x * {squares}) * {step}, (c.y - :y * {squares}) * {step},
                   (c.x - :x * {squares} + 1) * {step}, (c.y - :y * {squares} + 1) * {step}) ORDER BY c.y, c.x)) AS geom
          FROM counted AS c
         GROUP BY 2)
    SELECT COALESCE(ST_AsMVT(drawn, :layer, 4096, 'geom'), '') FROM drawn
"""

CELL_SQUARES = """
        SELECT b.x >> :nearer AS x, b.y >> :nearer AS y, sum(b.count) AS count,
               sum(b.total_m) / sum(b.count) AS mean
          FROM {run} AS r
          JOIN coverage_bin AS b ON b.run_id = r.id
         WHERE b.z = :level
           AND b.x = ANY(ARRAY(SELECT generate_series(CAST(:west AS integer), CAST(:east AS integer))))
           AND b.y BETWEEN :north AND :south
         GROUP BY 1, 2
"""

CELL_TILE = """
    WITH counted AS ({squares})
    {drawn}
"""

# A run of before there were squares has none at all, which is not the same as none here.
CELLS_IN = """
    SELECT CASE WHEN EXISTS (SELECT 1 FROM {run} AS r JOIN coverage_bin AS b ON b.run_id = r.id)
                THEN (SELECT COALESCE(sum(c.count), 0) FROM ({squares}) AS c) END
"""

CELL_BINS = text("""
    INSERT INTO coverage_bin (run_id, z, x, y, count, total_m)
    SELECT :run_id, l.z, s.x >> (13 - l.z), s.y >> (13 - l.z), sum(s.count), sum(s.total_m)
      FROM (SELECT CAST(floor((ST_X(m.place) + 180) / 360 * 524288) AS integer) AS x,
                   CAST(floor((0.5 - ln(tan(pi() / 4 + radians(ST_Y(m.place)) / 2)) / (2 * pi())) * 524288) AS integer)
                   AS y, count(*) AS count, sum(n.nearest_m) AS total_m
              FROM coverage_cell AS n
              JOIN grid_cell AS c ON c.code = n.cell_code AND c.valid_to IS NULL
             CROSS JOIN LATERAL (SELECT ST_Centroid(ST_Envelope(c.geom)) AS place) AS m
             WHERE n.run_id = :run_id
             GROUP BY 1, 2) AS s,
           generate_series(5, 13) AS l(z)
     GROUP BY 2, 3, 4
""")

PENDING = text("SELECT count(*) FROM (SELECT 1 FROM ticket_bin_change LIMIT :most) AS c")

TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:number)")

# One statement: readers see a change either here or there, never twice and never nowhere. Rows are
# locked in one order, so that nothing else that folds can stand in the way.
FOLD = text("""
    WITH gone AS (
        DELETE FROM ticket_bin_change
         WHERE id IN (SELECT c.id FROM ticket_bin_change AS c ORDER BY c.id LIMIT :most)
        RETURNING x, y, open_count, all_count),
         changed AS (
        SELECT g.x, g.y, sum(g.open_count) AS open_count, sum(g.all_count) AS all_count
          FROM gone AS g
         GROUP BY g.x, g.y),
         folded AS (
        INSERT INTO ticket_bin AS b (z, x, y, open_count, all_count)
        SELECT l.z, c.x >> (13 - l.z), c.y >> (13 - l.z), sum(c.open_count), sum(c.all_count)
          FROM changed AS c, generate_series(5, 13) AS l(z)
         GROUP BY 1, 2, 3
         ORDER BY 1, 2, 3
            ON CONFLICT (z, x, y) DO UPDATE
           SET open_count = b.open_count + excluded.open_count, all_count = b.all_count + excluded.all_count)
    SELECT count(*) FROM gone
""")


def ticket_tile(session: Session, z: int, x: int, y: int, *, only_open: bool) -> bytes:
    """The tile of the tickets not ended, or of all, as counts in the middle of their squares; z at most NEAREST."""
    statement = TICKET_TILE.format(squares=_ticket_squares(only_open=only_open))
    values = _here(z, x, y) | {"finest": NEAREST - z, "layer": "tickets"}
    return bytes(session.execute(text(statement), values).scalar_one())


def tickets_in(session: Session, z: int, x: int, y: int, *, only_open: bool) -> int:
    """How many tickets lie in a tile of a zoom up to NEAREST."""
    statement = TICKETS_IN.format(squares=_ticket_squares(only_open=only_open))
    return int(session.execute(text(statement), _here(z, x, y) | {"finest": NEAREST - z}).scalar_one())


def cell_tile(session: Session, z: int, x: int, y: int, *, run_id: int | None) -> bytes:
    """The tile of the cells of a run (None: the one shown) as squares, with their mean metres as `value`.

    Above NEAREST the squares are those of NEAREST, and so fewer and larger; z at most DEEPEST.
    """
    squares = SQUARES >> max(z - NEAREST, 0)
    statement = CELL_TILE.format(squares=_cell_squares(run_id), drawn=squares_drawn(squares))
    values = _here(z, x, y) | {"layer": "coverage_cells", "run_id": run_id}
    return bytes(session.execute(text(statement), values).scalar_one())


def cells_in(session: Session, z: int, x: int, y: int, *, run_id: int | None) -> int | None:
    """How many cells of a run lie in a tile of a zoom up to DEEPEST; None for a run whose cells are not counted."""
    statement = CELLS_IN.format(squares=_cell_squares(run_id), run=_run(run_id))
    found = session.execute(text(statement), _here(z, x, y) | {"run_id": run_id}).scalar_one()
    return None if found is None else int(found)


def squares_drawn(squares: int) -> str:
    """What draws the rows (x, y, count, mean) of `counted` as squares, so many to a tile's side."""
    return SQUARES_DRAWN.format(squares=squares, step=4096 // squares)


def add_cell_bins(session: Session, run_id: int) -> None:
    """Count the cells of a run whose metres are stored, for all zooms."""
    session.execute(CELL_BINS, {"run_id": run_id})


def pending(session: Session, *, most: int) -> int:
    """How many changes wait to be folded, counted no further than `most`."""
    return int(session.execute(PENDING, {"most": most}).scalar_one())


def try_lock(session: Session) -> bool:
    """Whether nobody else folds; then this transaction does."""
    return bool(session.execute(TRY_LOCK, {"number": FOLDING}).scalar_one())


def fold(session: Session, *, most: int) -> int:
    """Move the oldest changes into the squares of all zooms, and say how many; for whoever holds the lock."""
    return int(session.execute(FOLD, {"most": most}).scalar_one())


def _here(z: int, x: int, y: int) -> dict[str, Any]:
    """Zooms below the farthest stored are gathered from it, those above the nearest look into its squares."""
    level = min(max(z, FARTHEST), NEAREST)
    wide = SQUARES << (level - z) if z <= level else SQUARES >> (z - level)
    return {
        "x": x,
        "y": y,
        "level": level,
        "nearer": max(level - z, 0),
        "west": x * wide,
        "east": (x + 1) * wide - 1,
        "north": y * wide,
        "south": (y + 1) * wide - 1,
    }


def _ticket_squares(*, only_open: bool) -> str:
    return TICKET_SQUARES.format(counted="open_count" if only_open else "all_count")


def _run(run_id: int | None) -> str:
    return RUN_SHOWN if run_id is None else "(SELECT CAST(:run_id AS bigint) AS id)"


def _cell_squares(run_id: int | None) -> str:
    return CELL_SQUARES.format(run=_run(run_id))
