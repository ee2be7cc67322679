"""What of an area or a unit somebody may change: the area, what lies in it, and the unit one works for."""

import pytest
from makers import add_areas, add_unit

from geodata.queries.scope import ALL, NOTHING, Scope
from geodata.services.permissions import holds_area, holds_unit

TOWN, OTHER = "310112101000", "310112102000"
VILLAGE, NEXT, FAR = "310112101001", "310112101002", "310112102001"
OF_TOWN = Scope(towns=(TOWN,))
OF_VILLAGE = Scope(towns=(TOWN,), villages=(VILLAGE,))
WALKER = Scope(towns=(TOWN,), duty_grids=(1,), reporter="officer")


@pytest.fixture
def areas(session):
    """Two towns with villages."""
    add_areas(session)
    return session


@pytest.mark.parametrize(
    ("scope", "level", "code", "expected"),
    [
        (ALL, "district", "310112", True),
        (ALL, "village", FAR, True),
        (OF_TOWN, "district", "310112", False),
        (OF_TOWN, "town", TOWN, True),
        (OF_TOWN, "town", OTHER, False),
        (OF_TOWN, "village", VILLAGE, True),
        (OF_TOWN, "village", FAR, False),
        (OF_VILLAGE, "town", TOWN, False),
        (OF_VILLAGE, "village", VILLAGE, True),
        (OF_VILLAGE, "village", NEXT, False),
        (WALKER, "village", VILLAGE, True),
        (NOTHING, "town", TOWN, False),
        (OF_TOWN, "town", VILLAGE, False),
        (ALL, "town", "999999999999", True),
        (OF_TOWN, "village", "999999999999", False),
    ],
)
def test_whose_an_area_is(areas, scope, level, code, expected):
    assert holds_area(areas, scope, level, code) is expected


def test_whose_a_unit_is(areas):
    unit = add_unit(areas, "U1")
    unit.town_code, unit.village_code = TOWN, VILLAGE
    assert holds_unit(ALL, unit)
    assert holds_unit(OF_TOWN, unit)
    assert holds_unit(OF_VILLAGE, unit)
    assert holds_unit(Scope(towns=(), unit_id=unit.id), unit)
    assert not holds_unit(Scope(towns=(), unit_id=unit.id + 1), unit)
    assert not holds_unit(Scope(towns=(OTHER,)), unit)
    assert not holds_unit(Scope(towns=(TOWN,), villages=(NEXT,)), unit)
    assert not holds_unit(NOTHING, unit)
