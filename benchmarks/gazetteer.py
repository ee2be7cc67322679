"""The gazetteer filled from the extract of a made-up city: 200,000 features, 10,000 stretches of roads among them.

    python benchmarks/gazetteer.py [--write] [--beside FOLDER]

A private server is started in a temporary folder and stopped at the end. The city is a lattice of 142 roads in
pieces from crossing to crossing, with doors on nodes and buildings, shops and estates at seeded random places. It is
taken in twice, then its crossings are made once more, and 14,000 units teach their doors. What was promised: the
second time nothing changes, and the crossings of 10,000 stretches are made within 5 s.

The import alone runs in a process of its own as well, whose memory is told beside what it needs when idle; with
`--beside` the code of another checkout (`git worktree add FOLDER TAG`) takes in the same file right before, for
comparison.

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
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
LIMIT_MB = 350.0

# What another checkout has as well: nothing of this file is used in it.
ALONE = """
import json, resource, sys, time
from pathlib import Path
from geodata.db import open_engine, session_on
from geodata.formats import gdal
from geodata.services.imports import import_file
from geodata.services.installation import init_district
from geodata.settings import Settings

data_dir, path, metre_crs = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
engine = open_engine(Settings(data_dir=data_dir))
init_district(engine, code="990101", name="Scratch", metre_crs=metre_crs, is_made_up=True)
idle = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
seconds = []
for _ in range(2):
    with session_on(engine) as session:
        start = time.perf_counter()
        report = import_file(session, "gazetteer", path)
        seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"idle_mb": idle, "peak_mb": peak, "first_s": seconds[0], "again_s": seconds[1]}))
"""
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
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="another checkout, measured with the same file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as made:
        folder = Path(made)
        # the database may run as another user, who must reach its own folder
        folder.chmod(0o711)
        path = folder / "city.osm"
        path.write_text("\n".join(City().lines()), encoding="utf-8")
        own = Path(__file__).resolve().parents[1]
        codes = {"before": asked.beside.resolve(), "now": own} if asked.beside else {"now": own}
        alone = {name: measured_alone(folder / name, code, path) for name, code in codes.items()}
        section = told(measured(folder, path), alone)
    print(section)  # noqa: T201 - what a benchmark is for
    if asked.write:
        write(section)


class Alone(NamedTuple):
    """Memory of an import in a process of its own (MB, idle and at most), and its seconds, the first time and again."""

    idle_mb: float
    peak_mb: float
    first_s: float
    again_s: float

    def line(self, name: str) -> str:
        """A line of the table."""
        seconds = f"{self.first_s:.1f} | {self.again_s:.1f}"
        return f"| {name} | {self.peak_mb - self.idle_mb:,.0f} | {self.idle_mb:,.0f} | {seconds} |"


def measured_alone(data_dir: Path, code: Path, path: Path) -> Alone:
    """The extract taken in twice by the code of a checkout, in a process and a database of its own."""
    with Cluster(data_dir, settings=FAST):
        arguments = [sys.executable, "-c", ALONE, str(data_dir), str(path), f"EPSG:{SRID}"]
        around = os.environ | {"PYTHONPATH": str(code)}
        done = subprocess.run(arguments, env=around, cwd=code, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
        if done.returncode:
            raise RuntimeError(done.stderr)
        return Alone(**json.loads(done.stdout.splitlines()[-1]))


def measured(folder: Path, path: Path) -> list[tuple[str, float, str]]:
    """What was done, its seconds, and what came of it."""
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


def told(rows: list[tuple[str, float, str]], alone: dict[str, Alone]) -> str:
    """The section of the document."""
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/gazetteer.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}. "
            f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, Python "
            f"{platform.python_version()}."
        ),
        "",
        "| What | Seconds | What came of it |",
        "| --- | ---: | --- |",
        *(f"| {what} | {seconds:.1f} | {came} |" for what, seconds, came in rows),
        "",
        "The import alone, in a process of its own: `python benchmarks/gazetteer.py --beside FOLDER` lets the code of",
        "another checkout take in the same file right before.",
        "",
        "| Code | Memory above the idle process, MB | Idle, MB | First time, s | Again, s |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(one.line(name) for name, one in alone.items()),
        "",
        "| Goal | At most | Measured | |",
        "| --- | ---: | ---: | ---: |",
    ]
    crossings_s = next(seconds for what, seconds, _ in rows if what == "crossings of all roads")
    above_mb = alone["now"].peak_mb - alone["now"].idle_mb
    goals = [
        ("crossings of 10,000 stretches, s", LIMIT_S, crossings_s, ".1f"),
        ("memory of the import above the idle process, MB", LIMIT_MB, above_mb, ".0f"),
    ]
    if "before" in alone:
        goals.append(("seconds of the import", alone["before"].first_s * 1.1, alone["now"].first_s, ".1f"))
    for what, limit, found, form in goals:
        verdict = "met" if found <= limit else "**missed**"
        lines.append(
            f"| {what} | {limit:{form if what.startswith('seconds') else '.0f'}} | {found:{form}} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
