"""Taking many rows in at once: staged by COPY, then merged into the table in one statement."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Time,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Session
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from geodata.models import Base

WGS84_SRID = 4326

# What COPY in binary form calls the types we stage; geometry travels as WKB.
_WIRE_TYPES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (ARRAY, "text[]"),
    (BigInteger, "int8"),
    (SmallInteger, "int2"),
    (Integer, "int4"),
    (Float, "float8"),
    (Boolean, "bool"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (Time, "time"),
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
    table = Table("staged_rows", MetaData(), *columns, prefixes=["TEMPORARY"])
    connection = session.connection()
    table.create(connection)
    _copy(connection, table, rows)
    try:
        yield table
    finally:
        _drop(connection, table)


def _copy(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_wire_type(column.type) for column in table.columns])
        for row in rows:
            copy.write_row(row)


def _drop(connection: Connection, table: Table) -> None:
    driver: Any = connection.connection.driver_connection
    # inside a failed transaction nothing can be dropped, and nothing needs to be
    if connection.in_transaction() and driver.info.transaction_status.name != "INERROR":
        connection.execute(DropTable(table))


class Stage:
    """Rows of one model on their way into its table, a batch at a time, in a temporary table.

    `key` and `only_new` are those of `merge`. The table is called `staged_` and the model's own name. Its columns are
    those of the first row, and the key's alone while there is none; a later row that lacks one of them raises KeyError.
    """

    def __init__(
        self, session: Session, model: type[Base], key: Sequence[str], *, only_new: Collection[str] = ()
    ) -> None:
        self.model, self.key, self.only_new = model, tuple(key), only_new
        self._connection = session.connection()
        self._table: Table | None = None
        self._has_rows = False

    @property
    def table(self) -> Table:
        """The temporary table, made now where there is none yet."""
        return self._table if self._table is not None else self._make(self.key)

    @property
    def has_rows(self) -> bool:
        """Whether any row was added."""
        return self._has_rows

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows down, by column."""
        if not rows:
            return
        table = self._table if self._table is not None else self._make(list(rows[0]))
        self._has_rows = True
        names = table.columns.keys()
        _copy(self._connection, table, ([row[name] for name in names] for row in rows))

    def analyse(self) -> None:
        """Let the planner know how many rows there are, which decides between one pass and many."""
        self._connection.execute(text(f"ANALYZE {self.table.name}"))

    def merge(self, session: Session) -> Merged:
        """Bring what was added into the model's table."""
        return merge_table(session, self.model, self.table, key=self.key, only_new=self.only_new)

    def drop(self) -> None:
        """Take the temporary table away."""
        if self._table is not None:
            _drop(self._connection, self._table)
            self._table = None

    def _make(self, columns: Sequence[str]) -> Table:
        target = self.model.metadata.tables[self.model.__tablename__]
        made = [Column(name, _staged_type(target.c[name].type)) for name in columns]
        self._table = Table(f"staged_{target.name}", MetaData(), *made, prefixes=["TEMPORARY"])
        self._table.create(self._connection)
        return self._table


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
        return merge_table(session, model, source, key=key, where=where, kept_together=kept_together, only_new=only_new)


def merge_table(
    session: Session,
    model: type[Base],
    source: Table,
    *,
    key: Sequence[str],
    where: str = "",
    kept_together: Sequence[str] = (),
    only_new: Collection[str] = (),
) -> Merged:
    """What `merge` does, of rows that are staged already: `source` holds them by column."""
    target, columns = model.metadata.tables[model.__tablename__], source.columns.keys()
    given = [_given(source, name) for name in columns]
    moved = _moved(session, target, source, key, where) if "geom" in columns else []
    into = insert(target).from_select(columns, select(*given))
    free = [name for name in columns if name not in key and name not in only_new]
    ends = [literal_column("xmax = 0").label("is_new"), _named(target).label("id")]
    if free:
        new = {name: _new(target, into, name, kept_together) for name in free}
        differs = or_(*(target.c[name].is_distinct_from(value) for name, value in new.items()))
        into = into.on_conflict_do_update(
            index_elements=list(key), index_where=_condition(where), set_=new, where=differs
        )
    else:
        into = into.on_conflict_do_nothing(index_elements=list(key), index_where=_condition(where))
    stored: list[int] = []
    changed: list[int] = []
    for is_new, number in session.execute(into.returning(*ends)):
        (stored if is_new else changed).append(number)
    count: int = session.execute(select(func.count()).select_from(source)).scalar_one()
    return Merged(sorted(stored), sorted(changed), sorted(moved), count - len(stored) - len(changed))


def keys_of(session: Session, model: type[Base], ids: Sequence[Any], key: Sequence[str]) -> set[tuple[Any, ...]]:
    """What the columns `key` hold in the rows of these ids, as a merge tells them."""
    if not ids:
        return set()
    target = model.metadata.tables[model.__tablename__]
    named = _named(target)
    wanted = named == any_(bindparam("ids", list(ids), type_=ARRAY(named.type)))
    rows = session.execute(select(*(target.c[name] for name in key)).where(wanted))
    return {tuple(row) for row in rows}


def _named(target: Table) -> Column[Any]:
    """The column by which a merge tells rows: their id, or what the primary key begins with."""
    return target.c.id if "id" in target.c else next(iter(target.primary_key))


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
