"""A made-up district of round numbers on a private server, for measuring: 20 km by 20 km.

500 villages in 20 towns with winding borders (84,000 vertices), cells that are squares of one size, and
5,000 units at seeded random places. Cells are given to villages by the lattice that the villages are
made from, not by their winding borders: nothing measured here depends on it.
"""

import math
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoalchemy2.shape import from_shape
from pyproj import Transformer
from shapely import MultiPolygon, Point, Polygon, union_all
from shapely.geometry.base import BaseGeometry
from shapely.ops import transform
from sqlalchemy import Engine, text

from geodata.cluster import Cluster
from geodata.db import DATABASE, open_engine, session_on
from geodata.models import Area, MemberUnit
from geodata.services.coverage import coverage
from geodata.services.installation import init_district
from geodata.services.stamps import stamp
from geodata.settings import Settings

CODE, SRID = "990101", 4549
# south-west corner in metres, near 121.35° E 31.05° N
WEST, SOUTH = 628_000, 3_437_000
SIDE_M = 20_000
COLUMNS, ROWS = 25, 20
EDGE_POINTS = 42
UNIT_COUNT = 5_000
KINDS = ("government", "school", "hospital", "enterprise", "property", "market", "shop")
RADIUS_M = 500.0

# A server that lives for one measurement need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "maintenance_work_mem": "512MB"}

CELLS = text(f"""
    INSERT INTO grid_cell (code, town_code, village_code, size_m, gx, gy, is_whole, valid_from, geom)
    SELECT v.code || lpad(CAST((c.i % v.wide) * v.tall + c.j % v.tall AS text), 4, '0'), substr(v.code, 1, 9) || '000',
           v.code, :size, :west / :size + c.i, :south / :size + c.j, true, DATE '1900-01-01',
           ST_Transform(ST_Multi(ST_MakeEnvelope(
               :west + c.i * :size, :south + c.j * :size,
               :west + (c.i + 1) * :size, :south + (c.j + 1) * :size, {SRID})), 4326)
      FROM (SELECT i, j
              FROM generate_series(0, {SIDE_M} / :size - 1) AS i, generate_series(0, {SIDE_M} / :size - 1) AS j) AS c,
           LATERAL (SELECT {SIDE_M} / {COLUMNS} / :size AS wide, {SIDE_M} / {ROWS} / :size AS tall,
                           '{CODE}' || lpad(CAST(c.j * :size / 1000 + 1 AS text), 3, '0')
                                    || lpad(CAST(c.i * :size / 800 + 1 AS text), 3, '0') AS code) AS v
""")

INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'grid_cell' AND indexdef LIKE '%USING gist%'"
)


@dataclass(frozen=True)
class Scratch:
    """A district that stands: its data folder, and what is in it."""

    folder: Path
    cells: int
    villages: int = COLUMNS * ROWS
    units: int = UNIT_COUNT

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle as (lon, lat)."""
        return to_degrees(WEST + SIDE_M / 2, SOUTH + SIDE_M / 2)


_degrees = Transformer.from_crs(SRID, 4326, always_xy=True).transform


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """Metres of the district as (lon, lat)."""
    lon, lat = _degrees(x, y)
    return float(lon), float(lat)


@contextmanager
def folder_for(kept: Path | None) -> Iterator[Path]:
    """The folder of a run: the one that is kept, or one that goes with the run."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as made:
        folder = kept or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        # the database may run as another user, who must reach its own folder
        folder.chmod(0o711)
        yield folder


@contextmanager
def scratch(folder: Path, *, cell_m: int) -> Iterator[Scratch]:
    """The district in a data folder, its server running; made first where the folder has none."""
    mark = folder / "whole"
    folder.mkdir(parents=True, exist_ok=True)
    with Cluster(folder, settings=FAST) as cluster:
        if not mark.exists():
            # what an earlier run left half made
            cluster.drop_database(DATABASE)
            engine = open_engine(Settings(data_dir=folder))
            try:
                build(engine, cell_m=cell_m)
            finally:
                engine.dispose()
            mark.touch()
        yield Scratch(folder, (SIDE_M // cell_m) ** 2)


def build(engine: Engine, *, cell_m: int) -> None:
    """Make everything, and the coverage that the map shows."""
    init_district(engine, code=CODE, name="Scratch", metre_crs=f"EPSG:{SRID}", is_made_up=True)
    with session_on(engine) as session:
        villages = dict(village_shapes())
        towns = {row: union_all([shape for (r, _), shape in villages.items() if r == row]) for row in range(ROWS)}
        session.add_all(
            Area(level="town", code=f"{CODE}{row + 1:03}000", name=f"{row + 1} 镇", parent_code=CODE, geom=wkb(shape))
            for row, shape in towns.items()
        )
        session.add_all(
            Area(
                level="village",
                code=f"{CODE}{row + 1:03}{column + 1:03}",
                name=f"{row + 1}-{column + 1} 村",
                parent_code=f"{CODE}{row + 1:03}000",
                geom=wkb(shape),
            )
            for (row, column), shape in villages.items()
        )
        session.flush()
        whole = wkb(union_all(list(towns.values())))
        session.query(Area).filter_by(level="district").update({"geom": whole})
        session.add_all(units())
    with engine.begin() as connection:
        kept = connection.execute(INDEXES).all()
        for name, _ in kept:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.execute(CELLS, {"size": cell_m, "west": WEST, "south": SOUTH})
        for _, definition in kept:
            connection.execute(text(definition))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with session_on(engine) as session:
        stamp(session, MemberUnit)
        coverage(session, radius_m=RADIUS_M, publish=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def village_shapes() -> Iterator[tuple[tuple[int, int], Polygon]]:
    """Villages by (row, column), in metres: a bent lattice whose neighbours share every vertex."""
    chance = random.Random(4)  # noqa: S311 - the same ground each time
    wide, tall = SIDE_M / COLUMNS, SIDE_M / ROWS

    def bend(limit: int, place: int) -> float:
        return 0.0 if place in (0, limit) else chance.uniform(-0.12, 0.12)

    node = {
        (row, column): (
            WEST + (column + bend(COLUMNS, column)) * wide,
            SOUTH + (row + bend(ROWS, row)) * tall,
        )
        for row in range(ROWS + 1)
        for column in range(COLUMNS + 1)
    }

    def edge(a: tuple[int, int], b: tuple[int, int], *, is_rim: bool) -> list[tuple[float, float]]:
        (ax, ay), (bx, by) = node[a], node[b]
        wave, shift = chance.uniform(2, 6), chance.uniform(0, math.tau)
        points = []
        for step in range(EDGE_POINTS):
            part = step / EDGE_POINTS
            off = 0.0 if is_rim else 0.05 * math.sin(math.pi * part) * math.sin(wave * math.tau * part + shift)
            points.append((ax + (bx - ax) * part - (by - ay) * off, ay + (by - ay) * part + (bx - ax) * off))
        return points

    across = {
        (row, column): edge((row, column), (row, column + 1), is_rim=row in (0, ROWS))
        for row in range(ROWS + 1)
        for column in range(COLUMNS)
    }
    up = {
        (row, column): edge((row, column), (row + 1, column), is_rim=column in (0, COLUMNS))
        for row in range(ROWS)
        for column in range(COLUMNS + 1)
    }
    for row in range(ROWS):
        for column in range(COLUMNS):
            south, east = across[row, column], up[row, column + 1]
            north, west = across[row + 1, column], up[row, column]
            ring = [
                *south,
                *east,
                node[row + 1, column + 1],
                *north[:0:-1],
                node[row + 1, column],
                *west[:0:-1],
            ]
            yield (row, column), Polygon(ring)


def units() -> Iterator[MemberUnit]:
    """Units at seeded places."""
    chance = random.Random(5)  # noqa: S311 - the same places each time
    for number in range(UNIT_COUNT):
        place = Point(to_degrees(WEST + chance.random() * SIDE_M, SOUTH + chance.random() * SIDE_M))
        yield MemberUnit(
            code=f"U{number:05}",
            name=f"{number} 号单位",
            kind=KINDS[number % len(KINDS)],
            geom=from_shape(place, srid=4326),
        )


def wkb(shape: BaseGeometry) -> object:
    """A shape in metres as the column wants it."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return from_shape(transform(_degrees, MultiPolygon(parts)), srid=4326)
