"""Taking back an import of what has a history: it ends, and stays."""

import makers
from import_cases import bring, prepared, snapshot
from sqlalchemy import select, text, update
from undoing import newest, why

from geodata.models import Project, ProjectEvent, Ticket, TicketEvent
from geodata.services import undo
from geodata.services.chain import verify
from geodata.services.import_runs import listed
from geodata.services.stamps import check_stamps

# -- what has a history ends, and stays ------------------------------------------------------------


def columns_of(session, ref):
    found = session.scalars(select(Ticket).where(Ticket.source_ref == ref)).one()
    session.refresh(found)
    names = [column.name for column in Ticket.__table__.c if column.name not in {"updated_at", "geom_m"}]
    row = session.execute(text("SELECT * FROM ticket WHERE id = :id"), {"id": found.id}).one()._mapping
    return {name: row[name] for name in names}


def actions(session, ref):
    wanted = select(TicketEvent).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(Ticket.source_ref == ref)
    return [(one.action, one.from_state, one.to_state) for one in session.scalars(wanted.order_by(TicketEvent.seq))]


def test_tickets_are_put_back_or_cancelled_with_an_event_each(session, tmp_path):
    makers.add_areas(session)
    bring(session, "tickets", tmp_path)
    before = columns_of(session, "7")
    bring(session, "tickets", tmp_path, is_second=True)
    done = undo.undo(session, newest(session), actor="anna")
    assert (done.removed, done.put_back, done.ended) == (0, 1, 1)
    assert columns_of(session, "7") == before
    assert columns_of(session, "8")["state"] == "cancelled"
    assert actions(session, "7") == [
        ("import", None, "reported"),
        ("import", "reported", "closed"),
        ("import", "closed", "reported"),
    ]
    assert actions(session, "8") == [("import", None, "reported"), ("import", "reported", "cancelled")]
    last = session.scalars(select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert (last.actor, last.facts["undone_import"]) == ("anna", done.run.number)
    assert verify(session).is_whole
    assert check_stamps(session) == []
    # the file again brings it back to life
    assert bring(session, "tickets", tmp_path, is_second=True).changed == 2
    assert columns_of(session, "8")["state"] == "reported"
    assert verify(session).is_whole


def test_a_ticket_that_somebody_worked_on_stands_in_the_way(session, tmp_path):
    makers.add_areas(session)
    bring(session, "tickets", tmp_path)
    session.execute(update(Ticket).values(title="另一件"))
    found = undo.plan(session, newest(session))
    assert why(found) == [("changed", "ticket", columns_of(session, "7")["number"])]
    assert found.conflicts[0].name is None


def test_projects_are_stopped_and_their_partners_put_back(session, tmp_path):
    prepared(session, "projects", tmp_path)
    bring(session, "projects", tmp_path)
    before = snapshot(session)
    bring(session, "projects", tmp_path, is_second=True)
    done = undo.undo(session, newest(session), actor="anna")
    assert (done.put_back, done.ended) == (2, 1)
    after = snapshot(session)
    assert after["project_partner"] == before["project_partner"]
    assert set(before["project"]) < set(after["project"])
    new = session.scalars(select(Project).where(Project.code == "J2")).one()
    assert new.stage == "stopped"
    stages = select(ProjectEvent.to_stage).where(ProjectEvent.project_id == new.id).order_by(ProjectEvent.seq)
    assert session.scalars(stages).all() == ["running", "stopped"]
    undo.undo(session, listed(session, limit=2)[1].number, actor="anna")
    assert set(session.scalars(select(Project.stage))) == {"stopped"}
    assert session.scalar(text("SELECT count(*) FROM project_partner")) == 0
