"""Rules and calendar by command: listed, changed, out and in again, and what a change would move."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from geodata.db import session_on
from webmap.cli import FINE, REFUSED, WRONG_USAGE


def test_rules_are_listed_changed_ended_and_copied(district, wangge_on):
    code, out, _ = wangge_on(district, "rules", "list", "--category", "0102", "--json")
    listed = json.loads(out)["rules"]
    assert (code, [row["code"] for row in listed]) == (FINE, ["1", "2", "3", "4"])
    code, out, _ = wangge_on(district, "rules", "set", "0102", "1", "--amount", "3", "--unit", "working_days")
    assert (code, out[:22]) == (FINE, "0102/1: 3 working_days")
    # the words stay as they were
    assert "有散落或成堆的垃圾" in wangge_on(district, "rules", "list", "--category", "0102")[1]
    assert wangge_on(district, "rules", "end", "0102", "4")[0] == FINE
    assert wangge_on(district, "rules", "copy", "310112101000", "--category", "0102")[1] == "3 rules copied\n"
    code, _, err = wangge_on(district, "rules", "set", "0102", "9", "--amount", "3")
    assert code == WRONG_USAGE
    assert "--condition" in err


def test_rules_go_out_and_come_back(district, wangge_on, tmp_path):
    for form in ("csv", "xlsx"):
        path = str(tmp_path / f"rules.{form}")
        assert wangge_on(district, "rules", "export", path)[0] == FINE
        code, out, _ = wangge_on(district, "rules", "import", path, "--json")
        report = json.loads(out)
        assert (code, report["stored"], report["changed"], report["bad"]) == (FINE, 0, 0, 0)
        assert report["unchanged"] == report["rows"] > 56
    assert wangge_on(district, "rules", "export", str(tmp_path / "rules.doc"))[0] == WRONG_USAGE


def test_a_bad_row_of_rules_is_told_with_row_and_field(district, wangge_on, tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text("类别,编号,立案条件,结案条件,时限,时限单位\n0102,9,有,无,3,周\n", encoding="utf-8")
    code, _, err = wangge_on(district, "rules", "import", str(path))
    assert code == REFUSED
    assert "row 2, unit: '周' it must be one of urgent_hours" in err


def test_the_calendar_is_shown_changed_and_taken_in(district, wangge_on, tmp_path):
    code, out, _ = wangge_on(district, "calendar", "show", "2026", "--json")
    year = json.loads(out)
    assert (code, year["working_days"], sum(year["months"]), year["hours"]["Sa"]) == (FINE, 248, 248, "")
    assert "2026-02-15  2026-02-23" in wangge_on(district, "calendar", "show", "2026")[1]
    days = ("calendar", "set", "2026-03-11..2026-03-12", "off", "--name", "临时放假")
    assert wangge_on(district, *days, "--dry-run")[:2] == (FINE, "0 deadlines would move\n")
    assert json.loads(wangge_on(district, "calendar", "show", "2026", "--json")[1])["working_days"] == 248
    assert wangge_on(district, *days)[0] == FINE
    assert wangge_on(district, "calendar", "hours", "6", "09:00-12:00")[0] == FINE
    year = json.loads(wangge_on(district, "calendar", "show", "2026", "--json")[1])
    assert (year["hours"]["Sa"], year["working_days"] > 280) == ("09:00-12:00", True)
    path = str(tmp_path / "days.csv")
    assert wangge_on(district, "calendar", "export", path, "--year", "2026")[0] == FINE
    assert wangge_on(district, "calendar", "import", path)[1].startswith("41 rows: 0 new, 0 changed, 41 unchanged")


def test_a_calendar_change_lists_the_deadlines_that_move(district, wangge_on):
    with session_on(district) as session:
        reported = session.execute(text("SELECT max(reported_at)::date FROM ticket")).scalar_one()
    last = reported + timedelta(days=20)
    code, out, _ = wangge_on(district, "calendar", "set", f"{reported}..{last}", "off", "--dry-run", "--json")
    (moved,) = json.loads(out)["moved"]
    assert (code, moved["stage"], moved["seconds"] > 0) == (FINE, "verify", True)
    assert wangge_on(district, "calendar", "recalculate", "--dry-run")[1] == "0 deadlines would move\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("calendar", "set", "soon", "off"), REFUSED, id="no day"),
        pytest.param(("calendar", "set", "2026-03-11", "maybe"), WRONG_USAGE, id="no kind"),
        pytest.param(("calendar", "hours", "9", "09:00-12:00"), REFUSED, id="no weekday"),
        pytest.param(("calendar", "hours", "1", "soon"), REFUSED, id="no hours"),
        pytest.param(("calendar", "show", "1800"), WRONG_USAGE, id="no such year"),
        pytest.param(("rules", "end", "0102", "99"), REFUSED, id="no such rule"),
        pytest.param(("rules", "copy", "310112999000"), REFUSED, id="no such town"),
        pytest.param(("rules", "set", "0102", "1", "--since", "2020-01-01"), REFUSED, id="a day that is over"),
    ],
)
def test_what_rules_and_calendar_cannot_be_is_told(district, wangge_on, arguments, code):
    answer = wangge_on(district, *arguments)
    assert answer[0] == code
    assert answer[2]
