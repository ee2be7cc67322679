"""Reading street addresses of the American kind."""

import pytest

from geodata.geocode.parse import Dictionary, Named, parse_address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("133 AVENUE, 231 STREET", {"road": "133 AVENUE", "cross_road": "231 STREET"}, id="cross streets"),
        pytest.param("Main St & 5th Ave", {"road": "MAIN STREET", "cross_road": "5 AVENUE"}, id="short forms"),
        pytest.param("164 Linden Boulevard", {"number": "164", "road": "LINDEN BOULEVARD"}, id="door"),
        pytest.param("104-28 117 STREET", {"number": "104-28", "road": "117 STREET"}, id="dashed number"),
        pytest.param("5919 14 AVENUE", {"number": "5919", "road": "14 AVENUE"}, id="number, numbered street"),
        pytest.param("42 STREET", {"road": "42 STREET"}, id="street named by a number"),
        pytest.param("142 E   98 ST", {"number": "142", "road": "EAST 98 STREET"}, id="spaces and east"),
        pytest.param(
            "Broadway between Oak St and Elm St",
            {"road": "BROADWAY", "cross_road": "OAK STREET", "to_road": "ELM STREET"},
            id="between",
        ),
        pytest.param("11 Cadman Plaza W", {"number": "11", "road": "CADMAN PLAZA WEST"}, id="plaza with a number"),
        pytest.param("Gorman Park", {"place": "GORMAN PARK"}, id="park without one"),
        pytest.param("City Hall", {"place": "CITY HALL"}, id="place"),
        pytest.param(
            "8 OAK ST, HARBOR",
            {"number": "8", "road": "OAK STREET", "town_code": "1", "town_name": "Harbor"},
            id="town",
        ),
    ],
)
def test_english(text, parts):
    assert parse_address(text, Dictionary([Named("1", "Harbor")])).parts() == parts
