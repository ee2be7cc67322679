"""Made-up whistle calls: some under way, some that are over and left tasks."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.meeting_words import AT_ONCE, CALLS
from geodata.demo.scene import Scene
from geodata.models import Membership, MemberUnit, Resolution, Ticket
from geodata.services import whistle
from geodata.services.placing import position_of
from geodata.services.whistle import CallDraft, Invited

# Hours from now at which each is to be there: what is over has been closed, the last is still waited for.
COURSE = (-24 * 9, 3, -24 * 2, -24 * 21, 1)
FEWEST = 2


def add_whistle(session: Session, scene: Scene) -> None:
    """Add calls about tickets of the town that the sample users work for."""
    town = scene.home
    name = words.TOWNS[scene.codes.towns.index(town)]
    wanted = select(Ticket).where(Ticket.town_code == town, Ticket.geom.is_not(None), Ticket.state != "closed")
    tickets = list(session.scalars(wanted.order_by(Ticket.reported_at.desc(), Ticket.id).limit(len(COURSE))))
    members = select(MemberUnit).join(Membership, Membership.unit_id == MemberUnit.id)
    units = list(session.scalars(members.where(Membership.area_code == town).order_by(MemberUnit.code)))
    count = FEWEST if scene.is_small else len(COURSE)
    for number, (ticket, hours, said) in enumerate(zip(tickets[:count], COURSE, CALLS, strict=False)):
        place = position_of(ticket.geom)
        if place is None or len(units) < FEWEST:
            continue
        meet_at = (scene.now + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        pair = [units[(2 * number + turn) % len(units)] for turn in range(FEWEST)]
        draft = CallDraft(
            level="town",
            area_code=town,
            reason=AT_ONCE.format(title=ticket.title) if hours > 0 else said.reason,
            meet_at=meet_at,
            place=place,
            invited=(Invited(office=town, part=said.part), *(Invited(unit=unit.code) for unit in pair)),
            address=ticket.address or f"{name}{said.where}",
        )
        made = whistle.call(session, draft, actor="town", at=meet_at - timedelta(hours=4))
        if hours > 0:
            # its history is full already, and events of the past are not put in between
            made.ticket_id = ticket.id
            continue
        lon, lat = place
        for seq, (late, away) in enumerate(((-6, 0.0002), (2, 0.0004), (19, 0.0052)), start=1):
            at = meet_at + timedelta(minutes=late)
            whistle.arrive(session, made.code, seq, actor="town", at=at, place=(lon, lat + away))
        whistle.close(session, made.code, minutes=said.minutes, actor="town", at=meet_at + timedelta(hours=1))
        due_on = (meet_at + timedelta(days=14)).date()
        session.add_all(
            Resolution(whistle_id=made.id, seq=seq, words=task, unit_id=unit.id, due_on=due_on, state="open")
            for seq, (task, unit) in enumerate(zip(said.tasks, pair, strict=True), start=1)
        )
