"""Filing rules: the seeds, what holds where, and that a change rewrites nothing that runs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from makers import add_areas, add_unit, at
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from geodata import migrations, seed
from geodata.errors import BadLimit, BadSetting, DayPassed, NotFound
from geodata.models import CalendarDay, Category, FilingRule, ImportRun, StageLimit, WarningStep, WorkingHours
from geodata.queries.rules import filing_rules, rule_versions
from geodata.services import calendars, rules, server
from geodata.services.assignment import assign
from geodata.services.filing import file_under
from geodata.services.rules import Rule
from geodata.services.tickets import Position, open_ticket
from geodata.settings import Settings
from geodata.worktime import LIMIT_UNITS

WEST, EAST = "310112101000", "310112102000"
LATER = (datetime.now(UTC) + timedelta(days=30)).date()
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)

QUICK = Rule("路口有垃圾", "清走", 2, "urgent_hours", "rubbish at a crossing", "it is gone")


@pytest.fixture
def town(session):
    """Two towns, and a unit in the western one that takes rubbish."""
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    return session


def codes(session, category="0102", town_code=None, day=None):
    found = filing_rules(session, category=category, town_code=town_code, day=day or rules.today(session))
    return [rule.code for rule in found]


def opened(session):
    place = Position(*at(0.5, 1.0), "wgs84")
    facts = {"category": "0102", "title": "路边垃圾", "actor": "officer", "reported_at": MORNING}
    return open_ticket(session, **facts, position=place, assign_now=False)


def test_every_category_has_a_rule_from_the_first_day(session):
    with_rule = set(session.scalars(select(FilingRule.category_code)))
    assert with_rule == set(session.scalars(select(Category.code)))
    assert len(with_rule) == 56


def test_the_seeded_rules_use_all_four_units_and_call_themselves_a_draft():
    rows = seed.rows("filing_rules")
    assert {row["unit"] for row in rows} == set(LIMIT_UNITS)
    assert {row["source"] for row in rows} == {rules.DRAFT}
    assert [row for row in rows if "GB" in str(row) or "CJ" in str(row)] == []
    assert [row for row in rows if not all(row[name].strip() for name in row)] == []


def test_the_first_rule_of_a_category_is_its_ordinary_case():
    first = {row["category_code"]: row["rank"] for row in reversed(seed.rows("filing_rules"))}
    assert set(first.values()) == {"1"}
    keys = [(row["category_code"], row["code"]) for row in seed.rows("filing_rules")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("category", ["0401", "0403", "0406"])
def test_what_endangers_people_is_counted_day_and_night(category):
    assert {row["unit"] for row in seed.rows("filing_rules") if row["category_code"] == category} == {"urgent_hours"}


@pytest.mark.parametrize(
    ("category", "wanted"),
    [
        *(pytest.param(code, {"true"}, id=f"{code} can be seen") for code in ("0102", "0101", "0501", "0401", "0110")),
        *(pytest.param(code, {"false"}, id=f"{code} cannot") for code in ("0301", "0508", "2101", "2102", "0502")),
    ],
)
def test_a_photo_is_wanted_of_what_can_be_seen(category, wanted):
    assert {row["needs_photo"] for row in seed.rows("filing_rules") if row["category_code"] == category} == wanted


def test_an_upgrade_plants_the_rules_of_a_district_from_before_them(new_database, make_bare_engine, tmp_path):
    url = new_database()
    engine = make_bare_engine(url)
    config = migrations._config()
    with engine.begin() as connection:
        config.attributes.update(connection=connection, metre_srid=4549)
        command.upgrade(config, "0003")
        connection.execute(text(OLD_DISTRICT))
    settings = Settings(data_dir=tmp_path, database_url=url)
    before, after = server.upgrade(settings)
    assert (before, after) == ("0003", migrations.newest())
    with Session(engine) as session:
        # this district has two categories, and one of them is no seed of ours
        assert set(session.scalars(select(FilingRule.category_code))) == {"0102"}
        for model in (StageLimit, WarningStep, CalendarDay, WorkingHours):
            assert session.scalar(select(func.count()).select_from(model)) > 0
        session.execute(update(FilingRule).values(amount=99))
        session.commit()
    server.upgrade(settings)
    with Session(engine) as session:
        assert set(session.scalars(select(FilingRule.amount))) == {99}


def test_another_zone_gets_no_chinese_holidays_and_counts_by_its_own_clock(make_district):
    engine = make_district(code="36061", name="Manhattan", metre_crs="EPSG:32618", timezone="America/New_York")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(CalendarDay)) == 0
        assert session.scalar(select(func.count()).select_from(FilingRule)) > 56
        known = calendars.calendar(session)
        assert known.zone == "America/New_York"
        # ten in the morning in New York is a working moment, ten in Shanghai is none there
        assert known.is_workday(date(2026, 10, 1))
        year = calendars.year_of(session, 2026)
        assert (year.named, year.working_days) == ((), 261)


def test_a_town_without_rules_of_its_own_has_the_districts(town):
    assert codes(town, town_code=WEST) == codes(town) == ["1", "2", "3", "4"]


def test_the_rules_of_a_town_stand_in_place_of_the_districts(town):
    rules.set_rule(town, "0102", "9", QUICK, actor="anna", town_code=WEST)
    assert codes(town, town_code=WEST) == ["9"]
    assert codes(town, town_code=EAST) == ["1", "2", "3", "4"]
    both = next(one for one in rules.overview(town, town_code=WEST) if one.category.code == "0102")
    assert ([one.code for one in both.district], [one.code for one in both.own]) == (["1", "2", "3", "4"], ["9"])


def test_a_change_ends_the_old_version_on_its_day_and_begins_another(town):
    made = rules.set_rule(town, "0102", "1", QUICK, actor="anna", since=LATER)
    old, new = [one for one in rule_versions(town, category="0102", towns=[""]) if one.code == "1"]
    assert (old.amount, old.unit, old.valid_to) == (4, "working_hours", LATER)
    assert (new.id, new.amount, new.unit, new.valid_from, new.valid_to) == (made.id, 2, "urgent_hours", LATER, None)
    assert rules.rule(town, "0102", "1").amount == 4
    assert rules.rule(town, "0102", "1", day=LATER).amount == 2
    # it keeps its place among the others
    assert (old.rank, new.rank) == (1, 1)


def test_running_clocks_keep_the_limit_they_were_started_with(town):
    made = opened(town)
    file_under(town, made, at=MORNING)
    rules.set_rule(town, "0102", "1", QUICK, actor="anna")
    assign(town, made, actor="town", at=MORNING)
    # filed under the version of that morning: four working hours from half past nine, with lunch between
    assert made.due_at == MORNING + timedelta(hours=5)
    later = opened(town)
    now = datetime.now(UTC)
    assign(town, later, actor="town", at=now)
    assert later.due_at == now + timedelta(hours=2)


def test_a_version_set_between_two_ends_where_the_next_begins(town):
    rules.set_rule(town, "0102", "1", QUICK, actor="anna", since=LATER)
    between = LATER - timedelta(days=10)
    made = rules.set_rule(town, "0102", "1", Rule("甲", "乙", 3, "working_days"), actor="anna", since=between)
    assert (made.valid_from, made.valid_to) == (between, LATER)
    spans = [
        (one.valid_from, one.valid_to) for one in rule_versions(town, category="0102", towns=[""]) if one.code == "1"
    ]
    assert [ends for _, ends in spans] == [between, LATER, None]
    assert [begins for begins, _ in spans[1:]] == [between, LATER]


def test_a_version_of_the_same_day_is_corrected(town):
    first = rules.set_rule(town, "0102", "1", QUICK, actor="anna")
    again = rules.set_rule(town, "0102", "1", Rule("甲", "乙", 3, "working_days"), actor="anna")
    assert again.id == first.id
    assert len([one for one in rule_versions(town, category="0102", towns=[""]) if one.code == "1"]) == 2


def test_saying_the_same_again_changes_and_writes_nothing(town):
    as_it_is = rules.told_by(rules.rule(town, "0102", "1"))
    before = town.scalar(select(func.count()).select_from(ImportRun))
    rules.set_rule(town, "0102", "1", as_it_is, actor="anna")
    assert len(rule_versions(town, category="0102", towns=[""])) == 4
    assert town.scalar(select(func.count()).select_from(ImportRun)) == before


def test_who_changed_what_is_kept(town):
    rules.set_rule(town, "0102", "1", QUICK, actor="anna", town_code=WEST)
    kept = town.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert (kept.kind, kept.actor, kept.file_name) == ("filing_rules", "anna", "")
    assert kept.report["before"] is None
    assert (kept.report["category"], kept.report["town_code"], kept.report["after"]["amount"]) == ("0102", WEST, 2)


def test_a_new_rule_stands_last_and_an_empty_english_text_is_the_chinese(town):
    made = rules.set_rule(town, "0102", "8", Rule("甲", "乙", 1, "natural_days"), actor="anna")
    assert (made.rank, made.condition_en, made.closing_en) == (5, "甲", "乙")


def test_an_ended_rule_is_chosen_no_more_and_what_was_filed_keeps_it(town):
    made = opened(town)
    held = file_under(town, made, at=MORNING)
    rules.end_rule(town, "0102", "1", actor="anna")
    assert codes(town) == ["2", "3", "4"]
    assert made.rule_id == held.id
    with pytest.raises(NotFound, match="2"):
        rules.end_rule(town, "0102", "1", actor="anna")


def test_ending_a_rule_takes_its_planned_versions_along(town):
    rules.set_rule(town, "0102", "1", QUICK, actor="anna", since=LATER)
    rules.end_rule(town, "0102", "1", actor="anna")
    assert codes(town, day=LATER + timedelta(days=1)) == ["2", "3", "4"]


def test_a_rule_of_today_is_taken_out_unless_a_ticket_was_filed_under_it(town):
    rules.set_rule(town, "0102", "7", QUICK, actor="anna")
    rules.end_rule(town, "0102", "7", actor="anna")
    assert [one for one in rule_versions(town, category="0102") if one.code == "7"] == []
    used = rules.set_rule(town, "0102", "7", QUICK, actor="anna")
    file_under(town, opened(town), at=datetime.now(UTC), code="7")
    rules.end_rule(town, "0102", "7", actor="anna")
    assert used.valid_to == rules.today(town) + timedelta(days=1)


def test_a_town_takes_the_districts_rules_to_adapt_them(town):
    assert rules.copy_rules(town, WEST, actor="anna", category="0102") == 4
    rules.set_rule(town, "0102", "1", QUICK, actor="anna", town_code=WEST)
    assert rules.rule(town, "0102", "1", town_code=WEST).amount == 2
    assert rules.rule(town, "0102", "1").amount == 4
    whole = len(seed.rows("filing_rules"))
    # what the town has is left alone
    assert rules.copy_rules(town, WEST, actor="anna") == whole - 4
    assert rules.copy_rules(town, WEST, actor="anna") == 0
    assert rules.rule(town, "0102", "1", town_code=WEST).amount == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"amount": 0}, BadLimit, id="no time"),
        pytest.param({"amount": float("inf")}, BadLimit, id="for ever"),
        pytest.param({"amount": 5000}, BadSetting, id="longer than anybody waits"),
        pytest.param({"unit": "weeks"}, BadLimit, id="no such unit"),
        pytest.param({"condition_zh": "  "}, BadSetting, id="no condition"),
        pytest.param({"closing_zh": "长" * 501}, BadSetting, id="too long"),
        pytest.param({"rank": 0}, BadSetting, id="no rank"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(town, changes, error):
    with pytest.raises(error):
        rules.set_rule(town, "0102", "1", Rule(**{**vars(QUICK), **changes}), actor="anna")
    assert rules.rule(town, "0102", "1").amount == 4


def test_what_is_not_there_is_not_changed(town):
    with pytest.raises(NotFound, match="9999"):
        rules.set_rule(town, "9999", "1", QUICK, actor="anna")
    with pytest.raises(NotFound, match=WEST):
        rules.set_rule(town, "0102", "1", QUICK, actor="anna", town_code="310112999000")
    with pytest.raises(BadSetting, match="code"):
        rules.set_rule(town, "0102", "../x", QUICK, actor="anna")


def test_a_day_that_is_over_stays_as_it_was(town):
    with pytest.raises(DayPassed):
        rules.set_rule(town, "0102", "1", QUICK, actor="anna", since=date(2020, 1, 1))
    with pytest.raises(DayPassed):
        rules.end_rule(town, "0102", "1", actor="anna", on=date(2020, 1, 1))


OLD_DISTRICT = """
    INSERT INTO installation (id, code, name, metre_srid, timezone, lang, code_pattern)
    VALUES (1, '310112', 'x', 4549, 'Asia/Shanghai', 'zh_Hans', '{district:6}');
    INSERT INTO category (code, major_zh, major_en, name_zh, name_en)
    VALUES ('0102', 'a', 'a', 'b', 'b'), ('9901', 'c', 'c', 'd', 'd');
"""
