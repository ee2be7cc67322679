"""Double registration: what is taken in, summed, and told to whom."""

import itertools

import files
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from makers import add_areas, add_unit
from sqlalchemy import select

from geodata.errors import BadSetting, NotFound
from geodata.ingest.errors import PersonalData
from geodata.ingest.registrations import COUNTS
from geodata.models import RegistrationCount
from geodata.queries.registrations import AreaCounts
from geodata.record_errors import BadValue
from geodata.services import changes, registrations
from geodata.services.imports import import_file
from geodata.services.registrations import SMALL, Told, report, set_counts, tell

TOWN, OTHER = "310112101000", "310112102000"
VILLAGE, NEXT, FAR = "310112101001", "310112101002", "310112102001"
HEAD = ("层级", "区域", "期间", "应报到党员数", "已报到党员数", "已报到单位数", "认领项目数")


@pytest.fixture(autouse=True)
def areas(session):
    add_areas(session)


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a workbook of its rows."""
    return lambda *rows: files.workbook(tmp_path / "list.xlsx", *rows)


def everybody(_level, _code):
    return True


def nobody(_level, _code):
    return False


def told_to(session, period="2015", holds=nobody):
    return report(session, period, holds_area=holds, holds_unit=lambda unit: holds("unit", unit.code))


def count_of(line, name="members_total"):
    return line.counts[name]


# -- taken in --------------------------------------------------------------------------------------------


def test_it_works(session, sheet):
    path = sheet(HEAD, ("居村", "一村", "2015年", 100, 90, 3, 2), ("居村", NEXT, 2015, 50, 25, None, None))
    taken = import_file(session, "registrations", path)
    assert (taken.refused, taken.stored) == (None, 2)
    found = told_to(session)
    assert found.district.rate == pytest.approx(115 / 150)
    assert [(town.code, count_of(town).value) for town in found.towns] == [(TOWN, 150), (OTHER, None)]


def test_units_stand_beside_areas(session, sheet):
    add_unit(session, "U1", name="医院")
    import_file(session, "registrations", sheet(("单位", "期间", "党员数", "报到党员数"), ("医院", "2015-Q2", 40, 30)))
    (line,) = told_to(session, "2015-Q2").units
    assert (line.code, line.rate) == ("U1", 0.75)
    assert registrations.known_periods(session) == ["2015-Q2"]


def test_the_same_file_twice_changes_nothing_and_a_later_one_corrects(session, sheet):
    path = sheet(HEAD, ("居村", VILLAGE, "2015", 100, 90, 3, 2))
    import_file(session, "registrations", path)
    again = import_file(session, "registrations", path)
    assert (again.stored, again.changed) == (0, 0)
    path = sheet(("区域", "期间", "已报到党员数"), (VILLAGE, "2015", 95))
    assert import_file(session, "registrations", path).changed == 1
    row = session.scalars(select(RegistrationCount)).one()
    session.refresh(row)
    assert (row.members_total, row.members_registered, row.units_registered) == (100, 95, 3)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("居村", VILLAGE, "2015", 90, 100, None, None), "more have registered than there are"),
        (("居村", "无此村", "2015", 1, 1, None, None), "no village of this code or name"),
        (("居村", VILLAGE, "去年", 1, 1, None, None), "a year, quarter or month"),
        (("居村", VILLAGE, "2015", -1, None, None, None), "whole number"),
        (("居村", VILLAGE, "2015", 1.5, None, None, None), "whole number"),
        (("居村", None, "2015", 1, 1, None, None), "say which"),
    ],
)
def test_a_bad_row_is_told_and_nothing_is_stored(session, sheet, row, reason):
    taken = import_file(session, "registrations", sheet(HEAD, row))
    assert taken.refused
    assert reason in taken.problems[0].reason
    assert session.scalars(select(RegistrationCount)).all() == []


@pytest.mark.parametrize("heading", ["党员姓名", "身份证号", "政治面貌"])
def test_a_list_of_people_is_refused(session, sheet, heading):
    path = sheet((*HEAD, heading), ("居村", VILLAGE, "2015", 1, 1, None, None, "x"))
    with pytest.raises(PersonalData, match=heading):
        import_file(session, "registrations", path)


def test_a_stated_sum_goes_before_the_sum_of_its_parts(session, sheet):
    path = sheet(
        HEAD,
        ("居村", VILLAGE, "2015", 100, 90, None, None),
        ("街镇", TOWN, "2015", 400, 300, None, None),
        ("区", None, "2015", 34031, 28348, 380, None),
    )
    import_file(session, "registrations", path)
    found = told_to(session)
    assert count_of(found.towns[0]).value == 400
    assert round(found.district.rate, 3) == 0.833
    assert (found.district.is_summed, found.towns[0].is_summed) == (False, False)


# -- by hand ---------------------------------------------------------------------------------------------


def test_counts_by_hand_are_kept_with_who_changed_them(session):
    set_counts(session, "village", VILLAGE, "2015", {"members_total": 10, "members_registered": 8}, actor="town")
    set_counts(session, "village", VILLAGE, "2015", {"members_total": 10, "members_registered": 9}, actor="town")
    set_counts(session, "village", VILLAGE, "2015", {"members_total": 10, "members_registered": 9}, actor="town")
    last, first = changes.latest(session, [registrations.KIND], limit=9)
    assert (first.report["before"], last.report["before"]["members_registered"]) == (None, 8)
    assert last.report["after"]["members_registered"] == 9


@pytest.mark.parametrize(
    ("kind", "code", "period", "counts", "error"),
    [
        ("village", "999", "2015", {}, NotFound),
        ("unit", "NONE", "2015", {}, NotFound),
        ("village", VILLAGE, "2015-W03", {}, BadValue),
        ("village", VILLAGE, "last year", {}, BadSetting),
        ("village", VILLAGE, "2015", {"members_total": 1, "members_registered": 2}, BadValue),
    ],
)
def test_what_cannot_be_is_refused(session, kind, code, period, counts, error):
    with pytest.raises(error):
        set_counts(session, kind, code, period, counts, actor="town")


# -- told to whom ----------------------------------------------------------------------------------------


def area(level, code, count, parent=None):
    rest = dict.fromkeys(COUNTS[1:])
    return AreaCounts(level, code, code, parent, members_total=count, is_stated=count is not None, **rest)


def tree(counts):
    """A district of towns, each with villages of these counts."""
    towns = {}
    for number, villages in enumerate(counts):
        town = area("town", f"T{number}", None)
        towns[town] = [area("village", f"T{number}V{at}", value, town.code) for at, value in enumerate(villages)]
    return area("district", "D", None), towns


def seen(counts, holds=nobody):
    """What somebody is told of the first count, by code."""
    return {code: told["members_total"] for (_level, code), told in tell(*tree(counts), holds).items()}


def test_small_counts_are_told_inside_their_area_and_not_outside():
    counts = [[3, 40, 50]]
    assert seen(counts, everybody)["T0V0"] == Told(3)
    assert seen(counts)["T0V0"] == Told(None, "small")
    of_village = seen(counts, lambda level, code: (level, code) == ("village", "T0V0"))
    assert of_village["T0V0"] == Told(3)


def test_a_sum_that_would_tell_the_one_hidden_count_is_told_as_at_least():
    found = seen([[3, 40, 50]])
    assert (found["T0V1"], found["T0V2"]) == (Told(40), Told(50))
    assert (found["T0"], found["D"]) == (Told(90, "least"), Told(90, "least"))


def test_a_sum_over_several_hidden_counts_is_told():
    found = seen([[3, 1, 50]])
    assert (found["T0"], found["D"]) == (Told(54), Told(54))


@pytest.mark.parametrize("counts", [[[0, 0, 50]], [[4, 4, 50]]])
def test_a_sum_that_would_tell_all_hidden_counts_at_once_is_not(counts):
    assert seen(counts)["T0"] == Told(50, "least")


def test_a_small_sum_is_as_hidden_as_a_small_count():
    found = seen([[1, 2], [40], [50]])
    assert (found["T0"], found["D"]) == (Told(None, "small"), Told(90, "least"))


def test_a_hidden_count_does_not_follow_from_the_districts_sum_either():
    found = seen([[3, 1, 50], [2, 60], [70]])
    assert (found["T0"], found["T1"]) == (Told(54), Told(60, "least"))
    assert found["D"] == Told(184, "least")


def test_one_who_works_for_a_village_learns_nothing_of_the_next_one():
    found = seen([[2], [3]], lambda _level, code: code == "T0V0")
    assert (found["T0V0"], found["T0"]) == (Told(2), Told(2))
    assert (found["T1"], found["D"]) == (Told(None, "small"), Told(2, "least"))


def test_a_stated_sum_beyond_what_the_parts_can_make_is_told():
    district, towns = tree([[3, 40]])
    stated = district._replace(members_total=5000)
    assert tell(stated, towns, nobody)["district", "D"]["members_total"] == Told(5000)


def test_nothing_is_hidden_where_nothing_is_small():
    assert {told.word for told in seen([[5, 6], [7]]).values()} == {""}


COUNT = st.one_of(st.integers(0, 9), st.none())


@settings(max_examples=300)
@given(st.lists(st.lists(COUNT, min_size=1, max_size=3), min_size=1, max_size=3), st.sampled_from(["", "T0V0", "T0"]))
def test_what_is_hidden_does_not_follow_from_what_is_told(counts, own):
    """Whoever adds and subtracts all they are told, knowing what is small, is left with two values at least."""
    values = {f"T{t}V{v}": count for t, villages in enumerate(counts) for v, count in enumerate(villages)}
    assume(any(value is not None for value in values.values()))

    def holds(_level, code):
        return bool(own) and code.startswith(own)

    told = seen(counts, holds)
    secret = [code for code, count in values.items() if count is not None and told[code].value is None]
    assume(len(secret) <= 4)
    sums = {f"T{t}": [f"T{t}V{v}" for v in range(len(villages))] for t, villages in enumerate(counts)}
    possible = {code: set() for code in secret}
    for guess in itertools.product(range(SMALL), repeat=len(secret)):
        tried = values | dict(zip(secret, guess, strict=True))
        totals = {town: sum(tried[code] or 0 for code in codes) for town, codes in sums.items()}
        totals["D"] = sum(totals.values())
        if all(_fits(told[code], total) for code, total in totals.items()):
            for code, value in zip(secret, guess, strict=True):
                possible[code].add(value)
    assert {code: found for code, found in possible.items() if len(found) < 2} == {}


def _fits(told, total):
    """Whether a sum could be what is told of it."""
    if told.word == "small":
        return total < SMALL
    return total >= told.value if told.word == "least" else told.value in {None, total}


def test_those_who_hold_the_district_are_told_all(session, sheet):
    path = sheet(HEAD, ("居村", VILLAGE, "2015", 3, 2, 1, 0), ("居村", NEXT, "2015", 50, 25, None, None))
    import_file(session, "registrations", path)
    found = told_to(session, holds=everybody)
    village = found.towns[0].children[0]
    assert [village.counts[name].value for name in COUNTS] == [3, 2, 1, 0]
    outside = told_to(session).towns[0].children[0]
    assert {outside.counts[name].word for name in COUNTS} == {"small"}
    assert outside.rate is None
