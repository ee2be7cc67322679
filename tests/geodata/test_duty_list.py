"""The governance list: which lines hold when and where, and how it is changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from geodata.errors import DayPassed, NotFound
from geodata.models import DutyRule, FilingRule
from geodata.queries.duty_list import Wanted, handling
from geodata.services import changes
from geodata.services.assignment import assign
from geodata.services.categories import handled_by
from geodata.services.duty_list import (
    KIND,
    copy_list,
    end_line,
    follow_district,
    overview,
    parts,
    set_line,
    set_lines,
)
from geodata.services.imports import import_file
from geodata.services.rule_tables import duty_lines
from geodata.services.rules import today
from geodata.services.tickets import Position, open_ticket
from tests import files
from tests.makers import add_areas, add_unit, at

CATEGORY = "0102"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"


@pytest.fixture
def place(session):
    """Two towns, and for the category a list of the district with one handler and one helper."""
    add_areas(session)
    for line in session.scalars(select(DutyRule).where(DutyRule.category_code == CATEGORY)):
        session.delete(line)
    session.flush()
    for kind, role in (("property", "handle"), ("community", "assist")):
        session.add(DutyRule(category_code=CATEGORY, unit_kind=kind, role=role))
    session.flush()
    return session


def handlers(session, town="", rule=None, day=None):
    wanted = Wanted(CATEGORY, town, rule)
    return handling(session, [wanted], day=day or today(session))[wanted]


def of(session, town=""):
    return next(one for one in overview(session, town_code=town) if one.category.code == CATEGORY)


def later(session, days=30):
    return today(session) + timedelta(days=days)


def test_a_town_without_lines_of_its_own_follows_the_district(place):
    assert handlers(place) == handlers(place, WEST_TOWN) == {"property"}
    assert of(place, WEST_TOWN).own == []


def test_a_towns_own_lines_stand_in_place_of_the_districts(place):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", town_code=WEST_TOWN)
    assert handlers(place, WEST_TOWN) == {"market"}
    assert handlers(place, EAST_TOWN) == handlers(place) == {"property"}
    assert [category.code for category in handled_by(place, "market", town_code=WEST_TOWN)].count(CATEGORY) == 1
    assert CATEGORY not in {category.code for category in handled_by(place, "property", town_code=WEST_TOWN)}


def test_own_lines_that_name_no_handler_leave_a_gap(place):
    set_lines(place, CATEGORY, {("market", "find")}, actor="town", town_code=WEST_TOWN)
    assert handlers(place, WEST_TOWN) == set()
    assert of(place, WEST_TOWN).is_gap
    assert not of(place).is_gap


def test_a_line_of_a_filing_rule_counts_for_tickets_filed_under_it(place):
    set_lines(place, CATEGORY, {("sanitation", "handle")}, actor="town", rule_code="1")
    assert handlers(place, rule="1") == {"property", "sanitation"}
    assert handlers(place, rule="2") == {"property"}
    # where nobody knows the rule yet, all may be asked
    assert handlers(place, rule=None) == {"property", "sanitation"}


def test_many_are_answered_at_once_as_each_by_itself(place):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", town_code=WEST_TOWN)
    set_lines(place, CATEGORY, {("sanitation", "handle")}, actor="town", rule_code="1")
    wanted = [
        Wanted(category, town, rule)
        for category in (CATEGORY, "0501", "9999")
        for town in ("", WEST_TOWN, EAST_TOWN)
        for rule in (None, "1", "2")
    ]
    found = handling(place, wanted, day=today(place))
    assert list(found) == wanted
    assert found == {one: handling(place, [one], day=today(place))[one] for one in wanted}


def test_a_change_ends_the_old_line_on_its_day_and_leaves_the_past_alone(place):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", since=later(place))
    yesterday = today(place) - timedelta(days=1)
    assert handlers(place, day=yesterday) == handlers(place) == {"property"}
    assert handlers(place, day=later(place)) == {"market"}
    old = place.scalars(select(DutyRule).where(DutyRule.unit_kind == "property", DutyRule.category_code == CATEGORY))
    assert [line.valid_to for line in old] == [later(place)]


def test_a_line_that_began_today_is_taken_out_without_a_trace(place):
    set_line(place, CATEGORY, ("market", "handle"), actor="town")
    end_line(place, CATEGORY, ("market", "handle"), actor="town")
    assert parts(of(place).district) == {("property", "handle"), ("community", "assist")}
    assert (
        place.scalars(select(DutyRule).where(DutyRule.unit_kind == "market", DutyRule.category_code == CATEGORY)).all()
        == []
    )


def test_a_planned_line_stays_where_another_is_set_before_it(place):
    set_line(place, CATEGORY, ("market", "handle"), actor="town", since=later(place))
    set_line(place, CATEGORY, ("bank", "find"), actor="town")
    assert handlers(place, day=later(place)) == {"property", "market"}
    set_line(place, CATEGORY, ("market", "handle"), actor="town", since=later(place, 5))
    spans = [
        (line.valid_from, line.valid_to)
        for line in place.scalars(
            select(DutyRule)
            .where(DutyRule.unit_kind == "market", DutyRule.category_code == CATEGORY)
            .order_by(DutyRule.valid_from)
        )
    ]
    assert spans == [(later(place, 5), later(place)), (later(place), None)]


def test_the_first_own_line_takes_the_districts_lines_of_other_rules_along(place):
    set_lines(place, CATEGORY, {("sanitation", "handle")}, actor="town", rule_code="1")
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", town_code=WEST_TOWN)
    assert handlers(place, WEST_TOWN, "1") == {"market", "sanitation"}
    assert handlers(place, WEST_TOWN, "2") == {"market"}


def test_a_copied_list_is_adapted_and_given_back(place):
    assert copy_list(place, WEST_TOWN, actor="town", category=CATEGORY) == 2
    assert copy_list(place, WEST_TOWN, actor="town", category=CATEGORY) == 0
    end_line(place, CATEGORY, ("property", "handle"), actor="town", town_code=WEST_TOWN)
    assert of(place, WEST_TOWN).is_gap
    follow_district(place, CATEGORY, actor="town", town_code=WEST_TOWN)
    assert handlers(place, WEST_TOWN) == {"property"}
    done = [run.report["did"] for run in changes.latest(place, [KIND], limit=9, about={"category": CATEGORY})]
    assert done == ["follow", "set", "copy"]


def test_the_whole_list_is_copied_but_for_what_is_a_towns_own(place):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", town_code=WEST_TOWN)
    assert copy_list(place, WEST_TOWN, actor="town") == sum(len(one.district) for one in overview(place)) - 2
    assert handlers(place, WEST_TOWN) == {"market"}


def test_a_change_says_who_what_before_and_after(place):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="li")
    set_lines(place, CATEGORY, {("market", "handle")}, actor="li")
    (run,) = changes.latest(place, [KIND], limit=9, about={"category": CATEGORY})
    assert (run.actor, run.report["before"]["handle"], run.report["after"]["handle"]) == (
        "li",
        ["property"],
        ["market"],
    )


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        pytest.param({"category": "9999"}, NotFound, id="no such category"),
        pytest.param({"town_code": "310112999000"}, NotFound, id="no such town"),
        pytest.param({"rule_code": "77"}, NotFound, id="no such filing rule"),
        pytest.param({"wanted": {("spaceport", "handle")}}, NotFound, id="no such kind"),
        pytest.param({"wanted": {("market", "watch")}}, NotFound, id="no such role"),
        pytest.param({"since": date(2000, 1, 1)}, DayPassed, id="a day that has passed"),
    ],
)
def test_what_cannot_be_is_refused(place, facts, error):
    told = {"category": CATEGORY, "wanted": {("market", "handle")}, "actor": "town"} | facts
    with pytest.raises(error):
        set_lines(place, told.pop("category"), told.pop("wanted"), **told)


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a CSV of its lines."""
    return lambda *lines: files.table(tmp_path / "duty.csv", *lines)


def test_a_ticket_goes_by_the_list_of_its_rule_and_town(place):
    add_unit(place, "U1", 1.0, 1.0, kind="property", town_code=WEST_TOWN)
    add_unit(place, "U2", 1.1, 1.0, kind="sanitation", town_code=WEST_TOWN)
    set_lines(place, CATEGORY, {("market", "assist")}, actor="town", town_code=WEST_TOWN)
    set_lines(place, CATEGORY, {("sanitation", "handle")}, actor="town", town_code=WEST_TOWN, rule_code="2")
    where = Position(*at(1.0, 1.0), "wgs84")
    held = open_ticket(place, category=CATEGORY, title="路边垃圾", actor="officer", position=where)
    rules = {rule.code: rule for rule in place.scalars(select(FilingRule).where(FilingRule.category_code == CATEGORY))}
    held.rule_id = rules["1"].id
    place.flush()
    assert assign(place, held, actor="town", dry_run=True).outcome == "town_office"
    held.rule_id = rules["2"].id
    place.flush()
    decision = assign(place, held, actor="town", dry_run=True)
    assert decision.chosen is not None
    assert decision.chosen.unit.code == "U2"


def test_a_file_without_days_says_what_holds_from_today_on(place, sheet):
    first = import_file(
        place, "duty", sheet("类别,单位类型,职责", f"{CATEGORY},物业公司,处置", f"{CATEGORY},金融机构,协助")
    )
    assert (first.refused, first.stored, first.unchanged) == (None, 1, 1)
    line = place.scalars(select(DutyRule).where(DutyRule.category_code == CATEGORY, DutyRule.unit_kind == "bank")).one()
    assert (line.valid_from, line.valid_to) == (today(place), None)


def test_a_file_may_plan_and_end_lines_but_not_rewrite_the_past(place, sheet):
    ends = later(place).isoformat()
    heads = "类别,单位类型,职责,立案条件编号,生效日期,失效日期"
    planned = import_file(
        place,
        "duty",
        sheet(heads, f"{CATEGORY},market,handle,1,{ends},", f"{CATEGORY},property,handle,,1900-01-01,{ends}"),
    )
    assert (planned.refused, planned.stored, planned.changed) == (None, 1, 1)
    assert handlers(place, rule="1", day=later(place)) == {"market"}
    past = import_file(place, "duty", sheet(heads, f"{CATEGORY},property,handle,,2020-01-01,"))
    assert "the past stays as it was" in past.problems[0].reason
    unknown = import_file(place, "duty", sheet(heads, f"{CATEGORY},property,handle,77,,"))
    assert "no filing rule" in unknown.problems[0].reason


@pytest.mark.parametrize("with_history", [False, True])
def test_the_table_comes_in_again_unchanged_also_with_its_history(place, tmp_path, with_history):
    set_lines(place, CATEGORY, {("market", "handle")}, actor="town", since=later(place))
    set_lines(place, CATEGORY, {("bank", "handle")}, actor="town", town_code=WEST_TOWN, rule_code="1")
    table = duty_lines(place, with_history=with_history)
    file = tmp_path / "duty.csv"
    file.write_bytes(b"".join(table.pieces("csv", sheet="x")))
    report = import_file(place, "duty", file)
    assert (report.refused, report.stored, report.changed, report.unchanged) == (None, 0, 0, len(table.rows))
