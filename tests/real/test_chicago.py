"""Chicago's neighbourhoods: four polygons of 98 are invalid as published."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata import formats
from geodata.models import Area
from geodata.services.imports import import_file

pytestmark = pytest.mark.real


@pytest.fixture
def city(make_district):
    """A session on Chicago's installation."""
    engine = make_district(
        code="CHI",
        name="Chicago",
        metre_crs="EPSG:32616",
        timezone="America/Chicago",
        lang="en",
        code_pattern="{town:2}{cell:5}",
    )
    with Session(engine) as session:
        yield session


def test_four_invalid_polygons_are_repaired_and_told(city, real_data):
    path = real_data / "chicago-open311/chicago_neighborhoods.geojson"
    report = import_file(city, "areas", path, level="town", datum="wgs84", mapping={"code": "cartodb_id"})
    assert (report.stored, report.problems) == (98, [])
    read = formats.read(path)
    invalid = {row for row, shape in zip(read.numbers, read.geometries, strict=True) if not shape.is_valid}
    assert len(invalid) == 4
    mended = [repair for repair in report.repairs if repair.what in {"self_intersection", "spike"}]
    assert invalid <= {repair.row for repair in mended}
    # where a repair is claimed, the ground stays what it was
    assert all(one.area_after_m2 == pytest.approx(one.area_before_m2, rel=1e-3) for one in mended)
    assert city.scalar(select(func.count()).where(func.ST_IsValid(Area.geom))) == 98 + 1  # and the district's own
