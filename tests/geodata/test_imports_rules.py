"""Filing rules and calendar from files: rows with problems, versions that end each other, and the way out and back."""

from datetime import UTC, date, datetime, timedelta

import files
import makers
import pytest
from sqlalchemy import func, select

from geodata.ingest.errors import FieldsMissing
from geodata.models import CalendarDay, FilingRule, ImportRun, StageClock
from geodata.queries.rules import rule_versions
from geodata.services import calendars, rule_tables, rules
from geodata.services.calendar_changes import DayChange, change
from geodata.services.imports import import_file
from geodata.services.installation import installation
from geodata.services.rules import Rule
from geodata.services.tickets import open_ticket

WEST = "310112101000"
HEAD = ("类别", "街镇编码", "编号", "立案条件", "结案条件", "时限", "时限单位")
SOON = makers.today() + timedelta(days=9)


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a workbook of its rows."""
    return lambda *rows: files.workbook(tmp_path / "list.xlsx", *rows)


def written(tmp_path, table, form="xlsx"):
    path = tmp_path / f"out.{form}"
    path.write_bytes(b"".join(table.pieces(form, sheet="x")))
    return path


def figures(report):
    return report.refused, report.stored, report.changed, report.unchanged


def everything(session):
    columns = [column for column in FilingRule.__table__.c if column.name != "id"]
    return session.execute(select(*columns).order_by(*columns)).all()


def versions(session, category="0102", code="1", town=""):
    session.expire_all()
    return [one for one in rule_versions(session, category=category, towns=[town]) if one.code == code]


def test_rules_of_an_offices_list(session, sheet):
    path = sheet(
        HEAD, ("暴露垃圾", WEST, "A1", "有垃圾", "无垃圾", 3, "工作时"), ("0103", None, "1", "有", "无", 1, "天")
    )
    report = import_file(session, "filing_rules", path)
    assert (report.problems, figures(report)) == ([], (None, 2, 0, 0))
    made = rules.rule(session, "0102", "A1", town_code=WEST)
    assert (made.amount, made.unit, made.rank, made.condition_en, made.source) == (
        3,
        "working_hours",
        1,
        "有垃圾",
        "list",
    )
    # the district's rule of that code has another version from today on
    before, now = versions(session, "0103")
    assert (before.valid_to, now.valid_from, now.amount, now.unit, now.rank) == (
        now.valid_from,
        rules.today(session),
        1,
        "natural_days",
        1,
    )


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
@pytest.mark.parametrize("with_history", [False, True])
def test_what_is_exported_is_taken_back_unchanged(session, tmp_path, form, lang, with_history):
    installation(session).lang = lang
    rules.copy_rules(session, WEST, actor="anna", category="0102")
    rules.set_rule(
        session, "0102", "1", Rule("甲", "乙", 2.5, "urgent_hours"), actor="anna", town_code=WEST, since=SOON
    )
    rules.end_rule(session, "0102", "3", actor="anna", town_code=WEST, on=SOON)
    before = everything(session)
    table = rule_tables.filing_rules(session, with_history=with_history)
    report = import_file(session, "filing_rules", written(tmp_path, table, form))
    assert (report.problems, figures(report)) == ([], (None, 0, 0, len(table.rows)))
    assert len(table.rows) == 105 + with_history
    assert everything(session) == before


def test_a_file_may_be_exported_changed_and_taken_in_again(session, tmp_path):
    table = rule_tables.filing_rules(session)
    row = next(row for row in table.rows if row[0] == "0102" and row[3] == "1")
    row[table.headings.index("时限")] = 3
    report = import_file(session, "filing_rules", written(tmp_path, table))
    assert figures(report) == (None, 1, 0, len(table.rows) - 1)
    assert [(one.amount, one.condition_en) for one in versions(session)] == [
        (4, "rubbish lies scattered or heaped in a public place"),
        (3, "rubbish lies scattered or heaped in a public place"),
    ]
    assert versions(session)[0].valid_to == versions(session)[1].valid_from == rules.today(session)


def test_a_planned_version_ends_the_one_before(session, sheet):
    path = sheet((*HEAD, "生效日期"), ("0102", None, "1", "有", "无", 1, "天", SOON))
    assert figures(import_file(session, "filing_rules", path)) == (None, 1, 0, 0)
    assert [one.valid_to for one in versions(session)] == [SOON, None]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        pytest.param(("9999", None, "1", "有", "无", 1, "天"), "category_code", "no category", id="category"),
        pytest.param(("0102", "310112999000", "1", "有", "无", 1, "天"), "town_code", "no town", id="town"),
        pytest.param(("0102", None, "一", "有", "无", 1, "天"), "code", "letters or digits", id="code"),
        pytest.param(("0102", None, "1", None, "无", 1, "天"), "condition_zh", "empty", id="condition"),
        pytest.param(("0102", None, "1", "有", "无", 0, "天"), "amount", "above 0", id="no time"),
        pytest.param(("0102", None, "1", "有", "无", 1001, "天"), "amount", "at most 1000", id="too long"),
        pytest.param(("0102", None, "1", "有", "无", 1, "周"), "unit", "urgent_hours", id="unit"),
        pytest.param(("0102", None, "1", "长" * 501, "无", 1, "天"), "condition_zh", "501", id="long words"),
    ],
)
def test_a_row_that_cannot_be_is_told_and_nothing_stored(session, sheet, row, field, reason):
    before = everything(session)
    path = sheet(HEAD, ("0103", None, "9", "有", "无", 1, "天"), row)
    report = import_file(session, "filing_rules", path)
    (problem,) = report.problems
    assert (problem.row, problem.field) == (3, field)
    assert reason in problem.reason
    assert "nothing was stored" in report.refused
    assert everything(session) == before
    report = import_file(
        session, "filing_rules", sheet(HEAD, ("0103", None, "9", "有", "无", 1, "天"), row), skip_bad=True
    )
    assert (report.stored, report.bad) == (1, 1)


@pytest.mark.parametrize(
    ("days", "field"),
    [
        pytest.param((date(2020, 1, 1), None), "valid_from", id="a version in the past"),
        pytest.param((date(1900, 1, 1), None), "valid_from", id="other words in the past"),
        pytest.param((SOON, SOON), "valid_to", id="no day long"),
        pytest.param((None, date(2020, 1, 1)), "valid_to", id="ended in the past"),
    ],
)
def test_the_past_stays_as_it_was(session, sheet, days, field):
    path = sheet((*HEAD, "生效日期", "失效日期"), ("0102", None, "1", "有", "无", 1, "天", *days))
    report = import_file(session, "filing_rules", path)
    assert [problem.field for problem in report.problems] == [field]
    assert len(versions(session)) == 1


def test_a_rule_that_nobody_had_may_be_old(session, sheet):
    path = sheet((*HEAD, "生效日期"), ("0102", None, "OLD", "有", "无", 1, "天", date(2020, 1, 1)))
    assert figures(import_file(session, "filing_rules", path)) == (None, 1, 0, 0)


def test_two_rows_of_one_rule_that_differ_are_a_problem(session, sheet):
    path = sheet(HEAD, ("0102", None, "9", "有", "无", 1, "天"), ("0102", None, "9", "有", "无", 2, "天"))
    report = import_file(session, "filing_rules", path)
    assert [problem.row for problem in report.problems] == [3]


def test_a_dry_run_stores_no_rule(session, sheet):
    before = everything(session)
    report = import_file(session, "filing_rules", sheet(HEAD, ("0102", None, "1", "有", "无", 1, "天")), dry_run=True)
    assert figures(report) == (None, 1, 0, 0)
    assert everything(session) == before


DAYS = ("日期", "安排", "按星期", "名称")


def test_the_holidays_of_a_year(session, sheet):
    path = sheet(
        DAYS,
        (date(2027, 1, 1), "休", None, "元旦"),
        ("2027-01-02", "放假", None, "元旦"),
        ("2027年1月3日", "班", "周五", "元旦调休上班"),
    )
    report = import_file(session, "calendar", path)
    assert (report.problems, figures(report)) == ([], (None, 3, 0, 0))
    year = calendars.year_of(session, 2027)
    assert [(span.days, span.kind, span.name.zh) for span in year.named] == [
        (2, "off", "元旦"),
        (1, "made_up", "元旦调休上班"),
    ]
    assert session.get(CalendarDay, date(2027, 1, 3)).as_weekday == 5
    assert figures(import_file(session, "calendar", path)) == (None, 0, 0, 3)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_the_calendar_goes_out_and_comes_back_unchanged(session, tmp_path, form, lang):
    installation(session).lang = lang
    table = rule_tables.calendar_days(session)
    report = import_file(session, "calendar", written(tmp_path, table, form))
    assert (report.problems, figures(report)) == ([], (None, 0, 0, 72))
    assert len(rule_tables.calendar_days(session, year=2026).rows) == 39


@pytest.mark.parametrize(
    ("row", "field"),
    [
        pytest.param(("31.12.", "休", None, None), "day", id="day"),
        pytest.param((date(2027, 1, 1), "maybe", None, None), "is_workday", id="kind"),
        pytest.param((date(2027, 1, 1), "班", "8", None), "as_weekday", id="eighth weekday"),
        pytest.param((date(2027, 1, 1), "班", "周日", None), "as_weekday", id="a weekday without hours"),
        pytest.param((date(1850, 1, 1), "休", None, None), "day", id="long ago"),
    ],
)
def test_a_day_that_cannot_be_is_told(session, sheet, row, field):
    report = import_file(session, "calendar", sheet(DAYS, row))
    assert [problem.field for problem in report.problems] == [field]


def test_a_calendar_without_a_column_of_kinds_does_not_begin(session, sheet):
    with pytest.raises(FieldsMissing, match="is_workday"):
        import_file(session, "calendar", sheet(("日期",), (date(2027, 1, 1),)))


def test_deadlines_follow_a_calendar_from_a_file_and_a_dry_run_says_so(session, sheet):
    moment = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
    open_ticket(session, category="0102", title="x", actor="anna", reported_at=moment, assign_now=False)
    before = session.scalars(select(StageClock.due_at)).one()
    path = sheet(DAYS, (date(2026, 3, 11), "休", None, "临时放假"))
    report = import_file(session, "calendar", path, dry_run=True)
    (note,) = [note for note in report.notes if note.word == "deadlines_moved"]
    assert note.facts["count"] == 1
    assert session.scalars(select(StageClock.due_at)).one() == before
    assert calendars.calendar(session).is_workday(date(2026, 3, 11))
    report = import_file(session, "calendar", path)
    assert [note.text for note in report.notes] == ["1 deadlines of running clocks moved"]
    assert session.scalars(select(StageClock.due_at)).one() == before + timedelta(days=1)
    # and the kept report says by whom
    kept = session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert (kept.kind, kept.file_name, kept.actor) == ("calendar", "list.xlsx", "system")


def test_a_file_changes_days_that_somebody_set_by_hand(session, sheet):
    day = date(2026, 3, 11)
    change(session, [DayChange(day, day, "off", name_zh="临时放假")], actor="anna")
    report = import_file(session, "calendar", sheet(DAYS, (day, "班", None, "照常上班")))
    assert figures(report) == (None, 0, 1, 0)
    assert calendars.calendar(session).is_workday(day)
    assert session.scalar(select(func.count()).select_from(CalendarDay).where(CalendarDay.day == day)) == 1
