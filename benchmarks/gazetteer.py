"""The gazetteer filled from the extract of a made-up city: 200,000 features, 10,000 stretches of roads among them.

    python benchmarks/gazetteer.py [--write]

A private server is started in a temporary folder and stopped at the end. The city is a lattice of 142 roads in
pieces from crossing to crossing, with doors on nodes and buildings, shops and estates at seeded random places. It is
taken in twice, then its crossings are made once more, and 14,000 units teach their doors. What was promised: the
second time nothing changes, and the crossings of 10,000 stretches are made within 5 s.

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import os
import platform
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from figures import write
from scratch_district import FAST, SOUTH, SRID, WEST, to_degrees
from sqlalchemy import text

from geodata.cluster import Cluster
from geodata.db import open_engine, session_on
from geodata.services.gazetteer import derive_crossings, learn_from_records
from geodata.services.imports import import_file
from geodata.services.installation import init_district
from geodata.settings import Settings

HEADING = "## Gazetteer"
ROADS, BLOCK_M = 71, 100.0
DOOR_NODES, DOOR_BUILDINGS, SHOPS, ESTATES = 60_000, 60_000, 40_000, 30_000
UNITS = 14_000
LIMIT_S = 5.0
SIGNS = "春申临河沪闵七莘东川剑银都虹梅中江浦星陈行塘富贵昆阳龙吴元景联友谊"

UNITS_WITH_DOORS = text("""
    INSERT INTO member_unit (code, name, kind, address, geom, datum_evidence, place_level, accuracy_m)
    SELECT 'U' || i, '单位' || i, 'property', '春申路' || i || '弄' || (i % 50 + 1) || '号',
           ST_SetSRID(ST_MakePoint(:lon + i * 0.000002, :lat + (i % 97) * 0.00001), 4326), 'declared', 'given', 10
      FROM generate_series(1, :units) AS i
""")

Tags = dict[str, str]


def main() -> None:
    """Measure, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as made:
        folder = Path(made)
        # the database may run as another user, who must reach its own folder
        folder.chmod(0o711)
        section = told(measured(folder))
    print(section)  # noqa: T201 - what a benchmark is for
    if asked.write:
        write(section)


def measured(folder: Path) -> list[tuple[str, float, str]]:
    """What was done, its seconds, and what came of it."""
    path = folder / "city.osm"
    path.write_text("\n".join(City().lines()), encoding="utf-8")
    rows = []
    with Cluster(folder / "cluster", settings=FAST):
        engine = open_engine(Settings(data_dir=folder / "cluster"))
        init_district(engine, code="990101", name="Scratch", metre_crs=f"EPSG:{SRID}", is_made_up=True)

        def step(what: str, act: Callable[[Any], Any], says: Callable[[Any], str]) -> None:
            with session_on(engine) as session:
                start = time.perf_counter()
                came = act(session)
                rows.append((what, time.perf_counter() - start, says(came)))

        step("the extract, the first time", lambda s: import_file(s, "gazetteer", path), report)
        step("the same extract again", lambda s: import_file(s, "gazetteer", path), report)
        with session_on(engine) as session:
            session.execute(text("DELETE FROM gazetteer_entry WHERE source = 'roads'"))
        step("crossings of all roads", derive_crossings, lambda c: f"{len(c.added):,} new")
        step("crossings once more", derive_crossings, lambda c: f"{sum(map(len, c))} changed")
        lon, lat = to_degrees(WEST, SOUTH)
        with session_on(engine) as session:
            session.execute(UNITS_WITH_DOORS, {"lon": lon, "lat": lat, "units": UNITS})
        step(f"learning from {UNITS:,} units", learn_from_records, lambda c: f"{c.added:,} doors")
        step("learning once more", learn_from_records, lambda c: f"{c.added} doors")
        engine.dispose()
    return rows


def report(found: Any) -> str:  # noqa: ANN401 - an import's report
    """Rows, and what became of them."""
    return f"{found.rows:,} features: {found.stored:,} new, {found.changed:,} changed, {found.unchanged:,} unchanged"


def road_name(number: int) -> str:
    """A name of three signs."""
    return f"{SIGNS[number % len(SIGNS)]}{SIGNS[number // len(SIGNS)]}{SIGNS[(number * 7 + 3) % len(SIGNS)]}路"


class City:
    """The extract in the making."""

    def __init__(self) -> None:
        self.rng = random.Random(5)  # noqa: S311 - a made-up city, the same each time
        self.nodes: list[str] = []
        self.ways: list[str] = []

    def lines(self) -> Iterator[str]:
        """The lines of the extract: all nodes, then all ways."""
        names = [road_name(number) for number in range(2 * ROADS)]
        self.add_roads(names)
        for _ in range(DOOR_NODES):
            tags = {"addr:street": self.rng.choice(names), "addr:housenumber": f"{self.rng.randrange(1, 3000)}号"}
            self.node(*self.somewhere(), tags)
        for _ in range(DOOR_BUILDINGS):
            number = f"{self.rng.randrange(1, 3000)}弄{self.rng.randrange(1, 200)}号"
            self.box({"building": "yes", "addr:street": self.rng.choice(names), "addr:housenumber": number})
        for number in range(SHOPS):
            self.node(*self.somewhere(), {"shop": "yes", "name": f"{road_name(number % 900)[:3]}商店{number}"})
        for number in range(ESTATES):
            self.box({"landuse": "residential", "name": f"{road_name(number % 900)[:3]}花园{number}"})
        yield '<osm version="0.6" generator="wangge">'
        yield from self.nodes
        yield from self.ways
        yield "</osm>"

    def add_roads(self, names: list[str]) -> None:
        """The lattice."""
        corner = [[self.node(j * BLOCK_M, i * BLOCK_M) for j in range(ROADS)] for i in range(ROADS)]
        for i in range(ROADS):
            for j in range(ROADS - 1):
                self.way([corner[i][j], corner[i][j + 1]], {"highway": "residential", "name": names[i]})
                self.way([corner[j][i], corner[j + 1][i]], {"highway": "residential", "name": names[ROADS + i]})

    def node(self, x: float, y: float, tags: Tags | None = None) -> int:
        """A node so many metres from the corner; returns its number."""
        lon, lat = to_degrees(WEST + x, SOUTH + y)
        number = len(self.nodes) + 1
        self.nodes.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{written(tags or {})}</node>')
        return number

    def way(self, refs: list[int], tags: Tags) -> None:
        """A way through nodes."""
        listed = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self.ways.append(f'<way id="{len(self.ways) + 1}">{listed}{written(tags)}</way>')

    def box(self, tags: Tags) -> None:
        """A building somewhere."""
        x, y = self.somewhere()
        corners = [self.node(x + dx, y + dy) for dx, dy in ((0, 0), (15, 0), (15, 12), (0, 12))]
        self.way([*corners, corners[0]], tags)

    def somewhere(self) -> tuple[float, float]:
        """A random place in the city."""
        return self.rng.uniform(0, ROADS * BLOCK_M), self.rng.uniform(0, ROADS * BLOCK_M)


def written(tags: Tags) -> str:
    """Tags as XML."""
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def told(rows: list[tuple[str, float, str]]) -> str:
    """The section of the document."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/gazetteer.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}. "
            f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, Python "
            f"{platform.python_version()}. At most {peak_mb:,.0f} MB of memory were in use, the making of the city "
            "included."
        ),
        "",
        "| What | Seconds | What came of it |",
        "| --- | ---: | --- |",
        *(f"| {what} | {seconds:.1f} | {came} |" for what, seconds, came in rows),
        "",
        "| Goal | At most | Measured | |",
        "| --- | ---: | ---: | ---: |",
    ]
    crossings_s = next(seconds for what, seconds, _ in rows if what == "crossings of all roads")
    lines.append(
        f"| crossings of 10,000 stretches, s | {LIMIT_S:.0f} | {crossings_s:.1f} | "
        f"{'met' if crossings_s <= LIMIT_S else '**missed**'} |"
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
