"""Made-up pledges of units, some of which were kept with tickets that they had."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo.scene import Scene
from geodata.models import Assignment, MemberUnit, Pledge, PledgeKept, Ticket, TicketEvent

COUNT, COUNT_SMALL = 20, 5
# Beside those that were kept.
KEPT, KEPT_SMALL = 6, 2
MOST_TICKETS_EACH = 3


class Kind(NamedTuple):
    """What units of some kinds promise; without a radius it answers no tickets."""

    name: str
    kinds: tuple[str, ...]
    categories: tuple[str, ...] = ()
    radius_m: float | None = None
    hours: str | None = None


OFFERS = (
    Kind("门前三包", ("shop", "bank", "market"), ("0102", "0104", "0506"), 60.0),
    Kind("夜间开放停车场", ("enterprise", "school", "government"), ("0505",), 300.0, "19:00-07:00"),
    Kind("会议室免费借用", ("bank", "culture", "community"), (), None, "Mo-Fr 09:00-17:00"),
    Kind("雨雪天清扫门前道路", ("shop", "enterprise", "station"), ("0406", "0407"), 120.0),
    Kind("小区周边废弃家具代清", ("property",), ("0108",), 250.0, "08:00-18:00"),
    Kind("工地周边道路保洁", ("construction",), ("0112", "0302"), 200.0),
    Kind("便民饮水和爱心座椅", ("bank", "station"), (), None, "09:00-17:00"),
    Kind("周边排水口清掏", ("utility", "property"), ("0404", "0406"), 300.0),
)
# What a unit had tickets for that it now has pledged, by major.
KEPT_NAMES = {
    "01": "周边环境随手清",
    "02": "门前广告自管自清",
    "03": "施工周边当天恢复",
    "04": "应急抢修先行",
    "05": "门前秩序自管",
}


def add_pledges(session: Session, scene: Scene) -> None:
    """Add pledges: first those that were kept, from what units have done, then others of all kinds."""
    rng = scene.chance("pledges")
    since = scene.now.date() - timedelta(days=200)
    units = list(
        session.scalars(
            select(MemberUnit)
            .where(MemberUnit.geom.is_not(None), MemberUnit.is_active, MemberUnit.town_code.is_not(None))
            .order_by(MemberUnit.code)
        )
    )
    made = _kept(session, KEPT_SMALL if scene.is_small else KEPT, since=since)
    taken = {one.unit_id for one in made}
    for number in range(len(made), COUNT_SMALL if scene.is_small else COUNT):
        offer = OFFERS[number % len(OFFERS)]
        able = [unit for unit in units if unit.kind in offer.kinds and unit.id not in taken] or units
        unit = able[int(rng.integers(len(able)))]
        taken.add(unit.id)
        session.add(
            Pledge(
                code=f"L{number + 1:03d}",
                unit_id=unit.id,
                name=offer.name,
                category_codes=list(offer.categories),
                radius_m=offer.radius_m,
                hours=offer.hours,
                valid_from=since + timedelta(days=int(rng.integers(0, 120))),
                # one in a while has run out
                valid_to=scene.now.date() - timedelta(days=10) if number % 9 == 8 else None,
            )
        )
    session.flush()


def _kept(session: Session, count: int, *, since: date) -> list[Pledge]:
    """Pledges of the units that had done tickets given to them by the rule, with these tickets as evidence."""
    wanted = (
        select(Assignment, Ticket)
        .join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(
            Ticket.state.in_(["done", "checking", "closed"]),
            Ticket.unit_id == Assignment.unit_id,
            Assignment.method == "rule",
            Assignment.outcome == "unit",
            Assignment.decided_at >= since,
        )
        .order_by(Ticket.number, Assignment.id)
    )
    by_unit: dict[tuple[int | None, str], list[tuple[Assignment, Ticket]]] = {}
    # of a ticket that was decided about several times, the last decision counts
    last = {held.id: (given, held) for given, held in session.execute(wanted)}
    for given, held in last.values():
        by_unit.setdefault((given.unit_id, held.category_code[:2]), []).append((given, held))
    made: list[Pledge] = []
    for (unit_id, major), several in sorted(by_unit.items(), key=lambda pair: (-len(pair[1]), str(pair[0])))[:count]:
        pledge = Pledge(
            code=f"L{len(made) + 1:03d}",
            unit_id=unit_id,
            name=KEPT_NAMES.get(major, "周边问题先行处置"),
            category_codes=sorted({held.category_code for _, held in several}),
            radius_m=2000.0,
            valid_from=since,
        )
        session.add(pledge)
        session.flush()
        _note(session, pledge, several[:MOST_TICKETS_EACH])
        made.append(pledge)
    return made


def _note(session: Session, pledge: Pledge, several: Sequence[tuple[Assignment, Ticket]]) -> None:
    """Have the decisions say that the unit had pledged it, and the tickets that it was kept."""
    for given, held in several:
        seq = session.scalar(
            select(TicketEvent.seq)
            .where(TicketEvent.ticket_id == held.id, TicketEvent.action == "done")
            .order_by(TicketEvent.seq.desc())
        )
        done = session.scalar(select(TicketEvent.at).where(TicketEvent.ticket_id == held.id, TicketEvent.seq == seq))
        if seq is None or done is None:
            continue
        first, *others = given.record["candidates"]
        told = {"word": "pledged", "facts": {"code": pledge.code, "name": pledge.name}}
        pledged = {
            **first,
            "unit": {**first["unit"], "pledge": pledge.code, "pledge_name": pledge.name},
            "reasons": [told, *first["reasons"]],
        }
        given.record = {**given.record, "candidates": [pledged, *others]}
        given.pledge_id = pledge.id
        session.add(PledgeKept(pledge_id=pledge.id, ticket_id=held.id, event_seq=seq, at=done))
