"""Double registration (双报到): counts by area and unit, summed where nobody stated them, and small ones hidden.

A count below SMALL is told to nobody outside its area. Where what is hidden could be worked out from a sum, that sum is
told as "at least" what is told beneath it, which says nothing new. So each sum that is told holds two hidden counts or
none, no hidden count stands in two such sums, and each can still be one of several numbers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.ingest.registrations import COUNTS
from geodata.models import MemberUnit, RegistrationCount
from geodata.queries import registrations as queries
from geodata.queries.registrations import SMALL, AreaCounts, UnitCounts
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue
from geodata.services import changes, periods

KIND = "registrations"

PERIODS = frozenset({"month", "quarter", "year"})
MOST_UNITS = 1000

# Shares are told to a tenth of a per cent.
RATE_DIGITS = 3


class Told(NamedTuple):
    """A count as it is told: the number, with the word `least` where it may be more.

    None is `small`, below SMALL, or with an empty word what nobody counted.
    """

    value: int | None
    word: str = ""


@dataclass(frozen=True)
class Line:
    """One area or unit: each of COUNTS as it is told; `is_summed` where its counts are the sum of its areas'."""

    level: str
    code: str
    name: str
    parent_code: str | None
    counts: Mapping[str, Told]
    is_summed: bool = False
    children: "list[Line]" = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        """Members registered of all (0..1); None where either is not told exactly, or there are none."""
        total, registered = self.counts["members_total"], self.counts["members_registered"]
        if total.word or registered.word or not total.value or registered.value is None:
            return None
        return registered.value / total.value


@dataclass(frozen=True)
class Report:
    """The counts of a period: the district with its towns and these with their villages, and the units."""

    period: str
    district: Line
    units: list[Line]

    @property
    def towns(self) -> list[Line]:
        """The towns by code."""
        return self.district.children


def known_periods(session: Session) -> list[str]:
    """Periods of which there are counts, the newest first."""
    return queries.periods(session)


def report(
    session: Session,
    period: str,
    *,
    holds_area: Callable[[str, str], bool],
    holds_unit: Callable[[UnitCounts], bool],
    town_code: str | None = None,
) -> Report:
    """What is told of a period to somebody.

    holds_area   whether an area (level, code) is theirs, so that its small counts are told; `holds_unit` of a unit.
    town_code    units of this town alone; None for all.
    """
    found = queries.area_counts(session, period)
    district = next(row for row in found if row.level == "district")
    towns = [row for row in found if row.level == "town"]
    villages: dict[str, list[AreaCounts]] = {town.code: [] for town in towns}
    for row in found:
        if row.level == "village" and row.parent_code in villages:
            villages[row.parent_code].append(row)
    told = tell(district, {town: villages[town.code] for town in towns}, holds_area)
    children = [_line(town, told, [_line(village, told, []) for village in villages[town.code]]) for town in towns]
    units = queries.unit_counts(session, period, town_code=town_code, limit=MOST_UNITS)
    lines = [_unit_line(unit, is_open=holds_unit(unit)) for unit in units]
    return Report(period, _line(district, told, children), lines)


Key = tuple[str, str]


def tell(
    district: AreaCounts, towns: Mapping[AreaCounts, Sequence[AreaCounts]], holds: Callable[[str, str], bool]
) -> dict[Key, dict[str, Told]]:
    """How the counts of a district, its towns and their villages are told to somebody, by (level, code) and count.

    holds   whether an area (level, code) is theirs.
    """
    told: dict[Key, dict[str, Told]] = {}
    for name in COUNTS:
        parts = []
        for town, villages in towns.items():
            leaves = [_Part.of(village, name, (), holds) for village in villages]
            parts.append(_Part.of(town, name, leaves, holds))
            for leaf, village in zip(leaves, villages, strict=True):
                told.setdefault(_key(village), {})[name] = leaf.told
        for part, town in zip(parts, towns, strict=True):
            told.setdefault(_key(town), {})[name] = part.told
        told.setdefault(_key(district), {})[name] = _Part.of(district, name, parts, holds).told
    return told


def as_json(found: Report) -> str:
    """A report as its collections take it: of each town and village the counts that are told exactly.

    `hidden` names the counts that are not, or not exactly, and the rate goes with either of its parts.
    """
    lines = [line for town in found.towns for line in (town, *town.children)]
    return json.dumps([_collected(line, found.period) for line in lines], ensure_ascii=False)


def _collected(line: Line, period: str) -> dict[str, object]:
    exact = {name: None if told.word else told.value for name, told in line.counts.items()}
    return {
        "level": line.level,
        "code": line.code,
        "period": period,
        **exact,
        "rate": None if line.rate is None else round(line.rate, RATE_DIGITS),
        "hidden": ",".join(name for name, told in line.counts.items() if told.word) or None,
        "is_summed": line.is_summed,
    }


class _Part(NamedTuple):
    """A count, how it is told, and what of it the reader knows: `known`, and beside it the `hidden` numbers."""

    value: int | None
    told: Told
    known: int
    hidden: tuple[int, ...]

    @classmethod
    def of(cls, row: AreaCounts, name: str, parts: "Sequence[_Part]", holds: Callable[[str, str], bool]) -> "_Part":
        own: int | None = getattr(row, name)
        counted = [part for part in parts if part.value is not None]
        value = sum(part.value or 0 for part in counted) if own is None and counted else own
        if value is None:
            return cls(None, Told(None), 0, ())
        if holds(row.level, row.code):
            return cls(value, Told(value), value, ())
        if not counted:
            is_small = value < SMALL
            return cls(value, Told(None, "small"), 0, (value,)) if is_small else cls(value, Told(value), value, ())
        known = sum(part.known for part in counted)
        hidden = tuple(number for part in counted for number in part.hidden)
        if hidden and value < SMALL and not known:
            # whatever is beneath it, it is one more number below SMALL
            return cls(value, Told(None, "small"), 0, (value,))
        if _can_be_worked_out(value - known, len(hidden)) or (hidden and value < SMALL):
            return cls(value, Told(known, "least"), known, hidden)
        return cls(value, Told(value), value, ())


def _can_be_worked_out(left: int, count: int) -> bool:
    """Whether so many numbers below SMALL follow from their sum; `left` is what the told ones leave of it."""
    most = (SMALL - 1) * count
    return count > 0 and (left in {0, most} or (count == 1 and 0 <= left <= most))


def set_counts(
    session: Session, of_kind: str, of_code: str, period: str, counts: Mapping[str, int | None], *, actor: str
) -> RegistrationCount:
    """Write down the counts of an area or unit in a period; None is "nobody counted".

    Raises NotFound for the area or unit, BadValue for counts that contradict each other, BadSetting for the period.
    """
    told = periods.period(period)
    if told.kind not in PERIODS:
        raise BadValue("period", "period", period)
    name, town_code = _of(session, of_kind, of_code)
    total, registered = counts.get("members_total"), counts.get("members_registered")
    if total is not None and registered is not None and registered > total:
        raise BadValue("members_registered", "whole", registered, low=0, high=total)
    wanted = select(RegistrationCount).where(
        RegistrationCount.of_kind == of_kind, RegistrationCount.of_code == of_code,
        RegistrationCount.period == told.word,
    )  # fmt: skip
    row = session.scalars(wanted.with_for_update()).one_or_none()
    before = None if row is None else {one: getattr(row, one) for one in COUNTS}
    if row is None:
        row = RegistrationCount(of_kind=of_kind, of_code=of_code, period=told.word)
        session.add(row)
    for one in COUNTS:
        setattr(row, one, counts.get(one))
    session.flush()
    after = {one: getattr(row, one) for one in COUNTS}
    if before != after:
        facts = {"did": "set", "name": f"{name} {told.word}", "of_kind": of_kind, "of_code": of_code}
        facts["town_code"] = town_code
        changes.keep(session, KIND, actor=actor, facts={**facts, "before": before, "after": after})
    return row


def counts_of(session: Session, of_kind: str, of_code: str, period: str) -> dict[str, int | None]:
    """The counts that are written down of an area or unit in a period, by name; all None where there are none."""
    wanted = select(RegistrationCount).where(
        RegistrationCount.of_kind == of_kind, RegistrationCount.of_code == of_code, RegistrationCount.period == period
    )
    row = session.scalars(wanted).one_or_none()
    return {name: getattr(row, name, None) for name in COUNTS}


def _of(session: Session, of_kind: str, of_code: str) -> tuple[str, str]:
    """Name of an area or unit, and the code of its town ('' for the district). Raises NotFound."""
    if of_kind == "unit":
        unit = session.scalars(select(MemberUnit).where(MemberUnit.code == of_code)).first()
        if unit is None:
            raise NotFound("unit", of_code)
        return unit.name, unit.town_code or ""
    area = area_of_level(session, of_kind, of_code)
    if area is None:
        raise NotFound(of_kind, of_code)
    return of_code, {"village": area.parent_code or "", "town": of_code}.get(of_kind, "")


def _key(row: AreaCounts) -> Key:
    return row.level, row.code


def _line(row: AreaCounts, told: Mapping[Key, dict[str, Told]], children: "list[Line]") -> Line:
    counts = told[_key(row)]
    is_summed = not row.is_stated and any(one.value is not None or one.word for one in counts.values())
    return Line(row.level, row.code, row.name, row.parent_code, counts, is_summed, children)


def _unit_line(unit: UnitCounts, *, is_open: bool) -> Line:
    counts = {}
    for name in COUNTS:
        value: int | None = getattr(unit, name)
        is_small = value is not None and value < SMALL and not is_open
        counts[name] = Told(None, "small") if is_small else Told(value)
    return Line("unit", unit.code, unit.name, unit.town_code, counts)
