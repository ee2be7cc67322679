"""The small map on the pages of features: where those of the page lie."""

import re
from http import HTTPStatus

import pytest

UNITS = "/ogc/collections/units/items"


def pictures(answer):
    assert answer.status_code == HTTPStatus.OK
    return re.findall(r'<svg[^>]*class="place-picture".*?</svg>', answer.text, flags=re.DOTALL)


def test_a_page_of_features_shows_where_they_lie(client, ten_units):
    (picture,) = pictures(client.get(f"{UNITS}?f=html&lang=en&limit=5"))
    # NOWHERE and U0 to U3: what has no place is in the table alone
    assert picture.count("<circle") == 4
    assert 'aria-label="Map of these features' in picture


def test_one_feature_shows_where_it_lies(client, ten_units):
    assert pictures(client.get(f"{UNITS}/U3?f=html"))[0].count("<circle") == 1
    (picture,) = pictures(client.get("/ogc/collections/towns/items/310112101000?f=html"))
    assert "<circle" not in picture
    assert 'fill-opacity="0.18"' in picture


@pytest.mark.parametrize(
    "path",
    [
        f"{UNITS}/NOWHERE?f=html",
        f"{UNITS}?f=html&code=NONE",
        f"{UNITS}?f=html&crs=http://www.opengis.net/def/crs/EPSG/0/4549",
    ],
)
def test_without_a_place_in_degrees_there_is_no_map(client, ten_units, path):
    assert pictures(client.get(path)) == []


def test_of_a_long_page_the_first_are_drawn_and_that_is_said(client, ten_units, monkeypatch):
    monkeypatch.setattr("webmap.api.ogc.items.MOST_DRAWN", 3)
    answer = client.get(f"{UNITS}?f=html&lang=en")
    assert pictures(answer)[0].count("<circle") == 2
    assert "The first 3 of this page." in answer.text
