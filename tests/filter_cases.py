"""Filters as text and as JSON, each with its rule in plain Python."""

import operator
from datetime import UTC, date, datetime

from filters import both, either, fits, known, midnight, negated


def p(name):
    """A property, in JSON."""
    return {"property": name}


def op(name, *args):
    """An operation, in JSON."""
    return {"op": name, "args": list(args)}


def casei(value):
    """A value whose case does not count, in JSON."""
    return op("casei", value)


def day(value):
    """A day, in JSON."""
    return {"date": value}


def moment(value):
    """A moment, in JSON."""
    return {"timestamp": value}


def is_(name, rule, *others):
    """A rule of a column's value and others, for known values only."""
    return lambda row: known(rule, row[name], *others)


SECOND = date(2026, 3, 2)


NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


ITS = "it's :name %(x)s"


IS_OPEN = {"op": "=", "args": [p("is_open"), True]}


IS_SHUT = {"op": "=", "args": [p("is_open"), False]}


NOT_OPEN = {"op": "<>", "args": [p("is_open"), True]}


COMPARISONS = [
    ("name = 'East Market'", op("=", p("name"), "East Market"), is_("name", operator.eq, "East Market")),
    ("name <> 'East Market'", op("<>", p("name"), "East Market"), is_("name", operator.ne, "East Market")),
    ("'East Market' = name", op("=", "East Market", p("name")), is_("name", operator.eq, "East Market")),
    ("name > 'a'", op(">", p("name"), "a"), is_("name", operator.gt, "a")),
    ("name <= '100%'", op("<=", p("name"), "100%"), is_("name", operator.le, "100%")),
    ("name = '东川路100号'", op("=", p("name"), "东川路100号"), is_("name", operator.eq, "东川路100号")),
    ("name='\U00020bb7野家'", op("=", p("name"), "\U00020bb7野家"), is_("name", operator.eq, "\U00020bb7野家")),
    ("name = 'O''Brien''s'", op("=", p("name"), "O'Brien's"), is_("name", operator.eq, "O'Brien's")),
    (r"name = 'O\'Brien\'s'", op("=", p("name"), "O'Brien's"), is_("name", operator.eq, "O'Brien's")),
    ("name = 'it''s :name %(x)s'", op("=", p("name"), ITS), is_("name", operator.eq, ITS)),
    ("name = ''", op("=", p("name"), ""), is_("name", operator.eq, "")),
    (r"name = 'a\b'", op("=", p("name"), "a\\b"), is_("name", operator.eq, "a\\b")),
    ("code = '0301'", op("=", p("code"), "0301"), is_("code", operator.eq, "0301")),
    ("\"code\" = '301'", op("=", p("code"), "301"), is_("code", operator.eq, "301")),
    ("name = nick", op("=", p("name"), p("nick")), lambda r: known(operator.eq, r["name"], r["nick"])),
    ("people = 5", op("=", p("people"), 5), is_("people", operator.eq, 5)),
    ("people >= -3", op(">=", p("people"), -3), is_("people", operator.ge, -3)),
    ("people < 3.5", op("<", p("people"), 3.5), is_("people", operator.lt, 3.5)),
    ("people < 1e3", op("<", p("people"), 1e3), is_("people", operator.lt, 1000)),
    ("people < 99999999999999999999", op("<", p("people"), 10**20 - 1), is_("people", operator.lt, 10**20 - 1)),
    ("people = places", op("=", p("people"), p("places")), lambda r: known(operator.eq, r["people"], r["places"])),
    ("people < share", op("<", p("people"), p("share")), lambda r: known(operator.lt, r["people"], r["share"])),
    ("share = .5", op("=", p("share"), 0.5), is_("share", operator.eq, 0.5)),
    ("share = 12", op("=", p("share"), 12), is_("share", operator.eq, 12)),
    ("share > +1E-10", op(">", p("share"), 1e-10), is_("share", operator.gt, 1e-10)),
    ("share < -2.", op("<", p("share"), -2), is_("share", operator.lt, -2)),
    ("is_open = TRUE", IS_OPEN, lambda r: r["is_open"]),
    ("is_open = false", IS_SHUT, lambda r: negated(r["is_open"])),
    ("is_open <> true", NOT_OPEN, lambda r: negated(r["is_open"])),
    ("1 = 1", op("=", 1, 1), lambda _r: True),
    ("'b' < 'a'", op("<", "b", "a"), lambda _r: False),
    ("TRUE", True, lambda _r: True),
    ("FALSE OR people = 5", {"op": "or", "args": [False, op("=", p("people"), 5)]}, is_("people", operator.eq, 5)),
]


TIMES = [
    ("held_on = DATE('2026-03-02')", op("=", p("held_on"), day("2026-03-02")), is_("held_on", operator.eq, SECOND)),
    ("held_on < '2026-03-02'", op("<", p("held_on"), "2026-03-02"), is_("held_on", operator.lt, SECOND)),
    (
        "held_on = date('2024-02-29')",
        op("=", p("held_on"), day("2024-02-29")),
        is_("held_on", operator.eq, date(2024, 2, 29)),
    ),
    (
        "held_at > TIMESTAMP('2026-03-02T06:30:00Z')",
        op(">", p("held_at"), moment("2026-03-02T06:30:00Z")),
        is_("held_at", operator.gt, NOON),
    ),
    (
        "held_at > '2026-03-02T14:30:00+08:00'",
        op(">", p("held_at"), "2026-03-02T14:30:00+08:00"),
        is_("held_at", operator.gt, NOON),
    ),
    (
        "held_at = TIMESTAMP('2026-03-02T06:30:00.5Z')",
        op("=", p("held_at"), moment("2026-03-02T06:30:00.5Z")),
        is_("held_at", operator.eq, NOON.replace(microsecond=500000)),
    ),
    (
        "held_at >= DATE('2026-03-02')",
        op(">=", p("held_at"), day("2026-03-02")),
        is_("held_at", operator.ge, midnight(SECOND)),
    ),
    ("held_at < '2026-03-02'", op("<", p("held_at"), "2026-03-02"), is_("held_at", operator.lt, midnight(SECOND))),
    (
        "held_on < TIMESTAMP('2026-03-01T16:00:00Z')",
        op("<", p("held_on"), moment("2026-03-01T16:00:00Z")),
        lambda r: known(lambda one: midnight(one) < midnight(SECOND), r["held_on"]),
    ),
    (
        "held_on < held_at",
        op("<", p("held_on"), p("held_at")),
        lambda r: known(lambda one, other: one < other, r["held_on"] and midnight(r["held_on"]), r["held_at"]),
    ),
    (
        "held_at BETWEEN DATE('2026-03-02') AND TIMESTAMP('2026-03-02T07:00:00Z')",
        op("between", p("held_at"), day("2026-03-02"), moment("2026-03-02T07:00:00Z")),
        is_("held_at", lambda one: midnight(SECOND) <= one <= datetime(2026, 3, 2, 7, tzinfo=UTC)),
    ),
    (
        "held_on IN (DATE('2026-03-01'), '2024-02-29')",
        op("in", p("held_on"), [day("2026-03-01"), "2024-02-29"]),
        is_("held_on", lambda one: one in {date(2026, 3, 1), date(2024, 2, 29)}),
    ),
    (
        "held_at IN (DATE('2026-03-02'), TIMESTAMP('2026-03-01T15:59:59Z'))",
        op("in", p("held_at"), [day("2026-03-02"), moment("2026-03-01T15:59:59Z")]),
        is_("held_at", lambda one: one <= midnight(SECOND)),
    ),
    ("held_on > '0001-01-01'", op(">", p("held_on"), "0001-01-01"), is_("held_on", operator.gt, date(1, 1, 1))),
]


OTHERS = [
    ("name LIKE 'East%'", op("like", p("name"), "East%"), lambda r: fits(r["name"], "East%")),
    ("name NOT LIKE 'East%'", op("not", op("like", p("name"), "East%")), lambda r: negated(fits(r["name"], "East%"))),
    ("name LIKE 'a_b'", op("like", p("name"), "a_b"), lambda r: fits(r["name"], "a_b")),
    (r"name LIKE 'a\_b'", op("like", p("name"), r"a\_b"), lambda r: fits(r["name"], r"a\_b")),
    (r"name LIKE '100\%'", op("like", p("name"), r"100\%"), lambda r: fits(r["name"], r"100\%")),
    (r"name LIKE 'a\\b'", op("like", p("name"), r"a\\b"), lambda r: fits(r["name"], r"a\\b")),
    (r"name LIKE '\\%'", op("like", p("name"), r"\\%"), lambda r: fits(r["name"], r"\\%")),
    ("name LIKE '_野家'", op("like", p("name"), "_野家"), lambda r: fits(r["name"], "_野家")),
    ("name LIKE '%''%'", op("like", p("name"), "%'%"), lambda r: fits(r["name"], "%'%")),
    ("name LIKE ''", op("like", p("name"), ""), lambda r: fits(r["name"], "")),
    ("name LIKE 'EAST%'", op("like", p("name"), "EAST%"), lambda _r: False),
    (
        "CASEI(name) LIKE casei('EAST%')",
        op("like", casei(p("name")), casei("EAST%")),
        lambda r: known(lambda one: one.lower().startswith("east"), r["name"]),
    ),
    (
        "CASEI(name) = CASEI('EAST MARKET')",
        op("=", casei(p("name")), casei("EAST MARKET")),
        lambda r: known(lambda one: one.lower() == "east market", r["name"]),
    ),
    (
        "CASEI(name) = 'EAST MARKET'",
        op("=", casei(p("name")), "EAST MARKET"),
        lambda r: known(lambda one: one.lower() == "east market", r["name"]),
    ),
    (
        "name = CASEI(nick)",
        op("=", p("name"), casei(p("nick"))),
        lambda r: known(lambda one, other: one.lower() == other.lower(), r["name"], r["nick"]),
    ),
    (
        "casei(name) in (casei('EAST MARKET'), 'AXB')",
        op("in", casei(p("name")), [casei("EAST MARKET"), "AXB"]),
        lambda r: known(lambda one: one.lower() in {"east market", "axb"}, r["name"]),
    ),
    ("people BETWEEN -3 AND 5", op("between", p("people"), -3, 5), is_("people", lambda one: -3 <= one <= 5)),
    (
        "people NOT BETWEEN 0 AND 5",
        op("not", op("between", p("people"), 0, 5)),
        is_("people", lambda one: not 0 <= one <= 5),
    ),
    (
        "share BETWEEN 0 AND places",
        op("between", p("share"), 0, p("places")),
        lambda r: both(known(operator.ge, r["share"], 0), known(operator.le, r["share"], r["places"])),
    ),
    (
        "code IN ('0301', '0508')",
        op("in", p("code"), ["0301", "0508"]),
        is_("code", lambda one: one in {"0301", "0508"}),
    ),
    (
        "people not in (5, 12.0)",
        op("not", op("in", p("people"), [5, 12.0])),
        is_("people", lambda one: one not in {5, 12}),
    ),
    (
        "nick IN (name, 'axb')",
        op("in", p("nick"), [p("name"), "axb"]),
        lambda r: either(known(operator.eq, r["nick"], r["name"]), known(operator.eq, r["nick"], "axb")),
    ),
    ("is_open IN (TRUE)", op("in", p("is_open"), [True]), lambda r: r["is_open"]),
    ("name IS NULL", op("isNull", p("name")), lambda r: r["name"] is None),
    ("held_at IS NOT NULL", op("not", op("isNull", p("held_at"))), lambda r: r["held_at"] is not None),
    ("geom IS NULL", op("isNull", p("geom")), lambda r: r["geom"] is None),
    ("CASEI(nick) IS NULL", op("isNull", casei(p("nick"))), lambda r: r["nick"] is None),
    ("'x' is null", op("isNull", "x"), lambda _r: False),
]


JOINED = [
    (
        "people = 5 OR code = '0301' AND is_open = TRUE",
        op("or", op("=", p("people"), 5), op("and", op("=", p("code"), "0301"), IS_OPEN)),
        lambda r: either(known(operator.eq, r["people"], 5), both(known(operator.eq, r["code"], "0301"), r["is_open"])),
    ),
    (
        "(people = 5 OR code = '0301') AND is_open = TRUE",
        op("and", op("or", op("=", p("people"), 5), op("=", p("code"), "0301")), IS_OPEN),
        lambda r: both(either(known(operator.eq, r["people"], 5), r["code"] == "0301"), r["is_open"]),
    ),
    (
        "not name = 'axb' and people > 0",
        op("and", op("not", op("=", p("name"), "axb")), op(">", p("people"), 0)),
        lambda r: both(known(operator.ne, r["name"], "axb"), known(operator.gt, r["people"], 0)),
    ),
    (
        "NOT (people > 0 AND share > 0)",
        op("not", op("and", op(">", p("people"), 0), op(">", p("share"), 0))),
        lambda r: negated(both(known(operator.gt, r["people"], 0), known(operator.gt, r["share"], 0))),
    ),
    (
        "NOT NOT is_open = TRUE",
        op("not", op("not", IS_OPEN)),
        lambda r: r["is_open"],
    ),
    (
        "people=0 or people=5 or people=12 or share is null",
        op("or", *(op("=", p("people"), n) for n in (0, 5, 12)), op("isNull", p("share"))),
        lambda r: either(known(lambda one: one in {0, 5, 12}, r["people"]), r["share"] is None),
    ),
    (
        "\n\tname\r\n=\t'axb'\nAnD(people>0)",
        op("and", op("=", p("name"), "axb"), op(">", p("people"), 0)),
        lambda r: both(known(operator.eq, r["name"], "axb"), known(operator.gt, r["people"], 0)),
    ),
]
