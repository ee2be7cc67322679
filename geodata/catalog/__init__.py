"""Every published collection, once: the API, tiles, exports and map layers all read this.

Where the rows come from is SQL and so stands in `geodata/queries/sources.py`, under the same id.
"""

from geodata.catalog.basemap import BASEMAP
from geodata.catalog.cooperation import COOPERATION
from geodata.catalog.counts import COUNTS
from geodata.catalog.coverage import COVERAGE
from geodata.catalog.ground import GROUND
from geodata.catalog.properties import Collection, Property
from geodata.catalog.work import WORK
from geodata.errors import NotFound

__all__ = ["COLLECTIONS", "Collection", "Property", "collection"]

COLLECTIONS: tuple[Collection, ...] = (*GROUND, *WORK, *COVERAGE, *COOPERATION, *COUNTS, *BASEMAP)

_BY_ID = {collection.id: collection for collection in COLLECTIONS}


def collection(id_: str) -> Collection:
    """The collection of that id. Raises NotFound, which lists those there are."""
    try:
        return _BY_ID[id_]
    except KeyError:
        raise NotFound("collection", id_, tuple(_BY_ID)) from None
