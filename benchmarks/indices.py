"""The figures of indices over 1,000,000 tickets of one year.

    python benchmarks/indices.py [--rounds 5] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The ground is that of scratch_district.py:
20 towns, 500 villages, 5,000 units. A million tickets of twelve months with 5,300,000 events, made in SQL and seeded,
lie in stored order as they would after a year of work. What was promised:

    a month's table of one index by town, with the month before: a second

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
from scratch_district import SIDE_M, SOUTH, SRID, WEST, folder_for, scratch
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geodata.catalog import collection
from geodata.db import open_engine, session_on
from geodata.queries.index_conditions import IndexPart
from geodata.queries.indices import figures
from geodata.queries.listing import listing
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter
from geodata.services.indices import INDICES
from geodata.services.periods import period
from geodata.settings import Settings

HEADING = "## Indices"

TICKET_COUNT = 1_000_000
MONTH = period("2025-10")
LIMIT_MS = 1000

# A year in the order of its reports: nine in ten are dispatched, done and closed; some are returned, reworked, visited.
TICKETS = text(f"""
    INSERT INTO ticket (number, source, category_code, title, state, reported_at, due_at, filed_at, dispatched_at,
                        done_at, closed_at, rework_count, return_count, is_excused, unit_id, office_code,
                        town_code, village_code, cell_code, duty_grid_code, geom)
    SELECT 'T' || lpad(CAST(r.i AS text), 7, '0'), (ARRAY['patrol', 'hotline', 'resident', 'map'])[1 + r.i % 4],
           (ARRAY['0101', '0102', '0103', '0301', '0501', '0504'])[1 + r.i % 6], '路边垃圾 ' || r.i,
           CASE WHEN r.is_open THEN 'handling' ELSE 'closed' END, r.at, r.at + r.u * INTERVAL '6 days',
           r.at, r.at, CASE WHEN NOT r.is_open THEN r.at + r.v * INTERVAL '5 days' END,
           CASE WHEN NOT r.is_open THEN r.at + (r.v + 0.2) * INTERVAL '5 days' END,
           CASE WHEN r.i % 20 = 0 THEN 1 ELSE 0 END, CASE WHEN r.i % 25 = 0 THEN 1 ELSE 0 END, r.i % 200 = 0,
           1 + r.i % 5000, '990101' || lpad(CAST(r.town AS text), 3, '0') || '000',
           '990101' || lpad(CAST(r.town AS text), 3, '0') || '000',
           '990101' || lpad(CAST(r.town AS text), 3, '0') || lpad(CAST(r.village AS text), 3, '0'),
           '990101' || lpad(CAST(r.town AS text), 3, '0') || lpad(CAST(r.village AS text), 3, '0') || '0001',
           'D' || r.town || '-' || r.village,
           ST_Transform(ST_SetSRID(ST_MakePoint(
               {WEST} + {SIDE_M} * r.u, {SOUTH} + {SIDE_M} * r.v), {SRID}), 4326)
      FROM (SELECT i, random() AS u, random() AS v, random() < 0.08 AS is_open, 1 + i % 20 AS town,
                   1 + (i / 20) % 25 AS village,
                   TIMESTAMPTZ '2025-01-01' + i * INTERVAL '365 days' / {TICKET_COUNT} AS at
              FROM generate_series(1, {TICKET_COUNT}) AS i) AS r
""")

EVENTS = text("""
    INSERT INTO ticket_event (ticket_id, seq, at, action, from_state, to_state, actor, facts, hash)
    SELECT i.id, e.seq, e.at, e.action, 'x', 'x', 'bench', e.facts, ''
      FROM ticket AS i
     CROSS JOIN LATERAL (VALUES
           (1, i.reported_at, 'report', CAST('{}' AS jsonb)),
           (2, i.dispatched_at, 'assign',
            jsonb_build_object('unit_code', 'U' || lpad(CAST(i.unit_id AS text), 5, '0'))),
           (3, i.dispatched_at + INTERVAL '1 hour', 'accept', '{}'),
           (4, i.done_at, 'done', '{}'),
           (5, i.closed_at, 'close', '{}'),
           (6, i.dispatched_at + INTERVAL '2 hours', CASE WHEN i.return_count > 0 THEN 'return' END,
            jsonb_build_object('returned_by', 'U' || lpad(CAST(i.unit_id AS text), 5, '0'))),
           (7, i.done_at, CASE WHEN i.rework_count > 0 THEN 'rework' END, '{}'),
           (8, i.closed_at + INTERVAL '1 day', CASE WHEN i.id % 5 = 0 THEN 'visit' END,
            jsonb_build_object('satisfied', i.id % 15 <> 0))) AS e (seq, at, action, facts)
     WHERE e.action IS NOT NULL AND e.at IS NOT NULL
     ORDER BY e.at, i.id, e.seq
""")


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5, help="readings of each table")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the district, kept for the next run")
    given = reader.parse_args()
    with folder_for(given.keep) as folder, scratch(folder, cell_m=100):
        engine = open_engine(Settings(data_dir=folder))
        fill(engine)
        section = told(measure(engine, rounds=given.rounds), rounds=given.rounds)
        engine.dispose()
    print(section)  # noqa: T201 - what a benchmark is for
    if given.write:
        write(section)


def fill(engine: Engine) -> None:
    """Tickets and events, unless they are there."""
    with session_on(engine) as session:
        if session.execute(text("SELECT EXISTS (SELECT FROM ticket)")).scalar_one():
            return
        session.execute(text("SELECT setseed(0.25)"))
        # neither the squares of low zooms nor the chain is measured here
        session.execute(text("ALTER TABLE ticket DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE ticket_event DISABLE TRIGGER USER"))
        session.execute(TICKETS)
        session.execute(EVENTS)
        session.execute(text("ALTER TABLE ticket ENABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE ticket_event ENABLE TRIGGER USER"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def measure(engine: Engine, *, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each reading of each table."""
    taken: dict[str, list[float]] = {}
    for round_ in range(rounds + 1):
        for name, ask in cases().items():
            with session_on(engine) as session:
                begun = time.perf_counter()
                ask(session)
                spent = 1000 * (time.perf_counter() - begun)
            # the first reading brings the pages into memory
            if round_:
                taken.setdefault(name, []).append(spent)
    return taken


def cases() -> dict[str, Callable[[Session], object]]:
    """What is asked, by what it is called."""
    two, year = MONTH.up_to(2), MONTH.up_to(12)
    every = [each.id for each in INDICES]

    def table(ids: list[str], level: str, periods: list[object]) -> Callable[[Session], object]:
        return lambda session: figures(session, ids, level=level, periods=periods, tickets=NO_FILTER)  # type: ignore[arg-type]

    found: dict[str, Callable[[Session], object]] = {}
    for id_ in ("closing_in_time", "filing", "dispatch", "rework", "returned", "checks"):
        found[f"{id_}, by town, two months"] = table([id_], "town", two)  # type: ignore[arg-type]
    found["closing_in_time, by unit, two months"] = table(["closing_in_time"], "unit", two)  # type: ignore[arg-type]
    found["closing_in_time, by town, twelve months"] = table(["closing_in_time"], "town", year)  # type: ignore[arg-type]
    found["returned, by town, twelve months"] = table(["returned"], "town", year)  # type: ignore[arg-type]
    found["all indices, by town, one month"] = table(every, "town", [MONTH])
    found["all indices, whole district, twelve months"] = table(every, "district", year)  # type: ignore[arg-type]
    for id_ in ("closing_in_time", "returned"):
        part = IndexPart(id_, "rest", MONTH.since, MONTH.until, "town", "990101001000")
        found[f"list of {id_}, one town"] = lambda session, part=part: listing(  # type: ignore[misc]
            session, collection("tickets"), box=None, limit=50, tickets=TicketFilter(index=part)
        )
    return found


def told(taken: dict[str, list[float]], *, rounds: int) -> str:
    """The section of the document."""
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/indices.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}: "
            f"{TICKET_COUNT:,} tickets of twelve months with their events, {rounds} rounds in turn. "
            f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, "
            f"Python {platform.python_version()}."
        ),
        "",
        "| Table | p50 ms | Slowest ms |",
        "| --- | ---: | ---: |",
    ]
    for name, times in taken.items():
        lines.append(f"| {name} | {statistics.median(times):,.0f} | {max(times):,.0f} |")
    slowest = max(statistics.median(times) for name, times in taken.items() if name.endswith("by town, two months"))
    verdict = "met" if slowest <= LIMIT_MS else "**missed**"
    lines += [
        "",
        "| Goal | At most | Measured | |",
        "| --- | ---: | ---: | ---: |",
        f"| any index by town, with the month before, ms | {LIMIT_MS:,} | {slowest:,.0f} | {verdict} |",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
