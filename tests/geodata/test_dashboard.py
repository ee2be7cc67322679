"""The towns side by side: each figure is a count of the list that it opens."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
from makers import add_areas

from geodata.models import Area, Ticket
from geodata.queries.facets import total
from geodata.queries.ticket_filter import TicketFilter
from geodata.services.dashboard import LATELY_DAYS, compare
from geodata.services.workflow import STATES

# a Wednesday, ten in the morning in the district
NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
WEST, EAST = "310112101000", "310112102000"


def add(session, number, town=WEST, **facts):
    told = {"source": "s", "category_code": "0102", "title": "垃圾", "state": "reported", "reported_at": NOW}
    session.add(Ticket(number=number, town_code=town, **{**told, **facts}))
    session.flush()


def closed(days, *, hours=10.0, late=False, **facts):
    """A ticket closed so many days ago: dispatched two hours after its report, done after so many more."""
    at = NOW - timedelta(days=days)
    dispatched = at - timedelta(hours=hours)
    return {
        "state": "closed",
        "closed_at": at,
        "done_at": dispatched + timedelta(hours=hours),
        "dispatched_at": dispatched,
        "reported_at": dispatched - timedelta(hours=2),
        "due_at": at - timedelta(hours=1) if late else at + timedelta(hours=1),
        **facts,
    }


def test_each_town_has_its_own_figures_and_the_district_has_all(session):
    add_areas(session)
    add(session, "NEW")
    add(session, "LATE", state="handling", due_at=datetime.now(UTC) - timedelta(hours=1))
    add(session, "RETURNED", state="returned")
    add(session, "DONE", state="done")
    add(session, "EAST", EAST, state="done")
    add(session, "NOWHERE", None, state="filed")
    found = compare(session, at=NOW)
    west, east = found.towns
    assert (west.shape.name, east.shape.name) == ("西镇", "东镇")
    told = [(one.figures.open, one.figures.late, one.figures.to_assign, one.figures.to_check) for one in (west, east)]
    assert told == [(4, 1, 1, 1), (1, 0, 0, 1)]
    assert [one.figures.open for one in found.elsewhere] == [1]
    assert (found.whole.figures.open, found.whole.figures.to_assign) == (6, 2)
    assert west.area_ha == pytest.approx(423, rel=0.02)
    assert found.whole.area_ha == pytest.approx(2 * west.area_ha)
    assert west.density == pytest.approx(100 * 4 / west.area_ha)


def test_rates_and_medians_are_of_what_was_closed_lately(session):
    add_areas(session)
    for number, facts in enumerate(
        [
            closed(1, hours=4),
            closed(1, hours=8, late=True),
            closed(9, hours=30, rework_count=1, return_count=2),
            closed(10, hours=9, due_at=None),
            closed(LATELY_DAYS - 1, hours=9),
            closed(LATELY_DAYS + 1, hours=999, late=True),
        ]
    ):
        add(session, f"T{number}", **facts)
    found = compare(session, at=NOW)
    assert found.days == type(found.days)(date(2026, 3, 9), date(2026, 3, 1), date(2026, 2, 10))
    west = found.towns[0].figures
    assert (west.closed_week, west.closed_month, west.closed) == (2, 4, 5)
    assert (west.in_time, west.too_late, west.reworked, west.bounced) == (3, 1, 1, 1)
    assert (found.towns[0].in_time, found.towns[0].reworked, found.towns[0].bounced) == (75, 20, 20)
    assert (found.towns[1].in_time, found.towns[1].reworked) == (None, None)
    assert west.dispatch_h == pytest.approx(2)
    assert west.done_h == pytest.approx(median([4, 8, 30, 9, 9]))
    assert (found.towns[1].figures.closed, found.towns[1].figures.done_h) == (0, None)


FIGURES = {
    "open": {"states": ("new", "work", "check")},
    "late": {"desks": ("late",)},
    "to_assign": {"desks": ("assign",)},
    "to_check": {"desks": ("check",)},
    "closed_week": {"closed_since": "week"},
    "closed_month": {"closed_since": "month"},
    "closed": {"closed_since": "lately"},
    "in_time": {"closed_since": "lately", "due": ("ontime",)},
    "too_late": {"closed_since": "lately", "due": ("late",)},
    "reworked": {"closed_since": "lately", "desks": ("reworked",)},
    "bounced": {"closed_since": "lately", "desks": ("bounced",)},
}


def test_every_figure_is_the_number_of_tickets_that_its_list_shows(session):
    add_areas(session)
    draw = random.Random(3)  # noqa: S311 - made-up records, no secret
    for number in range(300):
        state = draw.choice([*STATES, *["closed"] * 15])
        moment = NOW - timedelta(hours=draw.uniform(0, 24 * 50))
        add(
            session,
            f"T{number}",
            draw.choice([WEST, EAST]),
            state=state,
            closed_at=moment if state == "closed" else None,
            due_at=draw.choice([None, moment + timedelta(hours=draw.uniform(-40, 40))]),
            rework_count=draw.choice([0, 0, 1]),
            return_count=draw.choice([0, 1]),
            pending=draw.choice([None, "referee"]),
        )
    found = compare(session, at=NOW)
    for town in found.towns:
        for name, conditions in FIGURES.items():
            asked = dict(conditions)
            if "closed_since" in asked:
                asked["closed_since"] = getattr(found.days, asked["closed_since"])
            listed = total(session, TicketFilter(areas=(town.shape.code,), **asked))
            assert getattr(town.figures, name) == listed, (town.shape.name, name)
    assert sum(town.figures.in_time for town in found.towns) > 5


def test_a_town_without_a_boundary_or_a_ticket_is_there_all_the_same(session):
    add_areas(session)
    session.add(Area(level="town", code="310112103000", name="新镇", parent_code="310112"))
    session.flush()
    found = compare(session, at=NOW)
    assert [town.shape.name for town in found.towns] == ["西镇", "东镇", "新镇"]
    new = found.towns[2]
    assert (new.area_ha, new.shape.path, new.figures.open, new.figures.done_h) == (None, None, 0, None)
    assert (found.whole.area_ha, found.whole.density) == (None, None)


def test_a_district_without_towns_has_a_whole(session):
    found = compare(session, at=NOW)
    assert (found.towns, found.elsewhere, found.whole.figures.open, found.whole.area_ha) == ([], [], 0, None)
