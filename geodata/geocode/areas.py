"""The beginning of a Chinese address: province, city, district, town, village."""

import re
from typing import Any

from geodata.geocode import signs
from geodata.geocode.address import Span
from geodata.geocode.dictionary import Dictionary, Named
from geodata.geocode.text import digits
from geodata.geocode.upper import PROVINCE_IN_SHORT, is_full


class AreaReader:
    """Reads one normalised text from left to right; each part is written down where it is met."""

    def __init__(self, norm: str, dictionary: Dictionary) -> None:
        self.norm, self.dictionary = norm, dictionary
        self.pos = 0
        self.parts: dict[str, Any] = {}
        self.spans: dict[str, Span] = {}
        self.head: re.Match[str] | None = None

    def _note(self, part: str, value: str | float | None, start: int, end: int) -> None:
        if value is not None and part not in self.parts:
            self.parts[part] = value
            self.spans[part] = (start, end)

    def _take(self, part: str, found: re.Match[str], *, group: int = 0) -> None:
        self._note(part, found[group], *found.span(group))
        self.pos = found.end()

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.norm, self.pos)
        if found:
            self.pos = found.end()
        return found is not None

    # -- district and town -------------------------------------------------------------------

    def _read_head(self) -> None:
        if self.norm.startswith(signs.HEADINGS):
            self._skip(signs.HEADING)
        self._read_district()
        while "district" in self.parts and self._repeats():
            pass
        self._read_town()
        if "town_name" in self.parts:
            self._skip_separator()

    def _skip_separator(self) -> None:
        if self.norm.startswith((",", ";", "、", "/", "|"), self.pos):
            self.pos += 1

    def _repeats(self) -> bool:
        """Skip a city or district that stands there twice (上海市闵行区上海市闵行区 …)."""
        for part in ("province", "city", "district"):
            said = self.parts.get(part)
            if said and self.norm.startswith(said, self.pos):
                self.pos += len(said)
                if part == "city" and not said.endswith("市") and self.norm.startswith("市", self.pos):
                    self.pos += 1
                self._skip_separator()
                return True
        return False

    def _read_district(self) -> None:
        own = self.dictionary.district
        self._read_province()
        city = signs.CITY.match(self.norm, self.pos)
        if city and "city" not in self.parts:
            self._take("city", city)
            self._skip_separator()
            while self._repeats():
                pass
        said = self.parts.get("city")
        lower = said and not said.startswith(signs.MUNICIPALITIES) and signs.CITY.match(self.norm, self.pos)
        if lower:
            # 青屿市海曲市: a city of the lower rank stands for the district
            self._take("district", lower)
        elif own and self.norm.startswith(own, self.pos):
            self._note("district", own, self.pos, self.pos + len(own))
            self.pos += len(own)
        elif self._own_district_in_short():
            pass
        elif not self._town_here():
            found = signs.DISTRICT.match(self.norm, self.pos)
            if found and not self.dictionary.at(self.norm, self.pos, "road", "village"):
                self._take("district", found)
        if "district" in self.parts:
            self._skip_separator()

    def _own_district_in_short(self) -> bool:
        """云水桃李路: our own district without its 区, behind its city or before a town or a road that we know."""
        own = self.dictionary.district
        if own is None or len(own) < 3:
            return False
        city = self.norm[self.pos : self.pos + 2]
        if city in signs.MUNICIPALITIES and self.norm.startswith(own[:-1], self.pos + 2):
            end = self.pos + 1 + len(own)
            if self._is_road_end(end):
                return False
            self._note("city", city, self.pos, self.pos + 2)
            self._note("district", own, self.pos + 2, end)
            self.pos = end
            return True
        if not self.norm.startswith(own[:-1], self.pos):
            return False
        end = self.pos + len(own) - 1
        if not self.dictionary.at(self.norm, end, "town", "road") or self.dictionary.at(
            self.norm, self.pos, "town", "road", "village"
        ):
            return False
        self._note("district", own, self.pos, end)
        self.pos = end
        return True

    def _read_province(self) -> None:
        if self.dictionary.upper:
            self._read_upper()
        province = signs.PROVINCE.match(self.norm, self.pos)
        if province and province[1]:
            # a city that is a province by itself, twice: the second is read as the city
            self.pos = province.end()
        elif province:
            self._take("province", province)
            self._skip_separator()

    def _read_upper(self) -> None:
        """The areas that the district lies in, in full or in short, and the short name of another province."""
        while hit := self.dictionary.upper.at(self.norm, self.pos):
            area, end = hit
            if not is_full(self.norm[self.pos : end]) and not self._area_goes_on(end):
                return
            self._note("city" if "city" in area.levels else "province", self.norm[self.pos : end], self.pos, end)
            self.pos = end
            self._skip_separator()
        short = PROVINCE_IN_SHORT.match(self.norm, self.pos)
        if short and not signs.PROVINCE.match(self.norm, self.pos) and self._area_goes_on(short.end()):
            self._take("province", short)

    def _area_goes_on(self, end: int) -> bool:
        """Whether what ends at `end` is an area in short: another area or a known road follows; 上海路 is none."""
        if self.dictionary.at(self.norm, self.pos, "road", "village", "town"):
            return False
        own = self.dictionary.district
        if (own and self.norm.startswith(own, end)) or self.dictionary.upper.at(self.norm, end):
            return True
        if self.dictionary.at(self.norm, end, "town", "road"):
            return True
        return any(sign.match(self.norm, end) for sign in (signs.CITY, signs.DISTRICT))

    def _town_here(self) -> tuple[Named, int] | None:
        hit = self.dictionary.at(self.norm, self.pos, "town")
        if hit is None or self._is_road_end(self.pos + hit.length):
            return None
        return hit.areas[0], self.pos + hit.length

    def _is_road_end(self, pos: int) -> bool:
        """Whether what goes on at `pos` makes the name before it part of a road name."""
        return signs.TOWN_ROAD_END.match(self.norm, pos) is not None

    def _read_town(self) -> None:
        here = None if self._is_elsewhere() else self._town_here() or self._town_by_stem()
        if here:
            town, end = here
            self._note("town_name", town.name, self.pos, end)
            self._note("town_code", town.code, self.pos, end)
            self.pos = end
            return
        if self.dictionary.at(self.norm, self.pos, "road", "village"):
            return
        found = signs.OTHER_TOWN.match(self.norm, self.pos)
        if found:
            self._take("town_name", found)

    def _is_elsewhere(self) -> bool:
        """Whether the text names another district: its towns and villages are not ours, whatever they are called."""
        own = self.dictionary.district
        return own is not None and self.parts.get("district", own) != own

    def _town_by_stem(self) -> tuple[Named, int] | None:
        """A bare town name counts when nothing, or a road we know, follows it."""
        here = self.dictionary.stem_at(self.norm, self.pos)
        if here is None:
            return None
        end = here[1]
        if end == len(self.norm) or self.dictionary.at(self.norm, end, "road"):
            longer = self.dictionary.at(self.norm, self.pos, "road", "village")
            return None if longer and longer.length >= end - self.pos else here
        return None

    # -- villages ----------------------------------------------------------------------------

    def _read_village(self) -> None:
        hit = self.dictionary.at(self.norm, self.pos, "village")
        if hit is None or self._is_elsewhere() or self._is_road_end(self.pos + hit.length):
            return
        road = self.dictionary.at(self.norm, self.pos, "road")
        if road and road.length > hit.length:
            return
        town_code = self.parts.get("town_code")
        areas = [a for a in hit.areas if town_code is None or a.town_code in {None, town_code}]
        end = self.pos + hit.length
        if len(areas) == 1:
            self._note("village_code", areas[0].code, self.pos, end)
            self._note("village_name", areas[0].name, self.pos, end)
        # A neighbourhood often bears the name of the estate it looks after.
        self._note("place", hit.name, self.pos, end)
        self.pos = end
        self._read_in_village()

    def _read_in_village(self) -> None:
        """The group, the homestead and the house of a village, where they stand here."""
        group = signs.GROUP.match(self.norm, self.pos)
        if group:
            self._note("group", digits(group[1]), *group.span(1))
            self.pos = group.end()
        homestead = signs.HOMESTEAD.match(self.norm, self.pos)
        if homestead:
            self._take("homestead", homestead)
        if self._road_at(self.pos) is None:
            self._read_number(is_house=True)
            self._read_behind_door()

    def _read_behind_door(self) -> None:
        """Building, floor and room behind a door."""
        if "number" not in self.parts and "lane" not in self.parts:
            return
        building = signs.BUILDING.match(self.norm, self.pos)
        if building:
            self._take("building", building)
        inside = signs.FLOOR_AND_ROOM.match(self.norm, self.pos)
        if inside:
            self._take("inside", inside)

    def _road_at(self, pos: int) -> Span | None:
        """Where the road name that begins at `pos` begins and ends: a known one before a likely one."""
        hit = self.dictionary.at(self.norm, pos, "road")
        if hit:
            return pos, pos + hit.length
        found = signs.ROAD.match(self.norm, pos)
        if found is None or self._hides_village(found):
            return None
        return found.span()

    def _hides_village(self, road: re.Match[str]) -> bool:
        """Whether 村 follows a would-be road name, which is then the name of an estate (中山西路一村)."""
        return signs.VILLAGE_AFTER_ROAD.match(self.norm, road.end()) is not None

    def _read_number(self, *, is_house: bool = False) -> None:
        """The lane and the number that stand here; behind a lane and in a village a building is the number."""
        lane = signs.LANE.match(self.norm, self.pos)
        if lane:
            self._note("lane", digits(lane[1]), *lane.span(1))
            self.pos = lane.end()
            sublane = signs.SUBLANE.match(self.norm, self.pos)
            if sublane:
                self._note("sublane", digits(sublane[1]), *sublane.span(1))
                self.pos = sublane.end()
        number = signs.NUMBER.match(self.norm, self.pos)
        if number:
            self._note("number", digits(number[2]), *number.span(2))
            group = next((group for group in (1, 3, 4, 5) if number[group]), None)
            if group:
                self._note("suffix", number[group].replace("号", ""), *number.span(group))
            self.pos = number.end()
            return
        bare = ((lane or is_house) and signs.BUILDING_IN_LANE.match(self.norm, self.pos)) or signs.BARE_NUMBER.match(
            self.norm, self.pos
        )
        if bare:
            self._note("number", digits(bare[1]), *bare.span(1))
            if bare.lastindex == 2 and bare[2]:
                self._note("suffix", bare[2], *bare.span(2))
            self.pos = bare.end()
