"""GPX as receivers and phones save it."""

import files
import pytest
import shapely

from geodata import formats
from geodata.formats.errors import LayerNeeded, Unreadable, WrongFormat

STOP = '<wpt lat="31.11" lon="121.41"><ele>4.5</ele><time>2024-01-02T03:04:05Z</time><name>𠮷站</name></wpt>'
ROUTE = '<rte><name>甲</name><rtept lat="31" lon="121"/><rtept lat="31.1" lon="121.1"/></rte>'


def track(*segments):
    parts = ("".join(f'<trkpt lon="{x}" lat="{y}"><ele>1</ele></trkpt>' for x, y in one) for one in segments)
    return f"<trk><name>巡查</name>{''.join(f'<trkseg>{part}</trkseg>' for part in parts)}</trk>"


def read(tmp_path, *parts, layer=None):
    return formats.read(files.gpx(tmp_path / "a.gpx", *parts), layer=layer)


def test_it_works(tmp_path):
    table = read(tmp_path, STOP, '<wpt lat="31.12" lon="121.42"><cmt>007</cmt><desc>门口</desc></wpt>')
    assert table.columns == ("name", "cmt", "desc", "time", "ele")
    assert table.rows[0] == {"name": "𠮷站", "cmt": None, "desc": None, "time": "2024-01-02T03:04:05Z", "ele": 4.5}
    assert table.rows[1]["cmt"] == "007"
    assert [one.wkt for one in table.geometries] == ["POINT (121.41 31.11)", "POINT (121.42 31.12)"]
    assert (table.numbers, table.faults, table.notes) == ([1, 2], [], [])


def test_it_says_wgs84_and_is_not_believed(tmp_path):
    table = read(tmp_path, STOP)
    assert (table.declared_crs, table.fixed_datum) == ("EPSG:4326", None)


def test_an_empty_file_has_no_rows(tmp_path):
    table = read(tmp_path, "<metadata><name>x</name></metadata>")
    assert (table.columns, table.rows, len(table.geometries)) == ((), [], 0)


def test_way_points_go_first_and_the_others_are_told(tmp_path):
    table = read(tmp_path, STOP, ROUTE, track([(121, 31), (122, 32)]))
    assert [row["name"] for row in table.rows] == ["𠮷站"]
    assert [dict(note.facts) for note in table.notes] == [{"routes": 1, "tracks": 1}]
    assert [row["name"] for row in read(tmp_path, STOP, ROUTE, layer="routes").rows] == ["甲"]


def test_tracks_are_lines_of_their_segments(tmp_path):
    table = read(tmp_path, track([(1, 2), (3, 4)], [(5, 6), (7, 8)]), track([(1, 2), (3, 4)], [(9, 9)]))
    assert [one.wkt for one in table.geometries] == [
        "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        "LINESTRING (1 2, 3 4)",
    ]
    assert [(note.word, note.facts["count"]) for note in table.notes] == [("heights_dropped", 2)]
    assert table.columns == ("name",)


def test_routes_and_tracks_without_way_points_need_a_name(tmp_path):
    with pytest.raises(LayerNeeded, match=r"several layers.*routes, tracks"):
        read(tmp_path, ROUTE, track([(1, 2), (3, 4)]))
    with pytest.raises(LayerNeeded, match="no layer 'paths'"):
        read(tmp_path, ROUTE, layer="paths")
    assert read(tmp_path, ROUTE, layer="tracks").rows == []


def test_extensions_and_links_are_left_out_with_a_note(tmp_path):
    more = '<link href="http://127.0.0.1:9/"><text>x</text></link><extensions><speed>3</speed></extensions></wpt>'
    table = read(tmp_path, STOP.replace("</wpt>", more))
    assert table.columns == ("name", "time", "ele")
    assert [(note.word, note.facts["count"]) for note in table.notes] == [("extensions_left_out", 2)]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        pytest.param('<wpt lat="NaN" lon="121"/>', "geometry", id="NaN"),
        pytest.param('<wpt lat="31"/>', "geometry", id="half a position"),
        pytest.param('<wpt lat="三十一" lon="121"/>', "geometry", id="words"),
        pytest.param('<wpt lat="31" lon="121"><ele>high</ele></wpt>', "ele", id="no height"),
        pytest.param('<wpt lat="31" lon="121"><ele>inf</ele></wpt>', "ele", id="an infinite height"),
    ],
)
def test_what_cannot_be_read_is_a_fault_of_its_row(part, field, tmp_path):
    table = read(tmp_path, STOP, part)
    assert [(fault.index, fault.field) for fault in table.faults] == [(1, field)]
    assert (table.geometries[1] is None) == (field == "geometry")


def test_a_track_of_one_position_is_a_fault_and_one_of_none_has_no_geometry(tmp_path):
    table = read(tmp_path, track([(1, 2)]), "<trk/>")
    assert [(fault.index, fault.reason) for fault in table.faults] == [
        (0, "a line needs two positions, and there is one")
    ]
    assert shapely.is_missing(table.geometries).all()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param("<gpx><wpt></gpx>", Unreadable, id="broken"),
        pytest.param("<a><gpx/></a>", WrongFormat, id="another root"),
        pytest.param("", WrongFormat, id="empty"),
    ],
)
def test_what_is_no_gpx_is_refused(content, refusal, tmp_path):
    path = tmp_path / "a.gpx"
    path.write_text(content)
    with pytest.raises(refusal):
        formats.read(path)
