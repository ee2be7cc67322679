"""Which features of a collection are meant: in a box, at a time, with values of properties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geodata.catalog import Collection, Property
from geodata.queries.property_types import SQL_TYPES
from geodata.queries.scope import Condition

Value = str | int | float | bool | date | datetime

# In degrees the box is compared as it is; the index finds what its outer box touches.
_IN_DEGREES = """(s.geom && ST_MakeEnvelope(:{west}, :south, :{east}, :north, 4326)
           AND ST_Intersects(s.geom, ST_MakeEnvelope(:{west}, :south, :{east}, :north, 4326)))"""

# In metres, what straight lines there enclose: shapes are looked at where the box is straight.
_IN_METRES = "ST_Intersects(ST_Transform(s.geom, :box_srid), ST_MakeEnvelope(:west, :south, :east, :north, :box_srid))"
_NEAR = "s.geom && ST_MakeEnvelope(:near_west, :near_south, :near_east, :near_north, 4326) AND "

# Whoever asks for a box gets what has no place at all, too (OGC API Features, 7.15.3).
_PLACELESS = "(s.geom IS NULL OR {hit})"


@dataclass(frozen=True)
class BoxIn:
    """A box in a CRS, x before y; west of more than east goes around the back of the world.

    srid   EPSG number of a CRS in degrees (4326 stands for all of them), or in metres.
    near   for metres: a box in WGS 84 degrees that holds all of it, None where there is no such box.
    """

    west: float
    south: float
    east: float
    north: float
    srid: int = 4326
    near: tuple[float, float, float, float] | None = None

    def condition(self) -> Condition:
        """What lies in it or touches it, or has no place."""
        values: dict[str, Any] = {name: getattr(self, name) for name in ("west", "south", "east", "north")}
        if self.srid != 4326:
            values["box_srid"] = self.srid
            hit = _IN_METRES
            if self.near is not None:
                values |= dict(zip(("near_west", "near_south", "near_east", "near_north"), self.near, strict=True))
                hit = _NEAR + _IN_METRES
        elif self.west <= self.east:
            hit = _IN_DEGREES.format(west="west", east="east")
        else:
            values |= {"far_east": 180.0, "far_west": -180.0}
            parts = (_IN_DEGREES.format(west="west", east="far_east"), _IN_DEGREES.format(west="far_west", east="east"))
            hit = f"({' OR '.join(parts)})"
        return Condition(_PLACELESS.format(hit=f"({hit})"), values)


@dataclass(frozen=True)
class Times:
    """From one moment to another, both included; None is open. `before` ends a day that was named: not included."""

    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class ItemFilter:
    """Conditions that all must hold.

    equals     properties with the value that each must have.
    condition  one more on a row `s` with the columns of the collection.
    """

    box: BoxIn | None = None
    times: Times | None = None
    equals: Sequence[tuple[Property, Value]] = ()
    condition: Condition | None = None

    def of(self, collection: Collection) -> Condition:
        """The conditions on a row `s` of a collection; TRUE where there are none."""
        found = [] if self.box is None else [self.box.condition()]
        if self.times is not None and collection.times:
            found.append(_at(collection, self.times))
        for index, (one, value) in enumerate(self.equals):
            cast = f"CAST(:equal_{index} AS {SQL_TYPES[one.kind]})"
            found.append(Condition(f"s.{one.name} = {cast}", {f"equal_{index}": value}))
        if self.condition is not None:
            found.append(Condition(f"({self.condition.text})", self.condition.values))
        values = {name: value for each in found for name, value in each.values.items()}
        return Condition("\n       AND ".join(each.text for each in found) or "TRUE", values)


ALL_ITEMS = ItemFilter()


def _at(collection: Collection, times: Times) -> Condition:
    """What was or is at some time of a period; what has no time at all always is."""
    begins, ends = collection.times[0], collection.times[-1]
    kinds = {each.name: each.kind for each in collection.properties}
    conditions, values = [], {}
    if times.since is not None:
        values["since"] = times.since
        conditions.append(_bounded(ends, ">=", _moment("since", kinds[ends]), is_open=ends != begins))
    last = times.until or times.before
    if last is not None:
        values["last"] = last
        sign = "<=" if times.until is not None else "<"
        conditions.append(_bounded(begins, sign, _moment("last", kinds[begins]), is_open=ends != begins))
    timeless = " AND ".join(f"s.{name} IS NULL" for name in collection.times)
    return Condition(f"(({timeless}) OR ({' AND '.join(conditions) or 'TRUE'}))", values)


def _moment(bound: str, kind: str) -> str:
    """A bound as a column can be compared with it: the day of it where the column holds days."""
    moment = f"CAST(:{bound} AS timestamptz)"
    return f"CAST({moment} AS date)" if kind == "date" else moment


def _bounded(name: str, sign: str, bound: str, *, is_open: bool) -> str:
    """One end of a period; where a feature has two, an end that is not told is open."""
    condition = f"s.{name} {sign} {bound}"
    return f"(s.{name} IS NULL OR {condition})" if is_open else condition
