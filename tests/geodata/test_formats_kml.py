"""KML as maps and phones save it, plain and zipped."""

import files
import pytest
import shapely

from geodata import formats
from geodata.formats.errors import LayerNeeded, Unreadable, WrongFormat
from geodata.formats.plain_text import without_tags

A, B = files.kml_point(1, 1), files.kml_point(2, 2)
TRACK = "<gx:Track><when>2024-01-01</when><gx:coord>121.4 31.1 0</gx:coord></gx:Track>"


def read(tmp_path, *parts, name="a.kml", layer=None):
    return formats.read(files.kml(tmp_path / name, *parts), layer=layer)


@pytest.mark.parametrize("name", ["a.kml", "a.kmz", "A.KML"])
def test_it_works(name, tmp_path):
    table = read(tmp_path, files.placemark("𠮷市场", A, code="0501", empty=" "), name=name)
    assert table.columns == ("name", "code", "empty")
    assert table.rows == [{"name": "𠮷市场", "code": "0501", "empty": None}]
    assert (table.numbers, table.faults, table.notes) == ([1], [], [])
    assert shapely.equals(table.geometries[0], shapely.Point(121.41, 31.11))


def test_it_says_wgs84_and_is_not_believed(tmp_path):
    table = read(tmp_path, files.placemark("甲", A))
    assert (table.declared_crs, table.fixed_datum) == ("EPSG:4326", None)


def test_an_empty_document_has_no_rows(tmp_path):
    table = read(tmp_path)
    assert (table.columns, table.rows, len(table.geometries)) == ((), [], 0)


def test_fields_of_a_schema_and_times_are_columns(tmp_path):
    fields = (
        '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="编码">007</SimpleData></SchemaData></ExtendedData>'
    )
    when = "<TimeStamp><when>2024-01-02T03:04:05Z</when></TimeStamp>"
    table = read(tmp_path, f"<Placemark><name>甲</name><address>春申路1号</address>{when}{fields}</Placemark>")
    assert table.rows == [{"name": "甲", "address": "春申路1号", "time": "2024-01-02T03:04:05Z", "编码": "007"}]
    assert table.geometries.tolist() == [None]


def test_a_field_that_repeats_the_name_stands_once_unless_it_differs(tmp_path):
    table = read(
        tmp_path, "<Folder>", files.placemark("甲", A, name="甲"), files.placemark("乙", B, name="丙"), "</Folder>"
    )
    assert table.rows == [{"name": "甲", "name (2)": None}, {"name": "乙", "name (2)": "丙"}]


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        pytest.param("<LineString><coordinates>1,2 3,4</coordinates></LineString>", "LINESTRING (1 2, 3 4)", id="line"),
        pytest.param(
            "<LineString><coordinates>1, 2\n3 ,4</coordinates></LineString>", "LINESTRING (1 2, 3 4)", id="gaps"
        ),
        pytest.param(
            f"<MultiGeometry>{A}{A}</MultiGeometry>", "MULTIPOINT ((121.41 31.11), (121.41 31.11))", id="points"
        ),
        pytest.param("<MultiGeometry/>", None, id="nothing in it"),
        pytest.param("<Point><coordinates> </coordinates></Point>", None, id="no coordinates"),
        pytest.param("", None, id="no geometry"),
    ],
)
def test_geometries(shape, wanted, tmp_path):
    table = read(tmp_path, files.placemark("甲", shape))
    assert table.faults == []
    assert [None if one is None else one.wkt for one in table.geometries] == [wanted]


def test_polygons_have_their_holes(tmp_path):
    hole = files.kml_box(1, 1, 2, 2).replace("outer", "inner").removeprefix("<Polygon>")
    shape = files.kml_box(0, 0, 3, 3).replace("</Polygon>", hole)
    made = read(tmp_path, files.placemark("甲", shape)).geometries[0]
    assert made.area == pytest.approx(8e-4)


def test_parts_of_several_kinds_are_a_collection(tmp_path):
    inner = f"<MultiGeometry>{B}</MultiGeometry>"
    made = read(
        tmp_path, files.placemark("甲", f"<MultiGeometry>{A}{files.kml_box(0, 0, 1, 1)}{inner}</MultiGeometry>")
    )
    assert [part.geom_type for part in made.geometries[0].geoms] == ["Point", "Polygon", "MultiPoint"]


def test_an_open_ring_is_closed_and_told(tmp_path):
    corners = "<LinearRing><coordinates>121,31 121.01,31 121.01,31.01</coordinates></LinearRing>"
    shape = f"<Polygon><outerBoundaryIs>{corners}</outerBoundaryIs></Polygon>"
    table = read(tmp_path, files.placemark("甲", shape))
    assert table.geometries[0].area == pytest.approx(5e-5)
    assert table.closed_rings[0] > 1000


def test_heights_are_dropped_with_a_note(tmp_path):
    high = "<Point><coordinates>121.4,31.1,4.5</coordinates></Point>"
    ground = "<Point><coordinates>121.4,31.1,0</coordinates></Point>"
    table = read(tmp_path, files.placemark("甲", high), files.placemark("乙", ground))
    assert not shapely.has_z(table.geometries).any()
    assert [(note.word, note.facts["count"]) for note in table.notes] == [("heights_dropped", 1)]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        pytest.param(TRACK, "Track is a kind", id="a track"),
        pytest.param(f"<MultiGeometry>{A}<Model/></MultiGeometry>", "Model is a kind", id="a model among points"),
        pytest.param(f"{A}{B}", "several", id="two geometries"),
        pytest.param("<Point><coordinates>1,2 3,4</coordinates></Point>", "several", id="two points in one"),
        pytest.param("<Point><coordinates>nan,2</coordinates></Point>", "'nan,2' is not a position", id="NaN"),
        pytest.param("<Point><coordinates>1e999,2</coordinates></Point>", "not a position", id="infinite"),
        pytest.param("<Point><coordinates>121.4</coordinates></Point>", "not a position", id="half a position"),
        pytest.param("<Point><coordinates>1,2,3,4</coordinates></Point>", "not a position", id="four numbers"),
        pytest.param("<LineString><coordinates>1,2 x,4</coordinates></LineString>", "at vertex 2", id="words"),
        pytest.param("<LineString><coordinates>1,2</coordinates></LineString>", "no LineString", id="a line of one"),
        pytest.param(files.kml_box(0, 0, 1, 1).replace("outer", "inner"), "no outline", id="a hole alone"),
    ],
)
def test_a_geometry_that_cannot_be_read_is_a_fault_of_its_row(shape, reason, tmp_path):
    table = read(tmp_path, files.placemark("甲", A), files.placemark("乙", shape))
    assert [(fault.index, fault.field) for fault in table.faults] == [(1, "geometry")]
    assert reason in table.faults[0].reason
    assert table.geometries[1] is None


# -- folders --------------------------------------------------------------------------------------


def folder(name, *parts):
    return f"<Folder><name>{name}</name>{''.join(parts)}</Folder>"


def test_folders_with_the_same_fields_are_read_together(tmp_path):
    west, east = folder("西镇", files.placemark("甲", A, code="1")), folder("东镇", files.placemark("乙", B, code="2"))
    table = read(tmp_path, west, east)
    assert table.columns == ("name", "code", "folder")
    assert [(row["name"], row["folder"]) for row in table.rows] == [("甲", "西镇"), ("乙", "东镇")]
    assert [row["name"] for row in formats.read(tmp_path / "a.kml", layer="东镇").rows] == ["乙"]
    with pytest.raises(LayerNeeded, match=r"no layer '南镇'.*西镇, 东镇"):
        formats.read(tmp_path / "a.kml", layer="南镇")


def test_folders_with_different_fields_need_a_name(tmp_path):
    with pytest.raises(LayerNeeded, match=r"several layers.*单位, 道路"):
        read(
            tmp_path,
            folder("单位", files.placemark("甲", A, code="1")),
            folder("道路", files.placemark("乙", B, width="2")),
        )
    table = formats.read(tmp_path / "a.kml", layer="道路")
    assert table.columns == ("name", "width")


def test_folders_of_one_name_are_told_apart_by_those_above(tmp_path):
    parts = [folder(town, folder("点位", files.placemark(name, A))) for town, name in (("西镇", "甲"), ("东镇", "乙"))]
    table = read(tmp_path, "<name>全区</name>", *parts)
    assert [row["folder"] for row in table.rows] == ["全区/西镇/点位", "全区/东镇/点位"]
    assert [row["name"] for row in formats.read(tmp_path / "a.kml", layer="全区/东镇/点位").rows] == ["乙"]
    with pytest.raises(LayerNeeded, match="several layers"):
        formats.read(tmp_path / "a.kml", layer="点位")


# -- text -----------------------------------------------------------------------------------------


def test_tags_in_a_description_are_taken_out_with_a_note(tmp_path):
    page = "<![CDATA[<b>营业</b> 8&ndash;20 <br><script>alert(1)</script><a href='http://x/'>更多</a>]]>"
    table = read(tmp_path, f"<Placemark><description>{page}</description></Placemark>")
    assert table.rows == [{"description": "营业 8–20\n更多"}]
    assert [note.word for note in table.notes] == ["tags_dropped"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("a < b and b > c", "a < b and b > c", id="no tags"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", id="a table"),
        pytest.param("<style>x{}</style>y<!-- z -->", "y", id="styles and comments"),
        pytest.param("<script>never closed", "", id="a script without end"),
        pytest.param("&lt;b&gt;", "<b>", id="what is written as words stays words"),
    ],
)
def test_text_without_tags(text, wanted):
    assert without_tags(text) == wanted


def test_a_long_text_of_beginnings_takes_no_time(tmp_path):
    assert without_tags("<a" * 1_000_000).startswith("<a<a")


# -- encodings and refusals -----------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["GBK", "gb2312", "GB18030", "UTF-16", "UTF-8"])
def test_encodings(encoding, tmp_path):
    path = tmp_path / "a.kml"
    path.write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?><kml>{files.placemark("莘庄", A)}</kml>'.encode(encoding)
    )
    assert formats.read(path).rows == [{"name": "莘庄"}]


@pytest.mark.parametrize(
    ("content", "refusal", "reason"),
    [
        pytest.param(b"<kml><a></kml>", Unreadable, "no proper XML at line 1, column 11", id="broken"),
        pytest.param(b"<kml>", Unreadable, "no proper XML", id="cut off"),
        pytest.param(b"<html><kml/></html>", WrongFormat, "not KML", id="another root"),
        pytest.param(b'<?xml version="1.0" encoding="big5"?><kml/>', Unreadable, "encoding", id="encoding not read"),
        pytest.param(b'<?xml version="1.0" encoding="gbk"?><kml>\xff\xff</kml>', Unreadable, "encoding", id="not GBK"),
        pytest.param(b"<kml>\xff</kml>", Unreadable, "no proper XML", id="not UTF-8"),
        pytest.param(b"", WrongFormat, "not KML", id="empty"),
    ],
)
def test_what_is_no_kml_is_refused(content, refusal, reason, tmp_path):
    path = tmp_path / "a.kml"
    path.write_bytes(content)
    with pytest.raises(refusal, match=reason):
        formats.read(path)


def test_all_kml_in_a_kmz_are_read_the_main_one_first(tmp_path):
    parts = [files.placemark(name, A) for name in ("甲", "乙", "丙")]
    first, second, third = (files.kml(tmp_path / "x.kml", part).read_bytes() for part in parts)
    entries = [("layers/东镇.kml", second), ("doc.kml", first), ("__MACOSX/doc.kml", third), ("i.png", b"")]
    table = formats.read(files.archive(tmp_path / "a.kmz", entries))
    assert [(row["name"], row["folder"]) for row in table.rows] == [("甲", "a"), ("乙", "东镇")]
