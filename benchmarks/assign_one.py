"""One ticket's decision: policy, governance list, pledges and units read, ranked, with every reason.

    python benchmarks/assign_one.py [--rounds 5] [--beside FOLDER] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The ground is that of scratch_district.py; on
it 2,000 pledges of 5,000 units and 300 tickets of six categories, seeded, and the governance list of the seed. *Weigh*
is `geodata.services.assignment.weigh`, from the stored ticket to the ranked decision; *bare* asks for nothing but the
five nearest units by the index. Each code runs in a process of its own, in turn in each round; `--beside` lets the code
of another checkout decide about the same tickets, and its decisions are compared first. Milliseconds are of the clock;
those of the program's processor stand beside, as a busy machine stretches the former. What was promised:

    a decision within 2 ms in the middle
    the decisions of both codes equal

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import write
from scratch_district import SIDE_M, SOUTH, SRID, UNIT_COUNT, WEST, folder_for, scratch
from sqlalchemy import Engine, event, select, text

from geodata.db import open_engine, session_on
from geodata.models import Ticket
from geodata.services.assignment import weigh
from geodata.services.stamps import stamp
from geodata.settings import Settings

HEADING = "## One decision"

TICKET_COUNT, PLEDGE_COUNT, WARM = 300, 2_000, 20
LIMIT_MS = 2.0
AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
CATEGORIES = "(ARRAY['0101', '0102', '0103', '0301', '0501', '0504'])[1 + i % 6]"

PLACE = f"""ST_Transform(
        ST_SetSRID(ST_MakePoint({WEST} + {SIDE_M} * random(), {SOUTH} + {SIDE_M} * random()), {SRID}), 4326)"""

TICKETS = text(f"""
    INSERT INTO ticket (number, source, category_code, title, state, reported_at, geom)
    SELECT 'A' || i, 'patrol', {CATEGORIES}, '路边垃圾', 'reported', :at, {PLACE} FROM generate_series(1, :count) AS i
""")

PLEDGES = text(f"""
    INSERT INTO pledge (code, name, unit_id, category_codes, radius_m, hours, valid_from)
    SELECT 'L' || i, '门前三包', 1 + i % {UNIT_COUNT}, ARRAY[{CATEGORIES}], 200,
           CASE WHEN i % 3 = 0 THEN 'Mo-Fr 09:00-17:00' END, DATE '2024-01-01'
      FROM generate_series(1, :count) AS i
""")

BARE = text("""
    SELECT u.code
      FROM member_unit AS u
     ORDER BY u.geom_m <-> (SELECT t.geom_m FROM ticket AS t WHERE t.id = :id)
     LIMIT 5
""")


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5, help="rounds in turn")
    reader.add_argument("--beside", type=Path, help="folder of another checkout that is measured too")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the district, kept for the next run")
    reader.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = reader.parse_args()
    if given.once:
        print(json.dumps(once(given.once)))  # noqa: T201 - what the other process reads
        return
    with folder_for(given.keep) as folder, scratch(folder, cell_m=200):
        engine = open_engine(Settings(data_dir=folder))
        fill(engine)
        engine.dispose()
        section = told(measure(folder, given.beside, rounds=given.rounds), rounds=given.rounds)
    print(section)  # noqa: T201 - what a benchmark is for
    if given.write:
        write(section)


def fill(engine: Engine) -> None:
    """Tickets and pledges, unless they are there."""
    with session_on(engine) as session:
        if session.execute(text("SELECT EXISTS (SELECT FROM ticket WHERE number = 'A1')")).scalar_one():
            return
        session.execute(text("SELECT setseed(0.25)"))
        session.execute(TICKETS, {"at": AT, "count": TICKET_COUNT})
        session.execute(PLEDGES, {"count": PLEDGE_COUNT})
        stamp(session, Ticket)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def once(folder: Path) -> dict[str, Any]:
    """Every ticket decided about by the code on the path: milliseconds of each, and what came of it."""
    engine = open_engine(Settings(data_dir=folder))
    with session_on(engine) as session:
        tickets = session.scalars(select(Ticket).where(Ticket.number.like("A%")).order_by(Ticket.id)).all()
        for ticket in tickets[:WARM]:
            weigh(session, ticket, at=AT)
            session.execute(BARE, {"id": ticket.id}).all()
        statements: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *facts: statements.append(facts[2]))
        found: dict[str, Any] = {"weigh": [], "processor": [], "bare": []}
        records = hashlib.sha256()
        for ticket in tickets[WARM:]:
            begun, used = time.perf_counter(), time.process_time()
            weighed = weigh(session, ticket, at=AT)
            found["weigh"].append(1000 * (time.perf_counter() - begun))
            found["processor"].append(1000 * (time.process_time() - used))
            records.update(json.dumps([weighed.decision.to_record(), weighed.ids], sort_keys=True).encode())
        found["statements"] = len(statements) / len(found["weigh"])
        for ticket in tickets[WARM:]:
            begun = time.perf_counter()
            session.execute(BARE, {"id": ticket.id}).all()
            found["bare"].append(1000 * (time.perf_counter() - begun))
    engine.dispose()
    return found | {"records": records.hexdigest()}


def measure(folder: Path, beside: Path | None, *, rounds: int) -> dict[str, dict[str, Any]]:
    """What each code took: its runs, one after another within each round. Raises AssertionError where they differ."""
    codes = {"now": Path(__file__).resolve().parents[1], **({"before": beside.resolve()} if beside else {})}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in codes}
    for _round in range(rounds):
        for name, code in codes.items():
            command = [sys.executable, __file__, "--once", str(folder)]
            environment = {**os.environ, "PYTHONPATH": str(code)}
            told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own script
            runs[name].append(json.loads(told.stdout))
    if len({run["records"] for each in runs.values() for run in each}) != 1:
        raise AssertionError("the decisions differ")
    merged: dict[str, dict[str, Any]] = {}
    for name, each in runs.items():
        merged[name] = {key: [ms for run in each for ms in run[key]] for key in ("weigh", "processor", "bare")}
        merged[name]["statements"] = each[0]["statements"]
    return merged


def told(found: dict[str, dict[str, Any]], *, rounds: int) -> str:
    """The section of the document."""
    now = found["now"]
    middle = {name: statistics.median(each["weigh"]) for name, each in found.items()}
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/assign_one.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}: "
            f"{UNIT_COUNT:,} units, {PLEDGE_COUNT:,} pledges, {TICKET_COUNT - WARM} tickets, {rounds} rounds in turn. "
            f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, "
            f"Python {platform.python_version()}. *Before* is another checkout's code on the same records, given by "
            "`--beside`; its decisions are the same to the letter."
        ),
        "",
        "| Code | Statements | p50 ms | p99 ms | Processor p50 ms | Bare nearest five, p50 ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in found.items():
        p99 = statistics.quantiles(each["weigh"], n=100)[98]
        lines.append(
            f"| {name} | {each['statements']:.0f} | {middle[name]:.1f} | {p99:.1f} | "
            f"{statistics.median(each['processor']):.1f} | {statistics.median(each['bare']):.1f} |"
        )
    bare = middle["now"] / statistics.median(now["bare"])
    lines += ["", "| Goal | At most | Measured | |", "| --- | ---: | ---: | ---: |"]
    lines.append(
        f"| a decision, ms | {LIMIT_MS:.0f} | {middle['now']:.1f} | "
        f"{'met' if middle['now'] <= LIMIT_MS else '**missed**'} |"
    )
    lines.append(f"| beside the bare nearest five | – | {bare:.1f} | |")
    if "before" in found:
        clock = middle["now"] / middle["before"]
        used = statistics.median(now["processor"]) / statistics.median(found["before"]["processor"])
        lines.append(f"| beside the code before: clock, processor | – | {clock:.2f}, {used:.2f} | |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
