"""Deadlines in words, in both languages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import render_template_string

from geodata import seed
from geodata.services.calendars import DayName
from geodata.services.deadlines import Run, explained
from geodata.worktime import Limit, calendar_of, deadline
from webmap.pages import deadline_words

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = [row for row in seed.rows("calendar_days") if row["zone"] == "Asia/Shanghai"]
KNOWN = calendar_of(DAYS, seed.rows("working_hours"), "Asia/Shanghai")
NAMES = {date.fromisoformat(row["day"]): DayName(row["name_zh"], row["name_en"]) for row in DAYS}
THIS_YEAR = 2026


def there(month, day, hour=0, minute=0):
    return datetime(THIS_YEAR, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def said(app, monkeypatch):
    """A function from a clock to its sentence and steps, as if this were the year 2026."""

    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return there(12, 1).astimezone(tz)

    monkeypatch.setattr(deadline_words, "datetime", Then)

    def say(start, limit, *, pauses=(), lang="zh_Hans"):
        run = Run("handle", limit, start, tuple(pauses), deadline(start, limit, KNOWN, pauses))
        with app.test_request_context(f"/?lang={lang}"):
            app.preprocess_request()
            return deadline_words.deadline_told(explained(run, KNOWN, NAMES, now=start))

    return say


@pytest.mark.parametrize(
    ("start", "limit", "chinese", "english"),
    [
        pytest.param(
            there(9, 30, 15),
            Limit(4, "working_hours"),
            "9月30日 15:00 起，4 个工作小时；10月1–7日国庆节不计；到 10月8日 11:00",
            "From 30 Sep 15:00, 4 working hours; 1–7 Oct (National Day) not counted; until 8 Oct 11:00",
            id="over the national day",
        ),
        pytest.param(
            there(10, 9, 15),
            Limit(1, "working_days"),
            "10月9日 15:00 起，1 个工作日；10月10日国庆节调休上班照计；到 10月10日 15:00",
            "From 9 Oct 15:00, 1 working day; 10 Oct (Make-up workday for National Day) counted; until 10 Oct 15:00",
            id="a Saturday that counts",
        ),
        pytest.param(
            there(3, 10, 15),
            Limit(12, "urgent_hours"),
            "3月10日 15:00 起，12 小时（昼夜计）；到 3月11日 03:00",
            "From 10 Mar 15:00, 12 hours, day and night; until 11 Mar 03:00",
            id="day and night",
        ),
        pytest.param(
            there(3, 13, 15),
            Limit(7, "working_days"),
            "3月13日 15:00 起，7 个工作日；3月14–15日、3月21–22日休息日不计；到 3月24日 15:00",
            "From 13 Mar 15:00, 7 working days; 14–15 Mar, 21–22 Mar (days of rest) not counted; until 24 Mar 15:00",
            id="two weekends",
        ),
        pytest.param(
            there(7, 1, 9),
            Limit(30, "working_days"),
            "7月1日 09:00 起，30 个工作日；其间 12 个休息日不计；到 8月11日 17:00",
            "From 1 Jul 09:00, 30 working days; 12 weekly days of rest not counted; until 11 Aug 17:00",
            id="many weekends",
        ),
        pytest.param(
            there(12, 31, 16),
            Limit(2, "working_hours"),
            "12月31日 16:00 起，2 个工作小时；到 2027年1月1日 10:00",
            "From 31 Dec 16:00, 2 working hours; until 1 Jan 2027 10:00",
            id="into the next year, whose holidays nobody has written down",
        ),
    ],
)
def test_a_deadline_in_a_sentence(said, start, limit, chinese, english):
    assert said(start, limit).sentence == chinese
    assert said(start, limit, lang="en").sentence == english


def test_pauses_are_said(said):
    stood = [(there(3, 10, 11), there(3, 12, 9))]
    assert said(there(3, 10, 9), Limit(4, "working_hours"), pauses=stood).sentence == (
        "3月10日 09:00 起，4 个工作小时；3月10日 11:00 至 3月12日 09:00停表；到 3月12日 11:00"
    )
    still = said(there(3, 10, 9), Limit(4, "working_hours"), pauses=[(there(3, 10, 11), None)])
    assert still.sentence.endswith("3月10日 11:00 起停表；到 停表期间未定")


@pytest.mark.parametrize(
    ("first", "last", "chinese", "english"),
    [
        ((10, 8), (10, 8), "10月8日", "8 Oct"),
        ((10, 1), (10, 8), "10月1–8日", "1–8 Oct"),
        ((10, 10), (10, 11), "10月10–11日", "10–11 Oct"),
        ((9, 30), (10, 3), "9月30日至10月3日", "30 Sep to 3 Oct"),
    ],
)
def test_days_on_end(app, said, first, last, chinese, english):
    for lang, words in (("zh_Hans", chinese), ("en", english)):
        with app.test_request_context(f"/?lang={lang}"):
            app.preprocess_request()
            assert deadline_words.days(date(THIS_YEAR, *first), date(THIS_YEAR, *last)) == words


def test_the_partial_shows_sentence_and_steps(app, said):
    told = said(there(9, 30, 15), Limit(4, "working_hours"))
    with app.test_request_context("/"):
        page = render_template_string(
            '{% from "_deadline.html" import deadline_told with context %}{{ deadline_told("处置", told) }}', told=told
        )
    assert told.sentence in page
    assert "<dt>不计</dt><dd>10月1–7日国庆节</dd>" in page
    assert "<dt>期限</dt><dd>10月8日 11:00</dd>" in page
