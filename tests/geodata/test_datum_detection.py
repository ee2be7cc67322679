"""A file whose datum nobody says, or says wrong, at every door that takes files."""

import files
import makers
import numpy as np
import pytest
from sqlalchemy import func, select

from geodata.geocode.gazetteer import entry_parts
from geodata.ingest.clues import stem
from geodata.ingest.errors import FieldsMissing
from geodata.models import GazetteerEntry, ImportRun, LocalDatum, MemberUnit
from geodata.services.datum_detection import detect_file
from geodata.services.imports import import_file
from spatial.coordinates import Wgs84
from spatial.crs import Datum
from spatial.readings import Form, Reading

HEAD = "名称,类型,地址,经度,纬度"


def add_places(session):
    """Forty known places, half of them named and half of them doors."""
    rng = np.random.default_rng(4)
    for number in range(40):
        name = f"第{number}中学" if number % 2 else f"临河路{2 * number + 100}号"
        lon, lat = rng.uniform(121.401, 121.439), rng.uniform(31.101, 31.119)
        place = GazetteerEntry(name=name, accuracy_m=10, source="survey", **entry_parts(name)._asdict())
        place.geom = f"SRID=4326;POINT({lon} {lat})"
        session.add(place)
    session.flush()
    return session


@pytest.fixture
def town(session):
    """Two towns and what `add_places` adds."""
    makers.add_areas(session)
    return add_places(session)


def known(session):
    rows = session.execute(
        select(GazetteerEntry.name, func.ST_X(GazetteerEntry.geom), func.ST_Y(GazetteerEntry.geom)).order_by(
            GazetteerEntry.id
        )
    ).all()
    return [row[0] for row in rows], np.array([row[1] for row in rows]), np.array([row[2] for row in rows])


def lines(session, datum, *, swapped=False, form=Form.PLAIN, rows=40):
    names, lon, lat = known(session)
    raw = Wgs84(lon, lat).written_in(datum)
    x, y = (raw.y, raw.x) if swapped else (raw.x, raw.y)
    if form is Form.MINUTES:
        x, y = (np.floor(axis) + (axis - np.floor(axis)) * 0.6 for axis in (x, y))
    made = []
    for name, px, py in list(zip(names, x, y, strict=True))[:rows]:
        is_door = name.startswith("临河路")
        made.append(f"{'单位' + name if is_door else name},学校,{name if is_door else ''},{px:.8f},{py:.8f}")
    return made


@pytest.fixture
def table(tmp_path):
    return lambda *rows, head=HEAD: files.table(tmp_path / "list.csv", head, *rows)


@pytest.mark.parametrize(
    ("name", "swapped", "form", "advice"),
    [
        ("wgs84", False, Form.PLAIN, "Import with --datum wgs84."),
        ("gcj02", False, Form.PLAIN, "Import with --datum gcj02."),
        ("bd09", True, Form.PLAIN, "Import with --datum bd09 --map lon=纬度 --map lat=经度."),
        ("gcj02", False, Form.MINUTES, "Write the degrees as decimal numbers, then import with --datum gcj02."),
        ("epsg:4549", False, Form.PLAIN, "Import with --datum epsg:4549."),
        ("epsg:4528", True, Form.PLAIN, "Import with --datum epsg:4528 --map lon=纬度 --map lat=经度."),
    ],
)
def test_a_file_is_told_by_names_and_addresses(town, table, name, swapped, form, advice):
    found = detect_file(town, table(*lines(town, Datum(name), swapped=swapped, form=form)))
    assert found.detection.reading == Reading(Datum(name), swapped, form), found.detection.says()
    assert found.advice == advice
    plain = found.to_json()
    assert (plain["datum"], plain["is_swapped"], plain["form"], plain["rows"]) == (name, swapped, form.value, 40)
    assert plain["hypotheses"][0]["behind_nats"] == 0


def test_local_metres_are_among_what_is_told(town, table):
    town.add(
        LocalDatum(name="plan", a=1, b=0, tx=634_000, ty=3_441_000, metre_srid=4549, rms_m=0, points=[], actor="x")
    )
    town.flush()
    x0, y0 = 634_000, 3_441_000
    rows = []
    for line in lines(town, Datum("epsg:4549")):
        *words, x, y = line.split(",")
        rows.append(",".join([*words, f"{float(x) - x0:.3f}", f"{float(y) - y0:.3f}"]))
    assert detect_file(town, table(*rows)).advice == "Import with --datum local:plan."


@pytest.mark.parametrize("name", ["wgs84", "gcj02", "bd09", "epsg:4549"])
def test_known_places_tell_a_file_where_no_boundary_is_known(session, table, name):
    add_places(session)
    found = detect_file(session, table(*lines(session, Datum(name))))
    assert found.detection.reading == Reading(Datum(name)), found.detection.says()
    assert found.advice == f"Import with --datum {name}."


def test_where_nothing_is_known_all_of_the_zone_of_the_metres_is_near(session, table):
    found = detect_file(session, table("甲,学校,,121.41,31.11", "乙,学校,,121.42,31.112"))
    assert found.detection.says().startswith("Nothing is known to weigh it by. It may be WGS 84; GCJ-02; BD-09")
    assert "import the boundary of the district or of its towns first" in found.advice
    abroad = detect_file(session, table("甲,学校,,2.35,48.85", "乙,学校,,2.36,48.86"))
    assert abroad.detection.weighed == ()


@pytest.mark.parametrize("word", ["unknown", "未知", "Unknown"])
def test_unknown_stores_nothing_and_gives_the_verdict(town, table, word):
    report = import_file(town, "units", table(*lines(town, Datum("gcj02"))), datum=word)
    assert (report.stored, report.rows, report.datum) == (0, 40, "unknown")
    assert "It looks like GCJ-02" in report.refused
    assert "Import with --datum gcj02." in report.refused
    assert report.notes[0].facts["datum"] == "gcj02"
    assert town.scalar(select(func.count()).select_from(MemberUnit)) == 0
    assert town.scalars(select(ImportRun.datum)).all() == ["unknown"]


def test_what_cannot_be_told_is_said_with_what_to_do(town, table):
    found = detect_file(town, table("甲,其他,,121.41,31.11", "乙,其他,,121.42,31.112"))
    assert found.detection.reading is None
    assert "give a file of 20 rows or more, with addresses" in found.advice
    report = import_file(town, "units", table("甲,其他,,121.41,31.11"), datum="unknown")
    assert "It cannot be told" in report.refused


def test_a_file_without_coordinates_is_refused(town, table):
    with pytest.raises(FieldsMissing):
        detect_file(town, table("甲,其他", head="名称,类型"))


def test_a_wrong_datum_is_refused_until_it_is_trusted(town, table):
    path = table(*lines(town, Datum("bd09")))
    report = import_file(town, "units", path, datum="wgs84")
    assert (report.stored, "look like BD-09" in report.refused, "--trust-datum" in report.refused) == (0, True, True)
    trusted = import_file(town, "units", path, datum="wgs84", trust_datum=True)
    assert (trusted.stored, trusted.refused) == (40, None)
    assert "datum_trusted" in trusted.words()


def test_a_file_taken_in_wrong_bears_no_witness_for_itself(town, table):
    path = table(*lines(town, Datum("bd09")))
    import_file(town, "units", path, datum="wgs84", trust_datum=True)
    assert detect_file(town, path).detection.reading == Reading(Datum("bd09"))


def test_a_wrong_zone_is_refused_and_the_right_one_named(town, table):
    report = import_file(town, "units", table(*lines(town, Datum("epsg:4528"))), datum="epsg:4549", skip_bad=True)
    assert report.stored == 0
    assert "It looks like EPSG:4528" in report.refused


def test_a_zone_number_is_told_where_nothing_else_is_known(town, table):
    report = import_file(town, "units", table("甲,学校,,40634000,3441000"), datum="epsg:4549", skip_bad=True)
    assert "as in EPSG:4528; EPSG:4549 was declared" in next(n.text for n in report.notes if n.word == "zone_in_front")
    right = import_file(town, "units", table("甲,学校,,40638000,3443000"), datum="epsg:4528", dry_run=True)
    assert "zone_in_front" not in right.words()


@pytest.mark.parametrize("kind", ["points", "gazetteer"])
def test_other_kinds_of_points_are_judged_alike(town, table, kind):
    path = table(*lines(town, Datum("gcj02")))
    report = import_file(town, kind, path, datum="wgs84")
    assert (report.stored, "GCJ-02" in (report.refused or "")) == (0, True)


def test_tickets_are_judged_by_their_addresses(town, table):
    rows = [f"T{i},0102,2026-03-02 08:00,{line}" for i, line in enumerate(lines(town, Datum("gcj02")))]
    path = table(*rows, head=f"外部编号,类别,上报时间,标题,种,{HEAD.split(',', 2)[2]}")
    report = import_file(town, "tickets", path, datum="wgs84", skip_bad=True)
    assert (report.stored, "GCJ-02" in (report.refused or "")) == (0, True)
    assert import_file(town, "tickets", path, datum="gcj02").stored == 40


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("莲花路地铁站", "莲花路"),
        ("莘庄地铁站(南广场)", "莘庄"),
        ("莘庄地铁站北广场", "莘庄"),
        ("上海南站", "上海南"),
        ("农机站", "农机"),
        ("人民公园", "人民公园"),
        ("阳光花园(东区)", "阳光花园"),
        ("海曲广场(12号线)", "海曲广场"),
        ("云来快餐(海曲路店)", "云来快餐(海曲路店)"),
        ("青禾汽车充电站(海曲大厦)", "青禾汽车充电站(海曲大厦)"),
        ("站", "站"),
        ("(站)", "(站)"),
    ],
)
def test_what_stops_add_to_a_name_is_left_out(name, short):
    assert stem(name) == short
