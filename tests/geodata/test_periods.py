"""Periods: their days, their neighbours, and their spelling."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from geodata.errors import BadSetting
from geodata.services.periods import KINDS, containing, last_whole, period, period_of, run_of_days


@pytest.mark.parametrize(
    ("word", "since", "until"),
    [
        pytest.param("2026-02", date(2026, 2, 1), date(2026, 2, 28), id="month"),
        pytest.param("2024-02", date(2024, 2, 1), date(2024, 2, 29), id="leap month"),
        pytest.param("2025-12", date(2025, 12, 1), date(2025, 12, 31), id="december"),
        pytest.param("2026-W07", date(2026, 2, 9), date(2026, 2, 15), id="week"),
        pytest.param("2026-W01", date(2025, 12, 29), date(2026, 1, 4), id="week over the year's end"),
        pytest.param("2020-W53", date(2020, 12, 28), date(2021, 1, 3), id="week 53"),
        pytest.param("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), id="quarter"),
        pytest.param("2025-Q4", date(2025, 10, 1), date(2025, 12, 31), id="last quarter"),
        pytest.param("2026", date(2026, 1, 1), date(2026, 12, 31), id="year"),
        pytest.param("2026-02-03..2026-02-16", date(2026, 2, 3), date(2026, 2, 16), id="own days"),
    ],
)
def test_a_word_means_its_days_and_is_written_again(word, since, until):
    found = period(word)
    assert (found.since, found.until, found.word) == (since, until, word)


@pytest.mark.parametrize(
    "word",
    [
        *("", "2026-13", "2026-00", "2026-W54", "2026-W00", "2026-Q5", "26-02", "2026-2", "1066", "9999", "２０２６"),
        *("2026-02 ", "2026-02-30..2026-03-01", "2026-02-16..2026-02-03", "1900-01-01..1900-01-02"),
        "1990-01-01..2026-01-01",
    ],
)
def test_what_is_no_period_is_refused_with_the_spellings_there_are(word):
    with pytest.raises(BadSetting, match="2026-W07"):
        period(word)


@pytest.mark.parametrize("kind", KINDS)
def test_periods_of_a_kind_follow_one_another_without_a_gap(kind):
    row = containing(kind, date(2026, 3, 10)).up_to(30)
    assert len(row) == 30
    for before, after in pairwise(row):
        assert after.since - before.until == timedelta(days=1)
        assert before.following() == after
        assert period(before.word) == before


def test_a_run_of_days_has_as_many_before_it():
    run = run_of_days(date(2026, 2, 3), date(2026, 2, 16))
    assert (run.previous().since, run.previous().until) == (date(2026, 1, 20), date(2026, 2, 2))
    assert run.following().previous() == run


def test_the_last_whole_period_is_over():
    assert last_whole("month", date(2026, 3, 1)).word == "2026-02"
    assert last_whole("week", date(2026, 3, 8)).word == "2026-W09"


def test_the_first_year_has_nothing_before_it():
    assert [each.word for each in period("1981").up_to(12)] == ["1980", "1981"]


def test_days_that_are_a_whole_month_are_that_month():
    assert period_of(date(2026, 2, 1), date(2026, 2, 28)) == period("2026-02")
    assert period_of(date(2026, 2, 1), date(2026, 2, 27)).word == "2026-02-01..2026-02-27"
