"""Checks and imports that are worked on beside the requests."""

import json
import threading

import makers
import pytest
from import_forms import HEAD
from sqlalchemy import func, select, text

from geodata.db import session_on
from geodata.models import Area, CalendarDay, ImportRun, MemberUnit
from geodata.record_errors import ImportsBusy, PreviewOutdated
from geodata.services import import_files, import_work
from geodata.services.import_checks import Options

# -- work beside the requests --------------------------------------------------------------------------------


@pytest.fixture
def work(fresh_engine, tmp_path):
    """Functions that check and import a file on a database of the test's own, waiting for the end."""
    with session_on(fresh_engine) as session:
        makers.add_areas(session)

    class Work:
        engine = fresh_engine

        def check(self, file, **options):
            import_work.set_options(file, Options(**options))
            assert import_work.begin_check(fresh_engine, tmp_path, file, wait_s=30)
            return file.read("check")

        def take(self, file, **how):
            version = (file.read("check") or {}).get("version", "")
            told = {"version": version, "skip_bad": False, "actor": "planner", "wait_s": 30, **how}
            assert import_work.begin_import(fresh_engine, tmp_path, file, **told)
            return file.read("done")

        def count(self, model=MemberUnit):
            with session_on(fresh_engine) as session:
                return session.scalar(select(func.count()).select_from(model))

    return Work()


GOOD = f"{HEAD}\nA1,甲,学校,,121.405,31.105\nA2,乙,其他,,,\n"


HALF = f"{GOOD}A3,,其他,,,\n"


def test_a_file_that_was_looked_at_is_imported_as_it_was_seen(work, sent):
    file = sent(GOOD, "驻区单位.csv")
    assert work.check(file, datum="wgs84")["stored"] == 2
    assert work.count() == 0
    done = work.take(file)
    assert (work.count(), work.count(ImportRun)) == (2, 1)
    with session_on(work.engine) as session:
        run = session.get(ImportRun, done["run_id"])
        assert (run.file_name, run.kind, run.actor, run.datum) == ("驻区单位.csv", "units", "planner", "wgs84")
    assert not file.path.exists()


def test_pressed_twice_it_is_imported_once(work, sent, tmp_path):
    file = sent(GOOD)
    version = work.check(file, datum="wgs84")["version"]
    told = {"version": version, "skip_bad": False, "actor": "planner", "wait_s": 30}
    hands = [
        threading.Thread(target=import_work.begin_import, args=(work.engine, tmp_path, file), kwargs=told)
        for _ in range(4)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert work.take(file, version=version) == file.read("done")
    assert work.count(ImportRun) == 1


def test_an_import_whose_answer_was_lost_is_not_made_again(work, sent):
    file = sent(GOOD)
    work.check(file, datum="wgs84")
    done, content = work.take(file), GOOD
    (file.folder / "done.json").unlink()
    file.path.write_text(content)
    assert work.take(file) == done
    assert work.count(ImportRun) == 1


@pytest.mark.parametrize("version", ["", "0" * 16])
def test_what_was_not_seen_is_not_imported(work, sent, version):
    file = sent(GOOD)
    work.check(file, datum="wgs84")
    with pytest.raises(PreviewOutdated):
        work.take(file, version=version)
    import_work.set_options(file, Options(datum="gcj02"))
    with pytest.raises(PreviewOutdated):
        work.take(file)
    assert work.count() == 0


def test_bad_rows_are_left_out_only_where_that_was_said(work, sent):
    file = sent(HALF)
    assert work.check(file, datum="wgs84")["bad"] == 1
    with pytest.raises(PreviewOutdated):
        work.take(file)
    assert work.count() == 0
    work.take(file, skip_bad=True)
    assert work.count() == 2


def test_what_is_refused_is_not_imported(work, sent):
    file = sent(GOOD)
    assert work.check(file)["error"]["word"] == "DatumNeeded"
    with pytest.raises(PreviewOutdated):
        work.take(file)


def test_all_or_nothing_where_the_records_changed_in_between(work, sent, monkeypatch):
    file = sent(GOOD)
    work.check(file, datum="wgs84")
    (file.path).write_text(HALF)
    assert work.take(file) is None
    assert file.read("failed")["error"]["word"] == "PreviewOutdated"
    assert (work.count(), work.count(ImportRun)) == (0, 0)


def test_others_who_hold_the_records_are_told_of_and_nothing_waits_for_ever(work, sent, monkeypatch):
    monkeypatch.setattr(import_work, "LOCK_LIMIT_S", 0.2)
    file = sent(GOOD)
    with session_on(work.engine) as session:
        session.execute(text("LOCK TABLE member_unit IN EXCLUSIVE MODE"))
        assert work.check(file, datum="wgs84")["error"]["word"] == "ImportsBusy"
    assert work.check(file, datum="wgs84")["error"] is None
    with session_on(work.engine) as session:
        session.execute(text("LOCK TABLE member_unit IN EXCLUSIVE MODE"))
        assert work.take(file) is None
    assert file.read("failed")["error"]["word"] == "ImportsBusy"
    assert work.take(file) is not None


def test_a_check_holds_nothing_once_it_is_over(work, sent):
    work.check(sent(GOOD), datum="wgs84")
    with session_on(work.engine) as session:
        session.execute(text("LOCK TABLE member_unit IN ACCESS EXCLUSIVE MODE NOWAIT"))


def test_an_error_of_the_program_is_told_and_logged(work, sent, monkeypatch, caplog):
    def broken(*_args, **_how):
        raise ZeroDivisionError

    monkeypatch.setattr(import_work, "check", broken)
    assert work.check(sent(GOOD), datum="wgs84")["error"]["word"] == "Unexpected"
    assert "ZeroDivisionError" in caplog.text


def test_options_that_come_during_a_check_are_checked_after_it(work, sent, tmp_path, monkeypatch):
    file, really, seen_options = sent(GOOD), import_work.check, []

    def slow(session, one, options, **how):
        seen_options.append(options.datum)
        if len(seen_options) == 1:
            import_work.set_options(file, Options(datum="gcj02"))
            # somebody else's hand finds the file held, and leaves it to this one
            assert import_work.begin_check(work.engine, tmp_path, file, wait_s=30)
        return really(session, one, options, **how)

    monkeypatch.setattr(import_work, "check", slow)
    work.check(file, datum="wgs84")
    assert seen_options == ["wgs84", "gcj02"]
    assert file.read("check")["datum"] == "gcj02"


def test_a_file_that_was_discarded_is_not_worked_on(work, sent, tmp_path):
    file = sent(GOOD)
    import_work.set_options(file, Options(datum="wgs84"))
    import_files.discard(file)
    assert import_work.begin_check(work.engine, tmp_path, file, wait_s=30)
    assert not file.folder.exists()


def test_while_it_is_imported_its_options_stay(sent):
    file = sent(GOOD)
    with file.held():
        file.write("state", {"what": "import", "done": 0, "of": 0})
        with pytest.raises(ImportsBusy):
            import_work.set_options(file, Options())


def test_a_read_calendar_is_forgotten_with_the_days_that_were_tried(work, sent):
    file = sent("日期,类型,名称\n2026-10-01,休息,国庆节\n", kind="calendar")
    before = work.count(CalendarDay)
    facts = work.check(file)
    assert facts["error"] is None, facts["error"]
    assert work.count(CalendarDay) == before


def test_a_boundary_is_drawn_where_it_would_be(work, sent):
    ring = [[121.40, 31.10], [121.42, 31.10], [121.42, 31.12], [121.40, 31.12], [121.40, 31.10]]
    feature = {
        "type": "Feature",
        "properties": {"name": "西镇", "code": "310112101000"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = sent(json.dumps({"type": "FeatureCollection", "features": [feature]}), "towns.geojson", kind="areas")
    facts = work.check(file, datum="wgs84", level="town")
    assert (facts["error"], facts["has_shapes"], facts["placed"]) == (None, True, 1)
    (drawn,) = file.read("places")["features"]
    assert drawn["geometry"]["type"] == "Polygon"
    assert drawn["properties"]["name"] == "西镇"
    assert work.count(Area) == 6
