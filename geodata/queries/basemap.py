"""What an import of base map features leaves of those before it, and the names of roads near a place."""

from collections.abc import Collection
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from geodata.queries.posters import Clip

# NOT IN makes a hash of the list whatever the planner believes of its length; NOT EXISTS was planned as
# a loop in a loop, which for 200,000 features never ends.
REMOVE_GONE = text("""
    DELETE FROM basemap_feature AS b
     WHERE b.source = :source
       AND b.theme = ANY(:themes)
       AND b.source_ref NOT IN (SELECT unnest(:refs))
""").bindparams(bindparam("themes", type_=ARRAY(Text)), bindparam("refs", type_=ARRAY(Text)))

OTHER_SOURCES = text("""
    SELECT b.source, count(*)
      FROM basemap_feature AS b
     WHERE b.source <> :source AND b.theme = ANY(:themes)
     GROUP BY b.source
     ORDER BY b.source
""").bindparams(bindparam("themes", type_=ARRAY(Text)))

# A road comes in pieces from crossing to crossing; its name is written once.
ROAD_NAMES = text("""
    SELECT f.name,
           ST_AsBinary(ST_LineMerge(ST_CollectionExtract(
               ST_Collect(ST_ClipByBox2D(f.geom_m, ST_MakeEnvelope(:west, :south, :east, :north))), 2))) AS shape
      FROM basemap_feature AS f
     WHERE f.theme = 'road'
       AND f.name IS NOT NULL
       AND f.geom_m && ST_SetSRID(ST_MakeEnvelope(:west, :south, :east, :north), ST_SRID(f.geom_m))
       AND f.from_zoom <= :zoom
     GROUP BY f.name
     ORDER BY min(f.from_zoom), f.name
""")


class RoadName(NamedTuple):
    """A named road as far as the sheet shows it: lines in the metre CRS."""

    name: str
    shape: BaseGeometry


class OtherSource(NamedTuple):
    """A source whose features are drawn as well."""

    source: str
    features: int


def remove_gone(session: Session, *, source: str, themes: Collection[str], refs: Collection[str]) -> int:
    """Remove the features of a source and of these themes that are none of `refs`; returns how many."""
    facts = {"source": source, "themes": sorted(themes), "refs": list(refs)}
    return int(session.execute(REMOVE_GONE, facts).rowcount)  # type: ignore[attr-defined] # a cursor's result has it


def other_sources(session: Session, *, source: str, themes: Collection[str]) -> list[OtherSource]:
    """Other sources with features of these themes, by name."""
    rows = session.execute(OTHER_SOURCES, {"source": source, "themes": sorted(themes)})
    return [OtherSource(*row) for row in rows]


def road_names(session: Session, clip: Clip, *, zoom: int) -> list[RoadName]:
    """Roads with a name that are drawn at a zoom, the more important first."""
    found = session.execute(ROAD_NAMES, {**clip.values(), "zoom": zoom})
    return [RoadName(row.name, shapely.from_wkb(bytes(row.shape))) for row in found if row.shape is not None]
