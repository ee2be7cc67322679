"""Local metres of a customer: control points in, a datum out, and files that are in it."""

import files
import makers
import numpy as np
import pytest
import shapely
from sqlalchemy import select

from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.ingest.errors import FieldsMissing
from geodata.models import Area, LocalDatum, MemberUnit
from geodata.services.datums import datum_named
from geodata.services.imports import import_file
from geodata.services.local_datums import fit_local
from geodata.services.placing import pin
from geodata.services.reports import lon_lat
from geodata.services.tickets import Position, open_ticket
from spatial.coordinates import Wgs84
from spatial.crs import from_metre
from spatial.decoding_switch import forbidden
from spatial.errors import BadControl, DecodingOff, UnknownDatum
from spatial.local import Similarity

PLANTED = Similarity(0.9999, 0.0123, 634_000.0, 3_441_000.0, 4549)
HEAD = "点名,x,y,lon,lat"


def lines(count=5, *, wrong=None, digits=10):
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-6000, 6000, count), rng.uniform(-6000, 6000, count)
    lon, lat = from_metre(*PLANTED.to_metre(x, y), 4549)
    if wrong is not None:
        lon[wrong] += 0.0002
    rows = zip(x, y, lon, lat, strict=True)
    return [f"K{i + 1},{px:.4f},{py:.4f},{lo:.{digits}f},{la:.{digits}f}" for i, (px, py, lo, la) in enumerate(rows)]


@pytest.fixture
def control(tmp_path):
    """A function that makes a file of control points."""
    return lambda *rows, head=HEAD: files.table(tmp_path / "control.csv", head, *rows)


def fit(session, path, name="城建", **options):
    return fit_local(session, name, path, **{"datum": "cgcs2000", **options})


def local_of(lon, lat, session):
    raw = Wgs84(np.array([lon]), np.array([lat])).written_in(datum_named(session, "local:城建"))
    return float(raw.x[0]), float(raw.y[0])


def test_control_points_make_a_datum(session, control):
    done = fit(session, control(*lines()))
    assert (done.stored, done.doubts) == (True, ())
    assert done.fit.rms_m < 0.001
    row = session.get(LocalDatum, "城建")
    assert (row.a, row.b) == (pytest.approx(0.9999, abs=1e-7), pytest.approx(0.0123, abs=1e-7))
    assert [point["name"] for point in row.points] == ["K1", "K2", "K3", "K4", "K5"]
    assert all(point["residual_m"] < 0.001 for point in row.points)
    assert datum_named(session, " LOCAL:城建 ").similarity.tx == row.tx


def test_a_wrong_point_is_named_and_nothing_is_kept(session, control):
    path = control(*lines(6, wrong=2))
    done = fit(session, path)
    assert not done.stored
    assert "K3 does not fit the others" in done.doubts[0]
    assert session.get(LocalDatum, "城建") is None
    again = fit(session, path, without=["K3"])
    assert (again.stored, again.left_out) == (True, ("K3",))
    assert [point.name for point in again.points] == ["K1", "K2", "K4", "K5", "K6"]


def test_two_points_are_kept_only_when_accepted(session, control):
    path = control(*lines(2))
    assert "two points" in fit(session, path).doubts[0]
    assert not fit(session, path, accept=True, dry_run=True).stored
    assert fit(session, path, accept=True).stored


def test_northings_first_are_told(session, control):
    done = fit(session, control(*lines(), head="点名,y,x,lon,lat"))
    assert "x and y exchanged" in done.doubts[0]


def test_known_positions_may_be_in_metres(session, control):
    rows = [f"K{i},{x},{y},{634000 + x},{3441000 + y}" for i, (x, y) in enumerate([(0, 0), (5000, 0), (0, 4000)])]
    done = fit(session, control(*rows, head="点号,城建x,城建y,东坐标,北坐标"), datum="epsg:4549")
    assert done.stored
    assert done.fit.similarity.scale == pytest.approx(1.0)


def test_what_cannot_be_fitted_is_told(session, control):
    with pytest.raises(BadControl, match="row 3, x is 'abc'"):
        fit(session, control("K1,0,0,121.4,31.1", "K2,abc,0,121.4,31.1"))
    with pytest.raises(BadControl, match="row 2, y is empty"):
        fit(session, control("K1,0,,121.4,31.1"))
    with pytest.raises(FieldsMissing):
        fit(session, control("K1,0,0", head="点名,x,y"))
    with pytest.raises(NotFound, match="K9"):
        fit(session, control(*lines()), without=["K9"])
    with pytest.raises(BadSetting, match="name of a local datum"):
        fit(session, control(*lines()), name="a b")


def test_a_local_datum_is_never_changed(session, control):
    fit(session, control(*lines()))
    with pytest.raises(NameTaken, match="refers to it"):
        fit(session, control(*lines()))


def test_an_unknown_local_datum_is_told_with_those_there_are(session, control):
    fit(session, control(*lines()))
    with pytest.raises(NotFound, match="'别的'; known are 城建"):
        datum_named(session, "local:别的")
    with pytest.raises(UnknownDatum, match="local:NAME"):
        datum_named(session, "城建坐标")


def test_points_and_areas_come_in_local_metres(session, control, tmp_path):
    makers.add_areas(session)
    fit(session, control(*lines()))
    x, y = local_of(121.405, 31.105, session)
    path = files.table(tmp_path / "u.csv", "编码,名称,类型,x,y", f"A1,莘光小学,学校,{x:.4f},{y:.4f}")
    report = import_file(session, "units", path, datum="local:城建")
    assert (report.stored, report.refused) == (1, None)
    unit = session.scalars(select(MemberUnit)).one()
    assert (unit.datum, unit.raw_x, unit.town_code) == ("local:城建", pytest.approx(x, abs=1e-3), "310112101000")

    corners = [local_of(lon, lat, session) for lon, lat in ((121.401, 31.101), (121.406, 31.101), (121.406, 31.106))]
    ring = [[*corners, corners[0]]]
    shape = {"type": "Polygon", "coordinates": ring}
    made = files.geojson(
        tmp_path / "v.geojson",
        (
            {"code": "310112101009", "name": "新村", "parent_code": "310112101000"},
            {"type": "Polygon", "coordinates": ring},
        ),
    )
    report = import_file(session, "areas", made, level="village", datum="local:城建")
    assert report.refused is None, report.refused
    area = session.scalars(select(Area).where(Area.code == "310112101009")).one()
    shape = shapely.from_wkb(bytes(area.geom.data))
    assert shape.bounds == pytest.approx((121.401, 31.101, 121.406, 31.106), abs=1e-7)


def test_pins_and_reports_are_taken_in_local_metres(session, control):
    makers.add_areas(session)
    fit(session, control(*lines()))
    x, y = local_of(121.405, 31.105, session)
    place = pin(session, lon=x, lat=y, datum="local:城建")
    assert (place.lon, place.lat, place.datum) == (pytest.approx(121.405), pytest.approx(31.105), "local:城建")
    assert lon_lat(session, Position(x, y, "local:城建")) == (pytest.approx(121.405), pytest.approx(31.105))
    made = open_ticket(
        session, category="0102", title="垃圾", actor="desk", position=Position(x, y, "local:城建"), assign_now=False
    )
    assert (made.town_code, made.datum) == ("310112101000", "local:城建")


def test_without_decoding_every_door_refuses_the_shifted_datums(session, tmp_path):
    makers.add_areas(session)
    path = files.table(tmp_path / "u.csv", "编码,名称,类型,经度,纬度", "A1,莘光小学,学校,121.405,31.105")
    with forbidden():
        for name in ("gcj02", "bd09"):
            with pytest.raises(DecodingOff):
                import_file(session, "units", path, datum=name)
            with pytest.raises(DecodingOff):
                pin(session, lon=121.4, lat=31.1, datum=name)
            with pytest.raises(DecodingOff):
                open_ticket(session, category="0102", title="x", actor="a", position=Position(121.4, 31.1, name))
        assert import_file(session, "units", path, datum="cgcs2000").stored == 1
