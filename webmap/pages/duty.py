"""Who answers for which ground: regions, blocks, points and teams of a town on a map and in a list, gaps first."""

from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, url_for

from geodata.queries.positions import area_boxes, extent
from geodata.services.duty_ground import Duty, DutyGround, duty_ground
from webmap import params
from webmap.access import may, may_in, needs, own_area
from webmap.errors import BadParameter
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.duty_layers import EXPLAINED, duty_layers
from webmap.maps.page import map_parts
from webmap.pages import areas, duty_words
from webmap.pages.map import example_pair, map_config
from webmap.records import current_session

bp = Blueprint("duty", __name__, url_prefix="/duty")

MODULE = "duty.js"
READ, SET = "map.read", "ground.set"

# A longer list is read town by town.
MOST_LISTED = 800

# The whole district, for those who would else see their own town.
ALL = "all"


class Line(NamedTuple):
    """One row of the list; `depth` says how far below a region it stands."""

    one: Duty
    depth: int
    gaps: list[str]


class Sum(NamedTuple):
    """A town with how many it has."""

    code: str
    name: str
    regions: int
    blocks: int
    points: int
    teams: int
    gaps: int


@bp.get("")
@needs(READ)
def index() -> str:
    """Figures, gaps, and what hangs on what, for `town` (`all`: the district) and `show=gaps`."""
    params.only("town", "show")
    towns = areas.names("town")
    town, only_gaps = town_asked(towns), params.one_of("show", ("all", "gaps")) == "gaps"
    found = duty_ground(current_session(), town_code=town)
    is_long = len(found.all) > MOST_LISTED
    return render_template(
        "duty.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("duty.js"),
        config=config(town),
        config_id=CONFIG_ID,
        found=found,
        gaps=[_line(one) for one in found.with_gaps[:MOST_LISTED]],
        lines=[] if only_gaps or is_long else tree(found),
        teams=[] if only_gaps or is_long else [_line(one) for one in found.teams],
        sums=_sums(found, towns) if town is None else [],
        is_long=is_long,
        only_gaps=only_gaps,
        town=town,
        towns=towns,
        kind_words=duty_words.kinds(),
        can_set=may(SET) if town is None else may_in(SET, "town", town),
    )


def town_asked(towns: dict[str, str]) -> str | None:
    """The town of the address; without one that of whoever asks, else None for all. Raises BadParameter."""
    asked = params.text("town")
    if asked is None:
        own = own_area()
        return own if own in towns else None
    if asked == ALL:
        return None
    if asked not in towns:
        raise BadParameter("town", asked, f"{ALL} or the code of a town")
    return asked


def config(town: str | None) -> dict[str, Any]:
    """What the scripts of these pages need to know beside what every map does."""
    ground = extent(current_session())
    made = map_config(ground, example_pair(ground), layers=duty_layers())
    box = area_boxes(current_session(), "town").get(town or "")
    return {
        **made,
        "explained": list(EXPLAINED),
        "texts": {**made["texts"], **duty_words.script_texts()},
        "home": list(box) if box else made["bounds"],
        "dutyUrl": url_for("duty.index"),
    }


def tree(found: DutyGround) -> list[Line]:
    """Regions with their blocks and those with their points; what belongs to none stands at the end."""
    lines = []
    for region in (*found.regions, None):
        if region is not None:
            lines.append(_line(region))
        for block in found.blocks_of(region):
            lines.append(_line(block, 1 if region else 0))
            lines += [_line(point, 2 if region else 1) for point in found.points_of(block)]
    return [*lines, *(_line(point) for point in found.points_of(None))]


def _line(one: Duty, depth: int = 0) -> Line:
    return Line(one, depth, duty_words.gaps(one))


def _sums(found: DutyGround, towns: dict[str, str]) -> list[Sum]:
    """Towns that have any, by code."""

    def many(those: list[Duty], code: str) -> int:
        return sum(one.row.town_code == code for one in those)

    return [
        Sum(
            code,
            name,
            many(found.regions, code),
            many(found.blocks, code),
            many(found.points, code),
            many(found.teams, code),
            many(found.with_gaps, code),
        )
        for code, name in towns.items()
        if many(found.all, code)
    ]
