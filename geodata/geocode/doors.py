"""Doors: the door itself, the gate of its lane, between its neighbours, or beside the nearest of them.

A lane and a number share one sequence along their road, and odd and even numbers run on either side of it, so
neighbours are sought among numbers that are odd or even alike; where the road has a line, it tells whether that
holds here. What lies between two doors is bounded by them: a bracket wider than the limits says nothing.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from geodata.geocode import scores, signs
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Reason, because
from geodata.geocode.finds import Finds, Houses, Spot
from geodata.geocode.rungs import DECIDED, Fit, Names, Rung, agree_on_district, fit_of, is_of_a_record, metres
from geodata.geocode.text import digits
from geodata.queries.gazetteer import LISTED
from spatial.roads import RoadLine

WIDEST_NUMBERS = 200
WIDEST_M = 500.0
NEXT_DOOR_NUMBERS = 20
AGREE_M = 150.0
SUPPORT_NUMBERS = 60
# Along a road a number takes 2 to 4 metres; with gaps and plots, neighbours lie within this of each other.
SUPPORT_M_A_NUMBER = 6.0
SUPPORT_M = 60.0
DISAGREE_M_A_NUMBER = 15.0
DISAGREE_M = 250.0
MOST_BUILDINGS = 600
_SIDE_M = 4.0

_HIGHWAY = re.compile("(?:公路|国道|省道|县道|高速|HIGHWAY|EXPRESSWAY|TURNPIKE)$")
_COUNTED_BETWEEN = re.compile(r"(\d{1,5})-(\d{1,5})")
_RANGE_END = re.compile(r"[-/、至](\d{1,5})$")


class Neighbour(NamedTuple):
    """A house of the same road: its number, and the record that tells of it."""

    house: int
    spot: Spot


def find_door(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason | None:
    """The most exact rung for an address with a number or a lane; a reason when there is none."""
    if parsed.form not in {"door", "village_door"}:
        return None
    road = names.road if parsed.road else parsed.place
    unknown = because("door_unknown", road=parsed.road or parsed.place, lane=parsed.lane, number=parsed.number)
    if road is None:
        return unknown
    near = _neighbours(parsed, road, finds)
    found = _exact(parsed, names, finds, road, near) or _in_range(parsed, names, finds, road, near)
    if found or parsed.road is None:
        return found or unknown
    if parsed.lane:
        gate = _gate(parsed, names, finds, road)
        if gate or _is_absurd(parsed.number):
            return gate or unknown
    found = _counted(parsed, names, finds, road, near) or _between(parsed, names, road, near, finds.lines.get(road))
    return found or _beside(parsed, names, road, near) or unknown


def neighbours_to_show(parsed: ParsedAddress, names: Names, finds: Finds) -> list[Spot]:
    """The nearest known houses on the road of an address, for a person to start from."""
    if parsed.form != "door" or names.road is None:
        return []
    return [one.spot for one in _neighbours(parsed, names.road, finds)]


# -- the door itself -----------------------------------------------------------------------------


def _exact(parsed: ParsedAddress, names: Names, finds: Finds, road: str, near: Sequence[Neighbour]) -> Rung | None:
    spots = finds.doors.get((road, parsed.lane or "", parsed.number or ""), [])
    spots = [spot for spot in spots if spot.entry.sublane == parsed.sublane]
    same = [spot for spot in spots if spot.entry.suffix == parsed.suffix]
    if not spots:
        return None
    kept = same or spots
    kept, doubt = _of_its_quarter(parsed, kept)
    known = because("door_known", road=road, lane=parsed.lane, number=parsed.number)
    score, reasons = _weigh_records(agree_on_district(kept, parsed) or kept, near)
    score = _doubted(score, doubt)
    reasons += [doubt] if doubt else []
    if not same and parsed.suffix is not None:
        score *= scores.DOOR_WITHOUT_SUFFIX
        reasons.append(because("suffix_unknown", suffix=parsed.suffix))
    error_m = scores.combined_m(scores.DOOR_ERROR_M, _record_error_m(kept))
    return Rung(
        "door", [fit_of(spot) for spot in kept], score * names.worth, error_m, (known, *reasons, *names.reasons)
    )


def _of_its_quarter(parsed: ParsedAddress, spots: list[Spot]) -> tuple[list[Spot], Reason | None]:
    """The records of the quarter that the address means; all of them, and the doubt, where it may mean another.

    An estate of several quarters behind one lane is hundreds of metres wide, and each numbers its own houses. An
    address that names none means the gate, unless it has a number.
    """
    if parsed.lane is None:
        return spots, None
    asked = quarter_of(parsed.norm)
    same = [spot for spot in spots if quarter_of(spot.entry.name_norm) == asked]
    if same or (asked is None and parsed.number is not None):
        return same or spots, None
    return spots, because("other_quarter", quarter=asked, known=quarter_of(spots[0].entry.name_norm))


def _doubted(score: float, doubt: Reason | None) -> float:
    """What is left of a score where the quarter may be another, and where it is."""
    if doubt is None:
        return score
    contradicts = doubt.facts["quarter"] and doubt.facts["known"]
    return min(score, scores.CONTRADICTION_CAP) if contradicts else score * scores.OTHER_QUARTER


def quarter_of(norm: str) -> str | None:
    """4区, 2期, 南区 behind the lane of a normalised address; None without any."""
    found = signs.QUARTER.search(norm)
    if found is None:
        return None
    number = found[1] if found[1] in "东南西北中" else digits(found[1]) or found[1]
    return f"{number}{found[2]}"


def _weigh_records(spots: Sequence[Spot], near: Sequence[Neighbour]) -> tuple[float, list[Reason]]:
    """What records of one door are worth: surveyed, confirmed by each other, by neighbours, or standing alone."""
    surveyed = [spot for spot in spots if not is_of_a_record(spot)]
    if _are_independent(spots) and _spread_m(spots) <= AGREE_M:
        return scores.DOORS_AGREE, [because("doors_agree", count=len(spots))]
    if any(spot.entry.source == DECIDED for spot in spots):
        return scores.DOOR, []  # a person looked at it
    verdict = _judge(spots[0], near)
    if verdict == "neighbours_disagree":
        return scores.NEIGHBOURS_DISAGREE, [because(verdict)]
    if surveyed:
        return scores.DOOR, []
    if verdict == "neighbours_agree":
        return scores.DOOR_AMONG_NEIGHBOURS, [because(verdict)]
    return _of_a_record(spots[0]), [because("door_of_a_record")]


def _are_independent(spots: Sequence[Spot]) -> bool:
    """Whether several sources tell of a door; a listed place at the spot of another record is that record again."""
    told = [(spot.entry.source, (round(spot.entry.lon, 6), round(spot.entry.lat, 6))) for spot in spots]
    own = {source: place for source, place in told if not source.startswith(LISTED)}
    listed = {place for source, place in told if source.startswith(LISTED)} - set(own.values())
    return len(own) + len(listed) > 1


def _of_a_record(spot: Spot) -> float:
    """What a door is worth that one record alone tells of; along a highway plots are wide and numbers far between."""
    return scores.RECORD_ON_A_HIGHWAY if is_highway(spot.entry.road) else scores.DOOR_OF_A_RECORD


def is_highway(road: str | None) -> bool:
    """Whether a road's name says that it runs through open country."""
    return bool(road and _HIGHWAY.search(road))


def _record_error_m(spots: Sequence[Spot]) -> float:
    """How far a record may stand from the door whose address it bears; 0 where one of them is no mere record."""
    if not all(map(is_of_a_record, spots)):
        return 0.0
    return scores.RECORD_ERROR_M + (scores.HIGHWAY_ERROR_M if is_highway(spots[0].entry.road) else 0.0)


def _judge(spot: Spot, near: Sequence[Neighbour]) -> str | None:
    """Whether the known houses around a door lie where its number has them; None where there are none to ask."""
    house = spot.entry.house
    if house is None:
        return None
    asked = [one for one in near if 0 < abs(one.house - house) <= SUPPORT_NUMBERS]
    if any(_is_near(spot, house, one, SUPPORT_M, SUPPORT_M_A_NUMBER) for one in asked):
        return "neighbours_agree"
    if asked and not any(_is_near(spot, house, one, DISAGREE_M, DISAGREE_M_A_NUMBER) for one in asked):
        return "neighbours_disagree"
    return None


def _is_near(spot: Spot, house: int, one: Neighbour, base_m: float, a_number_m: float) -> bool:
    return metres(spot, one.spot) <= base_m + a_number_m * abs(one.house - house)


def _in_range(parsed: ParsedAddress, names: Names, finds: Finds, road: str, near: Sequence[Neighbour]) -> Rung | None:
    """A record that stands for a range of numbers: 1-102号 holds 50号, 461-479号 holds 465号."""
    if parsed.number is None or not parsed.number.isdecimal() or parsed.suffix:
        return None
    number = int(parsed.number)
    if parsed.lane:
        spots = finds.lanes.get((road, parsed.lane), [])
    else:
        spots = [one.spot for one in near if one.spot.entry.lane is None]
    holding = [spot for spot in spots if _holds(spot, number, is_lane=parsed.lane is not None)]
    if not holding:
        return None
    first = holding[0].entry
    why = because("in_range", number=parsed.number, first=first.number, suffix=first.suffix)
    error_m = scores.LANE_ERROR_M if parsed.lane else scores.combined_m(scores.DOOR_ERROR_M, scores.SIDE_ERROR_M)
    fits = [fit_of(spot) for spot in holding]
    return Rung(
        "lane" if parsed.lane else "door", fits, scores.DOOR_IN_RANGE * names.worth, error_m, (why, *names.reasons)
    )


def _holds(spot: Spot, number: int, *, is_lane: bool) -> bool:
    first, end = spot.entry.number or "", _RANGE_END.search(spot.entry.suffix or "")
    if end is None or not first.isdecimal() or not int(first) <= number <= int(end[1]):
        return False
    return is_lane or (number - int(first)) % 2 == 0


def _gate(parsed: ParsedAddress, names: Names, finds: Finds, road: str) -> Rung | None:
    """The gate of the lane, or what is known of the buildings behind it; an absurd building has none."""
    spots = agree_on_district(finds.lanes.get((road, parsed.lane or ""), []), parsed)
    if not spots or _is_absurd(parsed.number):
        return None
    gates = [spot for spot in spots if spot.entry.number is None] or spots
    gates, doubt = _of_its_quarter(parsed, gates)
    why = because("gate_of_lane", road=road, lane=parsed.lane, number=parsed.number)
    of_records = all(map(is_of_a_record, gates))
    score = _of_a_record(gates[0]) if of_records and len(gates) == 1 else scores.LANE_GATE
    score = _doubted(score, doubt)
    error_m = scores.combined_m(scores.LANE_ERROR_M, _record_error_m(gates))
    reasons = (why, *([doubt] if doubt else []), *names.reasons)
    return Rung("lane", [fit_of(spot) for spot in gates], score * names.worth, error_m, reasons)


# -- among its neighbours ------------------------------------------------------------------------


def _neighbours(parsed: ParsedAddress, road: str, finds: Finds) -> list[Neighbour]:
    """The house itself and the next one on either side that is odd or even like it, by number; one record each.

    No more than these, as what else was fetched depends on what else was asked for in the same batch.
    """
    asked, houses = _house(parsed), finds.houses.get(road)
    if asked is None or houses is None:
        return []
    below = _first_agreeing(houses, houses.below(asked), asked, parsed)
    above = _first_agreeing(houses, houses.above(asked), asked, parsed)
    return [*below, *_first_agreeing(houses, [asked], asked, parsed), *above]


def _house(parsed: ParsedAddress) -> int | None:
    """What the address is counted by along its road; None for numbers like 104-28, which follow other rules."""
    house = parsed.lane or parsed.number or ""
    return int(house) if house.isdecimal() else None


def _is_absurd(building: str | None) -> bool:
    """Whether a building's number is more than any lane has."""
    return building is not None and building.isdecimal() and int(building) > MOST_BUILDINGS


def _first_agreeing(houses: Houses, numbers: Iterable[int], asked: int, parsed: ParsedAddress) -> list[Neighbour]:
    """The first of these numbers with a door that may be of the address's district; a gate before what lies behind."""
    for number in numbers:
        if abs(number - asked) > WIDEST_NUMBERS:
            break
        agreeing = agree_on_district(houses.at(number), parsed)
        if agreeing:
            gates = (spot for spot in agreeing if spot.entry.lane is None or spot.entry.number is None)
            return [Neighbour(number, next(gates, agreeing[0]))]
    return []


def _between(
    parsed: ParsedAddress, names: Names, road: str, near: Sequence[Neighbour], line: RoadLine | None
) -> Rung | None:
    house = _house(parsed)
    if house is None:
        return None
    below = [one for one in near if one.house < house]
    above = [one for one in near if one.house > house]
    if not below or not above:
        return None
    low, high = below[-1], above[0]
    apart_m = metres(low.spot, high.spot)
    if high.house - low.house > WIDEST_NUMBERS or apart_m > WIDEST_M:
        return None
    share = (house - low.house) / (high.house - low.house)
    x, y, apart_m, mixed = _placed_between(low, high, share, apart_m, line)
    reasons = [because("between_doors", road=road, low=low.house, high=high.house, apart_m=round(apart_m))]
    score = scores.INTERPOLATED
    if mixed:
        score -= scores.SIDES_MIXED
        reasons.append(because("sides_mixed", road=road))
    within_m = scores.BRACKET_SHARE * apart_m * math.sqrt(share * (1.0 - share))
    accuracy_m = max(one.spot.entry.accuracy_m or 0.0 for one in (low, high))
    record_m = max(_record_error_m([one.spot]) for one in (low, high))
    error_m = scores.combined_m(scores.DOOR_ERROR_M, within_m, record_m)
    fit = Fit(f"{road}{parsed.lane or parsed.number}", x, y, accuracy_m, district=low.spot.entry.district)
    return Rung("interpolated", [fit], score * names.worth, error_m, (*reasons, *names.reasons))


def _counted(parsed: ParsedAddress, names: Names, finds: Finds, road: str, near: Sequence[Neighbour]) -> Rung | None:
    """The number where a map counts along a line; nobody has seen it on a house, so it is no door.

    None also where two doors are known that are nearer to it than the ends of the line: they have been seen.
    """
    house = _house(parsed)
    if house is None or parsed.lane:
        return None
    below = max((one.house for one in near if one.house < house), default=None)
    above = min((one.house for one in near if one.house > house), default=None)
    bracket = math.inf if below is None or above is None else above - below
    for spot in agree_on_district(finds.counted.get((road, house), []), parsed):
        ends = _COUNTED_BETWEEN.fullmatch(spot.entry.suffix or "")
        if ends and int(ends[2]) - int(ends[1]) <= bracket:
            why = because("counted_on_map", road=road, low=int(ends[1]), high=int(ends[2]))
            score = scores.INTERPOLATED * names.worth
            return Rung("interpolated", [fit_of(spot)], score, scores.DOOR_ERROR_M, (why, *names.reasons))
    return None


def _placed_between(
    low: Neighbour, high: Neighbour, share: float, apart_m: float, line: RoadLine | None
) -> tuple[float, float, float, bool]:
    """Easting, northing, metres between the two, and whether they lie on different sides of the road.

    Along the line of the road where both lie beside one part of it, as far from it as they are; else straight.
    """
    a = line.along(low.spot.x, low.spot.y) if line else None
    b = line.along(high.spot.x, high.spot.y) if line else None
    if line is None or a is None or b is None or a.part != b.part:
        x = low.spot.x + share * (high.spot.x - low.spot.x)
        return x, low.spot.y + share * (high.spot.y - low.spot.y), apart_m, False
    mixed = min(abs(a.beside_m), abs(b.beside_m)) > _SIDE_M and (a.beside_m > 0.0) != (b.beside_m > 0.0)
    beside_m = 0.0 if mixed else a.beside_m + share * (b.beside_m - a.beside_m)
    x, y = line.position(a.part, a.at_m + share * (b.at_m - a.at_m), beside_m=beside_m)
    return x, y, max(apart_m, abs(b.at_m - a.at_m)), mixed


def _beside(parsed: ParsedAddress, names: Names, road: str, near: Sequence[Neighbour]) -> Rung | None:
    """A few numbers from one known house; also a lane where the number is known, and the other way round."""
    house = _house(parsed)
    close = [one for one in near if house is not None and abs(one.house - house) <= NEXT_DOOR_NUMBERS]
    if house is None or not close:
        return None
    nearest = min(close, key=lambda one: (abs(one.house - house), one.house))
    steps = abs(nearest.house - house)
    why = because("next_door", road=road, known=nearest.house, numbers=steps)
    score = scores.NEXT_DOOR - 0.001 * steps
    if is_of_a_record(nearest.spot):
        supported = _judge(nearest.spot, near) == "neighbours_agree"
        score = score - 0.005 if supported else _of_a_record(nearest.spot)
    along_m = scores.NUMBER_ERROR_M * steps
    error_m = scores.combined_m(scores.DOOR_ERROR_M, along_m, _record_error_m([nearest.spot]))
    fit = fit_of(nearest.spot)
    fit = fit._replace(lon=None, lat=None, name=f"{road}{parsed.lane or parsed.number}")
    return Rung("interpolated", [fit], score * names.worth, error_m, (why, *names.reasons))


def _spread_m(spots: Sequence[Spot]) -> float:
    return max((metres(a, b) for a in spots for b in spots), default=0.0)
