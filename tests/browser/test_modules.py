"""The page's own modules, each by itself, in the browser they are made for."""

import json

import mapbox_vector_tile
import pytest

CALL = """async ([module, name, given]) => JSON.stringify((await import(module))[name](...given))"""

BOUNDS = [121.3, 31.0, 121.6, 31.3]


@pytest.fixture(scope="module")
def page(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.url + "/login")
    yield page
    context.close()


def call(page, module, name, *given):
    return json.loads(page.evaluate(CALL, [f"/static/js/{module}.js", name, list(given)]))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("121.45, 31.12", (121.45, 31.12, False)),
        ("121.45 31.12", (121.45, 31.12, False)),
        ("１２１．４５，３１．１２", (121.45, 31.12, False)),
        ("121.45°，31.12°", (121.45, 31.12, False)),
        ("31.12, 121.45", (121.45, 31.12, True)),
        ("-73.97, 40.78", (-73.97, 40.78, False)),
    ],
    ids=["comma", "blank", "full width", "degrees", "latitude first", "another place"],
)
def test_a_pair_of_degrees_is_read(page, typed, found):
    pair = call(page, "address", "readPair", typed, BOUNDS)
    assert (pair["lon"], pair["lat"], pair["isSwapped"]) == found


def test_a_pair_that_could_be_either_is_swapped_only_for_this_district(page):
    manhattan = [-74.05, 40.6, -73.9, 40.9]
    assert call(page, "address", "readPair", "40.78, -73.97", manhattan)["isSwapped"] is True
    assert call(page, "address", "readPair", "40.78, -73.97", None)["isSwapped"] is False


@pytest.mark.parametrize("typed", ["", "121.45", "1,2,3", "七宝镇", "200, 100", "1e3, 2", "NaN, 1", "310112101001"])
def test_what_is_no_pair_is_null(page, typed):
    assert call(page, "address", "readPair", typed, BOUNDS) is None


def test_an_address_that_was_written_is_read_again(page):
    state = {
        "view": {"zoom": 14, "lat": 31.12345, "lon": 121.5},
        "on": ["towns", "units"],
        "at": [121.45, 31.12],
        "kind": "0102",
        "sel": {"id": "units", "key": "u 7&%:é"},
        "filter": {**EVERYTHING, "state": ["new", "work"], "since": "2026-03-02", "within": TRIANGLE},
    }
    written = call(page, "address", "write", state)
    assert "state=new,work" in written
    assert call(page, "address", "read", written) == state


def test_an_address_without_a_word_about_layers_leaves_them_as_they_are(page):
    assert call(page, "address", "read", "#view=3/1/2")["on"] is None
    assert call(page, "address", "read", "#on=")["on"] == []


EVERYTHING = {
    "state": [],
    "desk": [],
    "category": [],
    "due": [],
    "unit": [],
    "area": [],
    "since": "",
    "until": "",
    "closed_since": "",
    "closed_until": "",
    "within": [],
    "index": "",
    "part": "",
    "level": "",
    "of": "",
}
TRIANGLE = [[121.4, 31.1], [121.5, 31.1], [121.5, 31.2]]


def test_a_fresh_map_asks_for_open_tickets_and_a_written_one_for_what_it_says(page):
    asked = lambda hash_: call(page, "address", "read", hash_)["filter"]["state"]  # noqa: E731 - read four times
    assert asked("") == asked("#view=16/31/121&at=121,31") == ["new", "work", "check"]
    assert asked("#view=16/31/121&on=towns,tickets") == []
    assert asked("#due=late") == []


def test_what_waits_at_a_desk_and_the_days_of_closing_are_read_as_far_as_they_are_known(page):
    asked = call(page, "address", "read", "#on=towns&desk=late,kitchen&closed_since=2026-03-02&closed_until=2026-03-01")
    assert asked["filter"] == {**EVERYTHING, "desk": ["late"], "closed_since": "2026-03-02"}


@pytest.mark.parametrize(
    "wrong",
    ["#state=<b>,new", "#since=yesterday&state=new", "#within=1,2;3,4&state=new", "#within=a,b;c,d;e,f&state=new"],
)
def test_what_a_link_says_wrongly_asks_for_nothing(page, wrong):
    assert call(page, "address", "read", wrong)["filter"] == {**EVERYTHING, "state": ["new"]}


@pytest.mark.parametrize(
    ("ring", "is_simple"),
    [
        ([[0, 0], [4, 0], [4, 4], [0, 4]], True),
        ([[0, 0], [4, 4], [4, 0], [0, 4]], False),
        ([[0, 0], [6, 0], [6, 6], [3, 1], [0, 6]], True),
    ],
    ids=["square", "bow tie", "notched"],
)
def test_a_polygon_whose_sides_cross_is_told_apart(page, ring, is_simple):
    assert call(page, "filter", "isSimple", ring) is is_simple


LAYER = {
    "id": "things",
    "key": "code",
    "by": "kind",
    "canSelect": True,
    "overlaps": True,
    "labelZooms": [0, 22],
    "classes": [
        {"title": "a", "values": ["a"], "style": {"line": "--ink", "width_px": 1, "fill": "--ink"}},
        {"title": "rest", "values": [], "style": {"line": "--ink", "width_px": 1, "fill": "--ink"}},
    ],
}

DECODE = """async ([bytes, layer]) => {
  const modules = JSON.parse(document.documentElement.dataset.modules);
  const [{ default: Pbf }, { VectorTile }, { decode }] = await Promise.all(
    [modules.pbf, modules.vectorTile, "/static/js/decode.js"].map((one) => import(one)));
  const [part] = decode(new Uint8Array(bytes).buffer, [layer], { Pbf, VectorTile });
  const pen = new OffscreenCanvas(8, 8).getContext("2d");
  return JSON.stringify({
    keys: part.keys, boxes: [...part.boxes], dots: part.dots, extent: part.extent, kinds: [...part.kinds],
    counts: part.counts && [...part.counts], many: [...part.lines].map(([kind, paths]) => [kind, paths.length]),
    named: part.named.map(({ key, name, size, x, y }) => ({ key, name, size, x, y })),
    fills: [...part.fills].map(([kind, paths]) => [kind, paths.length]),
    inside: (part.fills.get(1) || []).map((path) => [[500, 500], [2000, 2000]].map(
      ([x, y]) => pen.isPointInPath(path, x, y, "evenodd"))),
    edge: (part.lines.get(1) || []).map((path) => {
      pen.lineWidth = 20;
      return [[0, 1000], [1000, 1000], [4000, 100]].map(([x, y]) => pen.isPointInStroke(path, x, y));
    }),
  });
}"""


@pytest.fixture
def decoded(page, site):
    assets = json.loads((page.request.get(site.url + "/static/vendor/manifest.json")).text())["assets"]
    modules = {"pbf": assets["pbf"], "vectorTile": assets["vector_tile"]}
    found = {name: f"/static/vendor/{path}" for name, path in modules.items()}
    page.evaluate("found => { document.documentElement.dataset.modules = JSON.stringify(found); }", found)

    def decode(features, layer=LAYER):
        tile = mapbox_vector_tile.encode(
            [{"name": "things", "features": features}], default_options={"y_coord_down": True}
        )
        return json.loads(page.evaluate(DECODE, [list(tile), layer]))

    return decode


def test_areas_are_decoded_with_their_box_size_and_class(decoded):
    part = decoded(
        [{"geometry": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))", "properties": {"code": "x", "name": "甲"}}]
    )
    assert part["keys"] == ["x"]
    assert part["boxes"] == [0, 0, 1000, 1000]
    assert part["kinds"] == [1]
    assert part["named"] == [{"key": "x", "name": "甲", "size": 1_000_000, "x": 500, "y": 500}]
    assert part["fills"] == [[1, 1]]


def test_a_hole_is_not_filled(decoded):
    ring = "POLYGON((0 0, 4000 0, 4000 4000, 0 4000, 0 0), (1000 1000, 1000 3000, 3000 3000, 3000 1000, 1000 1000))"
    part = decoded([{"geometry": ring, "properties": {"code": "x"}}])
    assert part["inside"] == [[True, False]]
    assert part["named"][0]["size"] == 12_000_000


def test_where_the_edge_of_the_tile_cut_a_polygon_no_border_is_drawn(decoded):
    part = decoded(
        [{"geometry": "POLYGON((-64 -64, 1000 -64, 1000 2000, -64 2000, -64 -64))", "properties": {"code": "x"}}]
    )
    assert part["edge"] == [[False, True, False]]


def test_a_name_stands_inside_a_bent_area(decoded):
    bent = "POLYGON((0 0, 3000 0, 3000 3000, 2500 3000, 2500 500, 500 500, 500 3000, 0 3000, 0 0))"
    area = decoded([{"geometry": bent, "properties": {"code": "x", "name": "U"}}])["named"][0]
    assert area["x"] < 500 or area["x"] > 2500


def test_points_and_counts_are_told_apart(decoded):
    part = decoded(
        [
            {"geometry": "POINT(10 20)", "properties": {"code": "u1", "name": "甲", "kind": "a"}},
            {"geometry": "POINT(30 40)", "properties": {"count": 7}},
            {"geometry": "POINT(-5 40)", "properties": {"code": "neighbour"}},
        ]
    )
    assert [(dot["key"], dot["kind"], dot["count"]) for dot in part["dots"]] == [("u1", 0, 1), ("", -1, 7)]


MEASURE = {
    "id": "things",
    "key": "code",
    "by": "metres",
    "classes": [
        {"title": "near", "values": [], "low": 0, "high": 200, "style": {"line": None, "fill": "--seq-1"}},
        {"title": "far", "values": [], "low": 200, "high": 400, "style": {"line": None, "fill": "--seq-2"}},
        {"title": "unknown", "values": [None], "low": None, "high": None, "style": {"line": None, "fill": "--ink"}},
    ],
}


def square(west, south):
    return (
        f"POLYGON(({west} {south}, {west + 90} {south}, {west + 90} {south + 90}, {west} {south + 90}, {west} {south}))"
    )


def test_a_measure_is_classed_by_its_ranges(decoded):
    metres = [0, 199.9, 200, 399, 400, 5000, None]
    part = decoded(
        [
            {
                "geometry": square(100 * n + 10, 10),
                "properties": {"code": f"c{n}"} | ({"metres": m} if m is not None else {}),
            }
            for n, m in enumerate(metres)
        ],
        MEASURE,
    )
    # the last range takes what lies beyond it, and what was not measured is told apart
    assert part["kinds"] == [0, 0, 1, 1, 1, 1, 2]


def test_what_lies_wholly_in_one_tile_needs_no_key(decoded):
    part = decoded(
        [
            {"geometry": square(10, 10), "properties": {"code": "inside", "metres": 1}},
            {"geometry": square(4050, 10), "properties": {"code": "at the edge", "metres": 1}},
        ],
        MEASURE,
    )
    assert part["keys"] == [None, "at the edge"]


def test_what_has_no_key_is_counted_where_it_begins(decoded):
    cells = [square(10, 10), square(4050, 10), square(-10, 10), square(10, -10), square(4096, 10)]
    part = decoded([{"geometry": cell, "properties": {"metres": 1}} for cell in cells], MEASURE)
    assert [part["boxes"][4 * n] for n in range(len(part["keys"]))] == [10, 4050]
    assert part["fills"] == [[0, 1]]


def test_squares_of_the_server_are_classed_by_their_mean_and_count_for_many(decoded):
    part = decoded([{"geometry": square(10, 10), "properties": {"count": 16, "value": 250.5}}], MEASURE)
    assert (part["kinds"], part["counts"], part["named"]) == ([1], [16], [])


LINES = {
    "id": "things",
    "key": "id",
    "by": "kind",
    "labelZooms": [0, 22],
    "classes": [
        {"title": "path", "values": ["path"], "style": {"line": "--ink", "fill": None}},
        {"title": "road", "values": [], "style": {"line": "--ink", "fill": None}},
    ],
}


def test_lines_are_decoded_with_a_name_on_their_longest_stretch(decoded):
    part = decoded(
        [
            {
                "geometry": "LINESTRING(0 100, 100 100, 100 2100)",
                "properties": {"id": 1, "name": "长街", "kind": "primary"},
            },
            {"geometry": "LINESTRING(0 0, 50 50)", "properties": {"id": 2, "kind": "path"}},
        ],
        LINES,
    )
    assert part["named"] == [{"key": "1", "name": "长街", "size": 2100, "x": 100, "y": 1100}]
    assert sorted(part["many"]) == [[0, 1], [1, 1]]
    assert part["kinds"] == [1, 0]


def test_a_tile_without_the_layer_is_empty(decoded):
    part = decoded([{"geometry": "POINT(1 1)", "properties": {}}], {**LAYER, "id": "other"})
    assert (part["keys"], part["dots"]) == ([], [])


def test_a_crowd_is_gathered_far_away_and_not_near(page):
    dots = [{"key": str(n), "name": "", "x": n, "y": n, "kind": 0, "mark": -1, "count": 1} for n in range(40)]
    layer = {"crowd": 30}
    far, near = (call(page, "gather", "clusters", dots, layer, zoom) for zoom in (13, 15))
    assert (len(far["single"]), [one["count"] for one in far["several"]]) == (0, [40])
    assert (len(near["single"]), near["several"]) == (40, [])


def test_counts_from_the_server_are_added_up(page):
    bins = [{"key": "", "name": "", "x": x, "y": 10, "kind": -1, "mark": -1, "count": 5} for x in (10, 20, 200)]
    several = call(page, "gather", "clusters", bins, {"crowd": 30}, 11)["several"]
    assert [one["count"] for one in several] == [10, 5]


WEEKS = [{"start": f"2026-03-{day:02}", "count": day} for day in (2, 9, 16, 23, 30)]

SLIDE = """async ([weeks, place, to]) => {
  const { timeline } = await import("/static/js/timeline.js");
  const said = [];
  const line = timeline(new Proxy({}, { get: (_, name) => String(name) }),
    { onChange: (since, until) => said.push([since, until]), isReady: () => true });
  line.show(weeks, "", "");
  const thumb = line.element.querySelectorAll("input[type=range]")[place];
  thumb.value = to;
  thumb.dispatchEvent(new Event("input"));
  const bars = [...line.element.querySelectorAll("rect")].map((bar) => bar.getAttribute("class"));
  return JSON.stringify([said, bars, line.element.querySelectorAll("tr").length]);
}"""


@pytest.mark.parametrize(
    ("place", "to", "period", "bars"),
    [
        (0, 2, ["2026-03-16", "2026-04-05"], ["off", "off", "on", "on", "on"]),
        (1, 1, ["2026-03-02", "2026-03-15"], ["on", "on", "off", "off", "off"]),
        (0, 0, ["", ""], ["on", "on", "on", "on", "on"]),
    ],
    ids=["from the third week", "to the second week", "every week is no condition"],
)
def test_the_weeks_chosen_are_whole_weeks(page, place, to, period, bars):
    said, shown, rows = json.loads(page.evaluate(SLIDE, [WEEKS, place, to]))
    assert said == [period]
    assert shown == [f"bar-{one}" for one in bars]
    assert rows == len(WEEKS)
