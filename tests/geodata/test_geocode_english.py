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
            "27 Elm St, suite 408 harbor",
            {"number": "27", "road": "ELM STREET", "inside": "SUITE 408"},
            id="suite, town",
        ),
        pytest.param(
            "45 Elm Ave. Harbor",
            {"number": "45", "road": "ELM AVENUE", "town_code": "1", "town_name": "Harbor"},
            id="town without a comma",
        ),
        pytest.param(
            "45 Elm Ave Harbor",
            {"number": "45", "road": "ELM AVENUE", "town_code": "1", "town_name": "Harbor"},
            id="town without a comma or a point",
        ),
        pytest.param(
            "45 Avenue St Elm", {"number": "45", "road": "AVENUE ST ELM"}, id="no town in a name with a saint"
        ),
        pytest.param("45 Elm Ave N", {"number": "45", "road": "ELM AVENUE NORTH"}, id="way at the end"),
        pytest.param(
            "8-12 27th Rd apt 4E 4E", {"number": "8-12", "road": "27 ROAD", "inside": "APT 4E"}, id="unit said twice"
        ),
        pytest.param(
            "Elm St, Oak Pl Btwn. Fir Rd & Pine Ave",
            {"road": "ELM STREET", "cross_road": "OAK PLACE"},
            id="stretch of the street that crosses",
        ),
        pytest.param(
            "OAK ST BTWN 5TH AND 6TH AVES",
            {"road": "OAK STREET", "cross_road": "5 AVENUE", "to_road": "6 AVENUE"},
            id="one word for both ends",
        ),
        pytest.param(
            "11 E 26 ST BET OAK AV & 5 AV",
            {"number": "11", "road": "EAST 26 STREET", "cross_road": "OAK AVENUE", "to_road": "5 AVENUE"},
            id="door and the streets beside it",
        ),
        pytest.param(
            "12 Oak St at Elm St", {"number": "12", "road": "OAK STREET", "cross_road": "ELM STREET"}, id="door, corner"
        ),
        pytest.param(
            "34th St. under Elm Drive", {"road": "34 STREET", "cross_road": "ELM DRIVE"}, id="under another road"
        ),
        pytest.param(
            "ELM ST & OAK/PINE/S FIR", {"road": "ELM STREET", "cross_road": "OAK"}, id="more than two streets"
        ),
        pytest.param(
            "Elm Ave, Oak Park E", {"road": "ELM AVENUE", "cross_road": "OAK PARK EAST"}, id="street along a park"
        ),
        pytest.param("442,446 Elm Avenue", {"number": "442", "suffix": ",446", "road": "ELM AVENUE"}, id="two doors"),
        pytest.param(
            "18-02 ELM BLVD STE 306", {"number": "18-02", "road": "ELM BOULEVARD", "inside": "STE 306"}, id="suite"
        ),
        pytest.param(
            "57 W 38th St, 2nd Floor", {"number": "57", "road": "WEST 38 STREET", "inside": "2ND FLOOR"}, id="floor"
        ),
        pytest.param(
            "Elm Cross Expwy Service Rd", {"road": "ELM CROSS EXPRESSWAY SERVICE ROAD"}, id="short form inside"
        ),
        pytest.param(
            "Elm Plaza (Oak Ave & 258 St)",
            {"place": "ELM PLAZA", "road": "OAK AVENUE", "cross_road": "258 STREET"},
            id="crossing in brackets",
        ),
        pytest.param(
            "Elm Hall, 91-33 Oak St., Harbor",
            {"place": "ELM HALL", "number": "91-33", "road": "OAK STREET", "town_code": "1", "town_name": "Harbor"},
            id="place, then its door",
        ),
        pytest.param(
            "8 OAK ST, HARBOR",
            {"number": "8", "road": "OAK STREET", "town_code": "1", "town_name": "Harbor"},
            id="town",
        ),
    ],
)
def test_english(text, parts):
    assert parse_address(text, Dictionary([Named("1", "Harbor")])).parts() == parts
