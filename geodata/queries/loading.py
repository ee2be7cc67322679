"""Taking many rows in at once: staged by COPY, then merged into the table in one statement."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from geodata.models import Base

WGS84_SRID = 4326

# What COPY in binary form calls the types we stage; geometry travels as WKB.
_WIRE_TYPES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (BigInteger, "int8"),
    (SmallInteger, "int2"),
    (Integer, "int4"),
    (Float, "float8"),
    (Boolean, "bool"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (JSONB, "jsonb"),
    (LargeBinary, "bytea"),
    (Text, "text"),
)


class Merged(NamedTuple):
    """What a merge did: ids of rows that are new, that changed, and of those whose place is another now.

    Of a table without ids, what its primary key holds instead.
    """

    stored: list[int]
    changed: list[int]
    moved: list[int]
    unchanged: int


@contextmanager
def staged(session: Session, columns: Sequence[Column[Any]], rows: Iterable[Sequence[Any]]) -> Iterator[Table]:
    """A temporary table of these columns with these rows, gone at the end of the block."""
    connection = session.connection()
    table = Table("staged_rows", MetaData(), *columns, prefixes=["TEMPORARY"])
    table.create(connection)
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{column.name}"' for column in columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY staged_rows ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_wire_type(column.type) for column in columns])
        for row in rows:
            copy.write_row(row)
    try:
        yield table
    finally:
        # inside a failed transaction nothing can be dropped, and nothing needs to be
        if connection.in_transaction() and driver.info.transaction_status.name != "INERROR":
            connection.execute(DropTable(table))


def merge(
    session: Session,
    model: type[Base],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: Sequence[str],
    where: str = "",
    kept_together: Sequence[str] = (),
    only_new: Collection[str] = (),
) -> Merged:
    """Bring rows into the table of `model`: new keys are inserted, other contents updated, equals left alone.

    columns        names of the values in each row; `geom` is WKB in EPSG:4326, or None.
    key            columns of the unique constraint, or of the unique index whose condition is `where`.
    kept_together  columns that keep their values where a row comes in with `geom` None.
    only_new       columns that only new rows get, and rows there already keep as they are.

    No key may stand twice in `rows`. Columns not named keep their values, or get their defaults.
    """
    target = model.metadata.tables[model.__tablename__]
    made = [Column(name, _staged_type(target.c[name].type)) for name in columns]
    with staged(session, made, rows) as source:
        given = [_given(source, name) for name in columns]
        moved = _moved(session, target, source, key, where) if "geom" in columns else []
        into = insert(target).from_select(list(columns), select(*given))
        free = [name for name in columns if name not in key and name not in only_new]
        named = target.c.id if "id" in target.c else next(iter(target.primary_key))
        ends = [literal_column("xmax = 0").label("is_new"), named.label("id")]
        if free:
            new = {name: _new(target, into, name, kept_together) for name in free}
            differs = or_(*(target.c[name].is_distinct_from(value) for name, value in new.items()))
            into = into.on_conflict_do_update(
                index_elements=list(key), index_where=_condition(where), set_=new, where=differs
            )
        else:
            into = into.on_conflict_do_nothing(index_elements=list(key), index_where=_condition(where))
        # ordered, so that the same file always gets the same ids
        done = session.execute(into.returning(*ends)).all()
        count: int = session.execute(select(func.count()).select_from(source)).scalar_one()
    stored = sorted(row.id for row in done if row.is_new)
    changed = sorted(row.id for row in done if not row.is_new)
    return Merged(stored, changed, sorted(moved), count - len(done))


def _given(source: Table, name: str) -> ColumnElement[Any]:
    if name == "geom":
        return func.ST_GeomFromWKB(source.c.geom, WGS84_SRID)
    return source.c[name]


def _new(target: Table, into: Any, name: str, kept_together: Sequence[str]) -> ColumnElement[Any]:  # noqa: ANN401 - a dialect's insert
    value: ColumnElement[Any] = into.excluded[name]
    if name not in kept_together:
        return value
    return case((into.excluded.geom.is_(None), target.c[name]), else_=value)


def _condition(where: str) -> ColumnElement[Any] | None:
    return literal_column(where) if where else None


def _moved(session: Session, target: Table, source: Table, key: Sequence[str], where: str) -> list[int]:
    """Ids of rows there already whose place will be another; rows that come without a place move nothing."""
    same = [target.c[name] == source.c[name] for name in key]
    if where:
        same.append(literal_column(f"{target.name}.{where}"))
    place = func.ST_GeomFromWKB(source.c.geom, WGS84_SRID)
    found = (
        select(target.c.id)
        .select_from(target)
        .join(source, and_(*same))
        .where(source.c.geom.is_not(None), target.c.geom.is_distinct_from(place))
    )
    return list(session.scalars(found))


def _staged_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return LargeBinary() if isinstance(kind, Geometry) else kind


def _wire_type(kind: TypeEngine[Any]) -> str:
    for known, name in _WIRE_TYPES:
        if isinstance(kind, known):
            return name
    raise TypeError(kind)
