"""Places that several tests of geocoding know."""

from io import BytesIO

import files
import pytest
from import_forms import HEAD
from makers import add_areas, spot

from geodata.geocode.gazetteer import entry_parts
from geodata.models import GazetteerEntry
from geodata.services import import_files
from geodata.services.stamps import stamp


@pytest.fixture
def places(session):
    """Two towns, a known crossing and door in the western one, and one park in each town."""
    add_areas(session)
    known = (("临河路中山路", 1.5, 1), ("临河路100号", 0.5, 0.5), ("人民公园", 0.5, 0.2), ("人民公园", 3.5, 0.2))
    for name, east, north in known:
        parts = entry_parts(name)._asdict()
        session.add(GazetteerEntry(name=name, geom=spot(east, north), accuracy_m=10, source=f"{east}", **parts))
    stamp(session, GazetteerEntry)
    return session


@pytest.fixture
def units(tmp_path):
    """A function that makes a file of units from its lines."""
    return lambda *lines, head=HEAD: files.table(tmp_path / "units.csv", head, *lines)


@pytest.fixture
def sent(tmp_path):
    """A function that sends a file of these bytes, for user 1 unless said."""

    def send(content, name="units.csv", *, owner_id=1, kind="units", most_bytes=10_000):
        content = content.encode() if isinstance(content, str) else content
        return import_files.keep(
            tmp_path, BytesIO(content), name=name, owner_id=owner_id, kind=kind, most_bytes=most_bytes
        )

    return send
