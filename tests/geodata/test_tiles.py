import math

import mapbox_vector_tile
import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select, text

from geodata.catalog import COLLECTIONS, collection
from geodata.db import make_engine
from geodata.models import BasemapFeature, CoverageRun, Ticket
from geodata.queries import tiles
from geodata.queries.pyramid import add_cell_bins
from geodata.queries.ticket_filter import TicketFilter
from geodata.queries.tiles import tile
from geodata.queries.versions import collection_versions, data_version


def tile_at(lon, lat, z):
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return {"z": z, "x": x, "y": y}


def layer(session, id_, **where):
    content = tile(session, collection(id_), **where)
    return mapbox_vector_tile.decode(content)[id_] if content else None


def test_a_polygon_tile_holds_the_areas_it_touches_with_styling_columns_only(session):
    add_areas(session)
    towns = layer(session, "towns", **tile_at(*at(0.5, 0.5), 12))
    assert towns["extent"] == 4096
    assert [set(feature["properties"]) for feature in towns["features"]] == [{"code", "name"}] * 2
    deep = layer(session, "towns", **tile_at(*at(0.5, 0.5), 16))
    assert [feature["properties"]["name"] for feature in deep["features"]] == ["西镇"]


def test_a_point_tile_holds_the_points(session):
    add_unit(session, "U1", 1, 1)
    units = layer(session, "units", **tile_at(*at(1, 1), 15))
    assert [feature["properties"]["code"] for feature in units["features"]] == ["U1"]


def add_ticket(session, number, lon, lat, *, state="reported"):
    facts = {"source": "patrol", "category_code": "0501", "title": "t", "reported_at": text("now()")}
    session.add(Ticket(number=number, state=state, geom=f"SRID=4326;POINT({lon} {lat})", **facts))
    session.flush()


def test_tickets_are_counted_at_low_zoom_and_shown_at_high(session):
    for number in range(7):
        add_ticket(session, f"T{number}", 121.41 + number / 1e6, 31.11)
    low = layer(session, "tickets", **tile_at(121.41, 31.11, 11))
    assert [feature["properties"] for feature in low["features"]] == [{"count": 7}]
    high = layer(session, "tickets", **tile_at(121.41, 31.11, 16))
    assert len(high["features"]) == 7
    assert {frozenset(f["properties"]) for f in high["features"]} == {
        frozenset({"number", "category_code", "state", "deadline"})
    }


OPEN = TicketFilter(states=("new", "work", "check"))


@pytest.mark.parametrize("z", [3, 11, 16])
def test_a_ticket_that_has_ended_is_drawn_only_where_it_is_asked_for(session, z):
    for number, state in enumerate(["handling", "closed", "cancelled", "merged"]):
        add_ticket(session, f"T{number}", 121.41 + number / 1e6, 31.11, state=state)

    def drawn(tickets):
        features = layer(session, "tickets", **tile_at(121.41, 31.11, z), tickets=tickets)["features"]
        return sum(feature["properties"].get("count", 1) for feature in features)

    assert (drawn(OPEN), drawn(TicketFilter(states=("closed",))), drawn(TicketFilter())) == (1, 3, 4)


def test_more_points_than_a_tile_bears_come_counted(session, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_POINTS", 5)
    for number in range(6):
        add_unit(session, f"U{number}", 1 + number / 50, 1)
    counted = layer(session, "units", **tile_at(*at(1, 1), 12))["features"]
    assert sum(feature["properties"].pop("count") for feature in counted) == 6
    assert all(feature["properties"] == {} for feature in counted)
    assert len(layer(session, "units", **tile_at(*at(1, 1), 22))["features"]) == 1


def test_a_count_stands_at_the_middle_of_its_points(session):
    for number, east in enumerate((1.0, 1.0, 1.006)):
        add_ticket(session, f"T{number}", *at(east, 1), state="closed")
    where = tile_at(*at(1, 1), 10)
    found = layer(session, "tickets", **where, tickets=TicketFilter(states=("closed",)))["features"]
    assert [feature["properties"] for feature in found] == [{"count": 3}]
    lon = (where["x"] + found[0]["geometry"]["coordinates"][0] / 4096) / 2**10 * 360 - 180
    assert lon == pytest.approx(at(1.002, 1)[0], abs=360 / 2**10 / 4096)


def test_a_count_says_how_many_of_it_are_late(session):
    for number, (state, days) in enumerate([("handling", -1), ("reported", -2), ("handling", 1), ("closed", -9)]):
        add_ticket(session, f"T{number}", 121.41, 31.11, state=state)
        session.execute(
            text("UPDATE ticket SET due_at = now() + :days * INTERVAL '1 day' WHERE number = :number"),
            {"days": days, "number": f"T{number}"},
        )
    where = tile_at(121.41, 31.11, 10)

    def properties(*categories, states=("new", "work", "check", "closed")):
        tickets = TicketFilter(states=states, categories=categories)
        return [feature["properties"] for feature in layer(session, "tickets", **where, tickets=tickets)["features"]]

    assert properties("0501") == [{"count": 4, "late": 2}]
    assert properties(states=("closed",)) == [{"count": 1}]


@pytest.mark.parametrize("z", [0, 5, 9, 12])
def test_each_point_is_counted_in_one_tile_alone(session, z):
    scattered = [(121.3 + 0.11 * i % 0.4, 31.0 + 0.07 * i % 0.3) for i in range(40)]
    edges = [(0.0, 0.0), (121.640625, 31.05293398570514), (-180.0, 10.0), (180.0, -10.0)]
    for number, place in enumerate([*scattered, *edges]):
        add_ticket(session, f"T{number}", *place, state="closed")
    tickets = TicketFilter(states=("closed",))
    places = {tuple(sorted(tile_at(lon, lat, z).items())) for lon, lat in [*scattered, *edges]}
    near = {
        (z, place["x"] + dx, place["y"] + dy) for place in map(dict, places) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
    }
    found = [
        layer(session, "tickets", z=z, x=x, y=y, tickets=tickets) for z, x, y in near if 0 <= x < 2**z and 0 <= y < 2**z
    ]
    counted = sum(feature["properties"]["count"] for each in found if each for feature in each["features"])
    # the last meridian is off the map: its twin in the west is on it
    assert counted == len(scattered) + len(edges) - 1


@pytest.mark.parametrize("has_bins", [True, False])
def test_more_cells_than_squares_come_as_squares_with_their_mean(session, monkeypatch, has_bins):
    run = run_over_cells(session, 80)
    if not has_bins:
        # a run of before there were squares
        session.execute(text("DELETE FROM coverage_bin"))
        monkeypatch.setattr(tiles, "MOST_AREAS", 5000)
    where = tile_at(*at(1, 1), 11)
    found = layer(session, "coverage_cells", **where, run_id=run)["features"]
    assert {frozenset(feature["properties"]) for feature in found} == {frozenset({"count", "value"})}
    inside = session.execute(CELLS_INSIDE, where).scalar_one()
    assert sum(feature["properties"]["count"] for feature in found) == inside == 6400
    mean = sum(f["properties"]["count"] * f["properties"]["value"] for f in found) / inside
    told = session.execute(text("SELECT avg(nearest_m) FROM coverage_cell")).scalar_one()
    assert mean == pytest.approx(told, abs=5)
    assert len(found) < 200
    assert {feature["geometry"]["type"] for feature in found} <= {"Polygon", "MultiPolygon"}


def test_cells_below_the_limit_are_themselves(session):
    run = run_over_cells(session, 20)
    found = layer(session, "coverage_cells", **tile_at(*at(1, 1), 11), run_id=run)["features"]
    assert len(found) == 400
    assert {frozenset(feature["properties"]) for feature in found} == {frozenset({"nearest_m"})}
    assert all(isinstance(feature["properties"]["nearest_m"], int) for feature in found)


CELLS_INSIDE = text("""
    SELECT count(*) FROM grid_cell WHERE ST_Intersects(ST_Centroid(geom_web), ST_TileEnvelope(:z, :x, :y))
""")


def run_over_cells(session, wide):
    """A run over wide × wide small cells in one tile of zoom 11."""
    session.execute(
        text("""
            INSERT INTO grid_cell (code, valid_from, geom)
            SELECT 'C' || i || '-' || j, '2020-01-01',
                   ST_Multi(ST_MakeEnvelope(121.405 + i / 4000.0, 31.105 + j / 4000.0,
                                            121.405 + (i + 1) / 4000.0, 31.105 + (j + 1) / 4000.0, 4326))
              FROM generate_series(0, :wide - 1) AS i, generate_series(0, :wide - 1) AS j
        """),
        {"wide": wide},
    )
    session.add(CoverageRun(radius_m=500, category_code=None, data_key="", site_count=1))
    session.flush()
    run = session.scalar(select(CoverageRun.id))
    session.execute(
        text("INSERT INTO coverage_cell (run_id, cell_code, nearest_m) SELECT :run, code, id % 1000 FROM grid_cell"),
        {"run": run},
    )
    add_cell_bins(session, run)
    return run


def test_roads_are_lines_that_appear_with_their_zoom(session):
    line = "SRID=4326;MULTILINESTRING((121.400 31.105, 121.415 31.105, 121.43 31.11))"
    for zoom in (9, 15):
        session.add(BasemapFeature(theme="road", kind="k", from_zoom=zoom, source="t", source_ref=str(zoom), geom=line))
    session.flush()
    low = layer(session, "roads", **tile_at(121.415, 31.105, 12))["features"]
    high = layer(session, "roads", **tile_at(121.415, 31.105, 16))["features"]
    assert (len(low), len(high)) == (1, 2)
    assert {feature["geometry"]["type"] for feature in low + high} == {"LineString"}


def test_cells_are_not_drawn_below_their_zoom(session):
    assert tile(session, collection("grid_cells"), **tile_at(*at(1, 1), 12)) == b""


@pytest.mark.parametrize("id_", [c.id for c in COLLECTIONS])
@pytest.mark.parametrize("z", [0, 9, 13, 17])
def test_an_empty_tile_is_empty_bytes_for_every_collection(session, id_, z):
    assert tile(session, collection(id_), z=z, x=0, y=0) == b""


def test_the_version_changes_with_the_data(session):
    before = data_version(session, ("area", "member_unit"))
    add_unit(session, "U1", 1, 1)
    after = data_version(session, ("member_unit", "area"))
    assert before != after
    assert data_version(session, ("area", "member_unit")) == after


def test_the_version_of_a_table_never_touched_is_nought(session):
    assert data_version(session, ("no_such_table",)) == "0"


def test_collections_are_told_the_version_of_their_tables(session):
    version = collection_versions(session)
    for one in COLLECTIONS:
        assert version(one) == (data_version(session, one.tables) if one.tables else "")


def test_a_command_may_calculate_longer_than_a_server_lets_a_transaction_rest(engine):
    address = engine.url.render_as_string(hide_password=False)
    asked = []
    for limit_s in (0.0, 5.0):
        one = make_engine(address, statement_timeout_s=limit_s)
        with one.connect() as connection:
            asked.append(connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one())
        one.dispose()
    assert asked == ["0", "1min"]


@pytest.mark.parametrize("z", [4, 9, 14])
def test_a_gap_too_small_to_be_seen_is_still_there_to_be_counted(session, z):
    add_areas(session)
    run = run_over_cells(session, 0)
    # a metre wide, and one of a hundred; the third lies at the other end of the world
    for rank, (lon, lat, wide) in enumerate([(121.45, 31.105, 1e-5), (121.45, 31.106, 1e-3), (10, 10, 1e-5)], 1):
        session.execute(
            text(
                "INSERT INTO coverage_gap (run_id, rank, area_code, area_m2, geom)"
                " VALUES (:run, :rank, '310112', 1, ST_Multi(ST_MakeEnvelope(:w, :s, :e, :n, 4326)))"
            ),
            {"run": run, "rank": rank, "w": lon, "s": lat, "e": lon + wide, "n": lat + wide},
        )
    where = tile_at(121.45, 31.105, z)
    found = mapbox_vector_tile.decode(tile(session, collection("gaps"), **where, run_id=run))["gaps"]["features"]
    assert [each["properties"]["rank"] for each in found] == [1, 2]
