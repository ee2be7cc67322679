"""Filters made to do harm, and filters that are merely wrong: refused at once, with what is wrong and where."""

import json
import time

import pytest
from filters import asked
from refusing import refused

from geodata.queries.cql import LANGUAGES
from geodata.record_errors import FilterRefused


@pytest.fixture(scope="module", autouse=True)
def warm():
    """What is loaded at the first filter is no part of any figure."""
    asked("S_INTERSECTS(geom, POINT(624160 3431699))", srid=4549)
    asked({"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]})


# -- functions and statements of the database -------------------------------------------------------

CALLS = [
    "pg_sleep(10)",
    "current_setting('server_version')",
    "version()",
    "lo_import('/etc/passwd')",
    "pg_read_file('/etc/passwd')",
    "query_to_xml('select 1', true, true, '')",
    "pg_catalog.pg_sleep(1)",
    "dblink('host=x', 'select 1')",
    "set_config('a', 'b', false)",
    "lower(name)",
    "ACCENTI(name)",
    "ST_Buffer(geom, 1)",
    "INTERVAL('2026-01-01', '..')",
    "T_AFTER(held_at, DATE('2026-01-01'))",
    "A_CONTAINS(name, 'a')",
    "EXISTS(name)",
    "ENVELOPE(1,2,3,4)",
]


PLACES = [
    "{}",
    "{} = 1",
    "name = {}",
    "name = 'a' OR {} = 'b'",
    "NOT ({} = 1)",
    "name LIKE {}",
    "CASEI({}) = 'a'",
    "name IN ('a', {})",
    "people BETWEEN {} AND 5",
    "{} IS NULL",
    "S_INTERSECTS(geom, {})",
    "S_INTERSECTS({}, POINT(1 2))",
    "S_INTERSECTS(geom, GEOMETRYCOLLECTION({}))",
    "held_on = DATE({})",
    "S_INTERSECTS(geom, POINT({} 1))",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_function_can_be_called_wherever_it_stands(place):
    for call in CALLS:
        refused(place.format(call))


@pytest.mark.parametrize("call", CALLS)
def test_no_function_can_be_called_in_json(call):
    name = call.split("(", maxsplit=1)[0]
    for called in ({"op": name, "args": []}, {"function": {"name": name, "args": []}}, {"op": name, "args": ["x"]}):
        refused(called)
        for op in ("=", "<", "like", "s_intersects"):
            refused({"op": op, "args": [called, "x"]})
            refused({"op": op, "args": [{"property": "name"}, called]})
        refused({"op": "not", "args": [called]})
        refused({"op": "in", "args": [{"property": "name"}, [called]]})
        refused({"op": "casei", "args": [called]})


@pytest.mark.parametrize(
    "filter_",
    [
        "name = 'a'; DROP TABLE ticket",
        "name = 'a' -- ",
        "name = 'a' /* */",
        "1=1) OR (1=1",
        "name = 'a' UNION SELECT 1",
        "name = (SELECT 1)",
        "name = $1",
        "name = :cql_0",
        "name = %(x)s",
        "name = 'a' ' OR 1=1",
        "name = E'a'",
        "name = $$a$$",
        "name::text = 'a'",
        "s.name = 'a'",
        "name || 'a' = 'b'",
        '"name"" = \'a\' OR 1=1 --"',
        '"s"."name" = \'a\'',
        "name ~ 'a'",
        "name ILIKE 'a'",
        "name = ANY('{a}')",
        "{{7*7}} = 49",
        "${jndi:ldap://x} = 1",
        "exec(java.lang.Runtime) = 1",
        "name = 'a",
        'name = "a',
        "name == 'a'",
        "name != 'a'",
        "name = 'a' && TRUE",
        "name = 'a' AND",
        "AND name = 'a'",
        "name",
        "(name = 'a'",
        "name = 'a')",
        "()",
        "name IN ()",
        "name IN 'a'",
        "name IS 'a'",
        "name BETWEEN 'a'",
        "NOT",
        "名称 ＝ '甲'",
        "name = ‘甲’",
        "people = 5 + 1",
        "people = 5-3",
        "people * 2 = 4",
        "people = 5 6",
        "people = 0x10",
        "people = 1_000",
        "people = ١",
        "INCLUDE",
        "EXCLUDE",
        "   ",
        "",
    ],
)
def test_what_is_not_cql2_is_refused(filter_):
    refused(filter_)


@pytest.mark.parametrize(
    "filter_",
    [
        "not json",
        "[]",
        "null",
        '"name"',
        "5",
        "{}",
        '{"op": "="}',
        '{"op": "=", "args": {}}',
        '{"op": 5, "args": []}',
        '{"op": ["="], "args": [1, 1]}',
        '{"op": "=", "args": [1]}',
        '{"op": "=", "args": [1, 1, 1]}',
        '{"op": "=", "args": [1, null]}',
        '{"op": "=", "args": [1, []]}',
        '{"op": "=", "args": [1, 1], "more": 1}',
        '{"op": "=", "args": [1, 1], "op": "<"}',
        '{"op": "=", "\\u006fp": "<", "args": [1, 1]}',
        '{"op": "=", "args": [1, NaN]}',
        '{"op": "=", "args": [1, -Infinity]}',
        '{"op": "=", "args": [1, 1e999]}',
        '{"op": "=", "args": [1, "\\ud800"]}',
        '{"op": "=", "args": [{"property": "name"}, "\\u0000"]}',
        '{"op": "=", "args": [{"property": 5}, 1]}',
        '{"op": "=", "args": [{"property": ["name"]}, 1]}',
        '{"op": "=", "args": [{"property": "name", "x": 1}, 1]}',
        '{"op": "=", "args": [{"property": {"property": "name"}}, 1]}',
        '{"op": "AND", "args": [true, true]}',
        '{"op": "and", "args": [true]}',
        '{"op": "and", "args": []}',
        '{"op": "and", "args": [{"property": "is_open"}, true]}',
        '{"op": "and", "args": ["x", true]}',
        '{"op": "not", "args": true}',
        '{"op": "not", "args": [true, true]}',
        '{"op": "isNull", "args": {"property": "name"}}',
        '{"op": "isNull", "args": []}',
        '{"op": "in", "args": [{"property": "name"}, []]}',
        '{"op": "in", "args": [{"property": "name"}, "a"]}',
        '{"op": "in", "args": [{"property": "name"}, "a", "b"]}',
        '{"op": "between", "args": [{"property": "people"}, [1, 2]]}',
        '{"op": "+", "args": [1, 1]}',
        '{"op": "=", "args": [{"op": "+", "args": [1, 1]}, 2]}',
        '{"op": "t_after", "args": [{"property": "held_at"}, {"date": "2026-01-01"}]}',
        '{"op": "=", "args": [{"property": "held_at"}, {"interval": ["2026-01-01", ".."]}]}',
        '{"op": "=", "args": [{"property": "held_on"}, {"date": 5}]}',
        '{"op": "=", "args": [{"property": "held_on"}, {"date": "2026-02-30"}]}',
        '{"op": "=", "args": [{"property": "held_on"}, {"timestamp": "2026-02-03"}]}',
        '{"filter": true}',
        '{"filter-lang": "cql2-json", "filter": true}',
        '{"eq": [{"property": "name"}, "a"]}',
        '{"op": "=", "args": [{"property": "name"}, "a"]} ; drop',
    ],
)
def test_what_is_not_cql2_json_is_refused(filter_):
    refused(filter_, language="cql2-json")


# -- too much of it ---------------------------------------------------------------------------------

BOMBS = {
    "brackets": "(" * 20_000 + "TRUE" + ")" * 20_000,
    "brackets of 4 kB": "(" * 2_000,
    "a hundred brackets": "(" * 100 + "TRUE" + ")" * 100,
    "NOT": "NOT " * 1_000 + "TRUE",
    "a hundred NOT": "NOT " * 100 + "TRUE",
    "CASEI": "CASEI(" * 100 + "name" + ")" * 100 + " = 'a'",
    "collections": "S_INTERSECTS(geom," + "GEOMETRYCOLLECTION(" * 100 + "POINT(1 2)" + ")" * 101,
    "brackets behind quotes": r"name = '\'" + "(" * 300,
    "a megabyte": "name = '" + "a" * 1_000_000 + "'",
    "a megabyte of quotes": "'" * 1_000_000,
    "signs of four bytes": "name = '" + "\U00020bb7" * 1_100 + "'",
    "open quotes": "name = '" + "''" * 1_900,
    "conditions": " OR ".join(["TRUE"] * 65),
    "digits": "people = " + "9" * 4_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_too_much_text_is_refused_before_it_is_read(name):
    refused(BOMBS[name], within_s=0.05)


@pytest.mark.parametrize(
    "filter_",
    [
        pytest.param("[" * 20_000, id="brackets"),
        pytest.param("[" * 2_000, id="brackets of 4 kB"),
        pytest.param('{"op":"not","args":[' * 180 + "true" + "]}" * 180, id="not"),
        pytest.param('{"op":"not","args":[' * 33 + "true" + "]}" * 33, id="33 levels"),
        pytest.param('{"a":' * 500 + "1" + "}" * 500, id="objects"),
        pytest.param('"' + "a" * 1_000_000 + '"', id="a megabyte"),
        pytest.param('{"op":"=","args":[1,' + "9" * 4_000 + "]}", id="digits"),
        pytest.param(json.dumps({"op": "or", "args": [True] * 65}), id="conditions"),
    ],
)
def test_too_much_json_is_refused_before_it_is_read(filter_):
    refused(filter_, language="cql2-json", within_s=0.05)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [20_000, 1_000_000])
def test_a_long_filter_costs_next_to_nothing(size, language):
    """The best of a few, as another program may come between."""
    took = []
    for sign in ("(", "[", "a", "'", "\U00020bb7"):
        began = time.perf_counter()
        with pytest.raises(FilterRefused, match="more than 4096 bytes"):
            asked(sign * size, language=language)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.005


def test_what_is_just_not_too_much_is_taken():
    assert asked("(" * 32 + "TRUE" + ")" * 32).text == "TRUE"
    assert asked("NOT " * 31 + "TRUE").text.count("NOT") == 31
    assert asked('{"op":"not","args":[' * 31 + "true" + "]}" * 31, language="cql2-json").text.count("NOT") == 31
    assert asked(" OR ".join(["TRUE"] * 64)).text.count("TRUE") == 64
    assert len(asked(f"people IN ({','.join(['5'] * 1_000)})").values) == 1_000
    assert asked("name = '" + "a" * (4096 - 9) + "'").values["cql_0"] == "a" * 4087
    deep = {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [1, 2]}]}
    for _ in range(31):
        deep = {"op": "not", "args": [deep]}
    assert asked(deep).text.count("NOT") == 31


def test_a_list_of_more_than_a_thousand_is_refused():
    assert refused(f"people IN ({','.join(['5'] * 1_001)})").word == "items"


# -- wrong kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filter_", "word", "told"),
    [
        ("name = 5", "kinds", r"at character 8: name \(text\) cannot be compared with 5 \(integer\)"),
        ("people = '5'", "kinds", r"people \(integer\) cannot be compared with '5' \(text\)"),
        ("people = 5 AND is_open = 1", "kinds", "at character 26"),
        ("is_open = 'TRUE'", "kinds", "boolean"),
        ("name = DATE('2026-03-02')", "kinds", "text"),
        ("code = TRUE", "kinds", "boolean"),
        ("name = people", "kinds", "integer"),
        ("name IN ('a', 5)", "kinds", "at character 15"),
        ("people BETWEEN 1 AND 'b'", "kinds", "text"),
        ("name BETWEEN 'a' AND 'b'", "range", "neither a number nor a time"),
        ("is_open < TRUE", "order", "have no order"),
        ("people LIKE '5%'", "text", "is no text"),
        ("CASEI(people) = 'a'", "text", "is no text"),
        ("CASEI(geom) = 'a'", "text", r"geom \(geometry\) is no text"),
        ("name LIKE nick", "pattern", "a text in quotes"),
        ("name LIKE 5", "pattern", "a text in quotes"),
        ("name LIKE CASEI(nick)", "pattern", "a text in quotes"),
        ("geom = 'POINT(1 2)'", "spatial", "S_INTERSECTS"),
        ("geom = geom", "spatial", "S_INTERSECTS"),
        ("geom IN (POINT(1 2))", "spatial", "S_INTERSECTS"),
        ("S_INTERSECTS(geom, name)", "scalar", r"at character 20: name \(text\) is no geometry"),
        ("S_INTERSECTS(geom, 'POINT(1 2)')", "scalar", "is no geometry"),
        ("held_at > 'abc'", "moment", "at character 11: 'abc' is no moment, such as 2026-03-02T06:30:00Z"),
        ("held_on = '2026-02-30'", "day", "'2026-02-30' is no day"),
        ("held_on = DATE('2026-2-3')", "day", "is no day"),
        ("held_on = DATE('20260203')", "day", "is no day"),
        ("held_on = DATE('0000-01-01')", "day", "is no day"),
        ("held_on = DATE('２０２６-01-01')", "day", "is no day"),
        ("held_at = TIMESTAMP('2026-03-02')", "moment", "is no moment"),
        ("held_at = TIMESTAMP('2026-03-02T06:30:00')", "moment", "is no moment"),
        ("held_at = TIMESTAMP('2026-03-02T25:30:00Z')", "moment", "is no moment"),
        ("held_at = TIMESTAMP('2026-03-02T06:30:00.1234567Z')", "moment", "is no moment"),
        ("held_at = 5", "kinds", "datetime"),
        ("unknown = 5", "property", "at character 1: there is no property 'unknown'; it may be code, name"),
        ("NAME = 'a'", "property", "there is no property 'NAME'"),
        ('"{{7*7}}" = 1', "property", "7"),
        ("__class__ = 'a'", "property", "__class__"),
        ("people = 1e999", "number", "too large"),
        ("people = " + "9" * 400, "number", "too large"),
        ("name = 'a' OR lower(name) = 'a'", "operator", "at character 15: there is no 'lower' here; what there is: "),
        ("people = 5-3", "arithmetic", "at character 10: nothing is calculated"),
        ("name = 'a' OR", "end", "it ends too early"),
        ("name = = 'a'", "syntax", "at character 8: '=' does not fit there; it may be TRUE, FALSE, a property"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_with_its_place(filter_, word, told):
    error = refused(filter_)
    assert error.word == word
    with pytest.raises(FilterRefused, match=told):
        raise error


def test_a_pattern_may_not_end_with_half_an_escape():
    pattern = {"op": "like", "args": [{"property": "name"}, "a\\"]}
    error = refused(pattern)
    assert error.word == "escape"
    assert error.where == "/args/1"
    assert asked({"op": "like", "args": [{"property": "name"}, "a\\\\"]}).values["cql_0"] == "a\\\\"


@pytest.mark.parametrize("sign", ["\0", chr(0xD800), chr(0xDFFF)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sign_that_no_text_can_hold_is_refused(sign, language):
    assert refused(f"name = 'a{sign}'", language=language).word == "character"


def test_a_path_says_where_in_json():
    inner = {"op": "in", "args": [{"property": "people"}, [5, "x"]]}
    assert refused({"op": "and", "args": [True, {"op": "not", "args": [inner]}]}).where == "/args/1/args/0/args/1/1"
    assert refused('{"op": "=",\n "args": [1, NaN]}', language="cql2-json").where == "line 2, column 14"


def test_an_unknown_language_is_refused():
    assert refused("TRUE", language="cql-text").word == "language"
    assert refused("TRUE", language="'; DROP TABLE ticket").word == "language"
