"""Places that several tests of geocoding know."""

import pytest
from makers import add_areas, spot

from geodata.geocode.gazetteer import entry_parts
from geodata.models import GazetteerEntry
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
