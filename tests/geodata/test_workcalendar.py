from datetime import date, time, timedelta

import pytest

from geodata.errors import BadCalendar
from geodata.seed import rows
from geodata.workcalendar import Calendar, CalendarDay, calendar_of

SHANGHAI = "Asia/Shanghai"
MORNING = (time(9), time(12))
AFTERNOON = (time(13), time(17))
OFF = CalendarDay(is_workday=False)
LIKE_FRIDAY = CalendarDay(is_workday=True, as_weekday=5)

# Copied by hand from the State Council's notices, a month a line and a week a word: W works, a dot is free.
YEAR_2025 = """
.WW.. WWWWW.. WWWWW.. WWWWW.W W....
.. ..WWWW. WWWWW.. WWWWW.. WWWWW
.. WWWWW.. WWWWW.. WWWWW.. WWWWW.. W
WWW... WWWWW.. WWWWW.. WWWWW.W WWW
.... .WWWW.. WWWWW.. WWWWW.. WWWWW.
. .WWWW.. WWWWW.. WWWWW.. WWWWW.. W
WWWW.. WWWWW.. WWWWW.. WWWWW.. WWWW
W.. WWWWW.. WWWWW.. WWWWW.. WWWWW..
WWWWW.. WWWWW.. WWWWW.. WWWWW.W WW
..... ...WWW. WWWWW.. WWWWW.. WWWWW
.. WWWWW.. WWWWW.. WWWWW.. WWWWW..
WWWWW.. WWWWW.. WWWWW.. WWWWW.. WWW
"""
YEAR_2026 = """
...W WWWWW.. WWWWW.. WWWWW.. WWWWW.
. WWWWW.. WWWWWW. ....... .WWWWW
. WWWWW.. WWWWW.. WWWWW.. WWWWW.. WW
WWW.. .WWWW.. WWWWW.. WWWWW.. WWWW
... ..WWWW. WWWWW.. WWWWW.. WWWWW..
WWWWW.. WWWWW.. WWWW... WWWWW.. WW
WWW.. WWWWW.. WWWWW.. WWWWW.. WWWWW
.. WWWWW.. WWWWW.. WWWWW.. WWWWW.. W
WWWW.. WWWWW.. WWWWW.W WWWW... WWW
.... ...WWW. WWWWW.. WWWWW.. WWWWW.
. WWWWW.. WWWWW.. WWWWW.. WWWWW.. W
WWWW.. WWWWW.. WWWWW.. WWWWW.. WWWW
"""
WORKDAYS_OF_MONTHS = {
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}


@pytest.fixture(scope="module")
def seeded():
    days = [row for row in rows("calendar_days") if row["zone"] == SHANGHAI]
    return calendar_of(days, rows("working_hours"), SHANGHAI)


def months(calendar, year):
    """The year in the form of the tables above."""
    lines, day = [], date(year, 1, 1)
    for month in range(1, 13):
        line = ""
        while day.month == month and day.year == year:
            if day.isoweekday() == 1 and line:
                line += " "
            line += "W" if calendar.is_workday(day) else "."
            day += timedelta(days=1)
        lines.append(line)
    return lines


@pytest.mark.parametrize(("year", "table"), [(2025, YEAR_2025), (2026, YEAR_2026)])
def test_every_day_of_the_year_is_as_the_state_council_has_it(seeded, year, table):
    assert months(seeded, year) == table.split("\n")[1:-1]


@pytest.mark.parametrize(("year", "table"), [(2025, YEAR_2025), (2026, YEAR_2026)])
def test_the_year_has_248_workdays(seeded, year, table):
    assert [line.count("W") for line in table.split("\n")[1:-1]] == WORKDAYS_OF_MONTHS[year]
    assert [line.count("W") for line in months(seeded, year)] == WORKDAYS_OF_MONTHS[year]
    assert sum(WORKDAYS_OF_MONTHS[year]) == 248


def test_every_seeded_day_has_a_name_and_make_up_days_are_at_weekends():
    for row in rows("calendar_days"):
        assert row["name_zh"], row
        assert row["name_en"], row
        if row["is_workday"] == "true":
            assert date.fromisoformat(row["day"]).isoweekday() in {6, 7}, row


def test_a_make_up_day_has_the_hours_of_monday(seeded):
    assert seeded.spells_on(date(2026, 2, 14)) == (MORNING, AFTERNOON)
    assert seeded.spells_on(date(2026, 2, 21)) == ()


def test_a_year_without_named_days_follows_its_weekdays(seeded):
    assert months(seeded, 2031)[9] == "WWW.. WWWWW.. WWWWW.. WWWWW.. WWWWW"


def test_a_make_up_day_can_have_the_hours_of_another_weekday():
    friday, sunday = date(2026, 1, 9), date(2026, 1, 4)
    calendar = Calendar(SHANGHAI, {1: (MORNING, AFTERNOON), 5: (MORNING,)}, {sunday: LIKE_FRIDAY})
    assert calendar.spells_on(sunday) == calendar.spells_on(friday) == (MORNING,)


def test_rows_may_have_types_and_stand_in_any_order():
    typed = calendar_of(
        [
            {"day": date(2026, 1, 4), "is_workday": True, "as_weekday": 5},
            {"day": date(2026, 1, 1), "is_workday": False, "as_weekday": None},
        ],
        [
            {"weekday": 5, "opens": time(13), "closes": time(0)},
            {"weekday": 5, "opens": time(9), "closes": time(12)},
        ],
        SHANGHAI,
    )
    written = calendar_of(
        [
            {"day": "2026-01-01", "is_workday": "false", "as_weekday": ""},
            {"day": "2026-01-04", "is_workday": "True", "as_weekday": "5", "name_zh": "元旦调休上班"},
        ],
        [
            {"weekday": "5", "opens": "09:00", "closes": "12:00"},
            {"weekday": "5", "opens": "13:00", "closes": "24:00"},
        ],
        SHANGHAI,
    )
    assert typed == written
    assert typed.days == {date(2026, 1, 1): OFF, date(2026, 1, 4): LIKE_FRIDAY}
    assert typed.spells == {5: (MORNING, (time(13), time(0)))}


def test_a_calendar_does_not_change_with_what_it_was_made_from():
    spells, days = {1: (MORNING,)}, {}
    calendar = Calendar(SHANGHAI, spells, days)
    spells[2] = (MORNING,)
    days[date(2026, 1, 5)] = OFF
    assert calendar == Calendar(SHANGHAI, {1: (MORNING,)}, {})


DAY_ROW = {"day": "2026-01-04", "is_workday": "true", "as_weekday": ""}
HOURS_ROW = {"weekday": "1", "opens": "09:00", "closes": "12:00"}


@pytest.mark.parametrize(
    ("days", "hours", "zone", "said"),
    [
        pytest.param([], [HOURS_ROW], "Asia/Minhang", "'Asia/Minhang'", id="zone"),
        pytest.param([], [HOURS_ROW], "", "''", id="no zone"),
        pytest.param([DAY_ROW | {"day": "2026-02-30"}], [HOURS_ROW], SHANGHAI, "'2026-02-30'", id="day"),
        pytest.param([DAY_ROW, DAY_ROW], [HOURS_ROW], SHANGHAI, "2026-01-04 is named twice", id="day twice"),
        pytest.param([DAY_ROW | {"is_workday": "maybe"}], [HOURS_ROW], SHANGHAI, "'maybe'", id="flag"),
        pytest.param([DAY_ROW | {"as_weekday": "8"}], [HOURS_ROW], SHANGHAI, "'8'", id="like no weekday"),
        pytest.param([DAY_ROW | {"as_weekday": "6"}], [HOURS_ROW], SHANGHAI, "weekday 6, which has none", id="free"),
        pytest.param([], [HOURS_ROW | {"weekday": "0"}], SHANGHAI, "'0'", id="weekday"),
        pytest.param([], [HOURS_ROW | {"opens": "9 am"}], SHANGHAI, "'9 am'", id="time"),
        pytest.param([], [HOURS_ROW | {"closes": "09:00"}], SHANGHAI, "not later", id="no length"),
        pytest.param([], [HOURS_ROW | {"opens": "22:00", "closes": "06:00"}], SHANGHAI, "not later", id="by night"),
        pytest.param([], [HOURS_ROW, HOURS_ROW], SHANGHAI, "before the last spell", id="overlap"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused_with_the_value(days, hours, zone, said):
    with pytest.raises(BadCalendar, match="the working calendar cannot be used") as refused:
        calendar_of(days, hours, zone)
    assert said in str(refused.value)


def test_spells_may_adjoin():
    calendar = Calendar(SHANGHAI, {1: (MORNING, (time(12), time(17)))}, {})
    assert calendar.is_workday(date(2026, 1, 5))
