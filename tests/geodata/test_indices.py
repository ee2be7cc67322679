"""Indices: what each counts, by hand on one ticket a case, and against a second way of counting; one list a figure."""

from datetime import UTC, date, datetime, timedelta

import pytest
from histories import add_history
from makers import add_areas, add_unit, square

from geodata.errors import NotFound
from geodata.models import CellVisit, DutyGrid, DutyGridCell, GridCell
from geodata.queries import indices as queries
from geodata.queries.index_conditions import MEASURES
from geodata.queries.indices import Figure, figures
from geodata.queries.scope import Scope
from geodata.queries.ticket_filter import TicketFilter
from geodata.services.indices import INDICES, index
from geodata.services.periods import period

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
FEBRUARY = period("2026-02")
OF_TICKETS = [each for each in INDICES if each.is_of_tickets]


def day(number, hour=12, *, month=2):
    """Noon (or another hour, in Shanghai) of a day in February."""
    return datetime(2026, month, number, hour, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def town(session):
    """Two towns, and two units in the western one."""
    add_areas(session)
    for code in ("U1", "U2"):
        add_unit(session, code, 0.5, 1.1, town_code=WEST_TOWN)
    return session


def report(at):
    return "report", at, {"office_code": WEST_TOWN}


def assign(at, unit="U1"):
    return "assign", at, {"unit_code": unit} if unit else {"office_code": WEST_TOWN}


def give_back(at, unit="U1"):
    return "return", at, {"returned_by": unit, "office_code": WEST_TOWN}


def moved(action, at, **facts):
    return action, at, facts


def closed(at_report, at_done, at_closed):
    """The straight way from report to close."""
    return [report(at_report), assign(at_report), moved("done", at_done), moved("close", at_closed)]


def counted(session, id_, *, level="district", of="", within=FEBRUARY, tickets=None):
    """(numerator, denominator, excluded) of one index in one period."""
    found = figures(session, [id_], level=level, periods=[within], tickets=tickets or TicketFilter())
    return tuple(found[id_].get(of, [Figure()])[0])


FIRST, LAST, BEFORE, AFTER = day(1, 0), day(28, 23), day(31, 23, month=1), day(1, 0, month=3)
EXCUSED = {"is_excused": True}

# index, events of one ticket, its further facts, and what February counts of it: numerator, denominator, left out.
CASES = {
    "filed at once": ("filing", [report(FIRST), assign(FIRST)], {}, (1, 1, 0)),
    "filed by the end": ("filing", [report(FIRST), moved("file", LAST)], {}, (1, 1, 0)),
    "filed after the end": ("filing", [report(LAST), moved("file", AFTER)], {}, (0, 1, 0)),
    "never filed": ("filing", [report(LAST), moved("cancel", LAST)], {}, (0, 1, 0)),
    "reported before": ("filing", [report(BEFORE), moved("file", FIRST)], {}, (0, 0, 0)),
    "reported after": ("filing", [report(AFTER), moved("file", AFTER)], {}, (0, 0, 0)),
    "excused is in neither": ("filing", [report(FIRST), assign(FIRST)], EXCUSED, (0, 0, 1)),
    "told as closed by another system": ("filing", [report(FIRST)], {"closed_at": LAST, "state": "closed"}, (1, 1, 0)),
    "an officer's report is filed": ("valid_reporting", [report(FIRST), assign(FIRST)], {"source": "map"}, (1, 1, 0)),
    "an officer's report is not filed": ("valid_reporting", [report(FIRST)], {"source": "patrol"}, (0, 1, 0)),
    "the hotline is no officer": ("valid_reporting", [report(FIRST)], {"source": "hotline"}, (0, 0, 0)),
    "found by a resident": (
        "missed",
        [report(FIRST), assign(FIRST)],
        {"source": "resident", "duty_grid_code": "D1"},
        (1, 1, 0),
    ),
    "found on patrol": ("missed", [report(FIRST), assign(FIRST)], {"duty_grid_code": "D1"}, (0, 1, 0)),
    "where nobody walks nothing is missed": ("missed", [report(FIRST), assign(FIRST)], {"source": "media"}, (0, 0, 0)),
    "what was not filed was not missed": (
        "missed",
        [report(FIRST)],
        {"source": "12345", "duty_grid_code": "D1"},
        (0, 0, 0),
    ),
    "fixed on the spot": ("self_handling", [report(FIRST), moved("self_handle", FIRST)], {}, (1, 1, 0)),
    "left to a unit": ("self_handling", [report(FIRST), assign(FIRST)], {}, (0, 1, 0)),
    "an office cannot fix on the spot": (
        "self_handling",
        [report(FIRST), assign(FIRST)],
        {"source": "desk"},
        (0, 0, 0),
    ),
    "dispatched": ("dispatch", [report(FIRST), assign(FIRST)], {}, (1, 1, 0)),
    "dispatched to an office": ("dispatch", [report(FIRST), assign(FIRST, None)], {}, (1, 1, 0)),
    "filed but not dispatched": ("dispatch", [report(FIRST), moved("file", FIRST)], {}, (0, 1, 0)),
    "dispatched after the end": ("dispatch", [report(FIRST), moved("file", FIRST), assign(AFTER)], {}, (0, 1, 0)),
    "dispatched and returned": ("dispatch", [report(FIRST), assign(FIRST), give_back(LAST)], {}, (0, 1, 0)),
    "returned after the end": ("dispatch", [report(FIRST), assign(LAST), give_back(AFTER)], {}, (1, 1, 0)),
    "returned after the end and sent on": (
        "dispatch",
        [report(FIRST), assign(LAST), give_back(AFTER), assign(AFTER, "U2")],
        {},
        (1, 1, 0),
    ),
    "returned, then dispatched anew": (
        "dispatch",
        [report(FIRST), assign(FIRST), give_back(day(3)), assign(day(4), "U2")],
        {},
        (0, 1, 0),
    ),
    "what an officer fixed need not be dispatched": (
        "dispatch",
        [report(FIRST), moved("self_handle", FIRST)],
        {},
        (0, 0, 0),
    ),
    "what was cancelled need not be dispatched": (
        "dispatch",
        [report(FIRST), assign(FIRST), moved("cancel", LAST)],
        {},
        (0, 0, 1),
    ),
    "received and kept": ("returned", [report(FIRST), assign(FIRST)], {}, (0, 1, 0)),
    "received and returned": ("returned", [report(FIRST), assign(FIRST), give_back(LAST)], {}, (1, 1, 0)),
    "received before and returned": ("returned", [report(BEFORE), assign(BEFORE), give_back(FIRST)], {}, (1, 1, 0)),
    "returned next month": ("returned", [report(LAST), assign(LAST), give_back(AFTER)], {}, (0, 1, 0)),
    "returned twice counts once": (
        "returned",
        [report(FIRST), assign(FIRST), give_back(day(2)), assign(day(3), "U2"), give_back(day(4), "U2")],
        {},
        (1, 1, 0),
    ),
    "an office receives nothing": ("returned", [report(FIRST), assign(FIRST, None)], {}, (0, 0, 0)),
    "excused returns are in neither": (
        "returned",
        [report(FIRST), assign(FIRST), give_back(LAST)],
        EXCUSED,
        (0, 0, 1),
    ),
    "done by the end": ("handling", [report(FIRST), assign(FIRST), moved("done", LAST)], {"due_at": day(9)}, (1, 1, 0)),
    "done after the end": (
        "handling",
        [report(FIRST), assign(FIRST), moved("done", AFTER)],
        {"due_at": LAST},
        (0, 1, 0),
    ),
    "due next month": ("handling", [report(FIRST), assign(FIRST), moved("done", LAST)], {"due_at": AFTER}, (0, 0, 0)),
    "without a deadline nothing is due": (
        "handling",
        [report(FIRST), assign(FIRST), moved("done", LAST)],
        {},
        (0, 0, 0),
    ),
    "cancelled is not due": ("handling", [report(FIRST), moved("cancel", FIRST)], {"due_at": LAST}, (0, 0, 1)),
    "merged is not due": ("handling", [report(FIRST), moved("merge", FIRST)], {"due_at": LAST}, (0, 0, 1)),
    "done at the last moment": (
        "handling_in_time",
        [report(FIRST), assign(FIRST), moved("done", day(9))],
        {"due_at": day(9)},
        (1, 1, 0),
    ),
    "done too late": (
        "handling_in_time",
        [report(FIRST), assign(FIRST), moved("done", day(10))],
        {"due_at": day(9)},
        (0, 1, 0),
    ),
    "done too late but excused": (
        "handling_in_time",
        [report(FIRST), assign(FIRST), moved("done", day(10))],
        {"due_at": day(9), **EXCUSED},
        (0, 0, 1),
    ),
    "sent back for rework is not done": (
        "handling_in_time",
        [report(FIRST), assign(FIRST), moved("done", day(3)), moved("rework", day(4))],
        {"due_at": day(9)},
        (0, 1, 0),
    ),
    "closed in another system is done": (
        "handling_in_time",
        [report(FIRST)],
        {"state": "closed", "closed_at": day(8), "due_at": day(9)},
        (1, 1, 0),
    ),
    "handled once": ("rework", closed(FIRST, day(3), LAST), {}, (0, 1, 0)),
    "reworked": (
        "rework",
        [report(BEFORE), assign(BEFORE), moved("done", BEFORE), moved("rework", FIRST), moved("done", day(3))],
        {},
        (1, 1, 0),
    ),
    "still in rework": (
        "rework",
        [report(FIRST), assign(FIRST), moved("done", FIRST), moved("rework", day(2))],
        {},
        (0, 0, 0),
    ),
    "passed the check": ("checks", closed(FIRST, day(3), LAST), {}, (1, 1, 0)),
    "failed, then passed": (
        "checks",
        [*closed(FIRST, day(3), day(4))[:3], moved("rework", day(5)), moved("done", day(6)), moved("close", day(7))],
        {},
        (0, 1, 0),
    ),
    "failed last month, passed now": (
        "checks",
        [
            report(BEFORE),
            assign(BEFORE),
            moved("done", BEFORE),
            moved("rework", BEFORE),
            moved("done", FIRST),
            moved("close", LAST),
        ],
        {},
        (1, 1, 0),
    ),
    "not checked yet": ("checks", closed(FIRST, day(3), LAST)[:3], {}, (0, 0, 0)),
    "closed by the end": ("closing", closed(FIRST, day(3), LAST), {"due_at": day(4)}, (1, 1, 0)),
    "closed after the end": ("closing", closed(FIRST, day(3), AFTER), {"due_at": day(4)}, (0, 1, 0)),
    "closed in time": ("closing_in_time", closed(FIRST, day(3), day(4)), {"due_at": day(4)}, (1, 1, 0)),
    "done in time and closed late": ("closing_in_time", closed(FIRST, day(3), day(5)), {"due_at": day(4)}, (0, 1, 0)),
    "reported once": ("repeated", [report(FIRST)], {}, (0, 1, 0)),
    "closed and opened again": ("repeated", [*closed(FIRST, day(3), day(4)), moved("reopen", AFTER)], {}, (1, 1, 0)),
    "satisfied": (
        "satisfaction",
        [*closed(BEFORE, BEFORE, BEFORE), moved("visit", FIRST, satisfied=True)],
        {},
        (1, 1, 0),
    ),
    "not satisfied": (
        "satisfaction",
        [*closed(BEFORE, BEFORE, BEFORE), moved("visit", FIRST, satisfied=False)],
        {},
        (0, 1, 0),
    ),
    "visited next month": (
        "satisfaction",
        [*closed(FIRST, FIRST, FIRST), moved("visit", AFTER, satisfied=True)],
        {},
        (0, 0, 0),
    ),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_each_index_counts_of_one_ticket(town, case):
    id_, told, facts, expected = CASES[case]
    add_history(town, "T", told, **facts)
    assert counted(town, id_) == expected


def test_every_index_has_a_case_that_counts_and_one_that_does_not():
    for each in OF_TICKETS:
        outcomes = [outcome for id_, _, _, outcome in CASES.values() if id_ == each.id]
        assert {(1, 1, 0)} <= set(outcomes), each.id
        assert {(0, 1, 0), (0, 0, 0)} & set(outcomes), each.id


def test_a_merged_ticket_is_a_repeated_one(town):
    kept = add_history(town, "KEPT", [report(FIRST)])
    add_history(town, "SAME", [report(FIRST), moved("merge", FIRST)], merged_into_id=kept.id)
    assert counted(town, "repeated") == (1, 2, 0)


def test_what_is_due_later_in_a_running_period_is_not_due_yet(town):
    now = datetime.now(UTC)
    running = period(f"{now.astimezone().year}")
    for number, due in (("PAST", now - timedelta(minutes=1)), ("AHEAD", now + timedelta(days=1))):
        add_history(town, number, [report(now - timedelta(days=400)), assign(now - timedelta(days=400))], due_at=due)
    if running.since <= (now - timedelta(days=1)).date() and (now + timedelta(days=2)).date() <= running.until:
        assert counted(town, "closing", within=running) == (0, 1, 0)
    whole = period(f"{(now - timedelta(days=3)).date()}..{(now + timedelta(days=3)).date()}")
    assert counted(town, "closing", within=whole) == (0, 1, 0)


def test_a_ticket_that_two_units_had_counts_for_both(town):
    add_history(town, "T", [report(FIRST), assign(FIRST), give_back(day(2)), assign(day(3), "U2")])
    assert counted(town, "returned") == (1, 1, 0)
    assert counted(town, "returned", level="unit", of="U1") == (1, 1, 0)
    assert counted(town, "returned", level="unit", of="U2") == (0, 1, 0)
    # what is not told of the unit of an event is told of the one that has the ticket
    assert counted(town, "handling", level="unit", of="U1") == (0, 0, 0)


def test_cells_of_duty_grids_are_counted_as_walked_or_not(town):
    grid = DutyGrid(scheme="责任网格", code="D1", name="一号", town_code=WEST_TOWN, geom=square(0, 0, 2, 1))
    town.add(grid)
    for code in ("C1", "C2", "C3"):
        town.add(GridCell(code=code, town_code=WEST_TOWN, village_code="310112101001", geom=square(0, 0, 1, 1)))
    town.add(GridCell(code="GONE", town_code=WEST_TOWN, valid_to=date(2026, 1, 1), geom=square(0, 0, 1, 1)))
    town.flush()
    town.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=code) for code in ("C1", "C2", "GONE"))
    town.add_all(
        CellVisit(day=day, cell_code=code)
        for day, code in ((date(2026, 2, 1), "C1"), (date(2026, 2, 28), "C1"), (date(2026, 3, 1), "C2"))
    )
    town.flush()
    assert counted(town, "patrol") == (1, 2, 0)
    assert counted(town, "patrol", level="town", of=WEST_TOWN) == (1, 2, 0)
    assert counted(town, "patrol", level="village", of="310112101001") == (1, 2, 0)
    assert counted(town, "patrol", level="post", of="D1", within=period("2026-03")) == (1, 2, 0)
    assert counted(town, "patrol", tickets=TicketFilter(areas=(EAST_TOWN,))) == (0, 0, 0)
    scopes = [
        (Scope(towns=(WEST_TOWN,)), 2),
        (Scope(towns=(EAST_TOWN,)), 0),
        (Scope(towns=(WEST_TOWN,), duty_grids=(grid.id,)), 2),
        (Scope(towns=(WEST_TOWN,), duty_grids=(0,)), 0),
        (Scope(towns=(WEST_TOWN,), villages=("310112101002",)), 0),
        (Scope(towns=(), unit_id=1), 0),
    ]
    for scope, seen in scopes:
        assert counted(town, "patrol", tickets=TicketFilter(scope=scope))[1] == seen
    for part, expected in (("numerator", ["C1"]), ("denominator", ["C1", "C2"]), ("rest", ["C2"]), ("excluded", [])):
        found = queries.cells(town, part, days=FEBRUARY, level="post", of="D1", limit=9)
        assert [cell.code for cell in found] == expected
    (left,) = queries.cells(town, "rest", days=period("2026-03"), level="town", of=WEST_TOWN, limit=9)
    assert (left.code, left.last_walked) == ("C1", date(2026, 2, 28))


def test_an_unknown_index_is_told_with_those_there_are():
    with pytest.raises(NotFound, match="closing_in_time"):
        index("quality")


def test_every_measure_has_its_words_and_the_other_way_round():
    assert {each.id for each in INDICES} == set(MEASURES)
    for each in INDICES:
        assert each.zh.formula != each.en.formula
        assert all(vars(each.zh).values())
        assert all(vars(each.en).values())
