"""What a filter says, as a tree: the same whether it was written as CQL2 text or as CQL2 JSON.

Nothing in it has been compared with any collection yet. Every node knows where it was written (`at`): a character
of the text counted from 1, or the path of a JSON value.
"""

from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

# How many conditions may stand within each other, and how many brackets a text may open.
MAX_DEPTH: Final = 32

At: TypeAlias = int | str | None
Plain: TypeAlias = str | int | float | bool | date | datetime
Comparison = Literal["=", "<>", "<", ">", "<=", ">="]
Relation = Literal[
    "s_intersects",
    "s_disjoint",
    "s_equals",
    "s_touches",
    "s_crosses",
    "s_overlaps",
    "s_within",
    "s_contains",
]

COMPARISONS: Final[dict[str, Comparison]] = {"=": "=", "<>": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
RELATIONS: Final[dict[str, Relation]] = {
    "s_intersects": "s_intersects",
    "s_disjoint": "s_disjoint",
    "s_equals": "s_equals",
    "s_touches": "s_touches",
    "s_crosses": "s_crosses",
    "s_overlaps": "s_overlaps",
    "s_within": "s_within",
    "s_contains": "s_contains",
}

# The kinds of geometry by their name in capitals, as WKT has them.
SHAPES: Final = {
    name.upper(): name
    for name in (
        *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
        "GeometryCollection",
    )
}


class Named(NamedTuple):
    """A property by its name."""

    name: str
    at: At


class Literally(NamedTuple):
    """A value as it stands: a text, a number, a truth, a day, or a moment with its zone."""

    value: Plain
    at: At


class Folded(NamedTuple):
    """A text in which capitals and small letters are the same (CASEI)."""

    of: "Value"
    at: At


class Shape(NamedTuple):
    """A geometry as it was written, in the order of axes of its CRS; not checked yet.

    kind          one of SHAPES.
    coordinates   nested lists of positions, as GeoJSON has them; of a collection its shapes.
    """

    kind: str
    coordinates: list[Any]
    at: At


class Box(NamedTuple):
    """A box as it was written: the least of both axes, then the greatest; with heights, three of each."""

    corners: list[float]
    at: At


class Truth(NamedTuple):
    """TRUE or FALSE where a condition stands."""

    value: bool
    at: At


class Compared(NamedTuple):
    """One value beside another."""

    left: "Value"
    comparison: Comparison
    right: "Value"
    at: At


class Like(NamedTuple):
    """A text and the pattern that it is to fit."""

    value: "Value"
    pattern: "Value"
    at: At


class Between(NamedTuple):
    """A value and the two that it is to lie between, both included."""

    value: "Value"
    low: "Value"
    high: "Value"
    at: At


class OneOf(NamedTuple):
    """A value and those of which it is to be one (IN)."""

    value: "Value"
    items: list["Value"]
    at: At


class Missing(NamedTuple):
    """A value that is to be unknown (IS NULL)."""

    value: "Value"
    at: At


class Related(NamedTuple):
    """How two geometries are to lie to each other."""

    relation: Relation
    left: "Value"
    right: "Value"
    at: At


class Not(NamedTuple):
    """What is not to be."""

    part: "Node"
    at: At


class Both(NamedTuple):
    """All of these (AND)."""

    parts: list["Node"]
    at: At


class Either(NamedTuple):
    """Any of these (OR)."""

    parts: list["Node"]
    at: At


Value: TypeAlias = Named | Literally | Folded | Shape | Box
Node: TypeAlias = Truth | Compared | Like | Between | OneOf | Missing | Related | Not | Both | Either
