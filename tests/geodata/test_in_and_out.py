"""Every table of co-governance comes in by an import and goes out by a sheet or collection, or says why not."""

import re

import pytest

from geodata.ingest import KINDS
from geodata.models import (
    Base,
    cooperation,
    evaluation,
    figures,
    meetings,
    network,
    pledges,
    points,
    registrations,
    roster,
    whistle,
)
from geodata.queries.sources import SOURCES
from geodata.services.sheets import SHEETS

MODULES = (
    cooperation,
    evaluation,
    figures,
    meetings,
    network,
    pledges,
    points,
    registrations,
    roster,
    whistle,
)
TABLES = sorted(
    mapper.class_.__tablename__
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ in {module.__name__ for module in MODULES}
)

# Rows that come and go with those of another kind.
WITH_ANOTHER = {"project_partner": "projects"}

# What is written by the program itself, as it happens: a file would make a history that was not.
NEVER_IN = {
    "project_event": "the history of a project is only added to; a stage that an import changes is one of its events",
    "joint_match": "a decision with the reasons of its moment; what came of it is in projects and demands",
    "pledge_kept": "evidence that hangs on an event of a ticket, which only the ticket's own course makes",
    "evaluation_run": "an evaluation as it was published; worked out here and never brought",
    "evaluation_row": "a line of a published evaluation; the ranking goes out as CSV from its page",
}


def comes_in():
    """Tables by the kinds of import that fill them."""
    found = {}
    for kind in KINDS:
        found.setdefault(kind.model.__tablename__, set()).add(kind.name)
    for table, kind in WITH_ANOTHER.items():
        assert kind in {one.name for one in KINDS}
        found.setdefault(table, set()).add(kind)
    return found


def goes_out():
    """Tables by the sheets and collections that hold their rows."""
    tables = {kind.name: kind.model.__tablename__ for kind in KINDS}
    found = {}
    for name in SHEETS:
        found.setdefault(tables[name], set()).add(f"sheet {name}")
    for id_, rows in SOURCES.items():
        # the rows of a collection are those of the table it begins with
        outer = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", rows)
        if first := re.search(r"FROM (\w+) AS", outer):
            found.setdefault(first[1], set()).add(f"collection {id_}")
    for table, kind in WITH_ANOTHER.items():
        found.setdefault(table, set()).add(f"sheet {kind}")
    return found


def test_the_tables_are_those_of_co_governance():
    assert {"project", "meeting_seat", "whistle_invitee", "roster_turn", "stated_figure", "duty_deputy"} <= set(TABLES)
    assert set(NEVER_IN) <= set(TABLES)


@pytest.mark.parametrize("table", [table for table in TABLES if table not in NEVER_IN])
def test_a_table_comes_in_and_goes_out(table):
    assert comes_in().get(table), f"no import fills {table}: write a kind, or say in NEVER_IN why there is none"
    assert goes_out().get(table), f"no sheet or collection has the rows of {table}"


@pytest.mark.parametrize("table", NEVER_IN)
def test_what_never_comes_in_has_no_import_and_a_reason(table):
    assert table not in comes_in()
    assert len(NEVER_IN[table]) > 20
