"""The ladder from the most exact to the least: doors, crossings, places, then roads, villages and towns.

The first rung that finds anything decides: it is accepted, or it goes to a person. Roads and areas never give
a position: a town's centre is not where anything is.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from geodata.geocode import scores
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import CANDIDATES_KEPT, Candidate, GeocodeAnswer, Reason, because
from geodata.geocode.crossings import find_crossing, walked_rung
from geodata.geocode.doors import find_door, neighbours_to_show
from geodata.geocode.finds import Finds
from geodata.geocode.gazetteer import Gazetteer
from geodata.geocode.namedplaces import find_place
from geodata.geocode.rungs import SAME_PLACE_M, Fit, Names, Rung


class Climbed(NamedTuple):
    """How far an address came: a rung, or the reasons why there is none; `is_refused` where none was looked for."""

    rung: Rung | None
    why: tuple[Reason, ...]
    is_refused: bool = False


def climb(parsed: ParsedAddress, names: Names, finds: Finds, gazetteer: Gazetteer) -> Climbed:
    """The first rung that holds for one address, from what was found for it."""
    refusal = _refusal(parsed, gazetteer)
    if refusal:
        return Climbed(None, (refusal,), is_refused=True)
    door = find_door(parsed, names, finds)
    if isinstance(door, Rung):
        return Climbed(_moved_from_door(parsed, names, finds, door), ())
    crossing = find_crossing(parsed, names, finds)
    if isinstance(crossing, Rung):
        return Climbed(crossing, ())
    place = find_place(parsed, names, finds, gazetteer)
    if isinstance(place, Rung):
        return Climbed(place, ())
    why = [reason for reason in (door, crossing, place) if reason is not None]
    return Climbed(None, (*why, *_missing_roads(parsed, gazetteer)))


def located(climbed: Sequence[Climbed], gazetteer: Gazetteer) -> list[Climbed]:
    """The same, each place of a rung with its degrees and its town: for all at once, as each alone takes long."""
    moved = [fit for one in climbed if one.rung for fit in one.rung.fits if fit.lon is None]
    places = gazetteer.all_from_metre([fit.x for fit in moved], [fit.y for fit in moved]) if moved else []
    towns = gazetteer.towns_at([lon for lon, _ in places], [lat for _, lat in places])
    known = iter(zip(places, towns, strict=True))
    done = []
    for one in climbed:
        if one.rung is None or all(fit.lon is not None for fit in one.rung.fits):
            done.append(one)
            continue
        fits = []
        for fit in one.rung.fits:
            if fit.lon is None:
                (lon, lat), town_code = next(known)
                fits.append(fit._replace(lon=lon, lat=lat, town_code=town_code))
            else:
                fits.append(fit)
        done.append(one._replace(rung=one.rung._replace(fits=fits)))
    return done


def answer(parsed: ParsedAddress, names: Names, climbed: Climbed, finds: Finds, gazetteer: Gazetteer) -> GeocodeAnswer:
    """What is answered to one address: its rung weighed, or what a person may choose from."""
    if climbed.rung is not None:
        return _weigh(parsed, climbed.rung, gazetteer)
    if climbed.is_refused:
        return _review(parsed, [], climbed.why)
    found = [*_road(parsed, names, finds, gazetteer), *_areas(parsed, gazetteer)]
    return _review(parsed, found, climbed.why or [_least(parsed)], suggestions=_suggestions(parsed, names, finds))


def _refusal(parsed: ParsedAddress, gazetteer: Gazetteer) -> Reason | None:
    elsewhere = gazetteer.dictionary.upper.against(parsed)
    if elsewhere:
        return because("other_city", says=elsewhere[0], own=elsewhere[1])
    own = gazetteer.dictionary.district
    if parsed.district and own and parsed.district != own:
        return because("other_district", says=parsed.district, own=own)
    if parsed.town_name and not parsed.town_code and gazetteer.towns:
        return because("unknown_town", says=parsed.town_name)
    return None


def _moved_from_door(parsed: ParsedAddress, names: Names, finds: Finds, door: Rung) -> Rung:
    """A door with a direction and metres is where a walk from it ends; with a direction alone it is that side of it."""
    if parsed.offset_m is None:
        side_m = scores.SIDE_ERROR_M if parsed.direction else 0.0
        return door._replace(error_m=scores.combined_m(door.error_m, side_m))
    road = names.road or ""
    walked = walked_rung(parsed, door, guides=finds.by_road.get(road, ()), line=finds.lines.get(road))
    return walked._replace(level="offset")


# -- weighing ------------------------------------------------------------------------------------


def _weigh(parsed: ParsedAddress, rung: Rung, gazetteer: Gazetteer) -> GeocodeAnswer:
    """One place of those that fit, checked against the town; or all of them as candidates."""
    inside = [fit for fit in rung.fits if fit.town_code is not None and fit.town_code == parsed.town_code]
    fits = inside if parsed.town_code and inside else list(rung.fits)
    if _diameter_m(fits) > SAME_PLACE_M:
        many = because("ambiguous", count=len(fits), apart_m=round(_diameter_m(fits)))
        each = [_candidate(parsed, rung, [fit], gazetteer, cap=scores.CONTRADICTION_CAP) for fit in fits]
        return _review(parsed, [*_apart(each), *_areas(parsed, gazetteer)], [*rung.reasons, many])
    best = _candidate(parsed, rung, fits, gazetteer, cap=1.0)
    if best.score < scores.ACCEPTED_FROM:
        return _review(parsed, [best, *_areas(parsed, gazetteer)], best.reasons)
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
        assigns=scores.assignable(best.level, best.error_m, accepted=True),
        parsed=parsed,
    )


def _candidate(
    parsed: ParsedAddress, rung: Rung, fits: Sequence[Fit], gazetteer: Gazetteer, *, cap: float
) -> Candidate:
    x, y = _median([fit.x for fit in fits]), _median([fit.y for fit in fits])
    spread_m = math.sqrt(sum((fit.x - x) ** 2 + (fit.y - y) ** 2 for fit in fits) / len(fits))
    lon, lat, town_code = fits[0].lon, fits[0].lat, fits[0].town_code
    if len(fits) > 1 or lon is None or lat is None:
        lon, lat = gazetteer.from_metre(x, y)
        town_code = gazetteer.town_at(lon, lat) or fits[0].town_code
    # several records of one place: each is as far off as the next, their middle is not
    of_records_m = max(spread_m, *(fit.accuracy_m for fit in fits)) / math.sqrt(len(fits))
    error_m = scores.combined_m(rung.error_m, of_records_m)
    # how long a road is says nothing of whether it is the right one
    score = rung.score * (1.0 if rung.level == "road" else scores.reach(error_m))
    reasons = list(rung.reasons)
    for weigh in (town_evidence(parsed, town_code, gazetteer), _district_evidence(parsed, fits)):
        score = min(score * weigh[0], weigh[1])
        reasons += [weigh[2]] if weigh[2] else []
    return Candidate(
        level=rung.level,
        name=fits[0].name,
        score=round(min(score, cap), 4),
        error_m=round(error_m, 1),
        lon=lon,
        lat=lat,
        town_code=town_code,
        reasons=tuple(reasons),
    )


# What is left of a score, what it may be at most, and why.
Evidence = tuple[float, float, Reason | None]


def town_evidence(parsed: ParsedAddress, town_code: str | None, gazetteer: Gazetteer) -> Evidence:
    """What the towns' boundaries say to a place."""
    if town_code is None and gazetteer.has_all_towns:
        return 1.0, scores.CONTRADICTION_CAP, because("outside_district")
    if parsed.town_code is None:
        return scores.TOWN_NOT_NAMED, 1.0, because("town_not_named")
    if parsed.town_code == town_code:
        return scores.TOWN_AGREES, 1.0, because("town_agrees", town=parsed.town_name)
    if town_code is None and not gazetteer.has_boundary(parsed.town_code):
        return scores.TOWN_NOT_NAMED, 1.0, because("town_unchecked", town=parsed.town_name)
    says = because("town_contradicts", says=parsed.town_name, lies_in=town_code)
    return 1.0, scores.CONTRADICTION_CAP, says


def _district_evidence(parsed: ParsedAddress, fits: Sequence[Fit]) -> Evidence:
    """What the addresses of the records say to the district that this address names."""
    others = {fit.district for fit in fits} - {None, parsed.district}
    if parsed.district is None or not others or any(fit.district == parsed.district for fit in fits):
        return 1.0, 1.0, None
    says = because("district_contradicts", says=parsed.district, record=min(filter(None, others)))
    return 1.0, scores.CONTRADICTION_CAP, says


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def _diameter_m(fits: Sequence[Fit]) -> float:
    """The diagonal of the box around the places: never less than their greatest distance."""
    if len(fits) < 2:
        return 0.0
    xs, ys = [fit.x for fit in fits], [fit.y for fit in fits]
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
    level, error_m = (best.level, best.error_m) if best else (None, None)
    return GeocodeAnswer(
        level=level,
        score=best.score if best else 0.0,
        error_m=error_m,
        lon=None,
        lat=None,
        town_code=parsed.town_code or (best.town_code if best else None),
        candidates=tuple(kept),
        why=tuple(why),
        status="review",
        assigns=scores.assignable(level, error_m, accepted=False),
        parsed=parsed,
    )


def _apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that differ in place, the first of each."""
    return list({(c.name, c.lon, c.lat): c for c in candidates}.values())


def _suggestions(parsed: ParsedAddress, names: Names, finds: Finds) -> list[Candidate]:
    """What a person might choose from: names written alike, houses and crossings of the same road."""
    similar = [
        (spot, because("similar_name", name=name)) for name in names.suggested for spot in finds.places.get(name, ())
    ]
    houses = [(spot, because("on_road", road=names.road)) for spot in neighbours_to_show(parsed, names, finds)]
    crossings = [
        (spot, because("on_road", road=road))
        for road in filter(None, (names.road, names.cross_road))
        if parsed.form != "door"
        for spot in finds.by_road.get(road, ())
    ]
    kept: dict[str, Candidate] = {}
    for spot, reason in (*similar, *houses, *crossings):
        entry = spot.entry
        level = "place" if entry.kind in {"place", "unit"} else entry.kind
        found = Candidate(
            level, entry.name, scores.SUGGESTED, None, entry.lon, entry.lat, spot.town_code, reasons=(reason,)
        )
        kept.setdefault(entry.name_norm, found)
    return list(kept.values())[:CANDIDATES_KEPT]


def _road(parsed: ParsedAddress, names: Names, finds: Finds, gazetteer: Gazetteer) -> list[Candidate]:
    """The road within the named town, from what is known of it: its line, or the crossings on it."""
    if names.road is None or parsed.form != "road":
        return []
    line = finds.lines.get(names.road)
    points = [(spot.x, spot.y) for spot in finds.by_road.get(names.road, ())]
    points += [line.position(i, part.length / 2.0) for i, part in enumerate(line.parts)] if line else []
    points = [(x, y) for x, y in points if parsed.town_code in {None, gazetteer.town_at(*gazetteer.from_metre(x, y))}]
    if not points:
        return []
    fits = [Fit(names.road, x, y, 0.0) for x, y in points]
    rung = Rung("road", fits, 0.2, 0.0, (because("road_only", road=names.road),))
    middle = min(
        fits, key=lambda fit: math.hypot(fit.x - _median([p.x for p in fits]), fit.y - _median([p.y for p in fits]))
    )
    half_m = max(_diameter_m(fits) / 2.0, line.length_m / 2.0 if line else 0.0)
    return [_candidate(parsed, rung._replace(error_m=half_m), [middle], gazetteer, cap=scores.SUGGESTED)]


def _areas(parsed: ParsedAddress, gazetteer: Gazetteer) -> list[Candidate]:
    """The village and the town that the address names: areas, without a position; the error is their radius."""
    named = (
        ("village", parsed.village_code, parsed.village_name, 0.2),
        ("town", parsed.town_code, parsed.town_name, 0.1),
    )
    return [
        Candidate(
            level,
            name,
            score,
            _radius_m(gazetteer.area_m2.get(code)),
            None,
            None,
            parsed.town_code,
            (because(f"only_{level}", **{level: name}),),
            code,
        )
        for level, code, name, score in named
        if code and name
    ]


def _radius_m(area_m2: float | None) -> float | None:
    return None if area_m2 is None else round(math.sqrt(area_m2 / math.pi), 1)


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
