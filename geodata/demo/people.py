"""Who works in the made-up district: the sample users, all of one town, and the posts of the other towns."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land
from geodata.demo.network import Codes
from geodata.models import DutyGrid, MemberUnit, Notice, Ticket
from geodata.services import notices
from geodata.services.users import add_user
from geodata.services.workflow import ENDED

# The officer walks the grids of so many villages, those in which most happens.
VILLAGES_WALKED = 3

# The sample users have read what is older than this, some hours after it came.
UNREAD = timedelta(days=2)
READ_AFTER = timedelta(hours=3)


class SignIn(NamedTuple):
    """A sample user; made-up data only."""

    name: str
    role: str

    @property
    def password(self) -> str:
        """The password that everybody is told."""
        return f"{self.name}-demo"


# Officer, checker, town and unit belong to one town, the busiest, so that a ticket can be walked from hand to hand.
SIGN_INS = (
    SignIn("viewer", "viewer"),
    SignIn("officer", "officer"),
    SignIn("checker", "officer"),
    SignIn("unit", "unit"),
    SignIn("town", "town_office"),
    SignIn("planner", "planner"),
    SignIn("district", "district"),
    SignIn("admin", "admin"),
)
_POSTS = {"officer": "网格员", "checker": "核查员", "town": "办公室"}
# What lies in no town is worked by the district's own.
_CENTRE = {"officer": "区中心处置岗", "checker": "区中心核查岗", "town": "district"}


def home_of(land: Land) -> int:
    """Number of the town that the sample users work for: the one in which most happens."""
    return max(range(land.towns), key=lambda town: sum(land.villages[number].weight for number in land.of_town(town)))


def actor_of(who: str, town: int | None, *, home: int) -> str:
    """Whose name stands beside what `who` of SIGN_INS does in a town: their own at home, elsewhere that of a post."""
    if town is None:
        return _CENTRE[who]
    return who if town == home else f"{words.TOWNS[town]}{_POSTS[who]}"


def add_people(session: Session, land: Land, codes: Codes) -> None:
    """Add the sample users, before anything happens that they hear of.

    The officer has the duty grids of the town's busiest villages, the checker the whole town; somebody of a unit is
    added by `settle_in`.
    """
    home = home_of(land)
    town = codes.towns[home]
    busiest = sorted(land.of_town(home), key=lambda number: -land.villages[number].weight)[:VILLAGES_WALKED]
    walked = [f"{codes.villages[number]}D{half}" for number in busiest for half in (1, 2)]
    grids = list(session.scalars(select(DutyGrid.code).where(DutyGrid.code.in_(walked)).order_by(DutyGrid.code)))
    for user in SIGN_INS:
        if user.role == "unit":
            continue
        add_user(
            session,
            user.name,
            password=user.password,
            role=user.role,
            area_code=town if user.name in _POSTS else None,
            duty_grids=grids if user.name == "officer" else (),
        )


def settle_in(session: Session, land: Land, codes: Codes, *, now: datetime) -> None:
    """Once tickets lie with units: add somebody of the one with most of the town's, the open ones first.

    What the sample users heard of long ago has been forgotten, and what is older than a few days has been read.
    """
    unit = _busy_unit(session, codes.towns[home_of(land)])
    for user in SIGN_INS:
        if user.role == "unit":
            add_user(session, user.name, password=user.password, role=user.role, unit=unit)
    notices.prune(session, before=now - notices.KEPT)
    old = update(Notice).where(Notice.created_at < now - UNREAD).values(read_at=Notice.created_at + READ_AFTER)
    session.execute(old)


def _busy_unit(session: Session, town_code: str) -> str | None:
    """Code of the unit with most tickets of a town; None where none of them lies with a unit."""
    is_open = func.count().filter(Ticket.state.not_in(ENDED))
    found = (
        select(MemberUnit.code)
        .join(Ticket, Ticket.unit_id == MemberUnit.id)
        .where(Ticket.town_code == town_code)
        .group_by(MemberUnit.code)
        .order_by(is_open.desc(), func.count().desc(), MemberUnit.code)
    )
    return session.scalars(found.limit(1)).first()
