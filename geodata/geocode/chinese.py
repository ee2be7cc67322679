"""Reading a Chinese address: known names first, then the grammar of roads, lanes, crossings and offsets.

    address  := [province] [city] [district] [town] (street | crossing | village | place)
    street   := road [lane 弄 [sublane 支弄]] [number 号] [near road] [rest]
    crossing := road [进 出 与 近 、 /] road [路口] | road (road - road) | road 与 road 之间
    offset   := [往] direction [侧] [约] n 米, after a crossing
    km post  := motorway [side] n KM
"""

import re
from typing import Any

from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.dictionary import Dictionary, Named
from geodata.geocode.text import HAN, NUMERAL, digits

_TAIL = (
    "高速公路|高架道路|高架路|快速路|国道|省道|县道|公路|大道|大街|高速(?!路)|高架(?!道|路)"
    f"|路(?!桥)|街(?![坊道镇路心区])|巷(?![路口街])|胡同|(?<![{NUMERAL}])弄(?!堂)"
)
_ROAD = re.compile(
    rf"(?:[A-Z]\d{{1,4}}[{HAN}]{{0,6}}?|\d{{1,3}}(?:号(?=[路街]))?(?=国道|省道|县道|路|街)|[{HAN}]{{1,7}}?)(?:{_TAIL})"
)
_PROVINCE = re.compile(rf"[{HAN}]{{2,3}}省|[{HAN}]{{2,6}}自治区")
_CITY = re.compile(rf"(?:北京|天津|上海|重庆|[{HAN}]{{2,3}}(?<![超城都门菜集夜鱼花]))市(?![场政民中区集立])")
_DISTRICT = re.compile(rf"[{HAN}]{{2,4}}?(?<![业发园小社城街景校库保验])[区县](?![{HAN}]?[路街])")
_OTHER_TOWN = re.compile(
    rf"(?:(?![路街])[{HAN}]){{1,4}}?(?:路?街道|(?<![古集])镇|(?<!城)乡)(?![东南西北中府政]?(?:路|街|公路|大道)|[区人村宅])"
)
_PLACEHOLDER = re.compile("(?:其他|其它|无名|未知)(?:道路|路)")
_LEAD = re.compile("(?:地址|位于|地处|靠近|临近|近|在)[:,]?")
_TOWN_ROAD_END = re.compile("(?:[东南西北中新老]|[一二三四五六七八九十])?(?:路|公路|街(?!道)|大道)")
_PLACE_HEAD = re.compile(
    rf"[{HAN}]{{2,8}}?(?:古镇|工业园区|工业园|产业园|开发区|产业区|工业区|园区|新村|小区|广场|公园|老街|村)"
    rf"(?![东南西北中支一二三四五六七八九十]?(?:路|公路|街|大道))(?=[{HAN}]{{1,6}}?(?:{_TAIL}))"
)
_ASIDE = re.compile(r"\([^()]*\)?")
_SIDE = re.compile(r"\([东南西北中]{1,2}\)")
_JOIN = re.compile(r"(?:[东南西北内外]侧)|进|出|与|和|及|跟|靠近|临近|近|、|/|,|&|\+|转|交")
_UNTIL = re.compile("-|至|到|与|和|、")
_BETWEEN = re.compile("之间|间|段")
_AT_CROSSING = re.compile("(?:交叉|交界|交汇|交会|相交|十字|丁字)?(?:路口|口处|口|处)(?!岸)")
_COUNT = rf"(?:\d+|[{NUMERAL}]+)"
_LANE = re.compile(rf"({_COUNT})弄")
_SUBLANE = re.compile(rf"({_COUNT})支弄")
_NUMBER = re.compile(
    rf"([甲乙丙丁])?({_COUNT})((?:[甲乙丙丁]|之\d+)?(?:[-/、至]\d+)*)号(?!楼|线|门(?![前口])|桥|口|出口|库|车位|路|街|航站|地块|岗)([甲乙丙丁])?"
)
_BARE_NUMBER = re.compile(r"(\d+)((?:-\d+)?)(?=$|[(,;])")
_COMPASS = "东南|南东|东北|北东|西南|南西|西北|北西|东|南|西|北"
_LETTERS = {"东": "E", "南": "S", "西": "W", "北": "N"}
_METRES = rf"(\d+(?:\.\d+)?|[{NUMERAL}]+)(公里|千米|KM|米|M)(?![A-Z])"
_OFFSET = re.compile(rf"(?:[往向以偏朝靠])?({_COMPASS})(?:侧|面|边|方向|方|首)?,?(?:大约|约|近|大概|距离)?{_METRES}")
_OFFSET_AFTER = re.compile(rf"(?:大约|约|近|距离)?{_METRES}(?:处|外)?(?:[往向以偏朝靠的])?({_COMPASS})(?![{HAN}])")
_DISTANCE = re.compile(rf"(?:大约|约|近){_METRES}")
_DIRECTION = re.compile(rf"(?:[往向以偏朝靠])?({_COMPASS})(?:侧|面|边|方向|方|首|$)")
_KM_POST = re.compile(r"(?:[^0-9约]{0,8})?(\d+(?:\.\d+)?)(?:KM|K|公里)(?:(?:\+|处\+)?(\d{1,3})M?(?!米|\d))?")
_ROOM = (
    rf"(?:地下|地上|负)?(?:[A-Z]?\d+[A-Z]?(?:-\d+)?|[{NUMERAL}]+|[A-Z])(?:号楼|幢|栋|楼|层|室|座|单元|组|队|区|号库|号门)"
)
_INSIDE = re.compile(rf"{_ROOM}|B\d+|\d+|[-,;:.#、()]")
_INSIDE_LATER = re.compile(rf"(?<!第)(?:{_ROOM}|B\d+|[,;:#])")
_TRAILING = re.compile("(?:附近|对面|旁边|旁|门口|门前|路边|以内|内|里|处|停车场|地下车库|车库|底商)+$")
_GROUP = re.compile(rf"{_COUNT}(?:村民)?[组队]")
_VILLAGE_LIKE = re.compile(rf"[{HAN}]{{1,6}}?(?:新村|村|宅|屯)(?![{HAN}]?(?:路|公路|街))")
_VILLAGE_AFTER_ROAD = re.compile(rf"[{NUMERAL}\d]{{0,3}}(?:新村|村)")
_VILLAGE_GOES_ON = re.compile(rf"{_COUNT}(?:村民)?[组队号]|[{HAN}]{{1,4}}宅")
_HOMESTEAD = re.compile(rf"[{HAN}]{{1,4}}宅")
_NEAR = re.compile("靠近|临近|近|临")
_HAS_POSTS = re.compile("高速|国道|省道|公路|高架")
_HAN_PAIR = re.compile(rf"[{HAN}]{{2}}")


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
        self._skip(_PROVINCE)
        self._skip(_CITY)
        if own and self.norm.startswith(own, self.pos):
            self._note("district", own, self.pos, self.pos + len(own))
            self.pos += len(own)
        elif not self._town_here():
            found = _DISTRICT.match(self.norm, self.pos)
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
        return _TOWN_ROAD_END.match(self.norm, pos) is not None

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
        found = _OTHER_TOWN.match(self.norm, self.pos)
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
        self._skip(_GROUP)
        self._skip(_HOMESTEAD)
        if self._road_at(self.pos) is None:
            self._read_number()

    # -- roads -------------------------------------------------------------------------------

    def _read_lead(self) -> None:
        if self.dictionary.at(self.norm, self.pos, "road"):
            return
        self._skip(_LEAD)
        if self._skip(_PLACEHOLDER):
            self._read_town()
            self._read_village()
        head = _PLACE_HEAD.match(self.norm, self.pos)
        if head:
            self._take("place", head)

    def _road_at(self, pos: int) -> Span | None:
        """Where the road name that begins at `pos` begins and ends: a known one before a likely one."""
        hit = self.dictionary.at(self.norm, pos, "road")
        if hit:
            return pos, pos + hit.length
        found = _ROAD.match(self.norm, pos)
        if found is None or self._hides_village(found):
            return None
        return found.span()

    def _hides_village(self, road: re.Match[str]) -> bool:
        """Whether 村 follows a would-be road name, which is then the name of an estate (中山西路一村)."""
        return _VILLAGE_AFTER_ROAD.match(self.norm, road.end()) is not None

    def _read_road(self) -> bool:
        span = self._road_at(self.pos)
        if span is None:
            return False
        self._note("road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(_SIDE)
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
        lane = _LANE.match(self.norm, self.pos)
        if lane:
            self._note("lane", digits(lane[1]), *lane.span(1))
            self.pos = lane.end()
            sublane = _SUBLANE.match(self.norm, self.pos)
            if sublane:
                self._note("sublane", digits(sublane[1]), *sublane.span(1))
                self.pos = sublane.end()
        number = _NUMBER.match(self.norm, self.pos)
        if number:
            self._note("number", digits(number[2]), *number.span(2))
            suffix = number[1] or number[3] or number[4]
            if suffix:
                group = 1 if number[1] else 3 if number[3] else 4
                self._note("suffix", suffix, *number.span(group))
            self.pos = number.end()
            return
        bare = None if lane else _BARE_NUMBER.match(self.norm, self.pos)
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
        """road (A - B), road A 至 B, or A 与 B 之间 without a third road."""
        opened = self.norm.startswith("(", self.pos)
        first = self._second_road(self.pos + opened, _JOIN)
        if first is None:
            return False
        second = self._second_road(first[1], _UNTIL, must_join=True)
        if second is None:
            if not opened and _BETWEEN.match(self.norm, first[1]):
                self._move_road_to_cross()
                self._note("to_road", self.norm[slice(*first)], *first)
                self.pos = first[1]
                self._skip(_BETWEEN)
                return True
            return False
        self._note("cross_road", self.norm[slice(*first)], *first)
        self._note("to_road", self.norm[slice(*second)], *second)
        self.pos = second[1]
        self._skip(_BETWEEN)
        if opened and self.norm.startswith(")", self.pos):
            self.pos += 1
        return True

    def _move_road_to_cross(self) -> None:
        self.parts["cross_road"] = self.parts.pop("road")
        self.spans["cross_road"] = self.spans.pop("road")

    def _read_crossing(self) -> None:
        span = self._second_road(self.pos, _JOIN)
        if span is None or self.norm[slice(*span)] == self.parts.get("road"):
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(_SIDE)
        self._skip(_AT_CROSSING)

    def _read_near(self) -> None:
        """The road named in passing after a door: (近虹梅南路), 近顾戴路口."""
        opened = self.norm.startswith("(", self.pos)
        near = _NEAR.match(self.norm, self.pos + opened)
        span = self._road_at(near.end()) if near else None
        if span is None:
            return
        self._note("cross_road", self.norm[slice(*span)], *span)
        self.pos = span[1]
        self._skip(_AT_CROSSING)
        if opened and self.norm.startswith(")", self.pos):
            self.pos += 1

    # -- offsets -----------------------------------------------------------------------------

    def _read_km_post(self) -> bool:
        if not _HAS_POSTS.search(str(self.parts["road"])):
            return False
        pos = self.pos
        aside = _ASIDE.match(self.norm, pos)
        found = _KM_POST.match(self.norm, aside.end() if aside else pos)
        if found is None:
            return False
        self._note("km_post", float(found[1]) + float(found[2] or 0) / 1000.0, *found.span(1))
        self.pos = found.end()
        return True

    def _read_offset(self) -> None:
        rest_end = self.norm.find("(", self.pos)
        end = len(self.norm) if rest_end < 0 else rest_end
        found = _OFFSET.search(self.norm, self.pos, end)
        if found:
            self._note_offset(found, direction=1, length=2)
            return
        found = _OFFSET_AFTER.search(self.norm, self.pos, end)
        if found:
            self._note_offset(found, direction=3, length=1)
            return
        found = _DISTANCE.search(self.norm, self.pos, end)
        if found:
            self._note("offset_m", _metres(found[1], found[2]), *found.span(1))
            self.pos = found.end()
            return
        found = _DIRECTION.match(self.norm, self.pos, end)
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
            village = _VILLAGE_LIKE.match(stretch)
            if village and len(village[0]) > 1 and _VILLAGE_GOES_ON.match(stretch, village.end()):
                self._note("place", village[0], start, start + village.end())
                return
        inside = _INSIDE.match(stretch)
        while inside:
            start += inside.end()
            stretch = stretch[inside.end() :]
            inside = _INSIDE.match(stretch)
        later = _INSIDE_LATER.search(stretch)
        if later and later.start() > 1:
            stretch = stretch[: later.start()]
        trailing = _TRAILING.search(stretch)
        if trailing and (trailing.start() > 1 or "road" in self.parts):
            stretch = stretch[: trailing.start()]
        if _HAN_PAIR.search(stretch):
            self._note("place", stretch, start, start + len(stretch))


def _letters(compass: str) -> str:
    """N, NE, E … of 北, 东北 or 北东, 东 …"""
    return "".join(sorted((_LETTERS[sign] for sign in compass), key="NSEW".index))


def _metres(number: str, unit: str) -> float | None:
    plain = number if number.isascii() else digits(number)
    if plain is None:
        return None
    return float(plain) * (1000.0 if unit in {"公里", "千米", "KM"} else 1.0)
