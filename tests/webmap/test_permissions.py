"""Who may do what, asked of every route there is: by each role, of its own town and of another."""

import pytest
from addresses import FORMS, address_of, form_of
from permission_table import STATUSES, lines
from sqlalchemy import text
from two_towns import CANARIES, OTHER_TOWN, OWN_TOWN, PASSWORD, ROLES

from geodata.catalog import COLLECTIONS
from geodata.db import session_on
from geodata.models import Ticket
from geodata.queries.readers import OF_A_READER
from geodata.services import permissions
from geodata.services.users import add_user


def routes(app):
    """All (method, rule) of the application."""
    return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_route_stands_in_the_table_and_no_other(world):
    known = [route for route, _words in lines()]
    assert len(known) == len(set(known))
    assert set(known) == routes(world.app), "a new route needs its line in TABLE: who is let in, and to what"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("route", "words"), [pytest.param(route, words, id=" ".join(route)) for route, words in lines()]
)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(world, route, words, role):
    method, rule = route
    own, _, other = words[role].partition("/")
    for is_other, word in enumerate((own, other or own)):
        before = world.stored() if word != "ok" else None
        answer = world.ask(
            role,
            method,
            address_of(rule, other=bool(is_other), method=method),
            form_of(rule, other=bool(is_other)) if method == "POST" else None,
        )
        assert answer.status_code in STATUSES[word], (word, answer.text[:300])
        if word != "ok":
            assert world.stored() == before


# Collections that are not for everybody, and who is let in; by hand, like the table above.
SIGNED_IN = {"visitor": 401}
GUARDED = {
    "tickets": SIGNED_IN,
    "meetings": SIGNED_IN,
    "whistle_calls": {"visitor": 401, "viewer": 403},
    "registrations": SIGNED_IN,
    "registrations_of_towns": SIGNED_IN,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda each: each.id)
def test_a_collection_is_for_everybody_unless_it_is_guarded(world, role, collection):
    expected = GUARDED.get(collection.id, {}).get(role, 200)
    for address in (f"/export/{collection.id}.geojson", f"/api/list/{collection.id}"):
        assert world.get(role, address).status_code == expected
    assert world.get(role, f"/tiles/{collection.id}/0/0/0.mvt").status_code in {expected, 204}


@pytest.mark.parametrize("id_", ["tickets", *sorted(OF_A_READER)])
def test_no_joint_tile_holds_what_is_not_the_same_for_everybody(world, id_):
    assert world.get("admin", f"/tiles/several/towns,{id_}/12/0/0.mvt").status_code == 404


def test_a_joint_tile_is_for_those_who_may_read_all_of_it(world):
    assert world.get("visitor", "/tiles/several/towns,meetings/12/0/0.mvt").status_code == 401


def test_an_office_reports_in_its_own_town_only(world):
    form = FORMS["/report"] | {"lon": "121.435", "seen": " ".join(world.numbers.values())}
    refused = world.ask("town_office", "POST", "/report", form)
    assert refused.status_code == 422
    assert "该位置属于其他街镇" in refused.text


def test_an_officer_sees_what_they_reported_themselves_wherever_it_lies(world):
    form = FORMS["/report"] | {"lon": "121.425", "lat": "31.115", "title": "隔壁街镇的占道"}
    answer = world.ask("officer", "POST", "/report", form)
    assert answer.status_code == 302
    assert "隔壁街镇的占道" in world.get("officer", answer.location).text
    assert world.get("town_office", answer.location).status_code == 404


# -- nothing is taken from a form but what it asks for -------------------------------------------------

SMUGGLED = {
    "id": "1",
    "number": "20000101-000001",
    "state": "closed",
    "role": "admin",
    "actor": "admin",
    "scope": "",
    "town_code": OTHER_TOWN,
    "unit_id": "1",
    "assignee": "admin",
    "reported_by": "admin",
    "reported_at": "2000-01-01",
    "created_at": "2000-01-01",
    "closed_at": "2000-01-01",
}


def test_what_a_form_does_not_ask_for_is_not_stored(world):
    form = FORMS["/report"] | {"lat": "31.118", "title": "夹带"} | SMUGGLED
    answer = world.ask("officer", "POST", "/report", form)
    number = answer.location.rpartition("/")[2]
    assert number != SMUGGLED["number"]
    with session_on(world.engine) as session:
        made = session.query(Ticket).filter_by(number=number).one()
        assert (made.town_code, made.reported_by, made.closed_at, made.reported_at.year > 2000) == (
            OWN_TOWN,
            "officer",
            None,
            True,
        )
        assert made.state != "closed"
        actors = session.execute(
            text("SELECT DISTINCT actor FROM ticket_event WHERE ticket_id = :id"), {"id": made.id}
        ).scalars()
        assert set(actors) == {"officer"}


@pytest.mark.parametrize(("role", "action"), [("unit", "close"), ("officer", "cancel"), ("unit", "supervise")])
def test_a_role_that_is_sent_along_with_a_move_is_not_believed(world, role, action):
    before = world.stored()
    answer = world.ask(role, "POST", f"/tickets/OWN/{action}", {"reason": "x"} | SMUGGLED)
    assert answer.status_code in {403, 409}
    assert world.stored() == before


# -- the table of the program ----------------------------------------------------------------------------

OFFICES = {"town_office", "district", "admin"}
SIGNED_IN = set(ROLES[1:])
HOLDERS = {
    "map.read": {"visitor"} | SIGNED_IN,
    "ticket.read": SIGNED_IN,
    "contact.read": {"officer", "planner"} | OFFICES,
    "ticket.report": {"officer"} | OFFICES,
    "ticket.intake": OFFICES,
    "ticket.assign": OFFICES,
    "ticket.handle": {"officer", "unit"} | OFFICES,
    "ticket.check": {"officer"} | OFFICES,
    "ticket.supervise": OFFICES,
    "ticket.approve": OFFICES,
    "ticket.merge": OFFICES,
    "ticket.handover": OFFICES,
    "ticket.follow": SIGNED_IN,
    "ticket.export": SIGNED_IN,
    "photo.read": SIGNED_IN - {"viewer"},
    "policy.read": {"officer", "planner"} | OFFICES,
    "policy.set": OFFICES,
    "rule.set": OFFICES,
    "siting.ask": {"planner"} | OFFICES,
    "index.read": SIGNED_IN,
    "report.read": SIGNED_IN - {"unit"},
    "address.find": SIGNED_IN,
    "place.decide": {"planner"} | OFFICES,
    "webhook.set": {"admin"},
    "user.set": {"admin"},
    "key.own": SIGNED_IN,
    "notice.read": SIGNED_IN,
    "view.save": SIGNED_IN,
    "network.set": OFFICES,
    "ground.set": {"planner"} | OFFICES,
    "area.set": {"planner"} | (OFFICES - {"town_office"}),
    "project.set": OFFICES,
    "resource.set": {"unit"} | OFFICES,
    "demand.set": {"officer"} | OFFICES,
    "match.decide": OFFICES,
    "pledge.set": {"unit"} | OFFICES,
    "registration.read": SIGNED_IN,
    "registration.set": OFFICES,
    "meeting.read": SIGNED_IN,
    "meeting.set": OFFICES,
    "whistle.read": {"officer", "unit", "planner"} | OFFICES,
    "whistle.call": {"officer"} | OFFICES,
    "whistle.answer": {"officer", "unit"} | OFFICES,
    "evaluation.read": SIGNED_IN,
    "evaluation.set": {"district", "admin"},
    "roster.set": OFFICES,
    "figure.set": {"district", "admin"},
    "data.import": {"planner", "district", "admin"},
    "open311.read": {"visitor"} | SIGNED_IN,
}


def test_each_action_is_held_by_those_whom_the_house_trusts_with_it():
    assert {action: set(permissions.roles_with(action)) for action in permissions.table()} == HOLDERS


@pytest.mark.parametrize("action", [action for action in HOLDERS if action.startswith("ticket.")])
def test_no_office_of_a_town_and_nobody_in_the_field_acts_beyond_their_own(action):
    far = {role for role in ("viewer", "officer", "unit", "town_office") if permissions.reach(action, role) == "all"}
    # whatever an officer walks past may be reported
    assert far == ({"officer"} if action == "ticket.report" else set())


def test_a_planner_of_one_area_reads_no_contacts(world):
    with session_on(world.engine) as session:
        add_user(session, "near", password=PASSWORD, role="planner", area_code=OWN_TOWN)
    browser = world.app.test_client()
    browser.post("/login", data={"name": "near", "password": PASSWORD})
    assert CANARIES["member_unit.liaison_phone"] not in browser.get("/units/U1").text
    assert CANARIES["member_unit.liaison_phone"] in world.get("planner", "/units/U1").text
