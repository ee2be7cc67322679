"""Made-up rows that filters are tried on, and plain Python that says which of them a filter means."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from itertools import cycle, islice
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog.properties import Property
from geodata.queries.cql import condition

ZONE = ZoneInfo("Asia/Shanghai")

KINDS = {
    "code": "text",
    "name": "text",
    "nick": "text",
    "people": "integer",
    "places": "integer",
    "share": "number",
    "is_open": "boolean",
    "held_on": "date",
    "held_at": "datetime",
}
QUERYABLES = {name: Property(name, kind, name, name) for name, kind in KINDS.items()}

CODES = ("0301", "301", "0508", "310112101001")
NAMES = (
    *(
        "East Market",
        "east market",
        "东川路100号",
        "O'Brien's",
        "100%",
        "100 of 1",
        "a_b",
        "axb",
        "a\\b",
        "\U00020bb7野家",
    ),
    *("", None, "it's :name %(x)s", "老西门", "\\", "%_"),
)
NICKS = ("East Market", None, "axb", "", "0301", "老西门", "O'BRIEN'S")
PEOPLE = (0, 5, -3, 2147483647, None, 12)
PLACES = (5, 5, 0, None)
SHARES = (0.5, 1 / 3, 0.0, None, 1e-9, 12.0, -2.5)
OPEN = (True, False, None)
DAYS = (date(2026, 3, 1), date(2026, 3, 2), None, date(2024, 2, 29), date(1, 1, 1))
MOMENTS = (
    datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 1, 16, 0, tzinfo=UTC),  # the second of March begins in the district
    None,
    datetime(2026, 3, 2, 6, 30, 0, 500000, tzinfo=UTC),
)
SHAPES = (
    "POINT(121.41 31.11)",
    "POINT(121.45 31.15)",
    None,
    "POINT(121.405 31.105)",
    "POLYGON((121.4 31.1,121.42 31.1,121.42 31.12,121.4 31.12,121.4 31.1))",
    "LINESTRING(121.4 31.11,121.44 31.11)",
    "MULTIPOLYGON(((121.44 31.14,121.46 31.14,121.46 31.16,121.44 31.16,121.44 31.14)))",
)

MAKE = """
    CREATE TEMPORARY TABLE thing (
        id integer, code text, name text, nick text, people integer, places bigint, share double precision,
        is_open boolean, held_on date, held_at timestamptz, geom geometry(Geometry, 4326))
"""
FILL = """
    INSERT INTO thing VALUES (:id, :code, :name, :nick, :people, :places, :share, :is_open, :held_on, :held_at,
                              ST_GeomFromText(:wkt, 4326))
"""


@cache
def rows():
    """Forty rows in which the values of the columns meet in many ways; `geom` is a shape of shapely or None."""
    columns = {
        "code": CODES,
        "name": NAMES,
        "nick": NICKS,
        "people": PEOPLE,
        "places": PLACES,
        "share": SHARES,
        "is_open": OPEN,
        "held_on": DAYS,
        "held_at": MOMENTS,
        "wkt": SHAPES,
    }
    made = zip(*(islice(cycle(values), 40) for values in columns.values()), strict=True)
    return [
        {"id": number, **(row := dict(zip(columns, values, strict=True))), "geom": shape(row["wkt"])}
        for number, values in enumerate(made)
    ]


def shape(wkt):
    return shapely.from_wkt(wkt) if wkt else None


@contextmanager
def stored(engine):
    """A session that has the rows as a table `thing`, and is undone afterwards."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            store(session)
            yield session
        outer.rollback()


def store(session):
    session.execute(text(MAKE))
    session.execute(text(FILL), [{name: value for name, value in row.items() if name != "geom"} for row in rows()])


def asked(filter_, **how):
    """The condition of a filter, in JSON where it is not a text."""
    if not isinstance(filter_, str):
        filter_, how = json.dumps(filter_, ensure_ascii=False), {"language": "cql2-json", **how}
    return condition(filter_, **{"language": "cql2-text", "queryables": QUERYABLES, **how})


def found(session, filter_, **how):
    """Ids of the stored rows that a filter means."""
    where = asked(filter_, **how)
    statement = text(f"SELECT s.id FROM thing AS s WHERE {where.text} ORDER BY s.id")
    return list(session.scalars(statement, where.values))


def meant(rule):
    """Ids of the rows of which a rule in Python is true; None is neither."""
    return [row["id"] for row in rows() if rule(row) is True]


# Three-valued logic, by the book.


def known(rule, *values):
    """What a rule says of values that are all known; else None."""
    return None if None in values else bool(rule(*values))


def negated(one):
    return None if one is None else not one


def both(*parts):
    return False if False in parts else None if None in parts else True


def either(*parts):
    return True if True in parts else None if None in parts else False


def fits(value, pattern):
    """Whether a text fits a pattern of LIKE."""
    signs = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return known(
        lambda one: re.fullmatch("".join(wild.get(s) or re.escape(s[-1]) for s in signs), one, re.DOTALL), value
    )


def midnight(day):
    """When a day begins in the district."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
