"""Laws of filters: any tree tells the same rows as text, as JSON and in plain Python; any text is at most refused."""

import json

import pytest
from filters import KINDS, NAMES, NICKS, asked, both, either, fits, found, known, meant, midnight, negated, stored
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata.queries.cql import LANGUAGES
from geodata.record_errors import FilterRefused


@pytest.fixture(scope="module", autouse=True)
def warm():
    """What is loaded at the first filter is no part of any figure."""
    asked("S_INTERSECTS(geom, POINT(624160 3431699))", srid=4549)
    asked({"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]})


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
