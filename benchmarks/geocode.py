"""Addresses a second against 400,000 doors, 10,000 crossings and 200 roads with lines, answers checked.

    python benchmarks/geocode.py [--rounds 5] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The streets are a made-up lattice on the
ground of scratch_district.py, every house ten metres from the next on its side, one in five of them missing from the
gazetteer. Asked are 20,000 seeded addresses: doors that are known, doors between their neighbours, buildings behind
a gate, crossings, metres from a crossing, and what nobody can answer. Each round answers all of them in batches of a
thousand, beside the same batches through parsing alone, so that both see the same load. What was promised:

    5,000 addresses a second on one core; every accepted answer within twice its stated error, nothing invented accepted

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import math
import platform
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from figures import write
from scratch_district import SIDE_M, SOUTH, SRID, WEST, folder_for, scratch
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.db import open_engine, session_on
from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.settings import Settings
from spatial.crs import to_metre

HEADING = "## Geocoding"
GOAL = 5_000
BATCH = 1_000
ASKED = 20_000
LINES = 100
SPACING_M = SIDE_M / LINES
HOUSE_M = 10.0
BESIDE_M = 15.0
STEMS = "东川莘庄七宝梅陇虹桥浦江吴泾颛马华漕古美龙柏田园春申沪闵都银临河"

HOUSES = text(f"""
    INSERT INTO gazetteer_entry (kind, name, name_norm, road, lane, number, accuracy_m, source, geom)
    SELECT 'door', r.name || h.house || k.sign, r.name || h.house || k.sign, r.name,
           CASE WHEN k.sign = '弄' THEN CAST(h.house AS text) END,
           CASE WHEN k.sign = '号' THEN CAST(h.house AS text) END,
           5.0, 'survey',
           ST_Transform(ST_SetSRID(CASE WHEN r.is_east
                THEN ST_MakePoint({WEST} + h.along, {SOUTH} + r.at + h.beside)
                ELSE ST_MakePoint({WEST} + r.at + h.beside, {SOUTH} + h.along) END, {SRID}), 4326)
      FROM unnest(CAST(:names AS text[]), CAST(:ats AS float8[]), CAST(:easts AS boolean[])) AS r (name, at, is_east)
     CROSS JOIN LATERAL (
           SELECT n AS house, (n + 1) / 2 * {HOUSE_M} AS along,
                  CASE WHEN n % 2 = 1 THEN {BESIDE_M} ELSE -{BESIDE_M} END AS beside
             FROM generate_series(1, {int(2 * SIDE_M / HOUSE_M) - 2}) AS n) AS h
     CROSS JOIN LATERAL (SELECT CASE WHEN h.house % 7 = 0 THEN '弄' ELSE '号' END AS sign) AS k
     WHERE hashint4(h.house * 1000 + length(r.name)) % 5 <> 0
""")

ROADS = text(f"""
    INSERT INTO gazetteer_road (ref, name, name_norm, source, geom)
    SELECT 'way/' || r.name, r.name, r.name, 'survey',
           ST_Transform(ST_SetSRID(ST_Multi(CASE WHEN r.is_east
           THEN ST_MakeLine(ST_MakePoint({WEST}, {SOUTH} + r.at), ST_MakePoint({WEST} + {SIDE_M}, {SOUTH} + r.at))
           ELSE ST_MakeLine(ST_MakePoint({WEST} + r.at, {SOUTH}), ST_MakePoint({WEST} + r.at, {SOUTH} + {SIDE_M}))
           END), {SRID}), 4326)
      FROM unnest(CAST(:names AS text[]), CAST(:ats AS float8[]), CAST(:easts AS boolean[])) AS r (name, at, is_east)
""")

CROSSINGS = text(f"""
    INSERT INTO gazetteer_entry (kind, name, name_norm, road, cross_road, accuracy_m, source, geom)
    SELECT 'crossing', e.name || n.name, e.name || n.name, e.name, n.name, 5.0, 'roads',
           ST_Transform(ST_SetSRID(ST_MakePoint({WEST} + n.at, {SOUTH} + e.at), {SRID}), 4326)
      FROM unnest(CAST(:names AS text[]), CAST(:ats AS float8[]), CAST(:easts AS boolean[])) AS e (name, at, is_east)
      JOIN unnest(CAST(:names AS text[]), CAST(:ats AS float8[]), CAST(:easts AS boolean[])) AS n (name, at, is_east)
        ON e.is_east AND NOT n.is_east
""")


class Street(NamedTuple):
    """One straight street of the lattice: metres north of the south edge, or east of the west edge."""

    name: str
    at: float
    is_east: bool

    def house(self, number: int) -> tuple[float, float]:
        """Easting and northing of a house."""
        along, beside = (number + 1) // 2 * HOUSE_M, BESIDE_M if number % 2 else -BESIDE_M
        return (WEST + along, SOUTH + self.at + beside) if self.is_east else (WEST + self.at + beside, SOUTH + along)


class Question(NamedTuple):
    """An address and its true place in metres; None for what nobody can answer."""

    text: str
    place: tuple[float, float] | None


def streets() -> list[Street]:
    """The lattice: a hundred streets each way, of made-up names that differ by more than a tone."""
    draw = random.Random(7)  # noqa: S311 - a repeatable district
    names: dict[str, None] = {}
    while len(names) < 2 * LINES:
        names[draw.choice(STEMS) + draw.choice(STEMS) + draw.choice(("路", "路", "街", "大道"))] = None
    listed = list(names)
    return [
        *(Street(name, (i + 0.5) * SPACING_M, is_east=True) for i, name in enumerate(listed[:LINES])),
        *(Street(name, (i + 0.5) * SPACING_M, is_east=False) for i, name in enumerate(listed[LINES:])),
    ]


def questions(lattice: Sequence[Street]) -> list[Question]:
    """Seeded addresses of all kinds; a third of them with rooms and floors, as people write them."""
    draw = random.Random(11)  # noqa: S311 - repeatable
    made = []
    for _ in range(ASKED):
        street = draw.choice(lattice)
        other = draw.choice([one for one in lattice if one.is_east != street.is_east])
        number = draw.randint(20, int(2 * SIDE_M / HOUSE_M) - 40)
        kind = draw.random()
        tail = draw.choice(("", "", f"{draw.randint(1, 30)}楼", f"{draw.randint(101, 2904)}室"))
        cross = (WEST + other.at, SOUTH + street.at) if street.is_east else (WEST + street.at, SOUTH + other.at)
        if kind < 0.7:
            sign = "弄" if number % 7 == 0 else "号"
            made.append(Question(f"{street.name}{number}{sign}{tail if sign == '号' else ''}", street.house(number)))
        elif kind < 0.8:
            made.append(Question(f"{street.name}与{other.name}路口", cross))
        elif kind < 0.95:
            metres = draw.randint(10, 250)
            wind = draw.choice("东西" if street.is_east else "北南")
            step = metres if wind in "东北" else -metres
            place = (cross[0] + step, cross[1]) if street.is_east else (cross[0], cross[1] + step)
            made.append(Question(f"{street.name}进{other.name}{wind}约{metres}米", place))
        else:
            invented = draw.choice(
                (f"虚空{draw.randint(1, 9)}路{number}号", f"{street.name}{number + 80_000}号", "无名氏宅")
            )
            made.append(Question(invented, None))
    return made


def check(asked: Sequence[Question], answers: Sequence[GeocodeAnswer]) -> tuple[int, int]:
    """Accepted answers, and how many of them are wrong: beyond twice the stated error, or of what has no place."""
    taken = [(one, answer) for one, answer in zip(asked, answers, strict=True) if answer.status == "accepted"]
    x, y = to_metre([answer.lon for _, answer in taken], [answer.lat for _, answer in taken], SRID)
    wrong = 0
    for i, (one, answer) in enumerate(taken):
        far = math.inf if one.place is None else math.hypot(x[i] - one.place[0], y[i] - one.place[1])
        wrong += far > 2.0 * (answer.error_m or 0.0)
    return len(taken), wrong


def measure(
    session: Session, asked: Sequence[Question], rounds: int
) -> tuple[list[float], list[float], list[GeocodeAnswer]]:
    """Addresses a second of each round, through everything and through parsing alone, and the answers."""
    geocoder = Geocoder(session)
    texts = [one.text for one in asked]
    whole, parsing, answers = [], [], []
    for _ in range(rounds):
        start = time.perf_counter()
        answers = [one for i in range(0, len(texts), BATCH) for one in geocoder.geocode_many(texts[i : i + BATCH])]
        whole.append(len(texts) / (time.perf_counter() - start))
        start = time.perf_counter()
        for one in texts:
            parse_address(one, geocoder.gazetteer.dictionary)
        parsing.append(len(texts) / (time.perf_counter() - start))
    return whole, parsing, answers


def main() -> None:
    """Measure, print, and say whether the promise was kept."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--write", action="store_true")
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    lattice = streets()
    asked = questions(lattice)
    with folder_for(chosen.keep) as folder, scratch(folder, cell_m=200):
        engine = open_engine(Settings(data_dir=folder))
        with session_on(engine) as session:
            named = {
                "names": [one.name for one in lattice],
                "ats": [one.at for one in lattice],
                "easts": [one.is_east for one in lattice],
            }
            if not session.scalar(text("SELECT EXISTS (SELECT FROM gazetteer_road)")):
                for statement in (HOUSES, ROADS, CROSSINGS):
                    session.execute(statement, named)
            session.execute(text("ANALYZE gazetteer_entry"))
            doors = session.scalar(text("SELECT count(*) FROM gazetteer_entry WHERE kind = 'door'"))
            whole, parsing, answers = measure(session, asked, chosen.rounds)
    accepted, wrong = check(asked, answers)
    rate, plain = statistics.median(whole), statistics.median(parsing)
    section = _section(doors or 0, rate, plain, accepted, wrong)
    print(section)  # noqa: T201 - what a benchmark is for
    if chosen.write:
        write(section)
    raise SystemExit(0 if rate >= GOAL and wrong == 0 else 1)


def _section(doors: int, rate: float, plain: float, accepted: int, wrong: int) -> str:
    return (
        f"{HEADING}\n\n`python benchmarks/geocode.py --write`, {platform.machine()}, one core for the program and one\n"
        f"for the server: {doors:,} doors, 10,000 crossings, 200 roads with lines; {ASKED:,} addresses in\n"
        f"batches of {BATCH:,}.\n\n"
        "| | addresses a second | goal |\n| --- | --- | --- |\n"
        f"| from text to place | {rate:,.0f} | {GOAL:,} |\n| parsing alone | {plain:,.0f} | |\n\n"
        f"{accepted:,} accepted, {wrong} of them farther off than twice the stated error.\n"
    )


if __name__ == "__main__":
    main()
