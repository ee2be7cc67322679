"""Crossings: where two roads meet, so many metres from there, between two of them, or at a post of a motorway."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from geodata.geocode import scores
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Reason, because
from geodata.geocode.finds import Finds, Spot
from geodata.geocode.rungs import SAME_PLACE_M, Fit, Names, Rung, fit_of, metres
from spatial.roads import RoadLine, heading

# Farther than this, nobody counted the metres.
FARTHEST_OFFSET_M = 300.0
# So near, the crossing itself is the place.
AT_CROSSING_M = 40.0
WIDEST_POSTS_KM = 2.0
# A crossing this near tells no direction.
_NEAREST_GUIDE_M = 80.0
_GUIDE_COSINE = 0.5


class Walked(NamedTuple):
    """Where a walk from a place ends, its error beside the place's own, and what is to be said of it."""

    x: float
    y: float
    error_m: float
    reason: Reason
    doubtful: bool = False


def find_crossing(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason | None:
    """The rung of an address that names a crossing; a reason when it names one that is not known."""
    if parsed.form == "between":
        return _between(parsed, names, finds)
    if parsed.form == "km_post":
        return _at_post(parsed, names, finds)
    if parsed.form not in {"crossing", "offset"}:
        return None
    spots = _crossing_of(names.road, names.cross_road, finds)
    if not spots:
        return because("crossing_unknown", road=parsed.road, cross_road=parsed.cross_road)
    known = because("crossing_known", road=names.road, cross_road=names.cross_road)
    reasons = (known, *names.reasons)
    score = scores.CROSSING * names.worth
    fits = [fit_of(spot) for spot in spots]
    if parsed.form == "crossing":
        side_m = scores.SIDE_ERROR_M if parsed.direction else 0.0
        return Rung("crossing", fits, score, scores.combined_m(scores.CROSSING_ERROR_M, side_m), reasons)
    guides = finds.by_road.get(names.road or "", ())
    line = finds.lines.get(names.road or "")
    return walked_rung(parsed, Rung("offset", fits, score, scores.CROSSING_ERROR_M, reasons), guides=guides, line=line)


def walked_rung(
    parsed: ParsedAddress, rung: Rung, *, guides: Sequence[Spot] = (), line: RoadLine | None = None
) -> Rung:
    """A rung moved by the metres and the direction that an address gives.

    guides   other crossings on the road that is walked; they tell where it leads when it has no `line`.
    """
    length_m = parsed.offset_m or 0.0
    if length_m == 0.0:
        return rung
    if parsed.direction is None:
        if length_m <= AT_CROSSING_M:
            return rung._replace(error_m=scores.combined_m(rung.error_m, length_m))
        why = (*rung.reasons, because("no_direction", metres=length_m))
        return rung._replace(score=min(rung.score, scores.DOUBTFUL), reasons=why)
    score = rung.score * scores.WALKED
    reasons = list(rung.reasons)
    moved, worst_m = [], 0.0
    for fit in rung.fits:
        walk = _walk(fit, parsed.direction, length_m, guides, line)
        moved.append(fit._replace(x=walk.x, y=walk.y, lon=None, lat=None, town_code=None))
        worst_m = max(worst_m, walk.error_m)
        if walk.reason not in reasons:
            reasons.append(walk.reason)
        if walk.doubtful:
            score = min(score, scores.DOUBTFUL)
    if length_m > FARTHEST_OFFSET_M:
        reasons.append(because("far_offset", metres=length_m, limit_m=FARTHEST_OFFSET_M))
        score = min(score, scores.DOUBTFUL)
    return rung._replace(
        fits=moved, score=score, error_m=scores.combined_m(rung.error_m, worst_m), reasons=tuple(reasons)
    )


def _walk(fit: Fit, wind: str, length_m: float, guides: Sequence[Spot], line: RoadLine | None) -> Walked:
    along = because("walked_along", metres=length_m, direction=wind)
    if line is not None:
        walk = line.walk(fit.x, fit.y, length_m, wind)
        if walk is not None and walk.short_m == 0.0:
            return Walked(walk.x, walk.y, scores.OFFSET_ERROR_SHARE * length_m + walk.spread_m, along)
        if walk is not None:
            short = because("road_too_short", metres=length_m, short_m=round(walk.short_m))
            return Walked(walk.x, walk.y, walk.short_m + walk.spread_m, short, doubtful=True)
        if line.along(fit.x, fit.y) is not None:
            across = because("across_the_road", metres=length_m, direction=wind)
            return Walked(fit.x, fit.y, length_m, across, doubtful=length_m > AT_CROSSING_M)
    guide = _guide(fit, wind, length_m, guides)
    if guide is not None:
        far_m = math.hypot(guide.x - fit.x, guide.y - fit.y)
        x, y = fit.x + (guide.x - fit.x) / far_m * length_m, fit.y + (guide.y - fit.y) / far_m * length_m
        return Walked(x, y, scores.OFFSET_ERROR_SHARE * length_m, along)
    east, north = heading(wind)
    straight = because("walked", metres=length_m, direction=wind)
    share = scores.OFFSET_ERROR_SHARE_ASTRAY
    return Walked(fit.x + east * length_m, fit.y + north * length_m, share * length_m, straight)


def _guide(fit: Fit, wind: str, length_m: float, guides: Sequence[Spot]) -> Spot | None:
    """The nearest other crossing of the road that lies in the direction, not nearer than half the walk."""
    east, north = heading(wind)
    best: tuple[float, Spot] | None = None
    for spot in guides:
        dx, dy = spot.x - fit.x, spot.y - fit.y
        far_m = math.hypot(dx, dy)
        if far_m < max(_NEAREST_GUIDE_M, length_m / 2.0) or (dx * east + dy * north) < _GUIDE_COSINE * far_m:
            continue
        if best is None or far_m < best[0]:
            best = far_m, spot
    return best[1] if best else None


def _crossing_of(road: str | None, cross_road: str | None, finds: Finds) -> list[Spot]:
    return finds.crossings.get(frozenset((road, cross_road)), []) if road and cross_road else []


def _between(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason:
    """The middle of the stretch of a road between two others."""
    ends = [_crossing_of(names.road, other, finds) for other in (names.cross_road, names.to_road)]
    if parsed.road is None or not all(ends):
        told = {"road": parsed.road, "cross_road": parsed.cross_road, "to_road": parsed.to_road}
        return because("crossing_unknown", **told)
    first, last = min(((a, b) for a in ends[0] for b in ends[1]), key=lambda pair: metres(*pair))
    apart_m = metres(first, last)
    why = because("between_crossings", road=names.road, apart_m=round(apart_m))
    accuracy_m = max(spot.entry.accuracy_m or 0.0 for spot in (first, last))
    middle = Fit(parsed.norm, (first.x + last.x) / 2.0, (first.y + last.y) / 2.0, accuracy_m)
    score = scores.BETWEEN * names.worth
    error_m = scores.combined_m(scores.CROSSING_ERROR_M, apart_m / 2.0)
    return Rung("between", [middle], score, error_m, (why, *names.reasons))


def _at_post(parsed: ParsedAddress, names: Names, finds: Finds) -> Rung | Reason:
    """Between the two posts on either side, or at one that stands within a hundred metres."""
    km = (parsed.km_post or 0.0) + (parsed.offset_m or 0.0) / 1000.0
    unknown = because("post_unknown", road=parsed.road, km=round(km, 3))
    posts = sorted(
        ((spot.entry.km, spot) for spot in finds.posts.get(names.road or "", []) if spot.entry.km is not None),
        key=lambda post: (post[0], post[1].entry.name),
    )
    near = [(at, spot) for at, spot in posts if abs(at - km) <= 0.1]
    below = [(at, spot) for at, spot in posts if at <= km]
    above = [(at, spot) for at, spot in posts if at > km]
    if below and above and above[0][0] - below[-1][0] <= WIDEST_POSTS_KM:
        (low_km, low), (high_km, high) = below[-1], above[0]
        if metres(low, high) > 1000.0 * (high_km - low_km) + SAME_PLACE_M:
            return unknown  # two motorways of one name, or a slip in a post
        share = (km - low_km) / (high_km - low_km)
        x, y = low.x + share * (high.x - low.x), low.y + share * (high.y - low.y)
        bend_m = 0.25 * (1000.0 * (high_km - low_km) - metres(low, high))
        why = because("between_posts", road=names.road, low=low_km, high=high_km)
        accuracy_m = max(spot.entry.accuracy_m or 0.0 for spot in (low, high))
        fits = [Fit(parsed.norm, x, y, accuracy_m)]
        return Rung(
            "km_post", fits, scores.KM_POST * names.worth, scores.SIDE_ERROR_M + max(0.0, bend_m), (why, *names.reasons)
        )
    if near:
        why = because("between_posts", road=names.road, low=near[0][0], high=near[0][0])
        fits = [fit_of(spot) for _, spot in near]
        return Rung("km_post", fits, scores.KM_POST * names.worth, scores.KM_POST_ERROR_M, (why, *names.reasons))
    return unknown
