"""What every table shares: naming, places with their raw numbers, and the metre twin of a geometry."""

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import Column, Computed, Index, MetaData, Table, Text, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from geodata.privacy import reason_in_tables
from geodata.record_errors import PersonalColumn

# "Always", where a first set of records has no known beginning. A real date, because
# infinities do not survive every driver.
OPEN_START = date(1900, 1, 1)

LEVELS = ("district", "town", "village")

# The last day of the year, quarter or month that a column `period` names (`2015`, `2015-Q2`, `2015-06`), so that
# periods of several kinds stand in the order in which they end.
LAST_DAY = """CAST(make_date(
    CAST(left(period, 4) AS integer),
    CASE WHEN length(period) = 4 THEN 12
         WHEN substr(period, 6, 1) = 'Q' THEN 3 * CAST(substr(period, 7, 1) AS integer)
         ELSE CAST(substr(period, 6, 2) AS integer) END,
    1) + INTERVAL '1 month' - INTERVAL '1 day' AS date)"""
# The days of a row, the last one left out, and that they are in order.
DAYS = "daterange(valid_from, valid_to)"
SPAN = "valid_to IS NULL OR valid_to > valid_from"


class Base(DeclarativeBase):
    """Root of all tables. One with a column about a person cannot be made: it raises PersonalColumn."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text}  # noqa: RUF012 - SQLAlchemy reads it from the class

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - handed on as they are
        # before it is mapped, so that nothing is left of a table that is refused
        for name in dict.fromkeys(name for one in cls.__mro__ for name in getattr(one, "__annotations__", {})):
            if what := reason_in_tables(name):
                raise PersonalColumn(cls.__name__, name, what)
        super().__init_subclass__(**kwargs)


class MetreGeometry(Geometry):
    """A geometry in the metre CRS of the district, whose number only the database knows."""

    cache_ok = True

    def __init__(self, geometry_type: str = "GEOMETRY") -> None:
        super().__init__(geometry_type, srid=-1, spatial_index=False)


class Placed:
    """A point on the ground, beside the numbers it came from.

    `geom` is EPSG:4326. `raw_x`, `raw_y` are as received, in `datum` (`wgs84`, `cgcs2000`, `gcj02`,
    `bd09`, `epsg:N`); `datum_evidence` says how that was decided (`declared`, `device`, `geocoded`);
    `accuracy_m` is the expected error. All are null while the place is unknown.
    """

    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    datum: Mapped[str | None]
    datum_evidence: Mapped[str | None]
    accuracy_m: Mapped[float | None]
    address: Mapped[str | None]


class Stamped:
    """The codes of the areas a place lies in; they always equal point in polygon."""

    town_code: Mapped[str | None] = mapped_column(index=True)
    village_code: Mapped[str | None] = mapped_column(index=True)
    cell_code: Mapped[str | None] = mapped_column(index=True)


def one_at_a_time(name: str, *within: str, time: str = DAYS, where: str | None = None) -> ExcludeConstraint:
    """Refuse rows that share the columns `within` and whose times meet; of the rows that fulfil `where`, if told.

    It looks when a statement is done, as an import may end one time and begin the next in either order.
    """
    return ExcludeConstraint(
        *((column(each), "=") for each in within),
        (text(time), "&&"),
        name=f"ex_{name}",
        using="gist",
        where=None if where is None else text(where),
        deferrable=True,
        initially="IMMEDIATE",
    )


def add_metre_twin(model: type[Base], *, web: bool = False) -> None:
    """Give the table of `model` a generated `geom_m` in the district's metre CRS, with GiST on both.

    `web` adds `geom_web` in EPSG:3857, worth its space where polygons are drawn as tiles. The
    columns stay out of the mapper: they are for SQL, and no insert has to read them back.
    """
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    kind = table.c.geom.type.geometry_type
    table.append_column(Column("geom_m", MetreGeometry(kind), Computed("ST_Transform(geom, 0)", persisted=True)))
    Index(f"ix_{table.name}_geom", table.c.geom, postgresql_using="gist")
    Index(f"ix_{table.name}_geom_m", table.c.geom_m, postgresql_using="gist")
    if web:
        twin = Column(
            "geom_web",
            Geometry(kind, srid=3857, spatial_index=False),
            Computed("ST_Transform(geom, 3857)", persisted=True),
        )
        table.append_column(twin)
        Index(f"ix_{table.name}_geom_web", table.c.geom_web, postgresql_using="gist")
