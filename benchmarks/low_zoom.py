"""Tiles of the low zooms of 1,000,000 tickets and 1,000,000 cells, beside plain ST_AsMVT of the same tiles.

    python benchmarks/low_zoom.py [--rounds 3] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The ground and the cells (20 m) are those
of scratch_district.py; the tickets are seeded, two thirds of them heaped about fifty places, a quarter not ended.
Every tile of zooms 8 to 13 that touches the district is read in turn by our way and by a bare statement that
draws each feature, so that both see the same load of the machine. Before any clock runs, the counts of our tiles
are compared with those of the records, tile by tile. What was promised:

    p99 of ours at most 0.02 of p99 of the bare statement
    no tile above 500 kB
    cells in a view of 1280 x 800 at zoom 12 at most 0.4 MB, as sent
    a tile from memory, through the whole application, at most 0.05 of the bare statement

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import gzip
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import mapbox_vector_tile
from figures import write
from scratch_district import SIDE_M, SOUTH, SRID, WEST, Scratch, folder_for, scratch, to_degrees
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geodata.catalog import Collection, collection
from geodata.db import open_engine, session_on
from geodata.queries.tiles import tile
from geodata.services.pyramid import fold
from geodata.settings import Settings
from webmap.api import tiles as view
from webmap.app import create_app

HEADING = "## Low zooms"

TICKET_COUNT = 1_000_000
ZOOMS = range(8, 14)
VIEW_PX, TILE_PX, VIEW_ZOOM = (1280, 800), 256, 12

TICKETS = text(f"""
    INSERT INTO ticket (number, source, category_code, title, state, reported_at, due_at, geom)
    SELECT 'T' || lpad(CAST(r.i AS text), 7, '0'), 'bench', (ARRAY['0101', '0102', '0201', '0501'])[1 + r.i % 4], 't',
           (ARRAY['reported', 'handling', 'checking', 'closed'])[
               CASE WHEN r.i % 4 = 0 THEN 1 + (r.i / 4) % 3 ELSE 4 END],
           TIMESTAMPTZ '2026-01-01' + r.i * INTERVAL '20 seconds',
           TIMESTAMPTZ '2026-01-08' + r.i * INTERVAL '20 seconds',
           ST_Transform(ST_SetSRID(ST_MakePoint(
               {WEST} + {SIDE_M} * (CASE WHEN r.i % 3 = 0 THEN r.u ELSE LEAST(0.999, GREATEST(0,
                   ((r.i % 50) * 7 % 50 + 0.5) / 50 + (r.u + r.w - 1) / 25)) END),
               {SOUTH} + {SIDE_M} * (CASE WHEN r.i % 3 = 0 THEN r.v ELSE LEAST(0.999, GREATEST(0,
                   ((r.i % 50) * 11 % 50 + 0.5) / 50 + (r.v + r.t - 1) / 25)) END)), {SRID}), 4326)
      FROM (SELECT i, random() AS u, random() AS v, random() AS w, random() AS t
              FROM generate_series(1, {TICKET_COUNT}) AS i) AS r
""")

# What a tile would be without any of our care: each feature as it is, by the index.
BARE_TICKETS = text("""
    SELECT ST_AsMVT(d, 'tickets', 4096, 'geom')
      FROM (SELECT i.number, i.category_code, i.state,
                   ST_AsMVTGeom(ST_Transform(i.geom, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 0) AS geom
              FROM ticket AS i
             WHERE i.geom && ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326)) AS d
     WHERE d.geom IS NOT NULL
""")

BARE_CELLS = text("""
    SELECT ST_AsMVT(d, 'coverage_cells', 4096, 'geom')
      FROM (SELECT c.code, n.nearest_m,
                   ST_AsMVTGeom(c.geom_web, ST_TileEnvelope(:z, :x, :y), 4096, 16) AS geom
              FROM grid_cell AS c
              JOIN coverage_cell AS n ON n.cell_code = c.code
             WHERE c.geom_web && ST_TileEnvelope(:z, :x, :y)) AS d
     WHERE d.geom IS NOT NULL
""")

COUNTED = """
    SELECT floor((ST_X(w.place) + 20037508.342789244) / 40075016.685578488 * 2 ^ :z) AS x,
           floor((20037508.342789244 - ST_Y(w.place)) / 40075016.685578488 * 2 ^ :z) AS y, count(*)
      FROM {rows}
     GROUP BY 1, 2
"""
COUNTS = {
    "tickets": text(COUNTED.format(rows="ticket, LATERAL (SELECT ST_Transform(geom, 3857) AS place) AS w")),
    "coverage_cells": text(
        COUNTED.format(rows="grid_cell, LATERAL (SELECT ST_Transform(ST_Centroid(geom), 3857) AS place) AS w")
    ),
}
BARE = {"tickets": BARE_TICKETS, "coverage_cells": BARE_CELLS}


class Where(NamedTuple):
    """A tile."""

    z: int
    x: int
    y: int


@dataclass
class Case:
    """Milliseconds of each reading, and the largest tile in bytes."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    largest: int = 0
    largest_bare: int = 0


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=3, help="readings of each tile in each way")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the district, kept for the next run")
    given = reader.parse_args()
    with folder_for(given.keep) as folder, scratch(folder, cell_m=20) as district:
        section = measure(district, rounds=given.rounds)
    print(section)  # noqa: T201 - what a benchmark is for
    if given.write:
        write(section)


def measure(district: Scratch, *, rounds: int) -> str:
    """All cases on a district, as the section of the document."""
    settings = Settings(data_dir=district.folder)
    engine = open_engine(settings)
    loaded_s, folded_s = load(engine)
    cases = {name: Case() for name in BARE}
    with Session(engine) as session:
        for name in BARE:
            compare(session, name)
        warm = warm_reader(settings, engine)
        for _round in range(rounds):
            for name, case in cases.items():
                for where in tiles_of_the_district(zooms_of(collection(name))):
                    read(session, warm, collection(name), case, where)
        sent_mb, in_view = view_bytes(session, collection("coverage_cells"), district)
    engine.dispose()
    return told(cases, rounds=rounds, loaded_s=loaded_s, folded_s=folded_s, sent_mb=sent_mb, in_view=in_view)


def load(engine: Engine) -> tuple[float | None, float | None]:
    """Tickets, and their counts; seconds of each, None where they were there already."""
    with session_on(engine) as session:
        if session.execute(text("SELECT EXISTS (SELECT 1 FROM ticket)")).scalar_one():
            return None, None
        session.execute(text("SELECT setseed(0.25)"))
        begun = time.perf_counter()
        session.execute(TICKETS)
        loaded = time.perf_counter()
        fold(session)
        folded = time.perf_counter()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return loaded - begun, folded - loaded


def zooms_of(shown: Collection) -> list[int]:
    """The zooms at which it is drawn at all."""
    return [z for z in ZOOMS if shown.shape == "Point" or z >= shown.min_zoom]


def tiles_of_the_district(zooms: Iterable[int]) -> list[Where]:
    """Every tile of the zooms that touches it."""
    (west, south), (east, north) = to_degrees(WEST, SOUTH), to_degrees(WEST + SIDE_M, SOUTH + SIDE_M)
    found = []
    for z in zooms:
        x0, y0 = tile_at(west, north, z)
        x1, y1 = tile_at(east, south, z)
        found += [Where(z, x, y) for x in range(int(x0), int(x1) + 1) for y in range(int(y0), int(y1) + 1)]
    return found


def tile_at(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Column and row of the world at a zoom, with fractions."""
    return (lon + 180) / 360 * 2**z, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z


def compare(session: Session, name: str) -> None:
    """Our tiles hold as many as the records, each of them."""
    for z in zooms_of(collection(name)):
        records = {(int(x), int(y)): number for x, y, number in session.execute(COUNTS[name], {"z": z})}
        for (x, y), number in records.items():
            features = mapbox_vector_tile.decode(tile(session, collection(name), z=z, x=x, y=y))[name]["features"]
            if all("count" in feature["properties"] for feature in features):
                drawn = sum(feature["properties"]["count"] for feature in features)
                # a cell on the line between two squares may be told on either side of it
                slack = 0 if name == "tickets" else 0.005 * number + 2
                if abs(drawn - number) > slack:
                    message = f"{name} {z}/{x}/{y}: {drawn} drawn, {number} stored"
                    raise AssertionError(message)
        if name == "tickets" and sum(records.values()) != TICKET_COUNT:
            raise AssertionError(records)


def warm_reader(settings: Settings, engine: Engine) -> Callable[[str], None]:
    """A function that reads a tile through the whole application."""
    app = create_app(settings, engine=engine)
    browser = app.test_client()

    def get(path: str) -> None:
        status = browser.get(path, headers={"Accept-Encoding": "gzip"}).status_code
        if status not in {200, 204}:
            raise AssertionError((path, status))

    return get


def read(session: Session, warm: Callable[[str], None], shown: Collection, case: Case, where: Where) -> None:
    """One tile in each way, one after the other."""
    begun = time.perf_counter()
    ours = tile(session, shown, **where._asdict())
    done = time.perf_counter()
    bare = bytes(session.execute(BARE[shown.id], where._asdict()).scalar() or b"")
    ended = time.perf_counter()
    case.ours.append(1000 * (done - begun))
    case.bare.append(1000 * (ended - done))
    case.largest = max(case.largest, len(ours))
    case.largest_bare = max(case.largest_bare, len(bare))
    if shown.read == "map.read":
        path = f"{view.bp.url_prefix}/{shown.id}/{where.z}/{where.x}/{where.y}.mvt"
        warm(path)
        begun = time.perf_counter()
        warm(path)
        case.warm.append(1000 * (time.perf_counter() - begun))


def view_bytes(session: Session, shown: Collection, district: Scratch) -> tuple[float, int]:
    """Megabytes sent for one view of the middle, and of how many tiles."""
    x, y = tile_at(*district.middle, VIEW_ZOOM)
    half = [px / 2 / TILE_PX for px in VIEW_PX]
    columns = range(int(x - half[0]), int(x + half[0]) + 1)
    rows = range(int(y - half[1]), int(y + half[1]) + 1)
    sent = [len(gzip.compress(tile(session, shown, z=VIEW_ZOOM, x=i, y=j), 6)) for i in columns for j in rows]
    return sum(sent) / 1e6, len(sent)


def told(
    cases: dict[str, Case],
    *,
    rounds: int,
    loaded_s: float | None,
    folded_s: float | None,
    sent_mb: float,
    in_view: int,
) -> str:
    """The section of the document."""
    titles = {"tickets": "1,000,000 tickets", "coverage_cells": "1,000,000 cells"}
    circumstances = (
        f"Written by `python benchmarks/low_zoom.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}: "
        f"{len(tiles_of_the_district(ZOOMS))} tiles of zooms {ZOOMS[0]} to {ZOOMS[-1]}, {rounds} rounds in turn. "
        f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}. *Bare* draws every feature by `ST_AsMVT`. The counts on our tiles were "
        "compared with the records first."
    )
    lines = [
        HEADING,
        "",
        circumstances,
        "",
        "| | Ours p50 ms | Ours p99 ms | Bare p50 ms | Bare p99 ms | p99 ratio | Largest kB | Largest bare kB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    goals: list[tuple[str, float, float, str]] = []
    for name, case in cases.items():
        ratio = high(case.ours) / high(case.bare)
        lines.append(
            f"| {titles[name]} | {middle(case.ours):.1f} | {high(case.ours):.1f} | {middle(case.bare):.0f} "
            f"| {high(case.bare):,.0f} | {ratio:.4f} | {case.largest / 1000:.0f} | {case.largest_bare / 1000:,.0f} |"
        )
        goals.append((f"{titles[name]}: p99 beside bare", 0.02, ratio, ".4f"))
        goals.append((f"{titles[name]}: largest tile, kB", 500, case.largest / 1000, ".0f"))
        if case.warm:
            goals.append(
                (f"{titles[name]}: from memory beside bare", 0.05, middle(case.warm) / middle(case.bare), ".4f")
            )
    goals.append((f"cells in a view at zoom {VIEW_ZOOM} ({in_view} tiles), MB", 0.4, sent_mb, ".2f"))
    lines += ["", "| Goal | At most | Measured | |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {what} | {most:g} | {value:{form}} | {met(value, most)} |" for what, most, value, form in goals]
    if loaded_s is not None and folded_s is not None:
        lines += ["", f"The tickets were stored in {loaded_s:.0f} s, counts noted, and folded in {folded_s:.1f} s."]
    return "\n".join(lines) + "\n"


def met(value: float, most: float) -> str:
    """The word for a promise."""
    return "met" if value <= most else "**missed**"


def middle(taken: list[float]) -> float:
    """The median."""
    return statistics.median(taken)


def high(taken: list[float]) -> float:
    """The value that 99 of 100 do not exceed."""
    return statistics.quantiles(taken, n=100, method="inclusive")[-1]


if __name__ == "__main__":
    main()
