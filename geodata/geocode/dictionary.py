"""The names we know: towns, villages and roads of this district, and how people vary them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from geodata.geocode.text import normalise
from geodata.geocode.upper import UpperAreas

# What towns end in; the word before it is what people remember.
_TOWN_TAIL = re.compile(r"(.{2,}?)(路街道|街道|镇|乡)(?:办事处)?$")
_VILLAGE_TAIL = re.compile(r"(.{2,}?)(?:社区)?(居民委员会|居委会|居委|村民委员会|村委会|村委)$")


class Named(NamedTuple):
    """An area by code and name, with the code of the town it lies in where it is a village."""

    code: str
    name: str
    town_code: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A known name met in a text: its kind, the name as listed, and the areas that bear it."""

    kind: str
    name: str
    areas: tuple[Named, ...]
    length: int


class Dictionary:
    """Look-ups by name, made once and never changed.

    towns, villages   the areas of today, in any order; names need not be unique.
    roads             road names, of the gazetteer; normalised here.
    district          the name of our own district, None when addresses do not tell.
    within            what it lies in, from the outermost inwards, as `UpperAreas` reads it; not told where empty.

    Names of towns and villages are also found in the forms people use instead (`town_forms`,
    `village_forms`); a form that two towns share finds neither.
    """

    def __init__(
        self,
        towns: Iterable[Named] = (),
        villages: Iterable[Named] = (),
        roads: Iterable[str] = (),
        *,
        district: str | None = None,
        within: Iterable[str] = (),
    ) -> None:
        self.district = normalise(district) if district else None
        self.upper = UpperAreas(within, own=self.district)
        self.roads = frozenset(name for name in map(normalise, roads) if len(name) > 1)
        self._towns = _unique(_by_form(towns, town_forms))
        self._stems = _unique(_by_form(set(self._towns.values()), town_stems))
        self._villages = _by_form(villages, village_forms)
        self._buckets = self._fill()

    def without_areas(self) -> "Dictionary":
        """The roads alone."""
        return Dictionary(roads=self.roads)

    def town(self, name: str) -> Named | None:
        """The town of a name in any of its forms, None when there is none or more than one."""
        return self._towns.get(normalise(name))

    def stem_at(self, norm: str, start: int) -> tuple[Named, int] | None:
        """The town whose bare name (without 镇 or 街道) stands at `start`, and where it ends.

        Many other names begin so: to be trusted only where the rest of the text bears it out.
        """
        for length in range(min(6, len(norm) - start), 1, -1):
            town = self._stems.get(norm[start : start + length])
            if town:
                return town, start + length
        return None

    def has_road(self, norm: str) -> bool:
        """Whether a normalised road name is known."""
        return norm in self.roads

    def at(self, norm: str, start: int, *kinds: str) -> Hit | None:
        """The longest known name that begins at `start`, of one of the kinds `town`, `village`, `road`."""
        for length, hits in self._buckets.get(norm[start : start + 2], ()):
            hit = hits.get(norm[start : start + length])
            if hit:
                for kind in kinds:
                    if kind in hit:
                        return hit[kind]
        return None

    def _fill(self) -> dict[str, tuple[tuple[int, dict[str, dict[str, Hit]]], ...]]:
        """By the first two characters, then by length, the longest first."""
        by_length: dict[str, dict[int, dict[str, dict[str, Hit]]]] = {}
        entries: list[tuple[str, str, tuple[Named, ...]]] = [("road", name, ()) for name in self.roads]
        entries += [("town", form, (area,)) for form, area in self._towns.items()]
        entries += [("village", form, areas) for form, areas in self._villages.items()]
        for kind, form, areas in entries:
            hit = Hit(kind, form, areas, len(form))
            by_length.setdefault(form[:2], {}).setdefault(len(form), {}).setdefault(form, {})[kind] = hit
        return {head: tuple(sorted(lengths.items(), reverse=True)) for head, lengths in by_length.items()}


def town_forms(name: str) -> set[str]:
    """How a town may be written: in full, with 路街道 for 街道 and back, and 镇 and 街道 for each other.

    Towns become street offices while old addresses keep the word; the bare name is not among the
    forms, since it also begins the names of many places.
    """
    norm = normalise(name)
    tail = _TOWN_TAIL.fullmatch(norm)
    if tail is None:
        return {norm}
    stem = tail[1]
    return {norm, f"{stem}街道", f"{stem}路街道", f"{stem}镇", f"{stem}街道办事处", f"{stem}镇政府"}


def town_stems(name: str) -> set[str]:
    """The bare name of a town, without the word for what it is; nothing when it has no such word."""
    tail = _TOWN_TAIL.fullmatch(normalise(name))
    return {tail[1]} if tail else set()


def village_forms(name: str) -> set[str]:
    """How a village or neighbourhood may be written: in full, or without the word for its committee.

    A bare name of two characters is left out unless it ends in 村: it would be found everywhere; so is that of a road.
    """
    norm = normalise(name)
    tail = _VILLAGE_TAIL.fullmatch(norm)
    if tail is None:
        return {norm} if len(norm) > 1 else set()
    stem = tail[1]
    forms = {norm}
    if (len(stem) > 2 or stem.endswith("村")) and not stem.endswith(("路", "街", "大道")):
        forms.add(stem)
    if tail[2].startswith("村") and not stem.endswith("村"):
        forms.add(f"{stem}村")
    return forms


def _by_form(areas: Iterable[Named], forms_of: Callable[[str], set[str]]) -> dict[str, tuple[Named, ...]]:
    found: dict[str, list[Named]] = {}
    listed = list(areas)
    own = {normalise(area.name) for area in listed}
    for area in listed:
        for form in forms_of(area.name):
            if form == normalise(area.name) or form not in own:
                found.setdefault(form, []).append(area)
    return {form: tuple(sorted(set(held))) for form, held in found.items()}


def _unique(found: Mapping[str, tuple[Named, ...]]) -> dict[str, Named]:
    return {form: areas[0] for form, areas in found.items() if len(areas) == 1}
