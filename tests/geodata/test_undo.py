"""Taking an import back: of every kind, to the byte; what stands in the way is named, and then nothing is done."""

import json
from datetime import UTC, datetime, timedelta

import files
import makers
import pytest
from import_cases import CASES, LASTING, bring, prepared, snapshot
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from undoing import newest, why

from geodata.db import session_on
from geodata.errors import NotFound
from geodata.ingest import KINDS
from geodata.models import Area, ImportChange, ImportRun, MemberUnit
from geodata.record_errors import ImportBusy, NotUndoable
from geodata.services import import_changes, undo
from geodata.services.import_runs import listed
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from geodata.services.tickets import Position, open_ticket

WEST = "310112101000"


UNITS = "code,name,kind,lon,lat"


FIRST = "U1,春申医院,hospital,121.405,31.105"


@pytest.fixture
def units(session, tmp_path):
    """A function that imports rows of units into a district with areas, and returns the number of the import."""
    makers.add_areas(session)

    def take(*rows, **how):
        import_file(session, "units", files.table(tmp_path / "u.csv", UNITS, *rows), datum="wgs84", **how)
        return newest(session)

    return take


def unit(session, code):
    return session.scalars(select(MemberUnit).where(MemberUnit.code == code)).one_or_none()


def test_a_changed_and_a_new_unit_are_as_before(session, units):
    units(FIRST)
    before = snapshot(session)
    run = units("U1,乙,school,121.425,31.105", "U2,丙,school,121.405,31.106", actor="anna")
    done = undo.undo(session, run, actor="berta")
    assert (done.removed, done.put_back, done.ended, done.conflicts) == (1, 1, 0, ())
    assert snapshot(session) == before
    assert (done.run.actor, done.run.undone_by, done.run.is_undoable) == ("anna", "berta", False)
    assert json.loads(json.dumps(done.to_json()))["tables"]["member_unit"]["removed"] == 1
    kept = session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert (kept.kind, kept.actor, kept.report["run"], kept.report["kept"]) == ("undo", "berta", run, 0)


# -- every kind ------------------------------------------------------------------------------------


def test_there_is_a_case_of_every_kind():
    assert set(CASES) == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", [kind for kind in CASES if kind not in LASTING])
def test_a_first_import_and_a_changed_one_are_taken_back_to_the_byte(kind, session, tmp_path):
    prepared(session, kind, tmp_path)
    empty = snapshot(session)
    first = bring(session, kind, tmp_path)
    assert first.stored + first.changed > 0
    run_of_first, full = newest(session), snapshot(session)
    assert full != empty
    second = bring(session, kind, tmp_path, is_second=True)
    assert second.stored + second.changed > 0
    run_of_second, changed = newest(session), snapshot(session)
    assert changed != full
    planned = undo.plan(session, run_of_second)
    assert (planned.conflicts, snapshot(session)) == ((), changed)
    done = undo.undo(session, run_of_second, actor="anna")
    assert (done.counts, done.conflicts) == (planned.counts, ())
    assert snapshot(session) == full
    undo.undo(session, run_of_first, actor="anna")
    assert snapshot(session) == empty
    assert check_stamps(session) == []


def test_the_file_comes_in_again_after_it_was_taken_back(session, tmp_path):
    makers.add_areas(session)
    first = bring(session, "units", tmp_path)
    undo.undo(session, newest(session), actor="anna")
    assert bring(session, "units", tmp_path).stored == first.stored


# -- what stands in the way ------------------------------------------------------------------------


def test_what_somebody_changed_since_is_named_and_nothing_is_done(session, units):
    run = units(FIRST, "U2,东川中学,school,121.425,31.105")
    session.execute(update(MemberUnit).where(MemberUnit.code == "U1").values(name="人民医院"))
    before = snapshot(session)
    with pytest.raises(NotUndoable, match=r"member_unit U1 \(人民医院\) was changed since"):
        undo.undo(session, run, actor="anna")
    assert snapshot(session) == before
    assert why(undo.plan(session, run)) == [("changed", "member_unit", "U1")]
    kept = undo.undo(session, run, actor="anna", only_unchanged=True)
    assert (kept.removed, why(kept)) == (1, [("changed", "member_unit", "U1")])
    assert (unit(session, "U1").name, unit(session, "U2")) == ("人民医院", None)


def test_a_place_moved_by_a_hair_is_a_change(session, units):
    run = units(FIRST)
    moved = text("UPDATE member_unit SET geom = ST_SetSRID(ST_MakePoint(ST_X(geom) + 1e-13, ST_Y(geom)), 4326)")
    session.execute(moved)
    assert why(undo.plan(session, run)) == [("changed", "member_unit", "U1")]


def test_new_area_codes_are_no_change(session, units):
    run = units(FIRST)
    session.execute(update(MemberUnit).values(town_code="310112102000"))
    assert undo.undo(session, run, actor="anna").removed == 1


def test_a_later_import_of_the_same_rows_is_named_and_goes_first(session, units):
    empty = snapshot(session)
    first = units(FIRST)
    second = units(FIRST.replace("hospital", "school"))
    with pytest.raises(NotUndoable, match=f"changed by import {second}; take that one back first"):
        undo.undo(session, first, actor="anna")
    undo.undo(session, second, actor="anna")
    undo.undo(session, first, actor="anna")
    assert snapshot(session) == empty


def test_a_row_that_is_gone_already_stands_in_nobodys_way_and_a_changed_one_that_is_gone_does(session, units):
    units(FIRST)
    run = units(FIRST.replace("医院", "病院"), "U2,东川中学,school,121.425,31.105")
    session.execute(text("DELETE FROM member_unit WHERE code = 'U2'"))
    assert undo.plan(session, run).conflicts == ()
    session.execute(text("DELETE FROM member_unit WHERE code = 'U1'"))
    found = undo.plan(session, run)
    assert [one.why for one in found.conflicts] == ["gone"]
    assert "was removed since" in found.conflicts[0].says()


def test_a_unit_with_a_ticket_is_used(session, units):
    run = units(FIRST, "U2,东川中学,school,121.425,31.105")
    made = open_ticket(session, category="0501", title="占道", actor="x", assign_now=False)
    made.unit_id = unit(session, "U1").id
    session.flush()
    found = undo.plan(session, run)
    assert why(found) == [("used", "member_unit", "U1")]
    assert found.conflicts[0].says() == (f"member_unit U1 (春申医院) is referred to by 1 of ticket, as {made.number}")
    undo.undo(session, run, actor="anna", only_unchanged=True)
    session.refresh(made)
    assert made.unit_id == unit(session, "U1").id
    assert unit(session, "U2") is None


def test_a_row_that_a_used_row_refers_to_is_used_as_well(session, tmp_path):
    makers.add_areas(session)
    bring(session, "teams", tmp_path)
    run = newest(session)
    bring(session, "roster", tmp_path)
    found = undo.plan(session, run)
    assert [(one.why, one.code, one.by_table) for one in found.conflicts] == [("used", "T1", "roster_turn")]
    undo.undo(session, newest(session), actor="anna")
    assert undo.undo(session, run, actor="anna").removed == 1


def test_a_code_that_another_row_has_too_is_not_missed(session, tmp_path):
    prepared(session, "areas", tmp_path)
    bring(session, "areas", tmp_path)
    bring(session, "areas", tmp_path, is_second=True)
    run = newest(session)
    bring(session, "memberships", tmp_path, is_second=True)
    assert undo.plan(session, run).conflicts == ()


def test_areas_under_which_a_ticket_was_reported_since_stay(session, tmp_path):
    """The changed file moves the border in place; a ticket of yesterday between both has the new town's code."""
    prepared(session, "areas", tmp_path)
    bring(session, "areas", tmp_path)
    run = newest(session)
    lon, lat = makers.at(2.2, 0.5)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = open_ticket(
        session,
        category="0501",
        title="x",
        actor="x",
        position=Position(lon, lat, "wgs84"),
        reported_at=yesterday,
        assign_now=False,
    )
    assert made.town_code == WEST
    before = snapshot(session)
    found = undo.plan(session, run)
    assert (why(found), found.conflicts[0].by) == ([("stamped", "ticket", made.number)], "town_code")
    for partly in (False, True):
        with pytest.raises(NotUndoable, match=f"ticket {made.number} was reported since"):
            undo.undo(session, run, actor="anna", only_unchanged=partly)
    assert snapshot(session) == before
    assert [one.id for one in check_stamps(session) if one.id == made.id] == []


def test_boundaries_are_not_taken_back_in_part(session, tmp_path):
    prepared(session, "areas", tmp_path)
    bring(session, "areas", tmp_path, is_second=True)
    run = newest(session)
    session.execute(
        update(Area).where(Area.level == "town", Area.code == WEST, Area.valid_to.is_(None)).values(name="别镇")
    )
    before = snapshot(session)
    with pytest.raises(NotUndoable, match="only be taken back as a whole"):
        undo.undo(session, run, actor="anna", only_unchanged=True)
    assert snapshot(session) == before


# -- what cannot be taken back ---------------------------------------------------------------------


def test_an_import_is_taken_back_once(session, units):
    run = units(FIRST)
    undo.undo(session, run, actor="anna")
    with pytest.raises(NotUndoable, match="was taken back already"):
        undo.undo(session, run, actor="anna")
    with pytest.raises(NotUndoable, match="was taken back already"):
        undo.plan(session, run)


def test_what_changed_nothing_has_nothing_to_take_back(session, units):
    units(FIRST)
    with pytest.raises(NotUndoable, match="changed nothing"):
        undo.undo(session, units(FIRST), actor="anna")
    with pytest.raises(NotUndoable, match="changed nothing"):
        undo.undo(session, units("U2,甲,nonsense,121.4,31.1"), actor="anna")


def test_a_dry_run_and_a_refused_import_keep_nothing(session, units):
    units(FIRST, dry_run=True)
    units("U2,甲,nonsense,121.4,31.1")
    assert session.scalar(select(func.count()).select_from(ImportChange)) == 0
    assert session.scalar(text("SELECT to_regclass('pg_temp.kept_row')")) is None


@pytest.mark.parametrize("number", [0, -1, 404, 2**63, 2**70])
def test_there_is_none_of_that_number(number, session):
    with pytest.raises(NotFound):
        undo.plan(session, number)


def test_a_change_by_hand_is_no_import(session, units):
    undo.undo(session, units(FIRST), actor="anna")
    by_hand = session.scalar(select(func.max(ImportRun.id)))
    with pytest.raises(NotFound):
        undo.plan(session, by_hand)


def test_too_many_rows_are_not_kept_and_the_oldest_are_forgotten(session, units, monkeypatch):
    first = units(FIRST)
    monkeypatch.setattr(import_changes, "MOST_OF_ALL", 2)
    second = units("U2,甲,school,121.405,31.105", "U3,乙,school,121.405,31.105")
    with pytest.raises(NotUndoable, match="has no changes kept"):
        undo.plan(session, first)
    monkeypatch.setattr(import_changes, "MOST_OF_ONE", 1)
    third = units("U4,甲,school,121.405,31.105", "U5,乙,school,121.405,31.105")
    with pytest.raises(NotUndoable, match="has no changes kept"):
        undo.plan(session, third)
    assert undo.plan(session, second).removed == 2
    assert {one.number: one.is_undoable for one in listed(session, limit=9)} == {
        first: False,
        second: True,
        third: False,
    }


def test_what_is_older_than_three_months_is_forgotten(session, units):
    run = units(FIRST)
    session.execute(update(ImportRun).values(at=func.now() - timedelta(days=91)))
    units("U2,甲,school,121.405,31.105")
    session.expire_all()
    with pytest.raises(NotUndoable, match="more than 90 days old"):
        undo.plan(session, run)
    assert session.scalars(select(ImportChange.run_id).distinct()).all() == [newest(session)]


# -- whatever else happens -------------------------------------------------------------------------


def test_another_time_zone_and_a_new_column_make_no_difference(session, units):
    run = units(FIRST)
    session.execute(text("SET LOCAL TimeZone = 'America/New_York'"))
    session.execute(text("SET LOCAL extra_float_digits = 0"))
    session.execute(text("ALTER TABLE member_unit ADD COLUMN later text"))
    assert undo.undo(session, run, actor="anna").removed == 1


def test_values_of_every_sort_come_back(session, units):
    hostile = r"""'";--\x00{"a": [1,}\n\t💥""" + "\u2028"
    units(FIRST)
    session.execute(update(MemberUnit).values(name=hostile, address="null"))
    before = snapshot(session)
    undo.undo(session, units(FIRST), actor="anna")
    assert snapshot(session) == before


def test_an_undo_that_fails_in_the_middle_leaves_all_as_it_was(session, units, monkeypatch):
    run = units(FIRST)
    before = snapshot(session)

    def fail(*_args, **_how):
        raise RuntimeError

    monkeypatch.setattr(undo, "stamp", fail)
    with pytest.raises(RuntimeError):
        undo.undo(session, run, actor="anna")
    assert snapshot(session) == before
    monkeypatch.undo()
    assert undo.undo(session, run, actor="anna").removed == 1


def committed(engine, folder):
    """Number of an import that is really stored."""
    with session_on(engine) as session:
        makers.add_areas(session)
        path = files.table(folder / "u.csv", UNITS, FIRST)
        import_file(session, "units", path, datum="wgs84")
        return newest(session)


def test_of_two_at_once_one_is_refused(fresh_engine, tmp_path):
    run = committed(fresh_engine, tmp_path)
    with session_on(fresh_engine) as one:
        undo.undo(one, run, actor="anna")
        with pytest.raises(ImportBusy), session_on(fresh_engine) as other:
            undo.undo(other, run, actor="berta")
    with pytest.raises(NotUndoable, match="already"), session_on(fresh_engine) as other:
        undo.undo(other, run, actor="berta")


def test_while_somebody_imports_nothing_is_taken_back(fresh_engine, tmp_path):
    run = committed(fresh_engine, tmp_path)
    with session_on(fresh_engine) as one:
        import_file(one, "teams", files.table(tmp_path / "t.csv", "团队编码,名称", "T1,便民队"))
        with pytest.raises(ImportBusy), session_on(fresh_engine) as other:
            undo.undo(other, run, actor="berta")
    with session_on(fresh_engine) as other:
        assert undo.undo(other, run, actor="berta").removed == 1


def test_killed_before_the_end_nothing_has_changed(fresh_engine, admin, tmp_path):
    run = committed(fresh_engine, tmp_path)
    with session_on(fresh_engine) as session:
        before = snapshot(session)
    with Session(fresh_engine) as session:
        undo.undo(session, run, actor="anna")
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        with admin.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        with pytest.raises(DBAPIError):
            session.commit()
    with session_on(fresh_engine) as session:
        assert snapshot(session) == before
        assert undo.undo(session, run, actor="anna").removed == 1


WATCHED = text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_is\\_kept'")


def test_every_table_that_a_kind_fills_is_watched(session):
    watched = set(session.scalars(WATCHED))
    assert {kind.model.__tablename__ for kind in KINDS} <= watched
    assert {"gazetteer_road", "gazetteer_alias", "duty_grid_cell", "project_partner", "demand"} <= watched


def test_what_people_change_is_not_kept(session, units):
    units(FIRST)
    session.execute(update(MemberUnit).values(name="x"))
    session.execute(text("DELETE FROM member_unit"))
    assert session.scalar(text("SELECT to_regclass('pg_temp.kept_row')")) is None
