"""The list of demands over 10,000 resources, each demand with how many fit and how far the best is.

    python benchmarks/demands.py [--rounds 5] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The ground is that of scratch_district.py; on
it 200 open demands and 10,000 resources of one kind, seeded, so that all could go to all: with places, room, days and
a hundred different opening hours. *List* is the page through the whole application; *outlooks* is the part that stands
in the records; *one by one* asks the rule of each demand's own page for 20 of them, times ten. Their answers are
compared before any clock runs. What was promised:

    the page of 200 demands over 10,000 resources within 300 ms
    the outlooks at most a tenth of the time of one by one

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from figures import write
from scratch_district import CODE, COLUMNS, ROWS, SIDE_M, SOUTH, SRID, UNIT_COUNT, WEST, folder_for, scratch
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geodata.db import open_engine, session_on
from geodata.models import Demand, Resource
from geodata.services import demands, matching
from geodata.services.demands import DemandFilter
from geodata.services.stamps import stamp
from geodata.settings import Settings
from webmap.app import create_app

HEADING = "## Demands"

DEMAND_COUNT, RESOURCE_COUNT, SAMPLE = 200, 10_000, 20
KIND = "venue"
LIMIT_MS, SHARE = 300, 0.1

PLACE = f"""ST_Transform(
        ST_SetSRID(ST_MakePoint({WEST} + {SIDE_M} * random(), {SOUTH} + {SIDE_M} * random()), {SRID}), 4326)"""

RESOURCES = text(f"""
    INSERT INTO resource (code, name, kind_code, unit_id, capacity_count, hours, valid_from, valid_to, geom)
    SELECT 'S' || lpad(CAST(i AS text), 5, '0'), '会议室 ' || i, :kind, 1 + i % {UNIT_COUNT},
           CASE WHEN i % 7 > 0 THEN 10 + i % 150 END,
           CASE WHEN i % 6 > 0 THEN (ARRAY['Mo-Fr', 'Sa,Su', 'Mo,We,Fr', 'Tu-Sa', 'Su'])[1 + i % 5]
                || ' ' || lpad(CAST(8 + i / 5 % 4 AS text), 2, '0') || ':' || (1 + i / 20 % 5) || '0-18:00' END,
           CASE WHEN i % 3 = 0 THEN CURRENT_DATE + i % 60 - 30 END,
           CASE WHEN i % 4 = 0 THEN CURRENT_DATE + 40 + i % 90 END,
           CASE WHEN i % 2 = 0 THEN {PLACE} END
      FROM generate_series(1, :count) AS i
""")

DEMANDS = text(f"""
    INSERT INTO demand (code, name, kind_code, level, area_code, people, needed_from, needed_until, posted_by, geom)
    SELECT 'D' || lpad(CAST(i AS text), 4, '0'), '找场地 ' || i, :kind, 'village',
           '{CODE}' || lpad(CAST(1 + i % {ROWS} AS text), 3, '0') || lpad(CAST(1 + i % {COLUMNS} AS text), 3, '0'),
           CASE WHEN i % 6 > 0 THEN 5 + i % 120 END, CASE WHEN i % 2 = 0 THEN CURRENT_DATE + i % 30 END,
           CASE WHEN i % 5 > 0 THEN CURRENT_DATE + i % 30 + i % 11 END, 'bench', CASE WHEN i % 2 = 0 THEN {PLACE} END
      FROM generate_series(1, :count) AS i
""")


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5, help="rounds in turn")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the district, kept for the next run")
    given = reader.parse_args()
    with folder_for(given.keep) as folder, scratch(folder, cell_m=200):
        settings = Settings(data_dir=folder)
        engine = open_engine(settings)
        fill(engine)
        compare(engine)
        section = told(measure(settings, engine, rounds=given.rounds), rounds=given.rounds)
        engine.dispose()
    print(section)  # noqa: T201 - what a benchmark is for
    if given.write:
        write(section)


def fill(engine: Engine) -> None:
    """Demands and resources, unless they are there."""
    with session_on(engine) as session:
        if session.execute(text("SELECT EXISTS (SELECT FROM demand)")).scalar_one():
            return
        session.execute(text("SELECT setseed(0.25)"))
        session.execute(RESOURCES, {"kind": KIND, "count": RESOURCE_COUNT})
        session.execute(DEMANDS, {"kind": KIND, "count": DEMAND_COUNT})
        stamp(session, Resource)
        stamp(session, Demand)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def outlooks(session: Session) -> dict[str, matching.Outlook]:
    """How the listed demands stand."""
    return matching.outlooks(session, demands.listed(session, DemandFilter(), limit=DEMAND_COUNT))


def one_by_one(session: Session) -> dict[str, matching.Outlook]:
    """How some of them stand, by the page of each."""
    asked = demands.listed(session, DemandFilter(), limit=DEMAND_COUNT)[:: DEMAND_COUNT // SAMPLE]
    found = {}
    for row in asked:
        answer = matching.candidates(session, row.code, 1)
        found[row.code] = matching.Outlook(answer.fitting_total, answer.fitting[0].metres if answer.fitting else None)
    return found


def compare(engine: Engine) -> None:
    """Raise AssertionError unless both ways say the same."""
    with session_on(engine) as session:
        mine, known = outlooks(session), one_by_one(session)
    if len(mine) != DEMAND_COUNT or any(mine[code] != answer for code, answer in known.items()):
        raise AssertionError(known)
    if not any(answer.fitting for answer in known.values()):
        raise AssertionError("nothing fits")


def measure(settings: Settings, engine: Engine, *, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each way in each round; of one by one, for as many demands as the others tell."""
    client = create_app(settings, engine=engine).test_client()

    def page() -> None:
        answer = client.get("/demands")
        if answer.status_code != 200 or answer.get_data(as_text=True).count("of-fitting") < DEMAND_COUNT:
            raise AssertionError(answer.status)

    def records(ask: Callable[[Session], object]) -> Callable[[], None]:
        def run() -> None:
            with session_on(engine) as session:
                ask(session)

        return run

    ways = {"list": (page, 1), "outlooks": (records(outlooks), 1)}
    ways["one by one"] = (records(one_by_one), DEMAND_COUNT // SAMPLE)
    page()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(rounds):
        for name, (run, times) in ways.items():
            begun = time.perf_counter()
            run()
            taken[name].append(1000 * times * (time.perf_counter() - begun))
    return taken


def told(taken: dict[str, list[float]], *, rounds: int) -> str:
    """The section of the document."""
    ms = {name: statistics.median(times) for name, times in taken.items()}
    share = ms["outlooks"] / ms["one by one"]
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/demands.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}: "
            f"{DEMAND_COUNT} open demands and {RESOURCE_COUNT:,} resources of one kind, {rounds} rounds in turn. "
            f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, "
            f"Python {platform.python_version()}. *One by one* asks the rule for each demand alone, as its page does."
        ),
        "",
        "| Way | p50 ms | Slowest ms |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {ms[name]:,.0f} | {max(times):,.0f} |" for name, times in taken.items()),
        "",
        "| Goal | At most | Measured | |",
        "| --- | ---: | ---: | ---: |",
        f"| the page, ms | {LIMIT_MS} | {ms['list']:,.0f} | {'met' if ms['list'] <= LIMIT_MS else '**missed**'} |",
        f"| outlooks, as a share of one by one | {SHARE} | {share:.3f} | {'met' if share <= SHARE else '**missed**'} |",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
