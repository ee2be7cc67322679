"""Filters in CQL2 (OGC 21-065r2), as text or as JSON, into a condition in SQL.

What may be asked is a list: each kind of node of the tree has its writer here, and nothing else becomes SQL. No text
of a request is ever part of a statement: names of columns are those of the catalogue, and every value is bound.

Meaning, where the standard leaves it open:

* NULL is SQL's: what compares with an unknown value is neither true nor false, and only what is true is told.
* Texts are compared sign by sign, in the order of Unicode. With CASEI on any side, the case of all sides is ignored.
* A day beside a moment is 00:00 of that day in the session's time zone, which is the district's.
* A text beside a time is read as one: `held_at > '2026-03-02'`.
* Edges of geometries are straight in degrees; those of projected CRSs are bent before, as they are on the ground.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import shapely

from geodata.catalog.properties import Property
from geodata.queries import cql_json
from geodata.queries import cql_tree as tree
from geodata.queries.cql_limits import LANGUAGES, MAX_BYTES, MAX_CONDITIONS, MAX_ITEMS, look_over
from geodata.queries.cql_literals import shown, time
from geodata.queries.cql_shapes import MAX_VERTICES, Axes, geometry
from geodata.queries.scope import Condition
from geodata.record_errors import FilterRefused

__all__ = ["GEOMETRY_NAMES", "LANGUAGES", "MAX_BYTES", "MAX_CONDITIONS", "MAX_ITEMS", "condition"]

# What a filter calls the geometry of a feature, whatever the collection.
GEOMETRY_NAMES: Final = ("geom", "geometry")

# Kinds that can be compared with each other.
_FAMILY: Final = {
    "text": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "time",
    "datetime": "time",
    "geometry": "geometry",
}
_TYPE: Final[dict[type, str]] = {
    str: "text",
    bool: "boolean",
    float: "float8",
    date: "date",
    datetime: "timestamptz",
}
_KIND: Final[dict[type, str]] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    date: "date",
    datetime: "datetime",
}
_BIGGEST: Final = 2**63

# ST_Disjoint would look at every row as well, and does not take collections.
_RELATED: Final[dict[tree.Relation, str]] = {
    "s_intersects": "ST_Intersects({left}, {right})",
    "s_disjoint": "NOT ST_Intersects({left}, {right})",
    "s_equals": "ST_Equals({left}, {right})",
    "s_touches": "ST_Touches({left}, {right})",
    "s_crosses": "ST_Crosses({left}, {right})",
    "s_overlaps": "ST_Overlaps({left}, {right})",
    "s_within": "ST_Within({left}, {right})",
    "s_contains": "ST_Contains({left}, {right})",
}
_OF_COLLECTIONS: Final = ("s_intersects", "s_disjoint")

_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]*")


def condition(
    asked: str,
    *,
    language: str,
    queryables: Mapping[str, Property],
    geometry: bool = True,
    srid: int = 4326,
    is_yx: bool = False,
    prefix: str = "cql",
) -> Condition:
    """A filter as a condition in SQL on a row `s`, with what its names are bound to.

    asked       the filter, decoded.
    language    one of LANGUAGES.
    queryables  what whoever asks may read, by the name that filters use: what is found tells of the value, so words
                for few eyes are not among them. The row has a column of each property's own name.
    geometry    whether the row has `geom` (EPSG:4326), which filters call `geom` or `geometry`.
    srid        EPSG number of the CRS of geometries in the filter.
    is_yx       whether these stand in the order latitude or northing, longitude or easting.
    prefix      what the names of values begin with: `cql_0`, `cql_1` and so on.

    The condition stands in WHERE, where it may be joined to others as it is. Raises FilterRefused.
    """
    look_over(asked, language)
    if language == "cql2-json":
        root = cql_json.read(asked)
    else:
        from geodata.queries import cql_text  # noqa: PLC0415 - builds a parser, which most programs never need

        root = cql_text.read(asked)
    writer = _Writer(queryables, has_geometry=geometry, axes=Axes(srid, is_yx), prefix=prefix)
    return Condition(writer.node(root, 1), writer.values)


class _Operand(NamedTuple):
    """One side of a comparison: its SQL, and its kind."""

    text: str
    kind: str


class _Writer:
    """Writes the nodes of one filter, and keeps what is bound."""

    def __init__(self, queryables: Mapping[str, Property], *, has_geometry: bool, axes: Axes, prefix: str) -> None:
        self.queryables = queryables
        self.has_geometry = has_geometry
        self.axes = axes
        self.prefix = prefix
        self.values: dict[str, Any] = {}
        self.conditions = 0
        self.vertices = 0

    def node(self, node: tree.Node, depth: int) -> str:
        """SQL of a condition that others can stand beside without brackets."""
        if depth > tree.MAX_DEPTH:
            raise FilterRefused("deep", node.at, most=tree.MAX_DEPTH)
        match node:
            case tree.Not():
                return f"NOT ({self.node(node.part, depth + 1)})"
            case tree.Both():
                return self._joined(node.parts, " AND ", depth)
            case tree.Either():
                return self._joined(node.parts, " OR ", depth)
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise FilterRefused("conditions", node.at, most=MAX_CONDITIONS)
        return _WRITERS[type(node)](self, node)

    def _joined(self, parts: Sequence[tree.Node], word: str, depth: int) -> str:
        return f"({word.join(self.node(part, depth + 1) for part in parts)})"

    def truth(self, node: tree.Truth) -> str:
        return "TRUE" if node.value else "FALSE"

    def compared(self, node: tree.Compared) -> str:
        left, right = self._alike(node.left, node.right)
        if left.kind == "boolean" and node.comparison not in {"=", "<>"}:
            raise FilterRefused("order", node.at, found=self._shown(node.left))
        # the order of texts is that of Unicode, whatever order the server keeps
        order = ' COLLATE "C"' if left.kind == "text" and node.comparison not in {"=", "<>"} else ""
        return f"({left.text} {node.comparison} {right.text}{order})"

    def like(self, node: tree.Like) -> str:
        pattern = node.pattern
        while isinstance(pattern, tree.Folded):
            pattern = pattern.of
        if not isinstance(pattern, tree.Literally) or not isinstance(pattern.value, str):
            raise FilterRefused("pattern", node.pattern.at)
        if (len(pattern.value) - len(pattern.value.rstrip("\\"))) % 2:
            raise FilterRefused("escape", pattern.at)
        self._need_text(node.value)
        value, fitting = self._alike(node.value, node.pattern)
        return f"({value.text} LIKE {fitting.text})"

    def between(self, node: tree.Between) -> str:
        value, low, high = self._alike(node.value, node.low, node.high)
        if _FAMILY[value.kind] not in {"number", "time"}:
            raise FilterRefused("range", node.at, found=self._shown(node.value), kind=value.kind)
        return f"({value.text} BETWEEN {low.text} AND {high.text})"

    def one_of(self, node: tree.OneOf) -> str:
        if len(node.items) > MAX_ITEMS:
            raise FilterRefused("items", node.at, most=MAX_ITEMS)
        value, *items = self._alike(node.value, *node.items)
        return f"({value.text} IN ({', '.join(item.text for item in items)}))"

    def missing(self, node: tree.Missing) -> str:
        return f"({self._operand(node.value).text} IS NULL)"

    def related(self, node: tree.Related) -> str:
        texts = []
        for side in (node.left, node.right):
            if (kind := self._kind(side)) != "geometry":
                raise FilterRefused("scalar", side.at, found=self._shown(side), kind=kind)
            texts.append(self._operand(side, relation=node.relation).text)
        return f"({_RELATED[node.relation].format(left=texts[0], right=texts[1])})"

    def _alike(self, *values: tree.Value) -> list[_Operand]:
        """Values that can be compared with each other, all of them without case where one is."""
        kinds = [self._kind(value) for value in values]
        if "time" in (_FAMILY[kind] for kind in kinds):
            values = tuple(_as_time(value) for value in values)
            kinds = [self._kind(value) for value in values]
        for value, kind in zip(values, kinds, strict=True):
            if kind == "geometry":
                raise FilterRefused("spatial", value.at, found=self._shown(value))
            if _FAMILY[kind] != _FAMILY[kinds[0]]:
                facts = {"left": self._shown(values[0]), "left_kind": kinds[0]}
                raise FilterRefused("kinds", value.at, **facts, right=self._shown(value), right_kind=kind)
        operands = [self._operand(value) for value in values]
        if any(isinstance(value, tree.Folded) for value in values):
            return [_Operand(f"lower({operand.text})", operand.kind) for operand in operands]
        return operands

    def _kind(self, value: tree.Value) -> str:
        match value:
            case tree.Named():
                return self._column(value).kind
            case tree.Literally():
                return _KIND[type(value.value)]
            case tree.Folded():
                self._need_text(value.of)
                return "text"
            case _:
                return "geometry"

    def _operand(self, value: tree.Value, *, relation: tree.Relation | None = None) -> _Operand:
        match value:
            case tree.Named():
                return self._column(value)
            case tree.Literally():
                return self._literal(value.value)
            case tree.Folded():
                self._need_text(value.of)
                return self._operand(value.of)
            case tree.Shape() | tree.Box():
                made = geometry(value, self.axes)
                self.vertices += int(shapely.get_num_coordinates(made))
                if self.vertices > MAX_VERTICES:
                    raise FilterRefused("vertices", value.at, most=MAX_VERTICES)
                if made.geom_type == "GeometryCollection" and relation not in _OF_COLLECTIONS:
                    raise FilterRefused("collection", value.at)
                return _Operand(f"ST_GeomFromWKB({self._bound(shapely.to_wkb(made))}, 4326)", "geometry")

    def _column(self, named: tree.Named) -> _Operand:
        if self.has_geometry and named.name in GEOMETRY_NAMES:
            return _Operand("s.geom", "geometry")
        found = self.queryables.get(named.name)
        if found is None:
            known = [*self.queryables, *GEOMETRY_NAMES[: self.has_geometry]]
            raise FilterRefused("property", named.at, found=shown(named.name), known=", ".join(known))
        if not _COLUMN.fullmatch(found.name):
            raise ValueError(f"{found.name!r} of the catalogue is no name of a column")
        return _Operand(f's."{found.name}"', found.kind)

    def _literal(self, value: tree.Plain) -> _Operand:
        kind = _KIND[type(value)]
        if isinstance(value, int) and not isinstance(value, bool):
            return _Operand(f"CAST({self._bound(value)} AS {_whole_type(value)})", kind)
        return _Operand(f"CAST({self._bound(value)} AS {_TYPE[type(value)]})", kind)

    def _bound(self, value: object) -> str:
        name = f"{self.prefix}_{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def _need_text(self, value: tree.Value) -> None:
        if (kind := self._kind(value)) != "text":
            raise FilterRefused("text", value.at, found=self._shown(value), kind=kind)

    def _shown(self, value: tree.Value) -> str:
        """What a side of a comparison is called in an error."""
        match value:
            case tree.Named():
                return value.name
            case tree.Literally():
                return shown(value.value) if isinstance(value.value, str) else str(value.value)[:60]
            case tree.Folded():
                return f"CASEI({self._shown(value.of)})"
            case tree.Shape():
                return value.kind.upper()
            case tree.Box():
                return "BBOX"


def _as_time(value: tree.Value) -> tree.Value:
    """A text beside a time, read as one; all else as it is."""
    if isinstance(value, tree.Literally) and isinstance(value.value, str):
        return tree.Literally(time(value.value, value.at), value.at)
    return value


def _whole_type(value: int) -> str:
    return "bigint" if -_BIGGEST <= value < _BIGGEST else "numeric"


_WRITERS: Final[dict[type, Callable[[_Writer, Any], str]]] = {
    tree.Truth: _Writer.truth,
    tree.Compared: _Writer.compared,
    tree.Like: _Writer.like,
    tree.Between: _Writer.between,
    tree.OneOf: _Writer.one_of,
    tree.Missing: _Writer.missing,
    tree.Related: _Writer.related,
}
