"""The small map of a place: what is near is on it, roads by name, names as text, colours of the page's scheme."""

import re
from html import unescape

import pytest
from makers import SOUTH, WEST, add_areas

from geodata.models import BasemapFeature
from geodata.services.installation import installation
from webmap.maps.drawing_colours import colour, light_tokens, on_page
from webmap.maps.drawing_place import HEIGHT_MM, WIDTH_MM, Spot, place_map
from webmap.maps.styles import TICKET_NEW, UNIT_NEAR

# About a metre, in degrees of latitude; of longitude it is a seventh less here.
METRE = 1 / 111_000


@pytest.fixture
def draw(session):
    """A function that draws the map of a place in the western village, with whatever else is told."""
    add_areas(session)

    def make(*others, title="map"):
        here = Spot(WEST + 0.005, SOUTH + 0.005, TICKET_NEW)
        return place_map(session, [here, *others], title=title, metre_srid=installation(session).metre_srid)

    return make


def unit(east_m, name="单位"):
    return Spot(WEST + 0.005 + east_m * METRE, SOUTH + 0.005, UNIT_NEAR, name)


def add_road(session, ref, name, *, metres=((-300, 20), (0, 20))):
    line = ", ".join(f"{WEST + 0.005 + x * METRE} {SOUTH + 0.005 + y * METRE}" for x, y in metres)
    geom = f"SRID=4326;MULTILINESTRING(({line}))"
    road = BasemapFeature(theme="road", kind="primary", name=name, from_zoom=10, source="t", source_ref=ref, geom=geom)
    session.add(road)
    session.flush()


def texts(picture):
    """Every text of the map, halos left out."""
    return [unescape(one) for one in re.findall(r"<text[^>]*>([^<]*)</text>", picture)][1::2]


def test_the_place_lies_in_the_middle_with_a_round_scale(draw):
    drawn = draw()
    rings = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4.2"', drawn.picture)
    assert {(float(x), float(y)) for x, y in rings} == {(WIDTH_MM / 2, HEIGHT_MM / 2)}
    # 300 m of ground and the margins on 70 mm of paper
    assert drawn.scale == "1:5\u2009000"
    assert texts(drawn.picture) == ["100 m", "N"]


def test_a_unit_nearby_is_shown_by_name_and_one_far_off_does_not_shrink_the_map(draw):
    assert "单位" in texts(draw(unit(200)).picture)
    far = draw(unit(3000))
    assert far.scale == draw().scale
    assert "单位" not in texts(far.picture)


def test_a_road_in_pieces_is_named_once_along_itself(draw, session):
    add_road(session, "1", "长江路", metres=((-300, 20), (0, 20)))
    add_road(session, "2", "长江路", metres=((0, 20), (300, 20)))
    add_road(session, "3", "斜街", metres=((-200, -200), (200, 200)))
    add_road(session, "4", "短", metres=((40, -60), (42, -60)))
    picture = draw().picture
    assert sorted(texts(picture)) == ["100 m", "N", "斜街", "长江路"]
    turns = [float(turn) for turn in re.findall(r"rotate\((-?[\d.]+) ", picture)]
    assert sorted(round(turn) for turn in turns) == pytest.approx([-49, 0], abs=2)


def test_hostile_names_stand_as_text(draw, session):
    bad = "</text><script>1"
    add_road(session, "1", bad, metres=((-300, 20), (300, 20)))
    picture = draw(unit(40, bad), title=bad).picture
    assert "<script" not in picture
    assert unescape(re.search(r'aria-label="([^"]*)"', picture)[1]) == bad
    assert texts(picture).count(bad) == 2


def test_colours_follow_the_scheme_of_the_page_and_only_there(draw):
    picture = draw(unit(100)).picture
    assert re.findall(r"#[0-9a-f]{6}", picture) == []
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", picture)) <= set(light_tokens())
    with on_page():
        assert colour("--ink") == "var(--ink)"
    assert colour("--ink") == light_tokens()["--ink"]
