"""The map of tickets that another policy would send elsewhere."""

import pytest
from defusedxml.ElementTree import fromstring
from makers import add_areas, at

from geodata.services.dry_runs import Going, Moved
from spatial.crs import to_metre
from webmap.maps.drawing_moves import MOST_LINES, moves_map

SVG = "{http://www.w3.org/2000/svg}"


def going(code, east, north):
    x, y = to_metre(*at(east, north), 4549)
    return Going(code, f"单位<{code}>", float(x[0]), float(y[0]), 500.0)


def moved(number, place, before, after):
    lon, lat = at(*place) if place else (None, None)
    return Moved(number, "垃圾", "other_unit", lon, lat, before, after, is_from_today=False)


@pytest.fixture
def drawn(app, session):
    """A function from moves to their map."""
    add_areas(session)

    def draw(*moves):
        with app.test_request_context():
            return moves_map(session, moves, title="改派", metre_srid=4549)

    return draw


def paths(tree, **attributes):
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [p for p in tree.iter(f"{SVG}path") if all(p.get(name) == value for name, value in wanted.items())]


def test_each_ticket_has_a_dashed_line_to_its_unit_and_an_arrow_to_the_new_one(drawn):
    found = drawn(moved("1", (0.5, 1.0), going("U1", 0.2, 1.0), going("U2", 0.9, 1.4)))
    tree = fromstring(found.picture)
    assert len([p for p in paths(tree, stroke="var(--map-village)") if p.get("stroke-dasharray")]) == 1
    assert len(paths(tree, stroke="var(--action)")) == 1
    assert len(paths(tree, fill="var(--action)")) == 1
    assert len(paths(tree, fill="var(--ticket-new)")) == 1
    assert tree.get("aria-label") == "改派"
    assert {text.text for text in tree.iter(f"{SVG}text")} == {"单位<U1>", "单位<U2>"}
    assert (found.shown, found.scale[:2]) == (1, "1:")


def test_a_ticket_that_nobody_would_have_is_a_ring_without_an_arrow(drawn):
    tree = fromstring(drawn(moved("1", (0.5, 1.0), going("U1", 0.2, 1.0), None)).picture)
    assert paths(tree, stroke="var(--action)") == []
    assert [c for c in tree.iter(f"{SVG}circle") if c.get("stroke") == "var(--late)"]


def test_what_has_no_place_is_left_out_and_without_any_there_is_no_map(drawn):
    nowhere = Going("U3", "单位", None, None, None)
    found = drawn(moved("1", None, None, going("U1", 0.2, 1.0)), moved("2", (0.5, 1.0), None, nowhere))
    assert found.shown == 1
    assert drawn(moved("1", None, None, going("U1", 0.2, 1.0))) is None
    assert drawn() is None


def test_no_more_lines_are_drawn_than_an_eye_can_follow(drawn):
    many = [moved(str(n), (0.5 + n / 1000, 1.0), going("U1", 0.2, 1.0), None) for n in range(MOST_LINES + 5)]
    assert drawn(*many).shown == MOST_LINES
