"""A walk past tickets of the records, in the metre CRS of the district."""

from datetime import UTC, datetime

import pytest
from makers import SOUTH, WEST, add_areas, spot

from geodata.models import Ticket
from geodata.queries.desk import desk_lines
from geodata.queries.ticket_filter import TicketFilter
from geodata.services.walks import round_of
from spatial.crs import geodesic_metres
from spatial.route import MOST_STOPS

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def add(session, places):
    """Tickets in the order of their numbers, the most urgent first; None is a place nobody knows."""
    add_areas(session)
    for number, place in enumerate(places):
        told = {"source": "s", "category_code": "0102", "title": "垃圾", "state": "dispatched", "reported_at": NOW}
        session.add(Ticket(number=f"T{number:03}", geom=None if place is None else spot(*place), **told))
    session.flush()
    return desk_lines(session, TicketFilter(), limit=200)


def order(found):
    return [stop.line.line.number for stop in found.stops]


def test_from_where_one_stands_the_nearest_end_of_a_street_comes_first(session):
    lines = add(session, [(3, 1), (1, 1), (2, 1)])
    found = round_of(session, lines, start=(WEST + 0.005, SOUTH + 0.01))
    assert order(found) == ["T001", "T002", "T000"]
    (first,) = geodesic_metres(WEST + 0.005, SOUTH + 0.01, WEST + 0.01, SOUTH + 0.01)
    # the metre CRS of the district is as true as a phone
    assert found.stops[0].leg_m == pytest.approx(first, rel=2e-3)
    assert found.metres == pytest.approx(sum(stop.leg_m for stop in found.stops))


def test_without_a_place_to_start_from_the_most_urgent_is_first(session):
    lines = add(session, [(2, 1), (3, 1), (1.9, 1)])
    found = round_of(session, lines)
    assert order(found)[0] == "T000"
    assert found.stops[0].leg_m == 0
    assert sorted(order(found)) == ["T000", "T001", "T002"]


def test_what_has_no_place_stands_at_the_end_and_costs_no_way(session):
    lines = add(session, [None, (1, 1), None, (1, 1)])
    found = round_of(session, lines)
    assert order(found) == ["T001", "T003", "T000", "T002"]
    assert [stop.leg_m for stop in found.stops] == [0, 0, None, None]
    assert found.metres == 0


def test_more_than_anybody_walks_follow_in_their_order(session):
    lines = add(session, [(number % 9 / 9, number / 70) for number in range(MOST_STOPS + 5)])
    found = round_of(session, lines)
    assert sorted(order(found)[:MOST_STOPS]) == [f"T{number:03}" for number in range(MOST_STOPS)]
    assert order(found)[MOST_STOPS:] == [f"T{number:03}" for number in range(MOST_STOPS, MOST_STOPS + 5)]


def test_nothing_to_do_is_no_way(session):
    assert round_of(session, [], start=(WEST, SOUTH)) == ([], 0.0)
