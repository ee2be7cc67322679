"""Reading a Chinese address: known names first, then the grammar of roads, lanes, crossings and offsets.

address  := [province] [city] [district] [town] (street | crossing | village | place)
street   := road [lane 弄 [sublane 支弄]] [number 号 {、number 号} [-part]] [near road] [rest]
crossing := road [进 出 与 近 、 /] road [路口] | road (road - road) | road 与 road 之间
offset   := [往] direction [侧] [约] n 米, after a crossing, a door or a place
km post  := motorway [side] n KM
village  := name 村 [n 组|队] [name 队] [name 宅] [n 弄] [n 号] [rest], also on a road
rest     := [building 幢|号楼|座] [floor, room] [place]
"""

import re

from geodata.geocode import signs
from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.placenames import PlaceReader


class Reader(PlaceReader):
    """Reads the whole of one normalised text."""

    # Where a second road was looked for last, and what was found there.
    joined: tuple[int, Span | None] = (-1, None)

    def read(self, raw: str) -> ParsedAddress:
        """The parts of the whole text; never an exception, whatever the text."""
        self._read_head()
        self._read_village()
        self._read_lead()
        if self._read_road():
            self._read_after_road()
        self._read_place()
        if "(" in self.norm:
            self._read_brackets()
        if self.head:
            self._note("place", self.head[0], *self.head.span())
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
            # the name of a larger place, which yields to one that stands behind the road
            self.head = head
            self.pos = head.end()
            self._skip_separator()

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
            if ("村" in self.norm or "宅" in self.norm) and self._read_village_on_road():
                return
            self._read_crossing()
            self._read_number_after_crossing()
            if self.norm.startswith("(", self.pos):
                self._read_near()
        else:
            self._read_near()
        self._read_behind_door()
        self._read_offset()

    def _read_number_after_crossing(self) -> None:
        """A number straight after a second road is that road's: A路B路299弄 is a lane of B路."""
        cross = self.spans.get("cross_road")
        self._read_number()
        is_door = "number" in self.parts or "lane" in self.parts
        if not is_door or cross is None or self._first_of_door() != cross[1]:
            return
        between = self.norm[self.spans["road"][1] : cross[0]]
        if not between or between.endswith(","):
            self.parts["road"], self.parts["cross_road"] = self.parts["cross_road"], self.parts["road"]
            self.spans["road"], self.spans["cross_road"] = self.spans["cross_road"], self.spans["road"]

    def _first_of_door(self) -> int:
        return min(self.spans[part][0] for part in ("lane", "number", "suffix") if part in self.spans)

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
        self.joined = self.pos + opened, first
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
        at, span = self.joined
        if at != self.pos:
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
        says_crossing = near is not None
        own = start
        if self.norm.startswith(road, start):
            start += len(road)
            joined = signs.JOIN.match(self.norm, start)
            start = joined.end() if joined else start
        span = self._road_at(start)
        if span and opened and self.norm.startswith(")" if start > own else road, span[1]):
            # (桃李路星海路), (星海路桃李路路口) behind a door of 桃李路
            says_crossing = True
        if span is None or not (says_crossing or signs.AT_CROSSING.match(self.norm, span[1])):
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(signs.AT_CROSSING)
        if opened:
            # (星海路口南侧): the side of the crossing says nothing more of a door
            self.pos = self.norm.find(")", self.pos) + 1 or len(self.norm)

    def _read_village_on_road(self) -> bool:
        """An estate or homestead on the road whose houses have numbers of their own: 桃李路沈家宅8号."""
        village = signs.VILLAGE_LIKE.match(self.norm, self.pos)
        if not village or len(village[0]) < 2 or not signs.VILLAGE_GOES_ON.match(self.norm, village.end()):
            return False
        self._take("place", village)
        self._read_in_village()
        if "number" in self.parts or "lane" in self.parts:
            # the number is no door of the road, which is named in passing
            self._move_road_to_cross()
        return True

    def _read_brackets(self) -> None:
        if "road" not in self.parts and "to_road" not in self.parts:
            self._read_street_in_brackets()
        elif "cross_road" not in self.parts:
            near = signs.NEAR_IN_BRACKETS.search(self.norm, self.pos)
            span = near and self._road_at(near.end())
            if span:
                self._note("cross_road", self.norm[slice(*span)], *span)

    def _read_street_in_brackets(self) -> None:
        """The street that stands in brackets where the text itself names none.

        洋桥村6组(桃李路465号) has a door there, 芦北(桃李路星海路) a crossing.
        """
        for aside in signs.ASIDE.finditer(self.norm):
            start = aside.start() + 1
            areas = None if self.dictionary.at(self.norm, start, "road") else signs.AREAS.match(self.norm, start)
            span = self._road_at(areas.end() if areas else start)
            if span is None:
                continue
            door = signs.DOOR.match(self.norm, span[1])
            if door and door.end() <= aside.end():
                self._note("road", self.norm[slice(*span)], *span)
                self.pos = span[1]
                self._read_number()
                return
            other = self._second_road(span[1], signs.JOIN)
            if other and other[1] < aside.end():
                self._note("road", self.norm[slice(*span)], *span)
                self._note("cross_road", self.norm[slice(*other)], *other)
                return
