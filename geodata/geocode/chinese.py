"""Reading a Chinese address: known names first, then the grammar of roads, lanes, crossings and offsets.

address  := [province] [city] [district] [town] (street | crossing | village | place)
street   := road [lane 弄 [sublane 支弄]] [number 号] [near road] [rest]
crossing := road [进 出 与 近 、 /] road [路口] | road (road - road) | road 与 road 之间
offset   := [往] direction [侧] [约] n 米, after a crossing, a door or a place
km post  := motorway [side] n KM
village  := name 村 [n 组|队] [name 宅] [n 号]
rest     := [building 幢|号楼|座] [floor, room] [place]
"""

import re

from geodata.geocode import signs
from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.areas import AreaReader
from geodata.geocode.text import digits


class Reader(AreaReader):
    """Reads the whole of one normalised text."""

    def read(self, raw: str) -> ParsedAddress:
        """The parts of the whole text; never an exception, whatever the text."""
        self._read_head()
        self._read_village()
        self._read_lead()
        if self._read_road():
            self._read_after_road()
        self._read_place()
        if "road" not in self.parts and "to_road" not in self.parts:
            self._read_street_in_brackets()
        return ParsedAddress(raw=raw, norm=self.norm, spans=self.spans, **self.parts)

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

    def _read_road(self) -> bool:
        span = self._road_at(self.pos)
        if span is None:
            return False
        end = span[1]
        if self.norm[span[0]].isascii() and self.norm.startswith("(", end):
            # X009(川周公路): people know a coded road by its name
            named = self._road_at(end + 1)
            span = named or span
            end = named[1] + 1 if named else end
        self._note("road", self.norm[slice(*span)], *span)
        self.pos = end
        self._skip(signs.SIDE)
        self._read_carriageway()
        return True

    def _read_carriageway(self) -> None:
        found = signs.CARRIAGEWAY.match(self.norm, self.pos)
        if found:
            self._note("side", signs.CARRIAGEWAYS[found[1]], *found.span(1))
            self.pos = found.end()

    def _skip_own_road(self) -> None:
        """Some name the road again, perhaps with its side, before they go on (A路东侧A路西侧B路, A路进A路B路)."""
        road = self.parts.get("road")
        start = self.pos + (self.norm[self.pos : self.pos + 1] in {"进", "出"})
        if road and self.norm.startswith(road, start):
            self.pos = start + len(road)
            self._skip(signs.SIDE)
            carriageway = signs.CARRIAGEWAY.match(self.norm, self.pos)
            self.pos = carriageway.end() if carriageway else self.pos

    def _read_after_road(self) -> None:
        self._skip_own_road()
        if self._read_between() or self._read_km_post():
            self._read_offset()
            return
        self._read_number()
        if "number" not in self.parts and "lane" not in self.parts:
            self._read_crossing()
            self._read_number_after_crossing()
        else:
            self._read_near()
        self._read_behind_door()
        self._read_offset()

    def _read_number_after_crossing(self) -> None:
        """A number straight after a second road is that road's: A路B路299弄 is a lane of B路."""
        cross = self.spans.get("cross_road")
        self._read_number()
        is_door = "number" in self.parts or "lane" in self.parts
        if is_door and cross and cross[0] == self.spans["road"][1] and self._first_of_door() == cross[1]:
            self.parts["road"], self.parts["cross_road"] = self.parts["cross_road"], self.parts["road"]
            self.spans["road"], self.spans["cross_road"] = self.spans["cross_road"], self.spans["road"]

    def _first_of_door(self) -> int:
        return min(self.spans[part][0] for part in ("lane", "number", "suffix") if part in self.spans)

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
            named = signs.CROSS_NAME.match(self.norm, self.pos)
            if named:
                group = 1 if named[1] else named.lastindex or 1
                self._note("cross_road", named[group], *named.span(group))
                self.pos = named.end()
                self._skip(signs.AT_CROSSING)
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.SIDE)
        self._skip(signs.AT_CROSSING)
        self._skip(signs.RAMP)

    def _read_near(self) -> None:
        """The road named in passing after a door: (近虹梅南路), 近顾戴路口, (美桂南路口)."""
        opened = self.norm.startswith("(", self.pos)
        near = signs.NEAR.match(self.norm, self.pos + opened)
        start = near.end() if near else self.pos + opened
        road = str(self.parts["road"])
        if self.norm.startswith(road, start):
            start += len(road)
            joined = signs.JOIN.match(self.norm, start)
            start = joined.end() if joined else start
        span = self._road_at(start)
        if span is None or (near is None and signs.AT_CROSSING.match(self.norm, span[1]) is None):
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.AT_CROSSING)
        if opened and self.norm.startswith(")", self.pos):
            self.pos += 1

    # -- offsets -----------------------------------------------------------------------------

    def _read_km_post(self) -> bool:
        if "side" not in self.parts and not signs.HAS_POSTS.search(str(self.parts["road"])):
            return False
        aside = signs.ASIDE.match(self.norm, self.pos)
        found = signs.KM_POST.match(self.norm, aside.end() if aside else self.pos)
        if found is None:
            return False
        group = 1 if found[1] else 2
        self._note("km_post", float(found[group]) + float(found[3] or 0) / 1000.0, *found.span(group))
        self.pos = found.end()
        return True

    def _read_offset(self) -> None:
        """Direction and metres, wherever they stand outside of brackets; a name before them is what they count from."""
        text = signs.ASIDE.sub(_blank, self.norm)
        for pattern, direction, length in ((signs.OFFSET, 1, 2), (signs.OFFSET_AFTER, 3, 1), (signs.DISTANCE, 0, 1)):
            found = pattern.search(text, self.pos)
            if found:
                self._read_counted_from(text[self.pos : found.start()])
                if direction:
                    self._note("direction", _letters(found[direction]), *found.span(direction))
                self._note("offset_m", _metres(found[length], found[length + 1]), *found.span(length))
                self.pos = found.end()
                return
        found = signs.DIRECTION.match(text, self.pos)
        if found:
            self._note("direction", _letters(found[1]), *found.span(1))
            self.pos = found.end()

    def _read_counted_from(self, stretch: str) -> None:
        """海欣家园 in 龙皓路海欣家园南侧约50米."""
        name = signs.TRAILING.sub("", stretch.strip("\0"))
        is_name = signs.WHOLE_NAME.fullmatch(name) and not signs.RAMP.search(name)
        if is_name and "place" not in self.parts and "km_post" not in self.parts:
            start = self.pos + stretch.index(name)
            self._note("place", name, start, start + len(name))

    # -- what remains ------------------------------------------------------------------------

    def _read_place(self) -> None:
        is_street = "road" in self.parts or "to_road" in self.parts
        if not is_street and "place" not in self.parts:
            if self._read_unlisted_village():
                return
            self._read_offset()
        if "place" in self.parts or "offset_m" in self.parts:
            return
        start = self.pos
        aside = self.norm.find("(", start)
        stretch = self.norm[start : len(self.norm) if aside < 0 else aside]
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

    def _read_unlisted_village(self) -> bool:
        """A village that nobody listed is known by what follows it: a group, a homestead, a house."""
        village = signs.VILLAGE_LIKE.match(self.norm, self.pos)
        if not village or len(village[0]) < 2 or not signs.VILLAGE_GOES_ON.match(self.norm, village.end()):
            return False
        self._take("place", village)
        self._read_in_village()
        return True

    def _read_street_in_brackets(self) -> None:
        """The street that stands in brackets where the text itself names none: 众安村6组(新奉公路1465号)."""
        for aside in signs.ASIDE.finditer(self.norm):
            span = self._road_at(aside.start() + 1)
            door = span and signs.DOOR.match(self.norm, span[1])
            if span and door and door.end() <= aside.end():
                self._note("road", self.norm[slice(*span)], *span)
                self.pos = span[1]
                self._read_number()
                return


def _blank(aside: re.Match[str]) -> str:
    return "\0" * len(aside[0])


def _letters(compass: str) -> str:
    """Compass letters (N, NE, E …) of 北, 东北 or 北东, 东 …."""
    return "".join(sorted((signs.LETTERS[sign] for sign in compass), key="NSEW".index))


def _metres(number: str, unit: str) -> float | None:
    plain = number if number.isascii() else digits(number)
    if plain is None:
        return None
    return float(plain) * (1000.0 if unit in {"公里", "千米", "KM"} else 1.0)
