"""Taking an import back: on its page, and at the command line."""

import json

import files
import pytest
from makers import add_areas
from sqlalchemy import select, update

from geodata.db import session_on
from geodata.models import ImportRun, MemberUnit
from geodata.services.imports import import_file
from webmap.cli import FINE, REFUSED, WRONG_USAGE
from webmap.pages import import_undo

HEAD = "code,name,kind,lon,lat"
FIRST = "U1,春申医院,hospital,121.405,31.105"
SECOND = "U2,<script>alert(1)</script>,school,121.425,31.105"


@pytest.fixture
def run(fresh_engine, tmp_path):
    """Number of an import of two units."""
    with session_on(fresh_engine) as session:
        add_areas(session)
        import_file(session, "units", files.table(tmp_path / "u.csv", HEAD, FIRST, SECOND), datum="wgs84", actor="anna")
        return session.scalar(select(ImportRun.id))


def codes(engine):
    with session_on(engine) as session:
        return session.scalars(select(MemberUnit.code).order_by(MemberUnit.code)).all()


def rename(engine, code="U2"):
    with session_on(engine) as session:
        session.execute(update(MemberUnit).where(MemberUnit.code == code).values(address="别处"))


@pytest.fixture
def planner(signed_in):
    return signed_in("planner")


def test_the_page_shows_first_what_would_be_done_and_then_does_it(planner, run, fresh_engine):
    answer = planner.post(f"/imports/{run}/undo?lang=en")
    assert answer.status_code == 200
    assert "Nothing has happened yet" in answer.text
    assert codes(fresh_engine) == ["U1", "U2"]
    answer = planner.post(f"/imports/{run}/undo", data={"confirm": "yes"})
    assert (answer.status_code, codes(fresh_engine)) == (200, [])
    assert f"Import {run} was taken back." in answer.text
    with session_on(fresh_engine) as session:
        assert session.get(ImportRun, run).undone_by == "planner"


def test_the_page_of_an_import_offers_it_and_then_says_that_it_was(planner, run):
    address = f"/imports/{run}/undo"
    assert f'action="{address}"' in planner.get(f"/imports/{run}").text
    planner.post(address, data={"confirm": "yes"})
    after = planner.get(f"/imports/{run}?lang=en").text
    assert f'action="{address}"' not in after
    assert "taken back" in after
    assert "taken back" in planner.get("/imports?lang=en").text


def test_who_may_not_bring_such_records_may_not_take_them_back(planner, run, fresh_engine):
    with session_on(fresh_engine) as session:
        session.execute(update(ImportRun).values(kind="tickets"))
    assert f"/imports/{run}/undo" not in planner.get(f"/imports/{run}").text
    assert planner.post(f"/imports/{run}/undo", data={"confirm": "yes"}).status_code == 403
    assert codes(fresh_engine) == ["U1", "U2"]


def test_what_stands_in_the_way_is_named_and_may_stay(planner, run, fresh_engine):
    rename(fresh_engine)
    answer = planner.post(f"/imports/{run}/undo?lang=en", data={"confirm": "yes"})
    assert (answer.status_code, codes(fresh_engine)) == (409, ["U1", "U2"])
    assert "changed since" in answer.text
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text
    answer = planner.post(f"/imports/{run}/undo", data={"confirm": "yes", "keep_changed": "yes"})
    assert (answer.status_code, codes(fresh_engine)) == (200, ["U2"])
    assert "1 records stayed as they are." in answer.text


def test_it_speaks_chinese(planner, run, fresh_engine):
    rename(fresh_engine)
    text = planner.post(f"/imports/{run}/undo?lang=zh_Hans").text
    assert "撤回第" in text
    assert "此后被改过" in text


@pytest.mark.parametrize(
    ("number", "status"),
    [("404", 404), ("0", 404), (str(2**63), 404), (str(2**80), 404), ("x", 404), ("-1", 404)],
)
def test_a_number_of_no_import_is_none(planner, number, status):
    assert planner.post(f"/imports/{number}/undo", data={"confirm": "yes"}).status_code == status


def test_the_second_time_it_is_refused(planner, run):
    planner.post(f"/imports/{run}/undo", data={"confirm": "yes"})
    answer = planner.post(f"/imports/{run}/undo?lang=en", data={"confirm": "yes"})
    assert answer.status_code == 409
    assert "taken back already" in answer.text


def test_too_much_for_a_page_is_left_to_the_command(planner, run, fresh_engine, monkeypatch):
    monkeypatch.setattr(import_undo, "MOST_ROWS", 1)
    answer = planner.post(f"/imports/{run}/undo?lang=en", data={"confirm": "yes"})
    assert (answer.status_code, codes(fresh_engine)) == (409, ["U1", "U2"])
    assert f"wangge undo {run}" in answer.text


def test_a_query_or_another_method_is_refused(planner, run):
    assert planner.post(f"/imports/{run}/undo?confirm=yes").status_code == 400
    assert planner.get(f"/imports/{run}/undo").status_code == 405


def test_a_form_of_another_site_does_nothing(app, planner, run, fresh_engine):
    app.config["WTF_CSRF_ENABLED"] = True
    assert planner.post(f"/imports/{run}/undo", data={"confirm": "yes"}).status_code == 403
    assert codes(fresh_engine) == ["U1", "U2"]


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture
def wangge(wangge_on, fresh_engine):
    return lambda *arguments: wangge_on(fresh_engine, *arguments)


def test_imports_are_listed_with_whether_they_can_be_undone(wangge, run):
    code, out, _ = wangge("imports")
    assert code == FINE
    assert out.splitlines()[1].split()[:4] == [str(run), "units", "u.csv", "anna"]
    assert out.splitlines()[1].endswith("can be undone")
    told = json.loads(wangge("imports", "--json")[1])["imports"]
    assert [(one["number"], one["stored"], one["is_undoable"]) for one in told] == [(run, 2, True)]
    assert wangge("imports", "--kind", "teams")[1] == "no imports yet\n"


def test_an_import_is_taken_back(wangge, run, fresh_engine):
    code, out, _ = wangge("undo", str(run), "--dry-run")
    assert (code, out) == (
        FINE,
        f"import {run} (units): 2 removed, 0 put back, 0 cancelled or stopped (dry run, nothing done)\n",
    )
    assert codes(fresh_engine) == ["U1", "U2"]
    code, out, _ = wangge("undo", str(run), "--json")
    assert (code, json.loads(out)["removed"], json.loads(out)["done"]) == (FINE, 2, True)
    assert codes(fresh_engine) == []
    assert "undone" in wangge("imports")[1]
    code, _, err = wangge("undo", str(run))
    assert (code, err) == (REFUSED, f"wangge: import {run} was taken back already\n")


def test_what_stands_in_the_way_is_told_and_kept_when_asked(wangge, run, fresh_engine):
    rename(fresh_engine, "U1")
    code, out, err = wangge("undo", str(run))
    assert (code, out, codes(fresh_engine)) == (REFUSED, "", ["U1", "U2"])
    assert "member_unit U1 (春申医院) was changed since" in err
    assert "--keep-changed" in err
    code, out, _ = wangge("undo", str(run), "--keep-changed")
    assert (code, codes(fresh_engine)) == (FINE, ["U1"])
    assert "1 removed, 0 put back, 0 cancelled or stopped, 1 left as they are" in out


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63)])
def test_what_is_no_number_is_wrong_usage(wangge, number):
    assert wangge("undo", number)[0] == WRONG_USAGE


def test_a_number_of_no_import_is_refused(wangge):
    code, _, err = wangge("undo", "404")
    assert code == REFUSED
    assert "404" in err
