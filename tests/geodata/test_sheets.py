"""Records as sheets: what is given out comes in again unchanged."""

import pytest
from sqlalchemy import text

from geodata.db import session_on
from geodata.errors import NotFound
from geodata.formats.filetable import FORMS
from geodata.services.imports import import_file
from geodata.services.installation import installation
from geodata.services.sheets import SHEETS, sheet


@pytest.fixture(scope="module")
def town_hall(made_up):
    """The small made-up district, in which every kind of record has some rows."""
    return made_up()


def test_an_unknown_sheet_is_told_with_those_there_are():
    with pytest.raises(NotFound, match="memberships"):
        sheet("nothing")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SHEETS)
def test_what_a_sheet_gives_out_its_import_takes_back_unchanged(town_hall, tmp_path, name, form):
    wanted = sheet(name)
    with session_on(town_hall) as session:
        table = wanted.make(session)
        assert table.rows, "the made-up district has none of these"
        file = tmp_path / f"{name}.{form}"
        file.write_bytes(b"".join(table.pieces(form, sheet=wanted.kind.title_zh)))
        report = import_file(session, name, file)
        assert report.refused is None, report.problems[:3]
        assert (report.rows, report.stored, report.changed) == (len(table.rows), 0, 0)
        session.rollback()


@pytest.mark.parametrize("name", SHEETS)
def test_an_english_installation_gets_english_headings_that_come_in_too(town_hall, tmp_path, name):
    wanted = sheet(name)
    with session_on(town_hall) as session:
        installation(session).lang = "en"
        session.flush()
        table = wanted.make(session)
        assert all(heading.isascii() for heading in table.headings)
        file = tmp_path / f"{name}.csv"
        file.write_bytes(b"".join(table.pieces("csv", sheet=wanted.kind.title_zh)))
        report = import_file(session, name, file)
        assert (report.refused, report.stored, report.changed) == (None, 0, 0), report.problems[:3]
        session.rollback()


@pytest.mark.parametrize("name", SHEETS)
def test_no_sheet_writes_what_a_spreadsheet_would_run(town_hall, name):
    """A name that begins like a formula is written so that no spreadsheet works it out."""
    with session_on(town_hall) as session:
        session.execute(text("UPDATE member_unit SET name = '=1+1' || code"))
        content = b"".join(sheet(name).make(session).pieces("csv", sheet="x")).decode("utf-8-sig")
        session.rollback()
    assert "\n=1+1" not in content
    assert ",=1+1" not in content
