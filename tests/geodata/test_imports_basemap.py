"""The base map: what is drawn, what is left out and counted, and what a newer file replaces."""

import files
import geopandas as gpd
import makers
import numpy as np
import pytest
import shapely
from osm_files import osm_pbf
from sqlalchemy import select, text

from geodata import seed
from geodata.ingest.errors import BadOption, DatumNeeded, FieldsMissing
from geodata.models import AREA_THEMES, LINE_THEMES, BasemapFeature, GazetteerEntry
from geodata.services.imports import import_file
from spatial.coordinates import Wgs84
from spatial.crs import GCJ02

ROAD = {"type": "LineString", "coordinates": [[121.405, 31.105], [121.415, 31.105]]}
POND = files.polygon(0.2, 0.2, 0.4, 0.4)


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


def take(session, path, **options):
    return import_file(session, "basemap", path, **{"datum": "wgs84", **options})


def drawn(session):
    """Features by name in their source: theme, kind, first zoom."""
    session.expire_all()
    rows = session.scalars(select(BasemapFeature).order_by(BasemapFeature.source_ref))
    return {row.source_ref: (row.theme, row.kind, row.from_zoom) for row in rows}


def note(report, word):
    return next(one for one in report.notes if one.word == word)


NODES = {
    1: (121.405, 31.105),
    2: (121.415, 31.105),
    3: (121.415, 31.115),
    4: (121.405, 31.115),
    5: (121.5, 31.3),
    6: (121.51, 31.3),
    7: (121.4305, 31.105),
    8: (121.46, 31.105),
}
WAYS = [
    (10, [1, 2], {"highway": "primary", "name": "春申路"}),
    (11, [2, 3], {"highway": "primary_link"}),
    (12, [1, 2, 3, 1], {"building": "apartments", "name": "一号楼"}),
    (13, [1, 2, 3, 4, 1], {"natural": "water", "water": "pond"}),
    (14, [1, 3], {"highway": "proposed"}),
    (15, [1, 2, 3, 1], {"building": "no"}),
    (16, [5, 6], {"railway": "rail"}),
    (17, [2, 4], {"waterway": "river", "name": "横泾"}),
    (18, [1, 2, 3, 1], {"leisure": "park"}),
    (19, [7, 8], {"railway": "subway"}),
]


def test_an_extract_of_openstreetmap(session, tmp_path):
    path = osm_pbf(tmp_path / "minhang.osm.pbf", NODES, WAYS)
    report = take(session, path, datum=None)
    assert (report.refused, report.problems, report.stored, report.datum) == (None, [], 7, "wgs84")
    assert drawn(session) == {
        "way/10": ("road", "primary", 9),
        "way/11": ("road", "primary", 13),
        "way/12": ("building", "building", 15),
        "way/13": ("water", "pond", 13),
        "way/17": ("waterway", "river", 9),
        "way/18": ("green", "park", 12),
        "way/19": ("rail", "subway", 12),
    }
    assert note(report, "not_drawn").facts == {"count": 2, "kinds": {"highway=proposed": 1, "building=no": 1}}
    # the railway lies twenty kilometres off; the subway touches the two kilometres around the district
    assert note(report, "beyond_district").facts == {"count": 1}
    kept = session.scalars(select(BasemapFeature).where(BasemapFeature.source_ref == "way/10")).one()
    assert (kept.source, kept.name) == ("minhang", "春申路")
    twins = "SELECT count(*) FROM basemap_feature WHERE ST_SRID(geom_web) = 3857 AND ST_SRID(geom_m) = 4549"
    assert session.scalar(text(twins)) == 7


def test_the_same_extract_again_changes_nothing_and_a_newer_one_replaces_it(session, tmp_path):
    take(session, osm_pbf(tmp_path / "a.osm.pbf", NODES, WAYS), datum=None)
    again = take(session, osm_pbf(tmp_path / "a.osm.pbf", NODES, WAYS), datum=None)
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 7)
    assert "removed" not in again.words()
    newer = [(10, [1, 3], {"highway": "primary"}), WAYS[2], (30, [1, 4], {"highway": "service"})]
    report = take(session, osm_pbf(tmp_path / "b.osm.pbf", NODES, newer), datum=None, source="a", dry_run=True)
    assert (report.stored, report.changed, report.unchanged, len(drawn(session))) == (1, 1, 1, 7)
    report = take(session, osm_pbf(tmp_path / "b.osm.pbf", NODES, newer), datum=None, source="a")
    assert (report.stored, report.changed, report.unchanged) == (1, 1, 1)
    assert note(report, "removed").facts == {"count": 5}
    assert sorted(drawn(session)) == ["way/10", "way/12", "way/30"]


def test_another_source_stays_and_is_told_of(session, tmp_path):
    take(session, osm_pbf(tmp_path / "old.osm.pbf", NODES, WAYS), datum=None)
    report = take(session, osm_pbf(tmp_path / "new.osm.pbf", NODES, WAYS[:1]), datum=None)
    assert note(report, "other_source").facts == {"source": "old", "features": 7}
    assert "import with --source old" in note(report, "other_source").text
    assert session.scalar(text("SELECT count(*) FROM basemap_feature")) == 8


def test_files_of_one_theme_each_do_not_remove_one_another(session, tmp_path):
    roads = files.geojson(tmp_path / "roads.geojson", ({"theme": "道路", "等级": "primary", "名称": "春申路"}, ROAD))
    ponds = files.geojson(tmp_path / "ponds.geojson", ({"theme": "water", "kind": "pond"}, POND))
    assert take(session, roads, source="survey").stored == 1
    assert take(session, ponds, source="survey").stored == 1
    kinds = session.execute(text("SELECT theme, kind, name, from_zoom FROM basemap_feature ORDER BY theme")).all()
    assert kinds == [("road", "primary", "春申路", 9), ("water", "pond", None, 13)]
    assert take(session, roads, source="survey").unchanged == 1


def test_a_geopackage_whose_theme_is_told_for_all_rows(session, tmp_path):
    frame = gpd.GeoDataFrame(
        {"fclass": ["primary", "cowpath", None], "name": ["甲", "乙", "丙"]},
        geometry=[shapely.LineString([(121.405 + n / 1000, 31.105), (121.41, 31.11)]) for n in range(3)],
        crs="EPSG:4326",
    )
    path = files.geopackage(tmp_path / "roads.gpkg", roads=frame)
    report = take(session, path, mapping={"theme": "=road"})
    assert (report.stored, report.problems) == (3, [])
    found = session.execute(text("SELECT name, kind, from_zoom FROM basemap_feature ORDER BY source_ref")).all()
    # a kind that the list does not have is drawn as late as the theme's rest
    assert sorted(found) == [("丙", None, 14), ("乙", "cowpath", 14), ("甲", "primary", 9)]
    assert take(session, path, mapping={"theme": "=road"}).unchanged == 3


def test_shapefiles_in_another_datum_are_moved(session, tmp_path):
    frame = gpd.GeoDataFrame({"osm_id": [7]}, geometry=[shapely.box(121.410, 31.110, 121.411, 31.111)], crs=4326)
    path = files.zipped_shapefile(tmp_path / "a.zip", frame)
    assert take(session, path, datum="gcj02", mapping={"theme": "=green"}).stored == 1
    west, ref = session.execute(text("SELECT ST_XMin(geom), source_ref FROM basemap_feature")).one()
    assert ref == "7"
    assert 121.404 < west < 121.407  # GCJ-02 lies some 430 m to the east here


def test_geometry_that_does_not_fit_the_theme_is_a_problem_of_its_row(session, tmp_path):
    path = files.geojson(
        tmp_path / "a.geojson",
        ({"theme": "road"}, ROAD),
        ({"theme": "road"}, POND),
        ({"theme": "building"}, ROAD),
        ({"theme": "sea"}, POND),
        ({"theme": "road"}, None),
        ({"theme": "rail"}, {"type": "LineString", "coordinates": [[121.41, 31.11], [121.41, 31.11]]}),
    )
    report = take(session, path)
    assert "5 of 6 rows have problems" in report.refused
    assert [(p.row, p.field) for p in report.problems] == [
        (2, "geometry"),
        (3, "geometry"),
        (4, "theme"),
        (5, "position"),
        (6, "geometry"),
    ]
    assert "the theme road is drawn as lines, and this is a Polygon" in report.problems[0].reason
    assert drawn(session) == {}
    assert take(session, path, skip_bad=True).stored == 1


def test_rows_with_problems_keep_what_is_there(session, tmp_path):
    good = files.geojson(tmp_path / "a.geojson", ({"id": "1", "theme": "road"}, ROAD))
    bad = files.geojson(tmp_path / "a.geojson.1", ({"id": "1", "theme": "road"}, POND), ({"theme": "road"}, ROAD))
    take(session, good, source="s")
    report = take(session, bad.rename(tmp_path / "b.geojson"), source="s", skip_bad=True)
    assert (report.bad, report.stored) == (1, 1)
    assert "1" in drawn(session)


def test_polygons_are_repaired_with_a_report(session, tmp_path):
    bow_tie = {"type": "Polygon", "coordinates": [[[121.405, 31.105], [121.415, 31.115], [121.415, 31.105],
                                                   [121.405, 31.115], [121.405, 31.105]]]}  # fmt: skip
    turned = {"type": "Polygon", "coordinates": [list(reversed(POND["coordinates"][0]))]}
    path = files.geojson(tmp_path / "a.geojson", ({"theme": "water"}, bow_tie), ({"theme": "water"}, turned))
    report = take(session, path)
    assert {repair.row for repair in report.repairs} == {1}
    assert "self_intersection" in {repair.what for repair in report.repairs}
    faults = "SELECT count(*) FROM basemap_feature WHERE NOT ST_IsValid(geom) OR NOT ST_IsPolygonCCW(geom)"
    assert session.scalar(text(faults)) == 0
    assert report.stored == 2


def test_a_file_of_another_place_is_refused(session, tmp_path):
    exchanged = {"type": "LineString", "coordinates": [[31.105, 121.405 - 90], [31.105, 121.415 - 90]]}
    report = take(session, files.geojson(tmp_path / "a.geojson", ({"theme": "road"}, exchanged)))
    assert "none of the 1 features is near the district" in report.refused


def test_what_cannot_begin_is_said_at_once(session, tmp_path):
    path = files.geojson(tmp_path / "a.geojson", ({"name": "x"}, ROAD))
    with pytest.raises(BadOption, match="theme==road"):
        take(session, path)
    with pytest.raises(DatumNeeded):
        take(session, path, datum=None)
    with pytest.raises(FieldsMissing, match="geometry"):
        take(session, files.table(tmp_path / "a.csv", "theme", "road"), datum=None)


def test_the_list_of_kinds_is_in_order():
    rows = seed.rows("basemap_kinds")
    assert {row["theme"] for row in rows} == {*LINE_THEMES, *AREA_THEMES}
    assert all(0 <= int(row["from_zoom"]) <= 18 for row in rows)
    rest = [row["theme"] for row in rows if not row["kind"]]
    assert sorted(rest) == sorted({*LINE_THEMES, *AREA_THEMES})
    assert len({(row["theme"], row["tag"], row["value"]) for row in rows}) == len(rows)


def test_roads_beside_their_crossings_are_refused_in_another_datum(session, tmp_path):
    rng = np.random.default_rng(2)
    roads = []
    for number in range(12):
        name, (lon, lat), angle = (
            f"第{number}路",
            rng.uniform((121.405, 31.105), (121.435, 31.115)),
            rng.uniform(0, np.pi),
        )
        east, north = np.cos(angle) * 0.01, np.sin(angle) * 0.01
        for step in (-0.5, 0.0, 0.5):
            known = GazetteerEntry(
                name=name, name_norm=name, kind="crossing", road=name, cross_road=f"支{step}路", source="s"
            )
            known.geom = f"SRID=4326;POINT({lon + step * east} {lat + step * north})"
            session.add(known)
        ends = Wgs84(np.array([lon - east, lon + east]), np.array([lat - north, lat + north])).written_in(GCJ02)
        line = {"type": "LineString", "coordinates": np.column_stack([ends.x, ends.y]).tolist()}
        roads.append(({"theme": "road", "kind": "primary", "name": name, "ref": f"r{number}"}, line))
    session.flush()
    path = files.geojson(tmp_path / "roads.geojson", *roads)
    report = take(session, path)
    assert (report.stored, "It looks like GCJ-02" in (report.refused or "")) == (0, True)
    assert "known points of 12 roads" in report.refused
    right = take(session, path, datum="gcj02")
    assert (right.stored, right.refused) == (12, None)
    assert take(session, path, trust_datum=True).refused is None
