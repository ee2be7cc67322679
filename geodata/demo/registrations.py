"""Made-up counts of double registration, and the figures that an article stated of the district that was the model."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.scene import Scene
from geodata.models import MemberUnit, RegistrationCount, StatedFigure

# Members and organisations of the whole district, as the article has them; a tenth of it in the small one.
MEMBERS, REGISTERED, UNITS = 34_031, 28_348, 380
SOURCE = "2015年区域化党建联建经验材料"
ARTICLE: Mapping[str, float] = {
    "units_district": 26,
    "units_town": 218,
    "units_registered": UNITS,
    "members_registered": REGISTERED,
    "members_rate": 0.833,
    "resources": 14,
    "projects_district": 25,
    "projects_town": 160,
}
# Of the town of the sample users, as the article tells of one.
OF_TOWN: Mapping[str, float] = {"regions": 6, "blocks": 16, "points": 43, "teams": 16}
UNIT_ROWS = 40


Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


class _Sums(NamedTuple):
    total: int
    registered: int
    units: int


def add_registrations(session: Session, scene: Scene) -> None:
    """Counts of every village for two years, which add up to the article's, and of some units for the last one."""
    chance = scene.chance("registrations")
    last = scene.now.year - 1
    share = 10 if scene.is_small else 1
    sums = _Sums(MEMBERS // share, REGISTERED // share, UNITS // share)
    weights = np.array([village.weight for village in scene.land.villages])
    # people live where little happens too
    weights = weights + 0.3 * weights.mean()
    before = _Sums(sums.total - 900 // share, sums.registered - 4100 // share, sums.units * 3 // 4)
    for year, now in ((last - 1, before), (last, sums)):
        total = _dealt(now.total, weights)
        registered = _dealt_up_to(now.registered, total, chance.uniform(0.7, 1.0, len(total)))
        units = _dealt(now.units, weights)
        for code, members, came, held in zip(scene.codes.villages, total, registered, units, strict=True):
            session.add(
                RegistrationCount(
                    of_kind="village",
                    of_code=code,
                    period=str(year),
                    members_total=int(members),
                    members_registered=int(came),
                    units_registered=int(held),
                    pledges_claimed=int(held * chance.integers(1, 3)),
                )
            )
    wanted = select(MemberUnit.code).where(MemberUnit.is_active).order_by(MemberUnit.code)
    for code in session.scalars(wanted.limit(UNIT_ROWS // (4 if scene.is_small else 1))):
        size = int(chance.integers(2, 90))
        arrived = round(size * float(chance.uniform(0.6, 1.0)))
        session.add(
            RegistrationCount(
                of_kind="unit", of_code=code, period=str(last), members_total=size, members_registered=arrived,
                pledges_claimed=int(chance.integers(1, 3)),
            )
        )  # fmt: skip


def add_figures(session: Session, scene: Scene) -> None:
    """What the article states; of the small district what a report of it might."""
    stated = {"units_district": 4.0, "units_town": 36.0, "resources": 5.0} if scene.is_small else ARTICLE
    session.add_all(
        StatedFigure(
            figure=figure, level="district", area_code=words.CODE, period="2015", value=float(value), source=SOURCE
        )
        for figure, value in stated.items()
    )
    if not scene.is_small:
        session.add_all(
            StatedFigure(figure=figure, level="town", area_code=scene.home, period="2015", value=value, source=SOURCE)
            for figure, value in OF_TOWN.items()
        )


def _dealt(whole: int, weights: Floats) -> Counts:
    """A number dealt out by weight in whole parts that add up to it."""
    ends: Counts = np.rint(np.cumsum(weights) / weights.sum() * whole).astype(np.int64)
    return np.diff(ends, prepend=0)


def _dealt_up_to(whole: int, most: Counts, keen: Floats) -> Counts:
    """A number dealt out so that no part has more than its most, the keener ones nearer to it."""
    parts: Counts = np.minimum(_dealt(whole, most * keen), most)
    for at in np.argsort(-keen):
        parts[at] += min(most[at] - parts[at], whole - parts.sum())
    return parts
