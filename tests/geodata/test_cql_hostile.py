"""Filters made to do harm, and filters that are merely wrong: refused at once, with what is wrong and where."""

import json
import time

import pytest
from filters import KINDS, NAMES, NICKS, asked, both, either, fits, found, known, meant, midnight, negated, stored
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata.queries.cql import LANGUAGES, condition
from geodata.record_errors import FilterRefused
from webmap.errors import status_of


@pytest.fixture(scope="module", autouse=True)
def warm():
    """What is loaded at the first filter is no part of any figure."""
    asked("S_INTERSECTS(geom, POINT(624160 3431699))", srid=4549)
    asked({"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]})


def refused(filter_, *, within_s=0.1, **how):
    began = time.perf_counter()
    with pytest.raises(FilterRefused) as caught:
        asked(filter_, **how)
    assert time.perf_counter() - began < within_s
    assert status_of(caught.value) == 400
    str(caught.value).encode()
    return caught.value


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


# -- geometries -------------------------------------------------------------------------------------

GARDEN = [
    ("POLYGON((0 0,2 2,2 0,0 2,0 0))", "invalid"),
    ("POLYGON((0 0,9 0,9 9,0 9,0 0),(20 20,21 20,21 21,20 20))", "invalid"),
    ("POLYGON((0 0,0 0,0 0,0 0))", "invalid"),
    ("POLYGON((0 0,1 0,2 0,0 0))", "invalid"),
    ("POLYGON((0 0,1 0,1 1,0 1))", "open_ring"),
    ("POLYGON((0 0,1 0,0 0))", "few"),
    ("POLYGON((0 0))", "few"),
    ("POLYGON(0 0,1 0,1 1,0 0)", "position"),
    ("POLYGON((0 0,1 0,1 1 1 1,0 0))", "syntax"),
    ("LINESTRING(0 0)", "few"),
    ("LINESTRING(0 0,0 0)", "invalid"),
    ("LINESTRING((0 0,1 1))", "position"),
    ("POINT((1 2))", "position"),
    ("POINT(1 2,3 4)", "position"),
    ("POINT(1)", "syntax"),
    ("POINT()", "syntax"),
    ("POINT EMPTY", "syntax"),
    ("POINT M (1 2 3)", "operator"),
    ("SRID=4326;POINT(1 2)", "syntax"),
    ("MULTIPOINT(1 2,(3 4),((5 6)))", "position"),
    ("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 1,3 1,3 3,1 3,1 1)))", "invalid"),
    ("MULTIPOLYGON((0 0,1 0,1 1,0 0))", "position"),
    ("GEOMETRYCOLLECTION((0 0))", "position"),
    ("GEOMETRYCOLLECTION(POLYGON((0 0,2 2,2 0,0 2,0 0)))", "invalid"),
    ("POINT(181 31)", "place"),
    ("POINT(31 121)", "place"),
    ("POINT(1e308 0)", "place"),
    ("POINT(1e309 0)", "number"),
    ("POINT(NaN 0)", "syntax"),
    ("POINT(Infinity 0)", "syntax"),
    ("POINT(1.2.3 4)", "sign"),
    ("POINT(1-2)", "arithmetic"),
    ("CIRCULARSTRING(0 0,1 1,2 2)", "operator"),
    ("BBOX(1,2,3)", "box"),
    ("BBOX(1,2,3,4,5)", "box"),
    ("BBOX(1,5,3,4)", "box"),
    ("BBOX(1,2,3,91)", "place"),
    ("BBOX(1,2,3,NaN)", "syntax"),
    ("BBOX('1','2','3','4')", "syntax"),
]


@pytest.mark.parametrize(("shape", "word"), GARDEN)
def test_a_geometry_that_is_none_is_refused_with_the_reason(shape, word):
    assert refused(f"S_INTERSECTS(geom, {shape})").word == word


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        ({"type": "Point"}, "form"),
        ({"type": "Point", "coordinates": None}, "form"),
        ({"type": "Point", "coordinates": []}, "position"),
        ({"type": "Point", "coordinates": [1]}, "position"),
        ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "position"),
        ({"type": "Point", "coordinates": ["1", "2"]}, "position"),
        ({"type": "Point", "coordinates": [True, False]}, "position"),
        ({"type": "Point", "coordinates": [1, 2], "crs": {"type": "link"}}, "form"),
        ({"type": "Point", "geometries": []}, "form"),
        ({"type": "point", "coordinates": [1, 2]}, "form"),
        ({"type": ["Point"], "coordinates": [1, 2]}, "form"),
        ({"type": "Polygon", "coordinates": []}, "few"),
        ({"type": "Polygon", "coordinates": [[]]}, "few"),
        ({"type": "Polygon", "coordinates": [1, 2]}, "position"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], 5]]}, "position"),
        ({"type": "MultiPoint", "coordinates": []}, "few"),
        ({"type": "MultiPoint", "coordinates": {"a": 1}}, "form"),
        ({"type": "GeometryCollection", "geometries": []}, "few"),
        ({"type": "GeometryCollection", "geometries": [5]}, "form"),
        ({"type": "GeometryCollection", "geometries": [{"property": "geom"}]}, "form"),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}, "form"),
        ({"bbox": "1,2,3,4"}, "box"),
        ({"bbox": [1, 2, 3]}, "box"),
        ({"bbox": [1, 2, 3, None]}, "box"),
        ({"bbox": [True, 2, 3, 4]}, "box"),
        ({"bbox": []}, "box"),
    ],
)
def test_a_geometry_of_json_that_is_none_is_refused_with_the_reason(shape, word):
    assert refused({"op": "s_intersects", "args": [{"property": "geom"}, shape]}).word == word


@pytest.mark.parametrize(
    ("shape", "srid", "is_yx", "told"),
    [
        ("POINT(121.4 31.1)", 4326, True, "121.4, 31.1 is no place on the globe in EPSG:4326; check the order"),
        ("POINT(121.4 31.1)", 4490, True, "121.4, 31.1 is no place on the globe in EPSG:4490"),
        ("POINT(1e9 1e9)", 4549, False, "is no place"),
        ("POINT(3e7 0)", 3857, False, "is no place"),
        ("POINT(1e300 0)", 3857, False, "is no place"),
        ("BBOX(3e7,0,4e7,1)", 3857, False, "is no place"),
        ("BBOX(624000,3431000,623000,3432000)", 4549, False, "a box has four numbers"),
        ("LINESTRING(0 0,20000000 0)", 3857, False, "more than 5000 km in all"),
        ("POLYGON((0 0,20000000 0,20000000 20000000,0 20000000,0 0))", 3857, False, "more than 5000 km in all"),
    ],
)
def test_a_place_that_is_none_in_its_crs_is_refused(shape, srid, is_yx, told):
    error = refused(f"S_INTERSECTS(geom, {shape})", srid=srid, is_yx=is_yx)
    with pytest.raises(FilterRefused, match=told):
        raise error


def test_bends_of_long_edges_are_counted_over_the_whole_filter():
    far = "S_INTERSECTS(geom, LINESTRING(0 0,4000000 0))"
    asked(far, srid=3857)
    assert refused(" OR ".join([far] * 64), srid=3857).word == "vertices"


def test_the_whole_world_is_a_box_in_web_mercator():
    asked("S_INTERSECTS(geom, BBOX(-20037508,-20037508,20037508,20037508))", srid=3857)


@pytest.mark.parametrize("relation", ["S_EQUALS", "S_TOUCHES", "S_CROSSES", "S_OVERLAPS", "S_WITHIN", "S_CONTAINS"])
def test_a_mixed_collection_is_refused_where_the_database_could_not_answer(relation):
    assert refused(f"{relation}(geom, GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(3 4,5 6)))").word == "collection"


def test_names_of_the_catalogue_are_looked_at_too():
    from geodata.catalog.properties import Property  # noqa: PLC0415 - of this test alone

    bad = {"a": Property('a" OR 1=1 --', "text", "", "")}
    with pytest.raises(ValueError, match="no name of a column"):
        condition("a = 'x'", language="cql2-text", queryables=bad)


# -- laws -------------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
@example("\ud800", "cql2-text")
@example("a=\x85", "cql2-text")
def test_any_text_is_a_filter_or_refused(written, language):
    try:
        asked(written, language=language)
    except FilterRefused as error:
        str(error).encode()


WORDS = st.sampled_from(
    [
        *("name", "people", "geom", "held_at", "is_open", "x(", "'a'", "''", "5", "-1", "1e5", "TRUE", "'2026-01-01'"),
        *("NOT", "AND", "OR", "LIKE", "IN", "BETWEEN", "IS", "NULL", "(", ")", ",", "=", "<>", "<", ">=", '"', "'"),
        *("CASEI(", "DATE(", "TIMESTAMP(", "BBOX(", "POINT(", "POLYGON((", "GEOMETRYCOLLECTION(", "1 2"),
        *("S_INTERSECTS(", "S_WITHIN("),
    ]
)


@settings(max_examples=400)
@given(st.lists(WORDS, max_size=14))
def test_words_in_any_order_are_a_filter_or_refused(words):
    try:
        asked(" ".join(words))
    except FilterRefused as error:
        str(error).encode()


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["name", "and", "=", "s_within", "2026-01-01", "Point", "casei", ""]),
)
KEYS = st.sampled_from(["op", "args", "property", "type", "coordinates", "bbox", "date", "geometries", "timestamp"])


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3)))
def test_any_json_is_a_filter_or_refused(value):
    try:
        asked(json.dumps(value), language="cql2-json")
    except FilterRefused as error:
        str(error).encode()


# A tree is (as text, as JSON, a rule in Python).

TEXTS = st.sampled_from([one for one in (*NAMES, *NICKS) if one is not None]) | st.text(
    "aA%_\\'东\U00020bb7 ", max_size=4
)
NUMBERS = st.integers(-5, 15) | st.sampled_from([0.5, -2.5, 1 / 3, 1e-9, 2147483647, 10**20])
DAYS = st.sampled_from(["2026-03-01", "2026-03-02", "2024-02-29", "0001-01-01", "9999-12-31"])
SIGNS = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
OF_KIND = {kind: [name for name, one in KINDS.items() if one == kind] for kind in set(KINDS.values())}
NUMERIC = OF_KIND["integer"] + OF_KIND["number"]


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


def can_be_text(value):
    """A backslash before a quote is an escape in CQL2 text, so some texts can only be told in JSON."""
    return "\\'" not in value.replace("'", "''") and not value.endswith("\\")


@st.composite
def text_conditions(draw):
    name, value, sign = (
        draw(st.sampled_from(OF_KIND["text"])),
        draw(TEXTS.filter(can_be_text)),
        draw(st.sampled_from([*SIGNS])),
    )
    form = draw(st.sampled_from(["sign", "casei", "in", "like"]))
    prop = {"property": name}
    if form == "sign":
        return (
            f"{name} {sign} {quoted(value)}",
            {"op": sign, "args": [prop, value]},
            lambda r: known(SIGNS[sign], r[name], value),
        )
    if form == "casei":
        folded = {"op": "casei", "args": [prop]}, {"op": "casei", "args": [value]}
        rule = lambda r: known(lambda one: SIGNS[sign](one.lower(), value.lower()), r[name])  # noqa: E731 - one of three
        return f"CaseI({name}) {sign} casei({quoted(value)})", {"op": sign, "args": list(folded)}, rule
    if form == "in":
        other = draw(TEXTS.filter(can_be_text))
        rule = lambda r: known(lambda one: one in {value, other}, r[name])  # noqa: E731 - one of three
        return f"{name} in ({quoted(value)},{quoted(other)})", {"op": "in", "args": [prop, [value, other]]}, rule
    pattern = value if not value.endswith("\\") else value + "\\"
    return f"{name} LIKE {quoted(pattern)}", {"op": "like", "args": [prop, pattern]}, lambda r: fits(r[name], pattern)


@st.composite
def number_conditions(draw):
    name, value, sign = draw(st.sampled_from(NUMERIC)), draw(NUMBERS), draw(st.sampled_from([*SIGNS]))
    other = draw(st.sampled_from(NUMERIC))
    prop = {"property": name}
    if draw(st.booleans()):
        rule = lambda r: known(SIGNS[sign], r[name], r[other])  # noqa: E731 - one of three
        return f"{name}{sign}{other}", {"op": sign, "args": [prop, {"property": other}]}, rule
    if draw(st.booleans()):
        high = draw(NUMBERS)
        rule = lambda r: known(lambda one: value <= one <= high, r[name])  # noqa: E731 - one of three
        return f"{name} between {value!r} and {high!r}", {"op": "between", "args": [prop, value, high]}, rule
    return f"{name} {sign} {value!r}", {"op": sign, "args": [prop, value]}, lambda r: known(SIGNS[sign], r[name], value)


@st.composite
def time_conditions(draw):
    from datetime import date  # noqa: PLC0415 - hidden by a name of the strategy otherwise

    name, value, sign = draw(st.sampled_from(["held_on", "held_at"])), draw(DAYS), draw(st.sampled_from([*SIGNS]))
    day = date.fromisoformat(value)
    rule = lambda r: known(SIGNS[sign], r[name], day if name == "held_on" else midnight(day))  # noqa: E731 - one of two
    return f"{name} {sign} DATE('{value}')", {"op": sign, "args": [{"property": name}, {"date": value}]}, rule


@st.composite
def null_conditions(draw):
    name = draw(st.sampled_from([*KINDS]))
    return f"{name} IS NULL", {"op": "isNull", "args": [{"property": name}]}, lambda r: r[name] is None


OPENNESS = st.just(("is_open = TRUE", {"op": "=", "args": [{"property": "is_open"}, True]}, lambda r: r["is_open"]))


@st.composite
def joined(draw, inner):
    word = draw(st.sampled_from(["and", "or", "not"]))
    parts = draw(st.lists(inner, min_size=2, max_size=3)) if word != "not" else [draw(inner)]
    texts, jsons, rules = zip(*parts, strict=True)
    as_json = {"op": word, "args": list(jsons)}
    if word == "not":
        return f"NOT ({texts[0]})", as_json, lambda r: negated(rules[0](r))
    join = both if word == "and" else either
    return f"({f' {word.upper()} '.join(texts)})", as_json, lambda r: join(*(rule(r) for rule in rules))


TREES = st.recursive(
    st.one_of(text_conditions(), number_conditions(), time_conditions(), null_conditions(), OPENNESS),
    joined,
    max_leaves=6,
)


@pytest.fixture(scope="module")
def things(engine):
    with stored(engine) as session:
        yield session


@settings(max_examples=150)
@given(TREES)
def test_any_tree_means_the_same_rows_in_text_json_and_python(things, tree):
    as_text, as_json, rule = tree
    wanted = meant(rule)
    assert found(things, as_text) == wanted
    assert found(things, as_json) == wanted
