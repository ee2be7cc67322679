"""The units that many tickets could go to, with what counts about each, read once.

It says of each ticket and unit the same as the statement for one ticket (`queries.assignment.unit_facts`) does, and
names the same units to decide between: all of the right kind within the farthest metres, whoever holds the
point or block, has pledged to do it or has returned the ticket, and a few near by, so that a reader sees why they
were not chosen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.queries import batches as queries
from geodata.queries.batches import Unit
from geodata.queries.duty_list import Wanted, handling
from geodata.services.installation import installation
from geodata.services.units import Opening, opening
from spatial.assign import Place, UnitFacts
from spatial.assign_arrays import Arrival, UnitProfile

# How many of the right kind, and of any, are told beside those that the choice is between.
NEAREST_TOLD = 5
_CHUNK = 256
_NOBODY: frozenset[str] = frozenset()

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """A ticket and its place, with the codes of units that have a particular part in it.

    pledges   code and name of the pledge that fits it, by unit.
    """

    id: int
    place: Place
    points: frozenset[str] = _NOBODY
    blocks: frozenset[str] = _NOBODY
    returned: frozenset[str] = _NOBODY
    pledges: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class Supply:
    """All units of the district at one moment; a unit's number is its place in the order of the codes.

    `wanted` is what the governance list will be asked about.
    """

    def __init__(
        self, session: Session, *, at: datetime, ticket_ids: Sequence[int] = (), wanted: Iterable[Wanted] = ()
    ) -> None:
        settings = installation(session)
        self.at, self._timezone = at, settings.timezone
        self.units = sorted(queries.units(session, ticket_ids=ticket_ids), key=lambda unit: unit.code)
        self.number = {unit.code: i for i, unit in enumerate(self.units)}
        self.load = [unit.load for unit in self.units]
        day = at.astimezone(ZoneInfo(self._timezone)).date()
        asked = set(wanted)
        self._towns = _towns(self.units, queries.served(session, day=day))
        self._kinds = handling(session, asked, day=day)
        self._returns = queries.last_returns(session, categories=sorted({one.category for one in asked}), moment=at)
        self._x = np.array([np.nan if unit.x is None else unit.x for unit in self.units], dtype=np.float64)
        self._y = np.array([np.nan if unit.y is None else unit.y for unit in self.units], dtype=np.float64)
        self._opening: dict[tuple[str | None, datetime], Opening] = {}
        self._of_kinds: dict[frozenset[str], NDArray[np.bool_]] = {}

    def kinds(self, place: Place) -> frozenset[str]:
        """Kinds that handle the category of a place in its town, of what was `wanted`."""
        return self._kinds[Wanted(place.category, place.town_code or "", place.rule_code)]

    def opening(self, unit: Unit, at: datetime) -> Opening:
        """Whether the unit is open at a moment."""
        key = (unit.opening_hours, at)
        if key not in self._opening:
            self._opening[key] = opening(unit.opening_hours, at, timezone=self._timezone)
        return self._opening[key]

    def facts(self, asked: Asked, number: int, *, load: int | None = None) -> UnitFacts:
        """What counts about one unit for a ticket; `load` is its present one unless another is told."""
        unit, place = self.units[number], asked.place
        hours = self.opening(unit, place.at)
        returned_at = self._returns.get(unit.code, {}).get(place.category)
        towns = self._towns[number]
        pledge, pledge_name = asked.pledges.get(unit.code, (None, None))
        return UnitFacts(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            x=unit.x,
            y=unit.y,
            is_active=unit.is_active,
            is_open=hours.is_open,
            open_until=hours.until,
            load=self.load[number] if load is None else load,
            capacity=unit.capacity,
            serves_town=towns is None or place.town_code in towns,
            handles_category=unit.kind in self.kinds(place),
            town_code=unit.town_code,
            village_code=unit.village_code,
            holds_point=unit.code in asked.points,
            holds_block=unit.code in asked.blocks,
            returned_at=returned_at if returned_at and returned_at <= place.at else None,
            has_returned=unit.code in asked.returned,
            pledge=pledge,
            pledge_name=pledge_name,
        )

    def near(self, asked: Sequence[Asked], limits_m: Sequence[float]) -> list[list[int]]:
        """Numbers of the units to decide between, per ticket and its farthest metres."""
        found: list[list[int]] = [[] for _ in asked]
        by_kinds: dict[frozenset[str], list[int]] = {}
        for i, one in enumerate(asked):
            by_kinds.setdefault(self.kinds(one.place), []).append(i)
        for kinds, members in by_kinds.items():
            for start in range(0, len(members), _CHUNK):
                chunk = members[start : start + _CHUNK]
                rows = self._near([asked[i] for i in chunk], [limits_m[i] for i in chunk], kinds)
                for i, numbers in zip(chunk, rows, strict=True):
                    found[i] = numbers
        return found

    def profiles(self, asked: Sequence[Asked]) -> list[UnitProfile]:
        """All units as the batch takes them; their categories are the labels of `arrivals`."""
        labels: dict[str, set[str]] = {}
        categories: dict[str, str] = {}
        for one in asked:
            label = self.label(one.place)
            if label in categories:
                continue
            categories[label] = one.place.category
            for kind in self.kinds(one.place):
                labels.setdefault(kind, set()).add(label)
        return [
            UnitProfile(
                unit.code,
                unit.name,
                unit.kind,
                unit.x,
                unit.y,
                frozenset(labels.get(unit.kind, ())),
                towns=self._towns[number],
                is_active=unit.is_active,
                is_open=self.opening(unit, self.at).is_open,
                load=self.load[number],
                capacity=unit.capacity,
                town_code=unit.town_code,
                village_code=unit.village_code,
                returned=self._labelled(unit.code, categories),
            )
            for number, unit in enumerate(self.units)
        ]

    def arrival(self, asked: Asked) -> Arrival:
        """A ticket as the batch takes it."""
        place = asked.place
        labelled = Place(
            place.x,
            place.y,
            self.label(place),
            place.town_code,
            place.village_code,
            place.at,
        )
        return Arrival(labelled, asked.points, asked.blocks, asked.returned, asked.pledges)

    def label(self, place: Place) -> str:
        """The category with the kinds that handle it, which are others where a town has a list of its own."""
        return " ".join([place.category, *sorted(self.kinds(place))])

    def _labelled(self, code: str, categories: Mapping[str, str]) -> dict[str, datetime]:
        returns = self._returns.get(code)
        if not returns:
            return {}
        return {label: returns[category] for label, category in categories.items() if category in returns}

    def _near(self, asked: list[Asked], limits_m: list[float], kinds: frozenset[str]) -> list[list[int]]:
        """As `near`, of tickets for which the same kinds are asked."""
        if kinds not in self._of_kinds:
            self._of_kinds[kinds] = np.array([unit.kind in kinds for unit in self.units], dtype=bool)
        right = self._of_kinds[kinds]
        x = np.array([np.nan if one.place.x is None else one.place.x for one in asked])
        y = np.array([np.nan if one.place.y is None else one.place.y for one in asked])
        dx, dy = self._x - x[:, None], self._y - y[:, None]
        metres = np.sqrt(dx * dx + dy * dy)
        np.copyto(metres, np.inf, where=np.isnan(metres))
        within = right & (metres <= np.array(limits_m)[:, None])
        of_kind, of_any = _nearest(np.where(right, metres, np.inf)), _nearest(metres)
        rows = []
        for i, one in enumerate(asked):
            named = (self.number[code] for code in (one.points | one.blocks | one.returned).union(one.pledges))
            rows.append(sorted({*np.flatnonzero(within[i]).tolist(), *of_kind[i], *of_any[i], *named}))
        return rows


def _towns(units: Sequence[Unit], served: Mapping[int, frozenset[str] | None]) -> list[frozenset[str] | None]:
    """Towns that each unit serves, None for all: by its memberships, or the one it stands in."""
    found: list[frozenset[str] | None] = []
    for unit in units:
        towns = served.get(unit.id, _NOBODY)
        if towns is not None and not towns:
            towns = _NOBODY if unit.town_code is None else frozenset({unit.town_code})
        found.append(towns)
    return found


def _nearest(metres: NDArray[np.float64]) -> list[list[int]]:
    """Numbers of the nearest few of each row, of equals the lower ones; fewer where fewer have a place."""
    count = min(NEAREST_TOLD, metres.shape[1])
    if not count:
        return [[] for _ in metres]
    farthest = np.partition(metres, count - 1, axis=1)[:, count - 1]
    found = []
    for row, limit in zip(metres, farthest, strict=True):
        numbers = np.flatnonzero((row <= limit) & np.isfinite(row))
        found.append(numbers[np.argsort(row[numbers], kind="stable")][:count].tolist())
    return found
