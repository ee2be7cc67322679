"""Tickets made of events alone, for tests that count what has happened."""

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from geodata.models import MemberUnit, Ticket, TicketEvent
from geodata.services.standing import BEFORE, Entry, after
from geodata.services.workflow import MOVES

TOWN = "310112101000"


def add_history(session, number, told, *, category="0102", source="patrol", **facts):
    """A ticket as its events leave it; `told` are (action, moment, facts of the event), the report first."""
    found, entries = BEFORE, []
    for action, moment, more in told:
        target = MOVES[action].target or found.state
        entry = Entry(action, more.get("by", "officer"), found.state or None, target, more, moment)
        found = after(found, entry)
        entries.append(entry)
    columns = {name: value for name, value in vars(found).items() if name != "unit_code"}
    if found.unit_code is not None:
        columns["unit_id"] = session.scalars(select(MemberUnit.id).where(MemberUnit.code == found.unit_code)).one()
    made = Ticket(
        number=number,
        source=source,
        category_code=category,
        title=number,
        reported_at=told[0][1],
        updated_at=told[-1][1],
        **{**columns, **facts},
    )
    session.add(made)
    session.flush()
    session.add_all(TicketEvent(ticket_id=made.id, seq=seq, **e._asdict()) for seq, e in enumerate(entries, start=1))
    session.flush()
    return made


def add_histories(session, many, *, seed):
    """Tickets that walk through their life at random, in two towns with units U1 and U2; seeded."""
    draw = random.Random(seed)  # noqa: S311 - made-up records, no secret
    others = ("hotline", "resident", "desk", "map", "patrol", "video")
    made = []
    for number in range(many):
        moment = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=draw.uniform(0, 24 * 90))
        told, state = [("report", moment, {"office_code": TOWN})], "reported"
        for _ in range(draw.randint(0, 12)):
            moment += timedelta(hours=draw.expovariate(1 / 60))
            actions = sorted(a for a, move in MOVES.items() if state in move.sources and a not in {"merge", "place"})
            if not actions:
                break
            # nothing else can be heard of a closed ticket as often as what a visit hears
            action = "visit" if state == "closed" and draw.random() < 0.5 else draw.choice(actions)
            facts = {}
            if action in {"assign", "choose"}:
                facts = {"unit_code": draw.choice(("U1", "U2"))} if draw.random() < 0.8 else {"office_code": TOWN}
            elif action == "return":
                having = [{}, *(f for a, _, f in told if a in {"assign", "choose"})][-1]
                facts = {"returned_by": having["unit_code"]} if "unit_code" in having else {}
            elif action == "visit":
                facts = {"satisfied": draw.random() < 0.7}
            told.append((action, moment, facts))
            state = MOVES[action].target or state
        village = draw.choice(("310112101001", "310112101002", "310112102001", None))
        made.append(
            add_history(
                session,
                f"R{number:04}",
                told,
                category=draw.choice(("0101", "0102", "0504")),
                source=draw.choice(others),
                due_at=None if draw.random() < 0.2 else told[0][1] + timedelta(hours=draw.uniform(1, 800)),
                merged_into_id=made[0].id if made and draw.random() < 0.05 else None,
                village_code=village,
                town_code=village and village[:9] + "000",
                duty_grid_code=draw.choice(("D1", "D2", None)),
            )
        )
    return made
