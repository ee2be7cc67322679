"""What evidence is worth: the probability that an answer is right, and how far off it may be.

Right means within 200 m and in the right town. The figures are those of cross-checked real addresses (see
docs/benchmarks.md): a door that one record alone tells of is right nine times in ten, since the record may stand
anywhere on its plot or be mistaken; two that agree, or neighbours that fit, leave one in a hundred.
"""

import math

from geodata.queries.stamping import CELL_ERROR_M

# An answer is right within this.
RIGHT_M = 200.0

# From here on an answer is taken without a person; an answer that contradicts itself stays below.
ACCEPTED_FROM = 0.95
CONTRADICTION_CAP = 0.5
DOUBTFUL = 0.6
SUGGESTED = 0.3

DOOR = 0.985
DOOR_OF_A_RECORD = 0.94
RECORD_ON_A_HIGHWAY = 0.88
DOORS_AGREE = 0.99
DOOR_AMONG_NEIGHBOURS = 0.975
NEIGHBOURS_DISAGREE = 0.8
DOOR_WITHOUT_SUFFIX = 0.98
# What is known of a lane may be in another quarter of the estate behind it: for a person.
OTHER_QUARTER = 0.9
DOOR_IN_RANGE = 0.97
LANE_GATE = 0.97
NEXT_DOOR = 0.965
INTERPOLATED = 0.975
SIDES_MIXED = 0.03
CROSSING = 0.97
WALKED = 0.995
BETWEEN = 0.965
KM_POST = 0.965
UNIT = 0.965
PLACE = 0.97
PLACE_ON_ITS_ROAD = 0.975
PLACE_BESIDE_UNKNOWN_ROAD = 0.9
PART_OF_PLACE = 0.96
SAME_SOUND = 0.985
TOWN_AGREES = 1.0
TOWN_NOT_NAMED = 0.995

# Metres to be expected besides the accuracy of what the answer rests on.
DOOR_ERROR_M = 15.0
RECORD_ERROR_M = 75.0
HIGHWAY_ERROR_M = 100.0
LANE_ERROR_M = 60.0
CROSSING_ERROR_M = 20.0
SIDE_ERROR_M = 30.0
UNIT_ERROR_M = 30.0
PLACE_ERROR_M = 50.0
PART_ERROR_M = 80.0
KM_POST_ERROR_M = 100.0
NUMBER_ERROR_M = 4.0
# Of the metres between two doors, at the middle.
BRACKET_SHARE = 0.5
OFFSET_ERROR_SHARE = 0.15
OFFSET_ERROR_SHARE_ASTRAY = 0.4

# What answers at each level may be assigned to: a cell only where the place itself is known.
ASSIGNS = {
    "door": ("cell", "village", "town"),
    "lane": ("cell", "village", "town"),
    "interpolated": ("village", "town"),
    "crossing": ("cell", "village", "town"),
    "offset": ("cell", "village", "town"),
    "between": ("village", "town"),
    "km_post": ("village", "town"),
    "place": ("cell", "village", "town"),
    "road": (),
    "village": ("village", "town"),
    "town": ("town",),
}
# Beyond these an area of that size is not told from its neighbours.
VILLAGE_ERROR_M = 250.0


def combined_m(*errors_m: float) -> float:
    """The error of a place that independent errors add up to: they add in squares."""
    return math.hypot(*errors_m)


def reach(error_m: float) -> float:
    """The probability of lying within 200 m for a place with this expected error, whatever else speaks for it.

    Errors in the plane follow Rayleigh's law; of 200, one lies beyond twice the expected error.
    """
    spread_m = 2.0 * error_m / math.sqrt(-2.0 * math.log(0.005))
    return 1.0 - math.exp(-((RIGHT_M / max(spread_m, 1e-9)) ** 2) / 2.0)


def assignable(level: str | None, error_m: float | None, *, accepted: bool) -> tuple[str, ...]:
    """What may be assigned from an answer: some of `cell`, `village`, `town`.

    A village or town that the address names may be taken from an answer that was not accepted; a road crosses several.
    """
    if level is None or not (accepted or level in {"village", "town"}):
        return ()
    limits = {"cell": CELL_ERROR_M, "village": VILLAGE_ERROR_M}
    if level in {"village", "town"}:
        return ASSIGNS[level]
    return tuple(area for area in ASSIGNS[level] if (error_m or 0.0) <= limits.get(area, float("inf")))
