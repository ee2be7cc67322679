import json
import re

import folium
import pytest
from folium.plugins import HeatMap

from geodata import catalog
from geodata.models import DEMAND_STATES, MEETING_STATES, WHISTLE_STATES
from geodata.queries.readers import OF_A_READER
from geodata.services.workflow import STATES
from webmap import files
from webmap.access import ACTIONS
from webmap.maps import assets, layers, page, styles
from webmap.maps.assets import MissingAsset
from webmap.maps.styles import KindOfUnit

TOKENS = (files.FOLDER / "css" / "tokens.css").read_text(encoding="utf-8")

KINDS = [KindOfUnit(f"k{n}", f"kind {n}") for n in range(20)]


@pytest.fixture
def known(app):
    """The layers as a district's reader in Chinese gets them."""
    with app.test_request_context():
        return layers.layers_for(may=lambda _action: True, kinds=KINDS, version=lambda _collection: "7", lang="zh_Hans")


@pytest.fixture
def parts():
    return page.map_parts("NONCE")


def test_every_asset_the_pages_need_is_on_this_server():
    assets.check()
    for name in assets.NEEDED:
        assert (files.FOLDER / assets.url(name).removeprefix(files.address(""))).is_file()


def test_an_asset_nobody_brought_here_is_refused():
    with pytest.raises(MissingAsset, match=r"package\.json"):
        assets.url("jquery")


def test_a_plugin_that_asks_for_something_new_is_refused():
    figure = page.MapFigure()
    chart = folium.Map(tiles=None)
    HeatMap([[0, 0]]).add_to(chart)
    figure.add_child(chart)
    with pytest.raises(MissingAsset):
        figure.parts("NONCE")


def test_the_map_asks_no_other_host(parts):
    assert "//" not in re.sub(r"/\*.*?\*/", "", parts.head + parts.body + parts.script, flags=re.S)
    assert re.findall(r'(?:src|href)="([^"]+)"', parts.head) == [assets.url("leaflet_js"), assets.url("leaflet_css")]


def test_every_inline_script_and_style_has_the_nonce(parts):
    opened = re.findall(r"<(?:script|style)(?![^>]*\bsrc=)[^>]*>", parts.head)
    assert len(opened) >= 2
    assert [tag for tag in opened if 'nonce="NONCE"' not in tag] == []


def test_a_page_names_its_scripts_ahead_and_each_of_them_is_there():
    named = assets.modules("map.js")
    assert named[0] == files.address("js/map.js")
    read = {files.address("js/tiles.js"), files.address("js/outline.js"), assets.url("pbf"), assets.url("vector_tile")}
    assert read <= set(named)
    assert len(set(named)) == len(named)
    for address in named:
        assert (files.FOLDER / address.removeprefix(files.address(""))).is_file()


def test_the_viewport_that_forbids_zooming_is_gone(parts):
    assert "user-scalable" not in parts.head
    assert "maximum-scale" not in parts.head


def test_the_same_page_is_the_same_text(parts):
    assert page.map_parts("NONCE") == parts


def test_two_maps_in_one_process_do_not_share_their_assets(parts):
    folium.Map(tiles=None).add_js_link("leaflet", "https://elsewhere.example/leaflet.js")
    try:
        assert "elsewhere" not in page.map_parts("NONCE").head
    finally:
        folium.Map.default_js.pop()


def test_each_layer_is_a_published_collection(known):
    assert len({layer["id"] for layer in known}) == len(known) == len(layers.LAYERS)
    for layer in known:
        published = catalog.collection(layer["id"])
        assert layer["key"] == published.key
        assert layer["by"] is None or layer["by"] in published.on_tile
        assert layer["title"] == published.title_zh
        assert layer["url"] == f"/tiles/{layer['id']}/{{z}}/{{x}}/{{y}}.mvt?v=7"


def test_an_area_is_never_drawn_below_the_zoom_it_has_tiles_for(known):
    for layer in known:
        published = catalog.collection(layer["id"])
        assert published.shape == "Point" or layer["fromZoom"] >= published.min_zoom
        assert layer["shape"] == {"Point": "point", "MultiLineString": "line", "MultiPolygon": "area"}[published.shape]


def test_what_changes_too_often_to_keep_comes_by_itself(known):
    """And what is not the same for everybody."""
    alone = {layer["id"] for layer in known if not layer["isJoint"]}
    assert alone == {"tickets", *OF_A_READER}


def test_every_layer_stands_in_a_group_that_has_a_title(known, app):
    with app.test_request_context():
        assert {layer["group"] for layer in known} == set(layers.group_titles())


def test_names_are_only_written_for_collections_whose_tiles_carry_them(known):
    assert [layer["id"] for layer in known if layer["labelZooms"]] == [
        "waterways",
        "roads",
        "villages",
        "towns",
    ]
    for layer in known:
        assert not layer["labelZooms"] or "name" in catalog.collection(layer["id"]).on_tile


def test_somebody_without_the_permission_is_not_told_of_the_layer(app):
    with app.test_request_context():
        for action in ACTIONS:
            told = layers.layers_for(
                may=lambda asked, only=action: asked == only, kinds=[], version=lambda _c: "", lang="en"
            )
            assert {catalog.collection(layer["id"]).read for layer in told} <= {action}


def test_every_colour_is_a_token(known):
    looks = [one["style"] for layer in known for one in (*layer["classes"], *layer["marks"])]
    used = {look[part] for look in looks for part in ("line", "fill", "casing")} - {None}
    assert len(used) > 12
    assert [token for token in sorted(used) if f"  {token}:" not in TOKENS] == []


def test_no_style_sheet_but_the_tokens_names_a_colour():
    for sheet in sorted(path for path in (files.FOLDER / "css").glob("*.css") if path.name != "tokens.css"):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet.read_text(encoding="utf-8")) == []


def test_every_kind_of_unit_looks_different():
    looks = [(one.style.fill, one.style.symbol) for one in styles.unit_kinds(KINDS)]
    assert len(set(looks)) == len(KINDS)


def test_units_tickets_and_points_differ_in_shape(app):
    with app.test_request_context():
        tickets = {style.symbol for _title, style, _states in layers.ticket_groups()}
    points = {styles.POINT.symbol, styles.POINT_UNHELD.symbol}
    others = (
        {styles.RESOURCE.symbol},
        {styles.DEMAND_UNMET.symbol},
        {styles.MEETING_AHEAD.symbol},
        {styles.CALL_RUNNING.symbol},
        {one.style.symbol for one in styles.joints([("a", "A")])},
    )
    kinds = [set(styles.SHAPES), tickets, points, *others]
    assert sum(map(len, kinds)) == len(set().union(*kinds))


def test_every_state_of_a_demand_has_one_look_and_the_unmet_one_is_full(known):
    looks = classes_of(known, "demands")
    assert sorted(state for look in looks for state in look["values"]) == sorted(DEMAND_STATES)
    unmet, *others = looks
    assert (unmet["values"], unmet["style"]["fill"]) == (["open"], "--map-demand")
    assert all(one["style"]["fill"] is None and one["style"]["size_px"] < unmet["style"]["size_px"] for one in others)


@pytest.mark.parametrize(("id_", "states"), [("meetings", MEETING_STATES), ("whistle_calls", WHISTLE_STATES)])
def test_every_state_of_a_meeting_and_of_a_call_has_one_look_and_what_is_ahead_is_full(known, id_, states):
    ahead, *others = classes_of(known, id_)
    assert sorted(state for look in (ahead, *others) for state in look["values"]) == sorted(states)
    assert ahead["style"]["fill"]
    assert not any(look["style"]["fill"] for look in others)


def classes_of(known, id_):
    """The looks of a layer."""
    return next(layer for layer in known if layer["id"] == id_)["classes"]


def test_every_state_of_a_ticket_has_one_look(app):
    with app.test_request_context():
        shown = [state for _title, _style, states in layers.ticket_groups() for state in states]
        looks = {(style.symbol, style.fill or style.line) for _title, style, _states in layers.ticket_groups()}
    assert sorted(shown) == sorted(STATES)
    assert len({symbol for symbol, _colour in looks}) == len(looks) == 4


def test_deadlines_are_told_by_a_ring_and_not_by_colour_alone(known):
    late, soon = next(layer for layer in known if layer["id"] == "tickets")["marks"]
    assert (late["values"], soon["values"]) == (["late"], ["soon"])
    assert late["style"]["dash"] != soon["style"]["dash"]


def test_a_measure_has_five_steps_and_says_what_has_no_value(known):
    for layer in known:
        if any(look["low"] is not None for look in layer["classes"]):
            *steps, missing = [look for look in layer["classes"] if look["style"]["hatch"] != "gap"]
            assert [step["style"]["fill"] for step in steps] == [f"--seq-{n}" for n in range(1, 6)]
            assert [step["low"] for step in steps[1:]] == [step["high"] for step in steps[:-1]]
            assert (missing["values"], missing["style"]["hatch"]) == ([None], "missing")


def test_a_village_without_a_unit_is_hatched_and_no_lowest_step(known):
    none, lowest, *_others = classes_of(known, "unit_density")
    assert (none["style"]["hatch"], none["low"], none["high"]) == ("gap", 0, lowest["low"])


def test_few_classes_are_spread_over_the_whole_scale():
    breaks = [styles.Break(0, 10, 3), styles.Break(10, None, 4), styles.Break(None, None, 1)]
    near, far, missing = styles.measured(breaks, str, "no data")
    assert (near.style.fill, far.style.fill) == ("--seq-1", "--seq-5")
    assert (near.count, far.count, missing.count) == (3, 4, 1)


def test_what_is_missing_differs_without_colour():
    assert styles.GAP.hatch == "gap"
    assert styles.BLOCK_UNHELD.hatch == "missing"
    assert styles.POINT_UNHELD.fill is None


def test_the_sample_of_a_layer_is_one_of_its_looks(known):
    assert all(0 <= layer["sample"] < len(layer["classes"]) for layer in known)


def test_the_layers_are_plain_values(known):
    assert json.loads(json.dumps(known)) == known
    assert known[0]["id"] == "districts"
