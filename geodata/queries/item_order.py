"""The order of a page of features, and how the next page begins where it ended.

A page is found by what its last feature had in the columns of the order, never by counting rows: whatever is stored or
deleted meanwhile, each feature that stays where it is comes exactly once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from geodata.catalog import Collection
from geodata.catalog.properties import Kind
from geodata.queries.property_types import SQL_TYPES

# Of these there are several types in tables; a mark is compared with one.
_CAST = frozenset({"number", "integer"})


class By(NamedTuple):
    """One property that features are in order of: upwards, or downwards."""

    name: str
    is_down: bool = False


@dataclass(frozen=True)
class _Column:
    name: str
    kind: Kind
    is_down: bool
    is_key: bool

    def sql(self, row: str) -> str:
        column = f"{row}.{self.name}"
        # a key stays bare: its index gives the order
        return f"CAST({column} AS {SQL_TYPES[self.kind]})" if self.kind in _CAST and not self.is_key else column


@dataclass(frozen=True)
class Order:
    """Properties in whose order features come, and last the key, which no two share.

    Unknown values are last upwards and first downwards, as PostgreSQL has them.
    """

    columns: tuple[_Column, ...]

    @classmethod
    def of(cls, collection: Collection, by: Sequence[By] = ()) -> "Order":
        """The order by some properties of a collection; what follows the key changes nothing and is left out."""
        kinds = {each.name: each.kind for each in collection.properties}
        names = dict.fromkeys(each.name for each in by)
        down = {each.name: each.is_down for each in reversed(by)}
        wanted: list[_Column] = []
        for name in (*names, collection.key):
            wanted.append(_Column(name, kinds[name], down.get(name, False), name == collection.key))
            if name == collection.key:
                break
        return cls(tuple(wanted))

    def clause(self, row: str) -> str:
        """What stands after ORDER BY, of a row of that name."""
        return ", ".join(f"{each.sql(row)}{' DESC' if each.is_down else ''}" for each in self.columns)

    def mark(self, row: str) -> str:
        """SQL of the mark of a row: its values in the columns of the order, as an array of texts."""
        return f"ARRAY[{', '.join(f'CAST({each.sql(row)} AS text)' for each in self.columns)}]"

    def after(self, row: str, mark: Sequence[str | None]) -> tuple[str, dict[str, Any]]:
        """A condition on a row that comes after a mark, and the values it is bound to."""
        values = {f"mark_{index}": value for index, value in enumerate(mark)}
        ways = []
        for index in range(len(self.columns)):
            same = [self._same(row, earlier, mark) for earlier in range(index)]
            ways.append(" AND ".join([*same, self._beyond(row, index, mark)]))
        bound = self._bound(row, mark)
        return f"{bound}({' OR '.join(f'({way})' for way in ways)})", values

    def _value(self, index: int) -> str:
        return f"CAST(:mark_{index} AS {SQL_TYPES[self.columns[index].kind]})"

    def _same(self, row: str, index: int, mark: Sequence[str | None]) -> str:
        column = self.columns[index].sql(row)
        return f"{column} IS NULL" if mark[index] is None else f"{column} = {self._value(index)}"

    def _beyond(self, row: str, index: int, mark: Sequence[str | None]) -> str:
        column, value, is_down = self.columns[index].sql(row), self._value(index), self.columns[index].is_down
        if mark[index] is None:
            return f"{column} IS NOT NULL" if is_down else "FALSE"
        if self.columns[index].is_key:
            return f"{column} {'<' if is_down else '>'} {value}"
        return f"{column} < {value}" if is_down else f"({column} > {value} OR {column} IS NULL)"

    def _bound(self, row: str, mark: Sequence[str | None]) -> str:
        """What follows from the rest, said once more so that an index leads to where the page begins."""
        first = self.columns[0]
        if mark[0] is None or (not first.is_key and not first.is_down):
            return ""
        return f"{first.sql(row)} {'<=' if first.is_down else '>='} {self._value(0)} AND "
