import numpy as np
import pytest

from spatial.errors import NoFlow
from spatial.flow import Arcs, Rooms, least_cost, prices

# Two tickets, places 0 and 1, the office 2: both want place 0, the second more so.
ARCS = Arcs(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2]), np.array([10, 30, 900, 10, 90, 900]))


def rooms(*room, rate=0):
    nothing = np.zeros(len(room), dtype=np.int64)
    return Rooms(np.array(room), nothing, nothing + rate)


@pytest.mark.parametrize(
    ("room", "to_office", "places"),
    [
        pytest.param((1, 1, 2), None, [1, 0], id="one room each"),
        pytest.param((2, 1, 2), None, [0, 0], id="room for both"),
        pytest.param((0, 1, 2), None, [1, 2], id="one must stay"),
        pytest.param((1, 1, 2), 2, [2, 2], id="both are told to stay"),
        pytest.param((2, 1, 2), 0, [0, 0], id="none may stay"),
    ],
)
def test_the_cheapest_way_to_spread_them(room, to_office, places):
    assert least_cost(ARCS, rooms(*room), to_office=to_office).tolist() == places


def test_a_place_that_grows_dearer_with_every_ticket_takes_fewer():
    assert least_cost(ARCS, rooms(2, 1, 2, rate=100)).tolist() == [1, 0]


def test_what_cannot_be_is_refused():
    with pytest.raises(NoFlow, match="2 tickets"):
        least_cost(ARCS, rooms(1, 0, 2), to_office=0)


def test_the_price_of_a_full_place_is_what_making_room_there_costs():
    found = prices(ARCS, rooms(1, 1, 2), np.array([1, 0]))
    # Both places are full; what the last room of each is worth is bounded by the office's price alone.
    assert found.place.tolist() == [890, 870, 0]
    assert found.paid.tolist() == [900, 900]
    assert found.is_certain


@pytest.mark.parametrize(
    "given", [[0, 1], [2, 0], [2, 2]], ids=["the wrong way round", "one left out", "both left out"]
)
def test_prices_do_not_prove_what_is_not_best(given):
    assert not prices(ARCS, rooms(1, 1, 2), np.array(given)).is_certain
