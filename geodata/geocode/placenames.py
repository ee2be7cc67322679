"""What a Chinese address says beside its areas and roads: posts, offsets, and the names of places."""

import re

from geodata.geocode import signs
from geodata.geocode.areas import AreaReader
from geodata.geocode.text import digits

# Each with the groups of its direction and its length; 0 where it has none
_OFFSETS = ((signs.OFFSET, 1, 2), (signs.OFFSET_AFTER, 3, 1), (signs.DISTANCE, 0, 1))


class PlaceReader(AreaReader):
    """Reads what lies at a road, behind a door, or without either."""

    # -- offsets -----------------------------------------------------------------------------

    def _read_km_post(self) -> bool:
        if "K" not in self.norm and "公里" not in self.norm:
            return False
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
        text = signs.ASIDE.sub(_blank, self.norm) if "(" in self.norm else self.norm
        has_metres = "米" in text or "里" in text or "M" in text
        for pattern, direction, length in _OFFSETS if has_metres else ():
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
        is_name = signs.WHOLE_NAME.fullmatch(name) and not signs.RAMP.search(name) and not name.startswith("以")
        if is_name and "place" not in self.parts and "km_post" not in self.parts:
            start = self.pos + stretch.index(name)
            self._note("place", name, start, start + len(name))

    # -- what remains ------------------------------------------------------------------------

    def _read_place(self) -> None:
        is_street = "road" in self.parts or "to_road" in self.parts
        if not is_street and "place" not in self.parts:
            if self._read_unlisted_village():
                return
            if signs.LANE.match(self.norm, self.pos):
                # a lane whose road was left out
                self._read_number()
            self._read_offset()
        if "place" in self.parts or "offset_m" in self.parts:
            return
        if is_street:
            self._skip(signs.ASIDE)
        start, stretch = self._stretch_of_place()
        if stretch.startswith(("“", '"', "'")) and self._read_quoted(start, stretch):
            return
        if "lane" in self.parts and "number" not in self.parts:
            stretch = self._read_house_in_lane(start, stretch)
        stretch = self._cut_behind_place(start, stretch, is_street=is_street)
        trailing = signs.TRAILING.search(stretch)
        if trailing and (trailing.start() > 1 or "road" in self.parts):
            stretch = stretch[: trailing.start()]
        if signs.HAN_PAIR.search(stretch) and not (is_street and self._is_no_name(stretch)):
            self._note("place", stretch, start, start + len(stretch))

    def _read_house_in_lane(self, start: int, stretch: str) -> str:
        """The name alone of 海欣公寓11号: behind the gate of a lane the houses of an estate are numbered."""
        numbered = signs.NAME_AND_NUMBER.match(stretch)
        if numbered is None:
            return stretch
        self._note("number", digits(numbered[2]), start + numbered.start(2), start + numbered.end(2))
        return numbered[1]

    def _cut_behind_place(self, start: int, stretch: str, *, is_street: bool) -> str:
        """The name alone: without the building, floor or room behind it, and without what follows them."""
        later = signs.INSIDE_LATER.search(stretch)
        end = later.start() if later and later.start() > 1 else len(stretch)
        if not is_street and start + end < len(self.norm):
            self._read_behind_place(start + end)
        return stretch[:end]

    def _stretch_of_place(self) -> tuple[int, str]:
        """Where the name of a place may begin, and all up to the next bracket."""
        start = self.pos
        aside = self.norm.find("(", start)
        stretch = self.norm[start : len(self.norm) if aside < 0 else aside]
        has_sides = "以" in stretch
        while inside := signs.INSIDE.match(stretch) or (has_sides and signs.SIDE_OF_ROAD.match(stretch)):
            start += inside.end()
            stretch = stretch[inside.end() :]
        return start, stretch

    def _read_quoted(self, start: int, stretch: str) -> bool:
        """A name in quotation marks, and on which side of it: “海天洲”东南角."""
        quoted = signs.QUOTED.match(stretch)
        if quoted is None:
            return False
        self._note("place", quoted[1], start + quoted.start(1), start + quoted.end(1))
        self.pos = start + quoted.end()
        self._read_offset()
        return True

    def _is_no_name(self, stretch: str) -> bool:
        """Whether what stands behind a road or a door is a kind of place, the way in, the road again, or another."""
        return bool(
            signs.KIND_ALONE.fullmatch(stretch)
            or signs.WAY_IN.match(stretch)
            or signs.ANOTHER_DOOR.search(stretch)
            or stretch == self.parts.get("road")
        )

    def _read_behind_place(self, pos: int) -> None:
        """The team of an unlisted village, or the street and the door that follow an estate.

        丰沛三队; 海欣花园6幢底层桃李路327号, 海欣花园(东门)桃李路327号.
        """
        group = signs.GROUP.match(self.norm, pos)
        if group:
            self._note("group", digits(group[1]), *group.span(1))
        aside = signs.ASIDE.match(self.norm, pos)
        pos = aside.end() if aside else pos
        while inside := signs.INSIDE.match(self.norm, pos):
            pos = inside.end()
        span = self._road_at(pos)
        if span and signs.STREET_DOOR.match(self.norm, span[1]):
            self._note("road", self.norm[slice(*span)], *span)
            self.pos = span[1]
            self._read_number()

    def _read_unlisted_village(self) -> bool:
        """A village that nobody listed is known by what follows it: a group, a homestead, a house."""
        village = signs.VILLAGE_LIKE.match(self.norm, self.pos)
        if not village or len(village[0]) < 2 or not signs.VILLAGE_GOES_ON.match(self.norm, village.end()):
            village = signs.NAME_WITH_DOORS.match(self.norm, self.pos)
        if not village:
            return False
        self._take("place", village)
        self._read_in_village()
        return True


def _blank(aside: re.Match[str]) -> str:
    return "\0" * len(aside[0])


def _letters(compass: str) -> str:
    """Compass letters (N, NE, E …) of 北, 东北 or 北东 or 北偏东, 东 …."""
    return "".join(sorted((signs.LETTERS[sign] for sign in compass if sign != "偏"), key="NSEW".index))


def _metres(number: str, unit: str) -> float | None:
    plain = number if number.isascii() else digits(number)
    if plain is None:
        return None
    return float(plain) * (1000.0 if unit in {"公里", "千米", "KM"} else 1.0)
