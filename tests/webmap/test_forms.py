"""What people type into forms, read and refused."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from geodata.record_errors import BadValue
from webmap.pages import forms


@pytest.fixture
def form(app):
    """A function that asks one reader of `forms` about a form."""

    def ask(fields, read, *arguments, **named):
        with app.test_request_context("/", method="POST", data=MultiDict(fields)):
            return read(*arguments, **named)

    return ask


@pytest.mark.parametrize(
    ("value", "read", "named", "expected"),
    [
        ("  两个字 ", forms.text, {}, "两个字"),
        ("   ", forms.text, {}, None),
        ("3.5", forms.number, {"low": 0, "high": 10}, 3.5),
        ("", forms.number, {"low": 0, "high": 10}, None),
        ("7", forms.whole, {"low": 0, "high": 10}, 7),
        ("2026-03-02", forms.day, {}, date(2026, 3, 2)),
        ("", forms.day, {}, None),
        ("08:30", forms.clock, {}, time(8, 30)),
        ("2026-03-02T14:00", forms.moment, {}, datetime(2026, 3, 2, 14, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("b", forms.one_of, {"known": {"a", "b"}}, "b"),
    ],
)
def test_what_is_fine_is_read(form, value, read, named, expected):
    assert form({"x": value}, read, "x", **named) == expected


@pytest.mark.parametrize(
    ("value", "read", "named", "word"),
    [
        ("", forms.needed, {}, "missing"),
        ("字" * 501, forms.text, {}, "too_long"),
        ("nan", forms.number, {"low": 0, "high": 10}, "number"),
        ("inf", forms.number, {"low": 0, "high": 10}, "number"),
        ("11", forms.number, {"low": 0, "high": 10}, "number"),
        ("1.5", forms.whole, {"low": 0, "high": 10}, "whole"),
        ("٣", forms.whole, {"low": 0, "high": 10}, "whole"),
        ("-1", forms.whole, {"low": 0, "high": 10}, "whole"),
        ("2026-02-30", forms.day, {}, "day"),
        ("tomorrow", forms.moment, {}, "moment"),
        ("25:00", forms.clock, {}, "time"),
        ("c", forms.one_of, {"known": {"a", "b"}}, "unknown"),
    ],
)
def test_what_is_not_is_refused_by_the_name_of_its_field(form, value, read, named, word):
    with pytest.raises(BadValue) as refused:
        form({"x": value}, read, "x", **named)
    assert (refused.value.field, refused.value.word) == ("x", word)


def test_half_a_place_is_none(form):
    assert form({}, forms.lon_lat) is None
    assert form({"lon": "121.4", "lat": "31.1"}, forms.lon_lat) == (121.4, 31.1)
    with pytest.raises(BadValue) as refused:
        form({"lon": "121.4"}, forms.lon_lat)
    assert refused.value.field == "lat"


@pytest.mark.parametrize("word", BadValue.WANTED)
@pytest.mark.parametrize(("lang", "is_chinese"), [("zh_Hans", True), ("en", False)])
def test_every_refusal_has_its_sentence_in_both_languages(app, word, lang, is_chinese):
    facts = {"most": 5, "low": 1, "high": 9, "known": "a, b", "other": "2026-01-01", "day": "2026-01-01"}
    facts |= {"lon": 121.4, "lat": 31.1, "m2": 9, "town": "x", "names": "y", "least": 100, "km": 5}
    error = BadValue("x", word, "v", **facts)
    with app.test_request_context(f"/?lang={lang}"):
        app.preprocess_request()
        field, said = forms.wrong(error)
    assert field == "x"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said) == is_chinese
    assert str(error)
