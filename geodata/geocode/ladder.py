"""The ladder from the most exact to the least: door, crossing, crossing and offset, place, village, town.

The first rung that finds anything decides: it is accepted, or it goes to a person. Areas never give
a position: a town's centre is not where anything is.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import (
    ACCEPTED_FROM,
    CANDIDATES_KEPT,
    CONTRADICTION_CAP,
    Candidate,
    GeocodeAnswer,
    Reason,
    because,
)
from geodata.geocode.gazetteer import Asked, Finds, Gazetteer, Spot, door_of

# Entries of one name this close together are one place (platforms, gates, both sides of a road).
SAME_PLACE_M = 300.0

# Beyond this a straight walk leaves any road that bends.
FARTHEST_OFFSET_M = 300.0

DOOR_ERROR_M = 15.0
CROSSING_ERROR_M = 20.0
OFFSET_ERROR_SHARE = 0.15
UNIT_ERROR_M = 30.0
PLACE_ERROR_M = 50.0
SIDE_ERROR_M = 30.0

DOOR_SCORE = 0.97
CROSSING_SCORE = 0.93
NAME_SCORE = 0.93
NAME_BESIDE_ROAD_SCORE = 0.85
DOUBTFUL_SCORE = 0.6
SUGGESTED_SCORE = 0.3
SAME_SOUND_FACTOR = 0.88
TOWN_NOT_NAMED_FACTOR = 0.97

_STEPS = {"N": (0.0, 1.0), "S": (0.0, -1.0), "E": (1.0, 0.0), "W": (-1.0, 0.0)}


class Rung(NamedTuple):
    """Spots found on one rung, what they are worth, and what is to be added to their error."""

    level: str
    spots: Sequence[Spot]
    score: float
    error_m: float
    reasons: tuple[Reason, ...]
    step: tuple[float, float] = (0.0, 0.0)


class Names(NamedTuple):
    """The names of an address as the gazetteer spells them, with what was changed for it."""

    road: str | None
    cross_road: str | None
    places: tuple[str, ...]
    reasons: tuple[Reason, ...]
    suggested: tuple[str, ...]


def spell(parsed: ParsedAddress, gazetteer: Gazetteer) -> Names:
    """The names to look up: as written where known, else the one known name that sounds the same."""
    reasons: list[Reason] = []
    roads = [_road(name, gazetteer, reasons) for name in (parsed.road, parsed.cross_road)]
    places = [name for name in _place_names(parsed) if gazetteer.knows(name)]
    suggested: list[str] = []
    if not places:
        # of an address with a number or a crossing, only the name beside it can be a place's
        tried = _place_names(parsed) if parsed.road is None else filter(None, [parsed.place])
        for name in tried:
            taken = gazetteer.place_sounds.same(name)
            if taken and not places:
                reasons.append(because("same_sound", written=name, taken=taken))
                places.append(taken)
            suggested += gazetteer.place_sounds.like(name)
    return Names(roads[0], roads[1], tuple(places), tuple(reasons), tuple(dict.fromkeys(suggested)))


def asks(parsed: ParsedAddress, names: Names) -> Asked:
    """What the gazetteer must be asked to climb with this address."""
    doors = {door_of(parsed, names.road)} if names.road and parsed.form == "door" else set()
    roads = frozenset(filter(None, (names.road, names.cross_road)))
    return Asked(frozenset((*names.places, *names.suggested)), roads, frozenset(doors))


def climb(parsed: ParsedAddress, names: Names, finds: Finds, gazetteer: Gazetteer) -> GeocodeAnswer:
    """The answer to one address from what was found for it."""
    refusal = _refusal(parsed, gazetteer)
    if refusal:
        return _review(parsed, [], [refusal])
    why: list[Reason] = []
    for rung in (_door(parsed, names, finds), _crossing(parsed, names, finds), _place(parsed, names, finds)):
        if isinstance(rung, Reason):
            why.append(rung)
        elif rung is not None:
            return _weigh(parsed, rung, gazetteer)
    why += _missing_roads(parsed, gazetteer)
    return _review(parsed, _areas(parsed), why or [_least(parsed)], suggestions=_suggestions(names, finds))


def _refusal(parsed: ParsedAddress, gazetteer: Gazetteer) -> Reason | None:
    own = gazetteer.dictionary.district
    if parsed.district and own and parsed.district != own:
        return because("other_district", says=parsed.district, own=own)
    if parsed.town_name and not parsed.town_code and gazetteer.towns:
        return because("unknown_town", says=parsed.town_name)
    return None


# -- names ---------------------------------------------------------------------------------------


def _road(name: str | None, gazetteer: Gazetteer, reasons: list[Reason]) -> str | None:
    if name is None or gazetteer.dictionary.has_road(name):
        return name
    taken = gazetteer.road_sounds.same(name)
    if taken:
        reasons.append(because("same_sound", written=name, taken=taken))
    return taken


def _place_names(parsed: ParsedAddress) -> list[str]:
    """Names the place may have: all that follows the town, then what the grammar took for a name.

    A village is an area although a stop may bear its name.
    """
    local = [span[0] for part, span in parsed.spans.items() if part not in {"district", "town_code", "town_name"}]
    names = [parsed.norm[min(local) :]] if local else []
    if parsed.place:
        names.append(parsed.place)
    is_village = parsed.village_name is not None and parsed.village_name.endswith(("村委会", "村民委员会"))
    taken = {parsed.place} if is_village else set()
    return [name for name in dict.fromkeys(names) if len(name) > 1 and name not in taken]


# -- rungs ---------------------------------------------------------------------------------------


def _door(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason | None:
    if parsed.form != "door":
        return None
    key = door_of(parsed, names.road or "")
    spots = finds.doors.get(key, ())
    if not spots or parsed.sublane:
        return because("door_unknown", road=parsed.road, lane=parsed.lane, number=parsed.number)
    if parsed.offset_m is not None:
        return because("unsupported_form", form="door and offset")
    score = DOOR_SCORE * (0.95 if parsed.suffix else 1.0) * _sound_factor(names)
    known = because("door_known", road=key[0], lane=parsed.lane, number=parsed.number)
    return Rung("door", spots, score, DOOR_ERROR_M, (known, *names.reasons))


def _crossing(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason | None:
    if parsed.form in {"between", "km_post"}:
        return because("unsupported_form", form=parsed.form)
    if parsed.form not in {"crossing", "offset"}:
        return None
    spots: Sequence[Spot] = ()
    if names.road and names.cross_road:
        spots = finds.crossings.get(frozenset((names.road, names.cross_road)), ())
    if not spots:
        return because("crossing_unknown", road=parsed.road, cross_road=parsed.cross_road)
    known = because("crossing_known", road=names.road, cross_road=names.cross_road)
    score = CROSSING_SCORE * _sound_factor(names)
    if parsed.form == "crossing":
        side = SIDE_ERROR_M if parsed.direction else 0.0
        return Rung("crossing", spots, score, CROSSING_ERROR_M + side, (known, *names.reasons))
    return _walked(parsed, Rung("offset", spots, score, CROSSING_ERROR_M, (known, *names.reasons)))


def _walked(parsed: ParsedAddress, rung: Rung) -> Rung:
    """The rung moved straight in the named direction, as the roads' course is not known."""
    metres = parsed.offset_m or 0.0
    if parsed.direction is None:
        why = (*rung.reasons, because("no_direction", metres=metres))
        return rung._replace(score=min(rung.score, DOUBTFUL_SCORE), reasons=why)
    east = sum(_STEPS[sign][0] for sign in parsed.direction)
    north = sum(_STEPS[sign][1] for sign in parsed.direction)
    length = math.hypot(east, north) or 1.0
    why = (*rung.reasons, because("walked", metres=metres, direction=parsed.direction))
    score = rung.score
    if metres > FARTHEST_OFFSET_M:
        why = (*why, because("far_offset", metres=metres, limit_m=FARTHEST_OFFSET_M))
        score = min(score, DOUBTFUL_SCORE)
    return rung._replace(
        score=score,
        error_m=rung.error_m + OFFSET_ERROR_SHARE * metres,
        reasons=why,
        step=(east / length * metres, north / length * metres),
    )


def _place(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason | None:
    name = next((name for name in names.places if finds.places.get(name)), None)
    if name is None:
        return because("place_unknown", name=parsed.place) if parsed.place else None
    spots = finds.places[name]
    is_unit = all(spot.entry.kind == "unit" for spot in spots)
    reasons = [because("unit_known" if is_unit else "place_known", name=name), *names.reasons]
    is_alone = parsed.road is None and parsed.to_road is None
    score = NAME_SCORE if is_alone else NAME_BESIDE_ROAD_SCORE
    if not is_alone and len(name) < 3:
        score = DOUBTFUL_SCORE
        reasons.append(because("short_name", name=name))
    error_m = UNIT_ERROR_M if is_unit else PLACE_ERROR_M
    return Rung("place", spots, score * _sound_factor(names), error_m, tuple(reasons))


def _sound_factor(names: Names) -> float:
    return float(SAME_SOUND_FACTOR ** sum(reason.word == "same_sound" for reason in names.reasons))


# -- weighing ------------------------------------------------------------------------------------


def _weigh(parsed: ParsedAddress, rung: Rung, gazetteer: Gazetteer) -> GeocodeAnswer:
    """One place of the rung's spots, checked against the town; or all of them as candidates."""
    inside = [spot for spot in rung.spots if spot.town_code == parsed.town_code]
    spots = inside if parsed.town_code and inside else list(rung.spots)
    if _diameter_m(spots) > SAME_PLACE_M:
        many = because("ambiguous", count=len(spots), apart_m=round(_diameter_m(spots)))
        each = [_candidate(parsed, rung, [spot], gazetteer, cap=CONTRADICTION_CAP) for spot in spots]
        return _review(parsed, [*_apart(each), *_areas(parsed)], [*rung.reasons, many])
    best = _candidate(parsed, rung, spots, gazetteer, cap=1.0)
    if best.score < ACCEPTED_FROM:
        return _review(parsed, [best, *_areas(parsed)], best.reasons)
    return GeocodeAnswer(
        level=best.level,
        score=best.score,
        error_m=best.error_m,
        lon=best.lon,
        lat=best.lat,
        town_code=best.town_code,
        candidates=(best,),
        why=best.reasons,
        status="accepted",
        parsed=parsed,
    )


def _candidate(
    parsed: ParsedAddress, rung: Rung, spots: Sequence[Spot], gazetteer: Gazetteer, *, cap: float
) -> Candidate:
    x, y = _median([spot.x for spot in spots]), _median([spot.y for spot in spots])
    spread_m = max(math.hypot(spot.x - x, spot.y - y) for spot in spots)
    accuracy_m = max(spot.entry.accuracy_m or 0.0 for spot in spots)
    lon, lat = gazetteer.from_metre(x + rung.step[0], y + rung.step[1])
    town_code = gazetteer.town_at(lon, lat)
    score, reason = _town_evidence(parsed, town_code, rung.score, gazetteer)
    return Candidate(
        level=rung.level,
        name=spots[0].entry.name,
        score=round(min(score, cap), 3),
        error_m=round(rung.error_m + accuracy_m + spread_m, 1),
        lon=lon,
        lat=lat,
        town_code=town_code or (spots[0].town_code if not any(rung.step) else None),
        reasons=(*rung.reasons, reason),
    )


def _town_evidence(
    parsed: ParsedAddress, town_code: str | None, score: float, gazetteer: Gazetteer
) -> tuple[float, Reason]:
    """The score after asking the towns' boundaries, and what they said."""
    if town_code is None and gazetteer.has_all_towns:
        return min(score, CONTRADICTION_CAP), because("outside_district")
    if parsed.town_code is None:
        return score * TOWN_NOT_NAMED_FACTOR, because("town_not_named")
    if parsed.town_code == town_code:
        return score, because("town_agrees", town=parsed.town_name)
    if town_code is None and not gazetteer.has_boundary(parsed.town_code):
        return score * TOWN_NOT_NAMED_FACTOR, because("town_unchecked", town=parsed.town_name)
    facts = {"says": parsed.town_name, "lies_in": town_code}
    return min(score, CONTRADICTION_CAP), because("town_contradicts", **facts)


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def _diameter_m(spots: Sequence[Spot]) -> float:
    """The greatest side of the box around the spots' diagonal: never less than their greatest distance."""
    xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
    return math.hypot(max(xs) - min(xs), max(ys) - min(ys))


# -- review --------------------------------------------------------------------------------------


def _review(
    parsed: ParsedAddress,
    found: Sequence[Candidate],
    why: Iterable[Reason],
    *,
    suggestions: Sequence[Candidate] = (),
) -> GeocodeAnswer:
    """What a person has to decide on; a mere suggestion is offered and says nothing of the level."""
    best = max(found, key=lambda candidate: candidate.score, default=None)
    kept = sorted([*found, *suggestions], key=lambda candidate: -candidate.score)[:CANDIDATES_KEPT]
    return GeocodeAnswer(
        level=best.level if best else None,
        score=best.score if best else 0.0,
        error_m=best.error_m if best else None,
        lon=None,
        lat=None,
        town_code=parsed.town_code or (best.town_code if best else None),
        candidates=tuple(kept),
        why=tuple(why),
        status="review",
        parsed=parsed,
    )


def _apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that differ in place, the first of each."""
    return list({(c.name, c.lon, c.lat): c for c in candidates}.values())


def _suggestions(names: Names, finds: Finds) -> list[Candidate]:
    """What a person might choose from: names written alike, and crossings that share a road."""
    found: list[tuple[Spot, Reason]] = [
        (spot, because("similar_name", name=name)) for name in names.suggested for spot in finds.places.get(name, ())
    ]
    for road in filter(None, (names.road, names.cross_road)):
        found += [(spot, because("on_road", road=road)) for spot in finds.by_road.get(road, ())]
    kept: dict[str, Candidate] = {}
    for spot, reason in found:
        entry = spot.entry
        kept.setdefault(
            entry.name_norm,
            Candidate(
                level="place" if entry.kind in {"place", "unit"} else "crossing",
                name=entry.name,
                score=SUGGESTED_SCORE,
                error_m=None,
                lon=entry.lon,
                lat=entry.lat,
                town_code=spot.town_code,
                reasons=(reason,),
            ),
        )
    return list(kept.values())[:CANDIDATES_KEPT]


def _areas(parsed: ParsedAddress) -> list[Candidate]:
    """The village and the town that the address names: areas, without a position."""
    found = []
    if parsed.village_code and parsed.village_name:
        why = (because("only_village", village=parsed.village_name),)
        found.append(
            Candidate("village", parsed.village_name, 0.2, None, None, None, parsed.town_code, why, parsed.village_code)
        )
    if parsed.town_code and parsed.town_name:
        why = (because("only_town", town=parsed.town_name),)
        found.append(
            Candidate("town", parsed.town_name, 0.1, None, None, None, parsed.town_code, why, parsed.town_code)
        )
    return found


def _missing_roads(parsed: ParsedAddress, gazetteer: Gazetteer) -> list[Reason]:
    roads = [road for road in (parsed.road, parsed.cross_road) if road and not gazetteer.dictionary.has_road(road)]
    missing = [because("road_unknown", road=road) for road in roads]
    if parsed.form == "road" and not missing:
        missing.append(because("road_only", road=parsed.road))
    return missing


def _least(parsed: ParsedAddress) -> Reason:
    if parsed.village_code:
        return because("only_village", village=parsed.village_name)
    if parsed.town_name:
        return because("only_town", town=parsed.town_name)
    return because("not_understood")
