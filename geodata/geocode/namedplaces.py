"""Places by their name: an estate, a station, a unit; also so many metres beside one."""

from collections.abc import Sequence

from geodata.geocode import scores
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Reason, because
from geodata.geocode.crossings import walked_rung
from geodata.geocode.finds import Finds, Spot
from geodata.geocode.gazetteer import Gazetteer
from geodata.geocode.names import local_text
from geodata.geocode.rungs import Names, Rung, agree_on_district, fit_of, metres

# A place lies on a road when it is this near its line, or this near a crossing of it.
ON_ROAD_M = 300.0
NEAR_CROSSING_M = 500.0
SHORTEST_NAME = 3


def find_place(parsed: ParsedAddress, names: Names, finds: Finds, gazetteer: Gazetteer) -> Rung | Reason | None:
    """The rung of an address that names a place we know; a reason when we do not know it."""
    known = next(((name, cut) for name, cut in names.places if finds.places.get(name)), None)
    if known is None:
        return because("place_unknown", name=parsed.place) if parsed.place else None
    name, cut = known
    spots = agree_on_district(finds.places[name], parsed) or finds.places[name]
    is_unit = all(spot.entry.kind == "unit" for spot in spots)
    reasons = [because("unit_known" if is_unit else "place_known", name=name), *names.reasons]
    score = scores.UNIT if is_unit else scores.PLACE
    error_m = scores.UNIT_ERROR_M if is_unit else scores.PLACE_ERROR_M
    if cut:
        score, error_m = min(score, scores.PART_OF_PLACE), scores.combined_m(error_m, scores.PART_ERROR_M)
        reasons.append(because("part_of_place", part=cut))
    if (parsed.road is not None or parsed.to_road is not None) and name != local_text(parsed):
        score, reason = _weigh_road(name, spots, names, finds)
        reasons += [reason] if reason else []
    if name in gazetteer.default_places:
        score = scores.DOUBTFUL
        reasons.append(because("default_place", name=name))
    rung = Rung("place", [fit_of(spot) for spot in spots], score * names.worth, error_m, tuple(reasons))
    if parsed.form == "beside":
        rung = walked_rung(parsed, rung, line=finds.lines.get(names.road or ""))
        return rung._replace(level="offset", reasons=(*rung.reasons, because("beside_place", name=name)))
    return rung


def _weigh_road(name: str, spots: Sequence[Spot], names: Names, finds: Finds) -> tuple[float, Reason | None]:
    """What a name is worth that stands beside a road: much when it lies there, little when the road is not known."""
    if len(name) < SHORTEST_NAME:
        return scores.DOUBTFUL, because("short_name", name=name)
    line = finds.lines.get(names.road or "")
    guides = finds.by_road.get(names.road or "", [])
    if line is not None:
        on_road = any(line.along(spot.x, spot.y, within_m=ON_ROAD_M) for spot in spots)
        if on_road:
            return scores.PLACE_ON_ITS_ROAD, because("near_its_road", road=names.road)
        return scores.DOUBTFUL, because("far_from_its_road", road=names.road)
    if any(metres(spot, guide) <= NEAR_CROSSING_M for spot in spots for guide in guides):
        return scores.PLACE_ON_ITS_ROAD, because("near_its_road", road=names.road)
    return scores.PLACE_BESIDE_UNKNOWN_ROAD, None
