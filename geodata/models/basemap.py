"""Features of the district's own base map: what lies under the records and helps to find one's way."""

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, add_metre_twin

LINE_THEMES = ("road", "rail", "waterway")
AREA_THEMES = ("water", "green", "building")


class BasemapFeature(Base):
    """A road, railway or watercourse (lines), or water, green or a building (polygons).

    `kind` is the source's own word (`primary`, `residential` …); `from_zoom` is the zoom from which
    it is drawn. `source` and `source_ref` name it, so that a newer extract replaces the older one.
    """

    __tablename__ = "basemap_feature"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        CheckConstraint("theme IN ('road', 'rail', 'waterway', 'water', 'green', 'building')", name="theme"),
        CheckConstraint(
            "CASE WHEN theme IN ('road', 'rail', 'waterway') THEN geometrytype(geom) = 'MULTILINESTRING' "
            "ELSE geometrytype(geom) = 'MULTIPOLYGON' END",
            name="shape",
        ),
        Index("ix_basemap_feature_theme_from_zoom", "theme", "from_zoom"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    theme: Mapped[str]
    kind: Mapped[str | None]
    name: Mapped[str | None]
    from_zoom: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str]
    source_ref: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))


add_metre_twin(BasemapFeature, web=True)
