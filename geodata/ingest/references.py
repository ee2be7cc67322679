"""What rows may refer to, looked up once and kept while the import lasts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.formats.table import Value
from geodata.geocode.address import ParsedAddress
from geodata.geocode.dictionary import Dictionary, Named, town_forms, town_stems
from geodata.geocode.gazetteer import read_gazetteer
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.geocode.text import normalise
from geodata.ingest.cells import CellRefused, code, text
from geodata.ingest.columns import key_of
from geodata.models import DutyRule, FilingRule, Installation
from geodata.queries import datum_clues, duty_list, gazetteer, meetings, network, resolutions, roster, whistle
from geodata.queries import references as queries
from geodata.queries.grids import CellRow, current_cells
from geodata.queries.meetings import KnownMeeting
from geodata.queries.references import AreaFact, CategoryFact, TicketFact, UnitFact
from geodata.queries.rules import rule_versions

Floats = NDArray[np.float64]


class References:
    """Look-ups in what is stored already."""

    def __init__(self, session: Session, district: Installation, *, today: date) -> None:
        self._session = session
        self._today = today
        self._district = district
        self._areas: dict[tuple[str, date], list[AreaFact]] = {}
        self._grounds: dict[str, _Named] = {}

    def category(self, value: Value) -> str:
        """The code of a category told by code or name. A checker: raises CellRefused."""
        return _listed(text(value), self._categories, "category")

    def category_name(self, code: str) -> str:
        """The name of a category in the language of the installation."""
        return self._category_names[code]

    def unit_kind(self, value: Value) -> str:
        """The code of a kind of unit told by code or name. A checker: raises CellRefused."""
        return _listed(text(value), self._unit_kinds, "kind of unit")

    def resource_kind(self, value: Value) -> str:
        """The code of a kind of resource told by code or name. A checker: raises CellRefused."""
        return _listed(text(value), self._resource_kinds, "kind of resource")

    def unit(self, value: Value) -> UnitFact:
        """The member unit of a code, or of a name only one has. A checker: raises CellRefused."""
        return self._units.one(text(value), "member unit")

    def team(self, value: Value) -> UnitFact:
        """The service team of a code, or of a name only one has. A checker: raises CellRefused."""
        return self._teams.one(text(value), "service team")

    def service_codes(self, kind: str) -> frozenset[str]:
        """Codes of the service teams (`team`) or responsibility points (`point`) that there are."""
        return self._service_codes[kind]

    def ground(self, kind: str, said: str) -> UnitFact:
        """The region, block, point or team (`kind`) of a code, or of a name only one has. Raises CellRefused."""
        if kind not in self._grounds:
            self._grounds[kind] = _Named(queries.grounds(self._session, kind))
        return self._grounds[kind].one(said, kind)

    def meeting(self, value: Value) -> int:
        """The id of the meeting of a code. A checker: raises CellRefused."""
        found = self.meetings.get(said := code(value))
        if found is None:
            raise CellRefused(f"there is no meeting {said}; import the meetings first")
        return found.id

    def whistle_call(self, value: Value) -> int:
        """The id of the whistle call of a code. A checker: raises CellRefused."""
        found = self._whistle_calls.get(said := code(value))
        if found is None:
            raise CellRefused(f"there is no whistle call {said}; import the whistle calls first")
        return found

    def ticket_ids(self, numbers: Iterable[str]) -> dict[str, int]:
        """Ids of tickets by their numbers, of those that there are."""
        return queries.ticket_ids(self._session, list(numbers))

    def targets(self, codes: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Which of these are the number of a ticket, or the code of a project or demand: (kind, code)."""
        return resolutions.known_targets(self._session, list(codes))

    def unit_code_at(self, name: str, address: str | None) -> str | None:
        """The code of the unit there already with this name and address."""
        return self._units_by_place.get((name, address or ""))

    def area_code(self, value: Value, level: str) -> str:
        """The code of an area of today told by code, or by a name only one of its level has. Raises CellRefused."""
        said = text(value)
        areas = self.areas(level)
        if any(area.code == said for area in areas):
            return said
        found = [area.code for area in areas if normalise(area.name) == normalise(said)]
        if len(found) == 1:
            return found[0]
        if found:
            raise CellRefused(f"{len(found)} {level}s have this name; give the code, one of {', '.join(found)}")
        raise CellRefused(f"there is no {level} of this code or name")

    def areas(self, level: str, day: date | None = None) -> list[AreaFact]:
        """Areas of a level in force on a day, today by default, by code."""
        key = (level, day or self._today)
        if key not in self._areas:
            self._areas[key] = queries.areas(self._session, *key)
        return self._areas[key]

    def cell(self, value: Value) -> CellRow:
        """The grid cell of today of a code. A checker: raises CellRefused."""
        said = code(value)
        if said not in self._cells:
            raise CellRefused("there is no grid cell of this code today")
        return self._cells[said]

    def area_shapes(self, level: str, day: date | None = None) -> Mapping[str, BaseGeometry]:
        """Boundaries of the areas of a level on a day (WGS 84), by code."""
        return queries.area_shapes(self._session, level, day or self._today)

    def town_at(self, lon: float, lat: float) -> str | None:
        """The code of the town of today that covers a WGS 84 point (degrees), the lower on a border; None outside."""
        codes, tree = self._town_tree
        return min((codes[i] for i in tree.query(Point(lon, lat), predicate="covered_by")), default=None)

    def generations(self, level: str) -> list[date]:
        """The days on which a set of areas of the level begins, in order."""
        return queries.generations(self._session, level)

    def places_named(self, names: Iterable[str], *, besides: str) -> dict[str, tuple[float, float]]:
        """Where gazetteer places of these (normalised) names are, those of source `besides` left out."""
        return queries.places_named(self._session, list(names), besides=besides)

    def places_of(self, addresses: Sequence[str]) -> list[tuple[float, float] | None]:
        """Lon and lat of addresses that the gazetteer answers for sure, None for all others; units are not asked."""
        if not addresses:
            return []
        answers = self._geocoder.geocode_many(addresses)
        return [
            (one.lon, one.lat) if one.status == "accepted" and one.lon is not None and one.lat is not None else None
            for one in answers
        ]

    def roads(self, names: Iterable[str], *, besides: str) -> dict[str, tuple[Floats, Floats, bool]]:
        """Lon and lat of known points of roads, by normalised name, and whether they stand all along its line."""
        wanted = set(names)
        found: dict[str, tuple[Floats, Floats, bool]] = {}
        for is_line, look_up in ((True, datum_clues.lines_of_roads), (False, datum_clues.points_on_roads)):
            points: dict[str, list[tuple[float, float]]] = {}
            for road, lon, lat in look_up(self._session, wanted - found.keys(), besides=besides):
                points.setdefault(road, []).append((lon, lat))
            found |= {road: (*np.array(pairs).T, is_line) for road, pairs in points.items()}
        return found

    def address(self, text_: str) -> ParsedAddress:
        """The parts of an address."""
        return parse_address(text_, self.dictionary)

    @cached_property
    def _geocoder(self) -> Geocoder:
        return Geocoder(self._session, read_gazetteer(self._session).without_records())

    def tickets_of(self, source: str, refs: Iterable[str]) -> dict[str, TicketFact]:
        """Tickets of one source by their number there."""
        return queries.tickets_of(self._session, source, list(refs))

    def town_named_in(self, address: str) -> str | None:
        """The code of the town of today that an address names, None when it names none."""
        return self._towns_in(address)

    @cached_property
    def rule_versions(self) -> Mapping[tuple[str, str, str], list[FilingRule]]:
        """Every version of each filing rule, the oldest first, by category, town ('' the district) and code."""
        found: dict[tuple[str, str, str], list[FilingRule]] = {}
        for version in rule_versions(self._session):
            found.setdefault((version.category_code, version.town_code, version.code), []).append(version)
        return found

    @cached_property
    def memberships(self) -> Sequence[Mapping[str, Any]]:
        """Every membership of a unit, by column."""
        return network.memberships_there(self._session)

    @cached_property
    def meetings(self) -> Mapping[str, KnownMeeting]:
        """Every meeting by its code."""
        return meetings.known(self._session)

    def turns(self, first: date, last: date) -> Sequence[Mapping[str, Any]]:
        """The turns of duty of some days, both included, by column."""
        return [turn._asdict() for turn in roster.turns(self._session, first, last)]

    @cached_property
    def terms(self) -> Sequence[Mapping[str, Any]]:
        """Every term of a convener, by column."""
        return network.terms_there(self._session)

    @cached_property
    def seats(self) -> Sequence[Mapping[str, Any]]:
        """Every seat in a meeting, by column."""
        return network.seats_there(self._session)

    @cached_property
    def pilots(self) -> Sequence[Mapping[str, Any]]:
        """Every time in which an area is a pilot, by column."""
        return network.pilots_there(self._session)

    @cached_property
    def duty_versions(self) -> Mapping[tuple[str, str, str, str, str], list[DutyRule]]:
        """Every version of each line of the governance list, the oldest first, by all that names a line."""
        found: dict[tuple[str, str, str, str, str], list[DutyRule]] = {}
        for one in duty_list.versions(self._session):
            key = (one.category_code, one.unit_kind, one.role, one.town_code, one.rule_code)
            found.setdefault(key, []).append(one)
        return found

    @cached_property
    def working_weekdays(self) -> frozenset[int]:
        """Weekdays (1 Monday to 7) that have hours of work."""
        return frozenset(queries.working_weekdays(self._session))

    @cached_property
    def dictionary(self) -> Dictionary:
        """Names of towns, villages and roads, to read addresses with."""
        towns = [Named(area.code, area.name) for area in self.areas("town")]
        villages = [Named(area.code, area.name, area.parent_code) for area in self.areas("village")]
        roads = gazetteer.road_names(self._session)
        return Dictionary(towns, villages, roads, district=self._district.name, within=self._district.within)

    @cached_property
    def _town_tree(self) -> tuple[list[str], STRtree]:
        shapes = self.area_shapes("town")
        return list(shapes), STRtree(list(shapes.values()))

    @cached_property
    def _towns_in(self) -> Callable[[str], str | None]:
        dictionary = self.dictionary
        words = {word for area in self.areas("town") for word in town_forms(area.name) | town_stems(area.name)}
        # most addresses name no town, and reading one takes fifty times as long as this look
        names_one = re.compile("|".join(sorted(map(re.escape, words))) or "(?!)", re.IGNORECASE)

        @lru_cache(maxsize=65536)
        def town(address: str) -> str | None:
            return parse_address(address, dictionary).town_code if names_one.search(address) else None

        return town

    @cached_property
    def _cells(self) -> dict[str, CellRow]:
        return {cell.code: cell for cell in current_cells(self._session)}

    @cached_property
    def _all_categories(self) -> list[CategoryFact]:
        return queries.categories(self._session)

    @cached_property
    def _categories(self) -> dict[str, str]:
        return _by_word(self._all_categories)

    @cached_property
    def _category_names(self) -> dict[str, str]:
        is_english = self._district.lang.startswith("en")
        return {fact.code: fact.name_en if is_english else fact.name_zh for fact in self._all_categories}

    @cached_property
    def _unit_kinds(self) -> dict[str, str]:
        return _by_word(queries.unit_kinds(self._session))

    @cached_property
    def _resource_kinds(self) -> dict[str, str]:
        return _by_word(queries.resource_kinds(self._session))

    @cached_property
    def _all_units(self) -> list[UnitFact]:
        return queries.units(self._session)

    @cached_property
    def _whistle_calls(self) -> dict[str, int]:
        return whistle.ids_by_code(self._session)

    @cached_property
    def _units(self) -> "_Named":
        return _Named(self._all_units)

    @cached_property
    def _units_by_place(self) -> dict[tuple[str, str], str]:
        return {(unit.name, unit.address or ""): unit.code for unit in self._all_units}

    @cached_property
    def _service_codes(self) -> dict[str, frozenset[str]]:
        return {
            "team": frozenset(fact.code for fact in queries.teams(self._session)),
            "point": frozenset(queries.point_codes(self._session)),
        }

    @cached_property
    def _teams(self) -> "_Named":
        return _Named(queries.teams(self._session))


class _Named:
    """Records by code and by name."""

    def __init__(self, records: Sequence[UnitFact]) -> None:
        self.by_code = {record.code: record for record in records}
        self.by_name: dict[str, list[UnitFact]] = {}
        for record in records:
            self.by_name.setdefault(normalise(record.name), []).append(record)

    def one(self, said: str, what: str) -> UnitFact:
        if said in self.by_code:
            return self.by_code[said]
        found = self.by_name.get(normalise(said), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise CellRefused(f"{len(found)} have this name; give the code, one of {', '.join(u.code for u in found)}")
        raise CellRefused(f"there is no {what} of this code or name")


def _by_word(facts: Sequence[CategoryFact]) -> dict[str, str]:
    """Codes by every word for them; where two share a name, neither is found by it."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for fact in facts:
        for word in {key_of(fact.name_zh), key_of(fact.name_en)}:
            if word in found and found[word] != fact.code:
                shared.add(word)
            found[word] = fact.code
    for word in shared:
        del found[word]
    return found | {fact.code: fact.code for fact in facts}


def _listed(said: str, codes: Mapping[str, str], what: str) -> str:
    found = codes.get(said) or codes.get(key_of(said))
    if found is not None:
        return found
    padded = next((code for code in codes if said.isdigit() and code.isdigit() and int(code) == int(said)), None)
    hint = f"; {padded} was perhaps meant: format the column as text, so that it keeps its zeros" if padded else ""
    raise CellRefused(f"there is no {what} of this code or name{hint}")
