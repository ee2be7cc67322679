"""Reading a Chinese address: known names first, then the grammar of roads, lanes, crossings and offsets.

address  := [province] [city] [district] [town] (street | crossing | village | place)
street   := road [lane 弄 [sublane 支弄]] [number 号] [near road] [rest]
crossing := road [进 出 与 近 、 /] road [路口] | road (road - road) | road 与 road 之间
offset   := [往] direction [侧] [约] n 米, after a crossing
km post  := motorway [side] n KM
"""

import re
from typing import Any

from geodata.geocode import signs
from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.dictionary import Dictionary, Named
from geodata.geocode.text import digits


class Reader:
    """Reads one normalised text from left to right; each part is written down where it is met."""

    def __init__(self, raw: str, norm: str, dictionary: Dictionary) -> None:
        self.raw, self.norm, self.dictionary = raw, norm, dictionary
        self.pos = 0
        self.parts: dict[str, Any] = {}
        self.spans: dict[str, Span] = {}

    def read(self) -> ParsedAddress:
        """The parts of the whole text; never an exception, whatever the text."""
        self._read_head()
        self._read_village()
        self._read_lead()
        if self._read_road():
            self._read_after_road()
        self._read_place()
        return ParsedAddress(raw=self.raw, norm=self.norm, spans=self.spans, **self.parts)

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
        own = self.dictionary.district
        self._skip(signs.PROVINCE)
        self._skip(signs.CITY)
        if own and self.norm.startswith(own, self.pos):
            self._note("district", own, self.pos, self.pos + len(own))
            self.pos += len(own)
        elif not self._town_here():
            found = signs.DISTRICT.match(self.norm, self.pos)
            if found and not self.dictionary.at(self.norm, self.pos, "road", "village"):
                self._take("district", found)
        self._read_town()

    def _town_here(self) -> tuple[Named, int] | None:
        hit = self.dictionary.at(self.norm, self.pos, "town")
        if hit is None or self._is_road_end(self.pos + hit.length):
            return None
        return hit.areas[0], self.pos + hit.length

    def _is_road_end(self, pos: int) -> bool:
        """Whether what goes on at `pos` makes the name before it part of a road name."""
        return signs.TOWN_ROAD_END.match(self.norm, pos) is not None

    def _read_town(self) -> None:
        here = self._town_here() or self._town_by_stem()
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
        if hit is None or self._is_road_end(self.pos + hit.length):
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
        self._skip(signs.GROUP)
        self._skip(signs.HOMESTEAD)
        if self._road_at(self.pos) is None:
            self._read_number()

    # -- roads -------------------------------------------------------------------------------

    def _read_lead(self) -> None:
        if self.dictionary.at(self.norm, self.pos, "road"):
            return
        self._skip(signs.LEAD)
        if self._skip(signs.PLACEHOLDER):
            self._read_town()
            self._read_village()
        head = signs.PLACE_HEAD.match(self.norm, self.pos)
        if head:
            self._take("place", head)

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

    def _read_road(self) -> bool:
        span = self._road_at(self.pos)
        if span is None:
            return False
        self._note("road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.SIDE)
        return True

    def _read_after_road(self) -> None:
        if self._read_between() or self._read_km_post():
            self._read_offset()
            return
        self._read_number()
        if "number" not in self.parts and "lane" not in self.parts:
            self._read_crossing()
            if "cross_road" not in self.parts:
                self._read_number()
        else:
            self._read_near()
        self._read_offset()

    def _read_number(self) -> None:
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
            suffix = number[1] or number[3] or number[4]
            if suffix:
                group = 1 if number[1] else 3 if number[3] else 4
                self._note("suffix", suffix, *number.span(group))
            self.pos = number.end()
            return
        bare = None if lane else signs.BARE_NUMBER.match(self.norm, self.pos)
        if bare:
            self._note("number", digits(bare[1]), *bare.span(1))
            if bare[2]:
                self._note("suffix", bare[2], *bare.span(2))
            self.pos = bare.end()

    def _second_road(self, pos: int, join: re.Pattern[str], *, must_join: bool = False) -> Span | None:
        """A road after a joining word or, where none is needed, straight after the first.

        和平路 begins with a joining word: a known name decides, then a name of two characters.
        """
        joined = join.match(self.norm, pos)
        places = [pos] if not must_join else []
        if joined:
            places.append(joined.end())
        for place in places:
            hit = self.dictionary.at(self.norm, place, "road")
            if hit:
                return place, place + hit.length
        for place in reversed(places):
            span = self._road_at(place)
            if span and (span[1] - span[0] > 2 or place == places[0]):
                return span
        return None

    def _read_between(self) -> bool:
        """Road (A - B), road A 至 B, or A 与 B 之间 without a third road."""
        opened = self.norm.startswith("(", self.pos)
        first = self._second_road(self.pos + opened, signs.JOIN)
        if first is None:
            return False
        second = self._second_road(first[1], signs.UNTIL, must_join=True)
        if second is None:
            if not opened and signs.BETWEEN.match(self.norm, first[1]):
                self._move_road_to_cross()
                self._note("to_road", self.norm[slice(*first)], *first)
                self.pos = first[1]
                self._skip(signs.BETWEEN)
                return True
            return False
        self._note("cross_road", self.norm[slice(*first)], *first)
        self._note("to_road", self.norm[slice(*second)], *second)
        self.pos = second[1]
        self._skip(signs.BETWEEN)
        if opened and self.norm.startswith(")", self.pos):
            self.pos += 1
        return True

    def _move_road_to_cross(self) -> None:
        self.parts["cross_road"] = self.parts.pop("road")
        self.spans["cross_road"] = self.spans.pop("road")

    def _read_crossing(self) -> None:
        span = self._second_road(self.pos, signs.JOIN)
        if span is None or self.norm[slice(*span)] == self.parts.get("road"):
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.SIDE)
        self._skip(signs.AT_CROSSING)

    def _read_near(self) -> None:
        """The road named in passing after a door: (近虹梅南路), 近顾戴路口."""
        opened = self.norm.startswith("(", self.pos)
        near = signs.NEAR.match(self.norm, self.pos + opened)
        span = self._road_at(near.end()) if near else None
        if span is None:
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.AT_CROSSING)
        if opened and self.norm.startswith(")", self.pos):
            self.pos += 1

    # -- offsets -----------------------------------------------------------------------------

    def _read_km_post(self) -> bool:
        if not signs.HAS_POSTS.search(str(self.parts["road"])):
            return False
        pos = self.pos
        aside = signs.ASIDE.match(self.norm, pos)
        found = signs.KM_POST.match(self.norm, aside.end() if aside else pos)
        if found is None:
            return False
        self._note("km_post", float(found[1]) + float(found[2] or 0) / 1000.0, *found.span(1))
        self.pos = found.end()
        return True

    def _read_offset(self) -> None:
        rest_end = self.norm.find("(", self.pos)
        end = len(self.norm) if rest_end < 0 else rest_end
        found = signs.OFFSET.search(self.norm, self.pos, end)
        if found:
            self._note_offset(found, direction=1, length=2)
            return
        found = signs.OFFSET_AFTER.search(self.norm, self.pos, end)
        if found:
            self._note_offset(found, direction=3, length=1)
            return
        found = signs.DISTANCE.search(self.norm, self.pos, end)
        if found:
            self._note("offset_m", _metres(found[1], found[2]), *found.span(1))
            self.pos = found.end()
            return
        found = signs.DIRECTION.match(self.norm, self.pos, end)
        if found:
            self._note("direction", _letters(found[1]), *found.span(1))
            self.pos = found.end()

    def _note_offset(self, found: re.Match[str], *, direction: int, length: int) -> None:
        self._note("direction", _letters(found[direction]), *found.span(direction))
        self._note("offset_m", _metres(found[length], found[length + 1]), *found.span(length))
        self.pos = found.end()

    # -- what remains ------------------------------------------------------------------------

    def _read_place(self) -> None:
        if "place" in self.parts or "offset_m" in self.parts:
            return
        start = self.pos
        aside = self.norm.find("(", start)
        stretch = self.norm[start : len(self.norm) if aside < 0 else aside]
        if "road" not in self.parts and "to_road" not in self.parts:
            village = signs.VILLAGE_LIKE.match(stretch)
            if village and len(village[0]) > 1 and signs.VILLAGE_GOES_ON.match(stretch, village.end()):
                self._note("place", village[0], start, start + village.end())
                return
        inside = signs.INSIDE.match(stretch)
        while inside:
            start += inside.end()
            stretch = stretch[inside.end() :]
            inside = signs.INSIDE.match(stretch)
        later = signs.INSIDE_LATER.search(stretch)
        if later and later.start() > 1:
            stretch = stretch[: later.start()]
        trailing = signs.TRAILING.search(stretch)
        if trailing and (trailing.start() > 1 or "road" in self.parts):
            stretch = stretch[: trailing.start()]
        if signs.HAN_PAIR.search(stretch):
            self._note("place", stretch, start, start + len(stretch))


def _letters(compass: str) -> str:
    """Compass letters (N, NE, E …) of 北, 东北 or 北东, 东 …."""
    return "".join(sorted((signs.LETTERS[sign] for sign in compass), key="NSEW".index))


def _metres(number: str, unit: str) -> float | None:
    plain = number if number.isascii() else digits(number)
    if plain is None:
        return None
    return float(plain) * (1000.0 if unit in {"公里", "千米", "KM"} else 1.0)
