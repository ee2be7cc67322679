"""CQL2 JSON into a tree: only the forms of the standard, and nothing beside them."""

from collections.abc import Callable
from typing import Any, Final

from geodata import strict_json
from geodata.errors import NotJson
from geodata.queries import cql_tree as tree
from geodata.queries.cql_literals import day, moment, plain_text, shown
from geodata.record_errors import FilterRefused

_NODE: Final = '{"op": "=", "args": [{"property": "name"}, "x"]}'
_VALUE: Final = 'a text, a number, true, false, {"property": "name"}, {"date": "2026-03-02"} or a geometry of GeoJSON'
_GEOMETRY: Final = '{"type": "Point", "coordinates": [121.4, 31.1]}'

# Each level is an object with a list in it, and within the last one lie the coordinates of a geometry.
MAX_BRACKETS: Final = 2 * tree.MAX_DEPTH + 6


def read(asked: str) -> tree.Node:
    """The tree of a filter in CQL2 JSON.

    asked   of a length and with a number of brackets that have been looked at before.

    Raises FilterRefused with the path of the value that is wrong, or line and column where it is no JSON at all.
    """
    try:
        found = strict_json.parse(asked, max_depth=MAX_BRACKETS)
    except NotJson as error:
        raise FilterRefused("json", error.position, why=error.reason) from None
    return _node(found, "")


def _node(found: Any, path: str) -> tree.Node:  # noqa: ANN401 - any JSON value
    at = path or None
    if isinstance(found, bool):
        return tree.Truth(found, at)
    if isinstance(found, dict) and found.keys() == {"property"}:
        raise FilterRefused("bare", at, found=shown(found["property"]))
    op, args = _operation(found, path, wanted=_NODE)
    if op in {"and", "or"}:
        _count(args, path, least=2)
        parts = [_node(part, f"{path}/args/{number}") for number, part in enumerate(args)]
        return tree.Both(parts, at) if op == "and" else tree.Either(parts, at)
    if op == "not":
        _count(args, path, exactly=1)
        return tree.Not(_node(args[0], f"{path}/args/0"), at)
    if op in tree.COMPARISONS:
        left, right = _values(args, path, 2)
        return tree.Compared(left, tree.COMPARISONS[op], right, at)
    if op in tree.RELATIONS:
        left, right = _values(args, path, 2)
        return tree.Related(tree.RELATIONS[op], left, right, at)
    if op in _OTHERS:
        return _OTHERS[op](args, path)
    known = ["and", "or", "not", *tree.COMPARISONS, *_OTHERS, *tree.RELATIONS]
    raise FilterRefused("operator", at, found=shown(op), known=", ".join(known))


def _like(args: list[Any], path: str) -> tree.Node:
    value, pattern = _values(args, path, 2)
    return tree.Like(value, pattern, path or None)


def _between(args: list[Any], path: str) -> tree.Node:
    value, low, high = _values(args, path, 3)
    return tree.Between(value, low, high, path or None)


def _missing(args: list[Any], path: str) -> tree.Node:
    (value,) = _values(args, path, 1)
    return tree.Missing(value, path or None)


def _one_of(args: list[Any], path: str) -> tree.Node:
    _count(args, path, exactly=2)
    items = args[1]
    if not isinstance(items, list) or not items:
        raise FilterRefused("form", f"{path}/args/1", found=shown(items), wanted='a list of values, such as ["a", "b"]')
    found = [_value(item, f"{path}/args/1/{number}") for number, item in enumerate(items)]
    return tree.OneOf(_value(args[0], f"{path}/args/0"), found, path or None)


_OTHERS: Final[dict[str, Callable[[list[Any], str], tree.Node]]] = {
    "like": _like,
    "between": _between,
    "in": _one_of,
    "isNull": _missing,
}


def _values(args: list[Any], path: str, count: int) -> list[tree.Value]:
    _count(args, path, exactly=count)
    return [_value(one, f"{path}/args/{number}") for number, one in enumerate(args)]


def _value(found: Any, path: str) -> tree.Value:  # noqa: ANN401 - any JSON value
    if isinstance(found, str):
        return tree.Literally(plain_text(found, path), path)
    if isinstance(found, bool | int | float):
        return tree.Literally(found, path)
    if not isinstance(found, dict):
        raise FilterRefused("form", path, found=shown(found), wanted=_VALUE)
    if "op" in found:
        return _folded(found, path)
    if "type" in found:
        return _shape(found, path)
    for name, read_one in _TAGGED.items():
        if found.keys() == {name}:
            return read_one(found[name], path)
    raise FilterRefused("form", path, found=shown(found), wanted=_VALUE)


def _folded(found: dict[str, Any], path: str) -> tree.Value:
    op, args = _operation(found, path, wanted=_VALUE)
    if op != "casei":
        raise FilterRefused("operator", path, found=shown(op), known="casei")
    (value,) = _values(args, path, 1)
    return tree.Folded(value, path)


def _named(name: Any, path: str) -> tree.Value:  # noqa: ANN401 - any JSON value
    return tree.Named(_text(name, path, wanted='{"property": "name"}'), path)


def _day(text: Any, path: str) -> tree.Value:  # noqa: ANN401 - any JSON value
    return tree.Literally(day(_text(text, path, wanted='{"date": "2026-03-02"}'), path), path)


def _moment(text: Any, path: str) -> tree.Value:  # noqa: ANN401 - any JSON value
    return tree.Literally(moment(_text(text, path, wanted='{"timestamp": "2026-03-02T06:30:00Z"}'), path), path)


def _box(corners: Any, path: str) -> tree.Value:  # noqa: ANN401 - any JSON value
    if not isinstance(corners, list) or not all(type(number) in {int, float} for number in corners):
        raise FilterRefused("box", path)
    return tree.Box(corners, path)


_TAGGED: Final[dict[str, Callable[[Any, str], tree.Value]]] = {
    "property": _named,
    "date": _day,
    "timestamp": _moment,
    "bbox": _box,
}


def _shape(found: dict[str, Any], path: str) -> tree.Shape:
    """A geometry of GeoJSON; its own box may stand beside it and says nothing more."""
    kind = found["type"]
    if not isinstance(kind, str) or kind not in tree.SHAPES.values():
        raise FilterRefused("form", path, found=shown(kind), wanted=_GEOMETRY)
    inner = "geometries" if kind == "GeometryCollection" else "coordinates"
    parts = found.get(inner)
    if not isinstance(parts, list) or found.keys() - {"bbox"} != {"type", inner}:
        raise FilterRefused("form", path, found=shown(found), wanted=_GEOMETRY)
    if kind == "GeometryCollection":
        for number, part in enumerate(parts):
            if not isinstance(part, dict) or "type" not in part:
                raise FilterRefused("form", f"{path}/geometries/{number}", found=shown(part), wanted=_GEOMETRY)
        parts = [_shape(part, f"{path}/geometries/{number}") for number, part in enumerate(parts)]
    return tree.Shape(kind, parts, path)


def _operation(found: Any, path: str, *, wanted: str) -> tuple[str, list[Any]]:  # noqa: ANN401 - any JSON value
    is_one = isinstance(found, dict) and found.keys() == {"op", "args"}
    if not is_one or not isinstance(found["op"], str) or not isinstance(found["args"], list):
        raise FilterRefused("form", path or None, found=shown(found), wanted=wanted)
    return found["op"], found["args"]


def _text(found: Any, path: str, *, wanted: str) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(found, str):
        raise FilterRefused("form", path, found=shown(found), wanted=wanted)
    return found


def _count(args: list[Any], path: str, *, exactly: int = 0, least: int = 0) -> None:
    if len(args) != exactly if exactly else len(args) < least:
        many = f"{exactly}" if exactly else f"{least} or more"
        raise FilterRefused("form", f"{path}/args", found=f"a list of {len(args)}", wanted=f"a list of {many}")
