"""What may stand in a cell, and what it is taken for."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.ingest import cells
from geodata.ingest.cells import CellRefused

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
moment = cells.moment(SHANGHAI)


def at(*parts, zone=SHANGHAI):
    return datetime(*parts, tzinfo=zone)


@pytest.mark.parametrize(
    ("check", "value", "wanted"),
    [
        pytest.param(cells.text, " 剑川路1号 ", "剑川路1号", id="text is trimmed"),
        pytest.param(cells.text, "1-2", "1-2", id="a door is no date"),
        pytest.param(cells.text, "=HYPERLINK(1)", "=HYPERLINK(1)", id="a formula is only text"),
        pytest.param(cells.text, 4.0, "4", id="a whole number has no .0"),
        pytest.param(cells.text, 310112106000, "310112106000", id="a long number is written out"),
        pytest.param(cells.text, 0.5, "0.5", id="a fraction"),
        pytest.param(cells.code, "0501", "0501", id="a code keeps its zeros"),
        pytest.param(cells.code, "３１０", "310", id="full-width digits"),
        pytest.param(cells.code, "310112.0", "310112", id="a code that was a float"),
        pytest.param(cells.number, " -1.5e2 ", -150.0, id="a number"),
        pytest.param(cells.number, "１２１．４", 121.4, id="a full-width number"),
        pytest.param(cells.count, "12", 12, id="a count"),
        pytest.param(cells.flag, "是", True, id="yes"),
        pytest.param(cells.flag, "N", False, id="no"),
        pytest.param(cells.flag, True, True, id="a typed yes"),
        pytest.param(cells.day, "2014-01-02", date(2014, 1, 2), id="a day"),
        pytest.param(cells.day, at(2014, 1, 2, 3), date(2014, 1, 2), id="a typed day"),
        pytest.param(cells.hours, "Mo-Fr 08:30-17:00", "Mo-Fr 08:30-17:00", id="hours"),
        pytest.param(moment, "2014-8-12 22:55:00", at(2014, 8, 12, 22, 55), id="no leading zeros"),
        pytest.param(moment, "2014年8月2日 9时5分", at(2014, 8, 2, 9, 5), id="Chinese"),
        pytest.param(moment, "2024/4/16 3:03", at(2024, 4, 16, 3, 3), id="slashes"),
        pytest.param(moment, "2024-04-16T03:03:15.000", at(2024, 4, 16, 3, 3, 15), id="ISO without zone"),
        pytest.param(moment, "2024-04-16T03:03:15Z", at(2024, 4, 16, 3, 3, 15, zone=UTC), id="ISO in UTC"),
        pytest.param(moment, "2024-04-15 23:03:15-04:00", at(2024, 4, 15, 23, 3, 15, zone=NEW_YORK), id="an offset"),
        pytest.param(moment, date(2024, 4, 16), at(2024, 4, 16), id="a typed day is its midnight"),
    ],
)
def test_a_cell_is_understood(check, value, wanted):
    assert check(value) == wanted


@pytest.mark.parametrize(
    ("check", "value", "reason"),
    [
        pytest.param(cells.text, date(2024, 1, 2), "the spreadsheet has changed it", id="1-2 that became a date"),
        pytest.param(cells.text, time(9), "the spreadsheet has changed it", id="a number that became a time"),
        pytest.param(cells.text, "a\0b", r"control character U\+0000", id="NUL"),
        pytest.param(cells.text, "\ud800", r"control character U\+D800", id="half a character"),
        pytest.param(cells.text, "x" * 2001, "2001 characters", id="too long"),
        pytest.param(cells.code, "3.10112E+11", "shortened this code", id="a code the spreadsheet shortened"),
        pytest.param(cells.code, "31 01", "no spaces", id="a code with a space"),
        pytest.param(cells.code, "1" * 65, "64 characters", id="a code too long"),
        pytest.param(cells.number, "nan", "not a number", id="NaN"),
        pytest.param(cells.number, "inf", "not a number", id="infinity"),
        pytest.param(cells.number, "1e999", "not a finite number", id="beyond a float"),
        pytest.param(cells.number, "1_000", "not a number", id="underscores"),
        pytest.param(cells.number, "1,5", "not a number", id="a decimal comma"),
        pytest.param(cells.number, "121°24′0″", "as a decimal number", id="degrees and minutes"),
        pytest.param(cells.number, True, "not a number", id="yes is no number"),
        pytest.param(cells.positive, "0", "above 0", id="zero"),
        pytest.param(cells.count, "-1", "0 or more", id="a negative count"),
        pytest.param(cells.count, "1.5", "whole number", id="half a unit"),
        pytest.param(cells.flag, "maybe", "yes or no", id="maybe"),
        pytest.param(cells.hours, "nine to five", "Mo-Fr 08:30-17:00", id="hours in words"),
        pytest.param(moment, "04/16/2024", "2024-04-16", id="the month in front"),
        pytest.param(moment, "2024-02-30", "no such date", id="30 February"),
        pytest.param(moment, "2024-02-03 25:00", "no such date or time", id="25 o'clock"),
        pytest.param(cells.one_of({"find": "find"}), "lose", "one of find", id="a closed list"),
    ],
)
def test_a_cell_is_refused_with_what_to_do(check, value, reason):
    with pytest.raises(CellRefused, match=reason):
        check(value)


ANY_CELL = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.dates() | st.times()
CHECKERS = [
    cells.text,
    cells.code,
    cells.number,
    cells.positive,
    cells.count,
    cells.flag,
    cells.day,
    cells.hours,
    moment,
]


@given(ANY_CELL.filter(lambda cell: cell is not None), st.sampled_from(CHECKERS))
def test_a_checker_answers_or_refuses_and_never_breaks(value, check):
    with suppress(CellRefused):
        assert check(value) is not None


@given(ANY_CELL.filter(lambda cell: cell is not None))
def test_accepted_text_can_always_be_stored(value):
    try:
        found = cells.text(value)
    except CellRefused:
        return
    assert "\0" not in found.encode("utf-8").decode("utf-8")
