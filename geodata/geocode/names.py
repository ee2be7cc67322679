"""The names of an address as the gazetteer spells them: as written, by another name, or by the same sound."""

import re

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Reason, because
from geodata.geocode.gazetteer import Asked, Gazetteer, door_of
from geodata.geocode.rungs import Names

# What people add to a name to say which end of it, and the stages it was built in.
_PART = re.compile(
    r"(?:[东南西北]{1,2}(?:大?门|侧|面|边|区|块)|[一二三四五六七八九十\d]{1,2}(?:期|号门)|\([^()]*\)|大门|正门|门口|地块)$"
)


_NONE: frozenset[str] = frozenset()


def spell(parsed: ParsedAddress, gazetteer: Gazetteer) -> Names:
    """The names to look up: as written where known, else what they stand for, else the one of the same sound."""
    reasons: list[Reason] = []
    roads = [_road(name, gazetteer, reasons) for name in (parsed.road, parsed.cross_road, parsed.to_road)]
    places: list[tuple[str, str]] = []
    for written in _place_names(parsed):
        places += _known(written, gazetteer, reasons)
    suggested: list[str] = []
    if not places:
        # of an address with a number or a crossing, only the name beside it can be a place's
        tried = _place_names(parsed) if parsed.road is None else list(filter(None, [parsed.place]))
        for name in tried:
            taken = gazetteer.place_sounds.same(name)
            if taken and not places:
                reasons.append(because("same_sound", written=name, taken=taken))
                places.append((taken, ""))
            suggested += gazetteer.place_sounds.like(name)
    return Names(roads[0], roads[1], roads[2], tuple(places), tuple(reasons), tuple(dict.fromkeys(suggested)))


def asks(parsed: ParsedAddress, names: Names) -> Asked:
    """What the gazetteer must be asked to climb with this address."""
    form = parsed.form
    road = names.road or (parsed.place if form == "village_door" else None)
    door = door_of(parsed, road) if road and form in {"door", "village_door"} else None
    others = (names.cross_road, names.to_road) if form in {"crossing", "offset", "between"} else ()
    lines = frozenset((names.road,)) if names.road else _NONE
    is_walked = parsed.offset_m is not None or form in {"place", "beside", "road"} or names.places
    guides = lines if is_walked else _NONE
    if form in {"crossing", "offset"} and None in {names.road, names.cross_road}:
        # the crossings of the road that is known are what a person may choose from
        guides = frozenset(filter(None, (names.road, names.cross_road)))
    return Asked(
        names=frozenset((*(name for name, _ in names.places), *names.suggested)),
        crossings=frozenset((names.road, other) for other in others if names.road and other),
        doors=frozenset((door,)) if door else frozenset(),
        posts=lines if form == "km_post" else _NONE,
        lines=lines,
        guides=guides,
    )


def _road(name: str | None, gazetteer: Gazetteer, reasons: list[Reason]) -> str | None:
    if name is None:
        return None
    stands_for = gazetteer.stands_for("road", name)
    if stands_for:
        reasons.append(because("alias", written=name, taken=stands_for))
        return stands_for
    if gazetteer.dictionary.has_road(name):
        return name
    taken = gazetteer.road_sounds.same(name)
    if taken:
        reasons.append(because("same_sound", written=name, taken=taken))
    return taken


def _known(written: str, gazetteer: Gazetteer, reasons: list[Reason]) -> list[tuple[str, str]]:
    """The known name of a place, with the part of it that was cut off; nothing when nobody knows it."""
    whole, cut = written, ""
    while len(whole) > 1:
        stands_for = gazetteer.stands_for("place", whole)
        if stands_for:
            reasons.append(because("alias", written=whole, taken=stands_for))
            return [(stands_for, cut)]
        if gazetteer.knows(whole):
            return [(whole, cut)]
        part = _PART.search(whole)
        if part is None:
            break
        whole, cut = whole[: part.start()], part[0] + cut
    return []


def local_text(parsed: ParsedAddress) -> str:
    """All that follows the town, empty when nothing does."""
    areas = {"city", "district", "town_code", "town_name"}
    local = [span[0] for part, span in parsed.spans.items() if part not in areas]
    return parsed.norm[min(local) :] if local else ""


def _place_names(parsed: ParsedAddress) -> list[str]:
    """Names the place may have: all that follows the town, then what the grammar took for a name.

    A village is an area although a stop may bear its name.
    """
    names = [local_text(parsed)]
    if parsed.place:
        names.append(parsed.place)
    is_village = parsed.village_name is not None and parsed.village_name.endswith(("村委会", "村民委员会"))
    taken = {parsed.place} if is_village else set()
    return [name for name in dict.fromkeys(names) if len(name) > 1 and name not in taken]
