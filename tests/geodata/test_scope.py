"""What somebody may see is a condition of the query, and every query about tickets has it."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import mapbox_vector_tile
import pytest
from makers import SOUTH, WEST, add_areas, add_unit, at
from sqlalchemy import select, text

from geodata.catalog import COLLECTIONS, collection
from geodata.db import session_on
from geodata.errors import NotFound
from geodata.models import ROLES, DutyGrid, DutyGridCell, Ticket, User, UserDutyGrid
from geodata.queries import facets, locate, ticket_words, worklist
from geodata.queries.features import stream_geojson
from geodata.queries.found import found_tickets
from geodata.queries.listing import listing
from geodata.queries.positions import ticket_at
from geodata.queries.posters import area, open_tickets
from geodata.queries.scope import ALL, NOTHING, Scope, is_within
from geodata.queries.ticket_filter import GROUPS, NO_TICKETS, TicketFilter
from geodata.queries.tiles import tile
from geodata.services import history, permissions
from geodata.services.moves import move_ticket
from geodata.services.permissions import REACHES, VISITOR, Account, reach, ticket_scope
from geodata.services.pyramid import fold
from geodata.services.search import search
from geodata.services.tickets import ticket

NOW = datetime.now(UTC)
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
VILLAGES = ("310112101001", "310112101002", "310112102001")
GRIDS = (1001, 1002)


@pytest.fixture(scope="module")
def engine(clone):
    """The district of this file, filled once."""
    where = clone()
    with session_on(where) as session:
        fill(session)
    return where


@pytest.fixture
def made(session):
    """All tickets of the file's district."""
    return session.scalars(select(Ticket).order_by(Ticket.number)).all()


def fill(session):
    """300 tickets in two towns and nowhere, some with units, and two duty grids of two cells in the western town."""
    add_areas(session)
    units = [add_unit(session, f"U{i}", 1, 1, id=500 + i) for i in range(2)]
    for number, id_ in enumerate(GRIDS):
        session.add(DutyGrid(id=id_, scheme="s", code=f"D{number}", name="d", town_code=WEST_TOWN))
        session.flush()
        session.add_all(DutyGridCell(duty_grid_id=id_, cell_code=f"{VILLAGES[number]}{cell}") for cell in (0, 1))
    draw = random.Random(5)  # noqa: S311 - made-up records, no secret
    tickets = []
    for number in range(300):
        village = draw.choice([*VILLAGES, None])
        east, north = draw.uniform(0, 0.5), draw.uniform(0, 0.5)
        tickets.append(
            Ticket(
                number=f"20260101-{number:06}",
                source="patrol",
                category_code=draw.choice(["0501", "0301"]),
                title="东川路占道",
                state=draw.choice(["reported", "handling", "closed"]),
                reported_at=NOW - timedelta(days=draw.uniform(0, 5)),
                reported_by=draw.choice(["anna", "zhang"]),
                unit_id=draw.choice([None, *(unit.id for unit in units)]),
                town_code=village[:9] + "000" if village else None,
                village_code=village,
                cell_code=f"{village}{draw.randrange(3)}" if village else None,
                geom=f"SRID=4326;POINT({WEST + east / 100} {SOUTH + north / 100})" if draw.random() < 0.9 else None,
            )
        )
    session.add_all(tickets)


# Each with what it means, said plainly of one ticket.
SCOPES = {
    "all": (ALL, lambda _i: True),
    "nothing": (NOTHING, lambda _i: False),
    "town": (Scope(towns=(WEST_TOWN,)), lambda i: i.town_code == WEST_TOWN),
    "village": (
        Scope(towns=(WEST_TOWN,), villages=VILLAGES[:1]),
        lambda i: i.village_code == VILLAGES[0],
    ),
    "grids": (
        Scope(towns=(WEST_TOWN,), duty_grids=GRIDS),
        lambda i: i.cell_code in {f"{village}{cell}" for village in VILLAGES[:2] for cell in (0, 1)},
    ),
    "a grid and own reports": (
        Scope(towns=(WEST_TOWN,), duty_grids=GRIDS[:1], reporter="anna"),
        lambda i: i.cell_code in {VILLAGES[0] + "0", VILLAGES[0] + "1"} or i.reported_by == "anna",
    ),
    "unit": (Scope(towns=(), unit_id=501), lambda i: i.unit_id == 501),
}
EACH_SCOPE = pytest.mark.parametrize(("scope", "means"), SCOPES.values(), ids=list(SCOPES))


def drawn(session, tickets, z):
    """What the tiles about the tickets hold: properties of each feature."""
    x = int((WEST + 0.0025 + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(SOUTH + 0.0025))) / math.pi) / 2 * 2**z)
    around = [(0, 0)] if z < 12 else [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    contents = [tile(session, collection("tickets"), z=z, x=x + dx, y=y + dy, tickets=tickets) for dx, dy in around]
    layers = [mapbox_vector_tile.decode(content)["tickets"]["features"] for content in contents if content]
    return [feature["properties"] for features in layers for feature in features]


@EACH_SCOPE
@pytest.mark.parametrize("states", [(), ("new", "work", "check")], ids=["any state", "open"])
def test_every_answer_about_tickets_holds_those_of_the_scope_and_no_other(session, made, scope, means, states):
    tickets = TicketFilter(states=states, scope=scope)
    meant = [i for i in made if means(i) and (not states or i.state not in GROUPS["closed"])]
    numbers = {i.number for i in meant}
    placed = {i.number for i in meant if i.geom is not None}
    exported = b"".join(stream_geojson(session.connection(), collection("tickets"), tickets=tickets))
    assert {feature["id"] for feature in json.loads(exported)["features"]} == numbers
    listed = listing(session, collection("tickets"), box=None, limit=1000, tickets=tickets)
    assert ({row.properties["number"] for row in listed.rows}, listed.total) == (numbers, len(numbers))
    assert {line.number for line in worklist.lines(session, limit=1000, tickets=tickets)} == numbers
    assert facets.total(session, tickets) == len(numbers)
    counts = facets.ticket_counts(session, tickets)
    assert (counts.total, counts.placed) == (len(numbers), len(placed))
    assert sum(counts.state.values()) == len([i for i in made if means(i)])
    assert sum(counts.deadline.values()) == sum(facet.count for facet in counts.unit) == len(numbers)
    assert sum(week.count for week in counts.weeks) == len(numbers)
    assert {properties["number"] for properties in drawn(session, tickets, 16)} == placed
    fold(session)
    for z in (3, 11):
        assert sum(properties["count"] for properties in drawn(session, tickets, z)) == len(placed)


@EACH_SCOPE
def test_a_single_ticket_is_there_for_whoever_sees_it_and_for_nobody_else(session, made, scope, means):
    for each in made[:60]:
        asked = {
            "ticket": lambda number=each.number: ticket(session, number, scope=scope),
            "locked": lambda number=each.number: history.locked(session, number, scope=scope),
        }
        for ask in asked.values():
            if means(each):
                assert ask() is each
            else:
                with pytest.raises(NotFound) as foreign:
                    ask()
                with pytest.raises(NotFound) as missing:
                    ticket(session, "20260101-999999", scope=scope)
                assert str(foreign.value).replace(each.number, "20260101-999999") == str(missing.value)
        assert is_within(session, each.id, scope) == means(each)
        assert (worklist.line(session, each.number, scope=scope) is not None) == means(each)
        assert (ticket_at(session, each.number, scope=scope) is not None) == (means(each) and each.geom is not None)
    assert set(found_tickets(session, [i.number for i in made], scope=scope)) == {i.number for i in made if means(i)}


def test_a_move_of_a_ticket_out_of_sight_finds_none(session, made):
    foreign = next(i for i in made if i.town_code == EAST_TOWN and i.state == "handling")
    with pytest.raises(NotFound):
        move_ticket(session, foreign.number, "done", actor="anna", role="town_office", scope=Scope(towns=(WEST_TOWN,)))
    assert foreign.state == "handling"


@EACH_SCOPE
def test_what_is_near_and_what_is_searched_for_holds_those_of_the_scope_alone(session, made, scope, means):
    lon, lat = at(0.25, 0.25)
    here = {"lon": lon, "lat": lat, "metre_srid": 4549, "radius_m": 2000.0, "limit": 1000, "scope": scope}
    open_ = {i.number for i in made if means(i) and i.geom is not None and i.state != "closed"}
    assert {hit.number for hit in locate.open_tickets_near(session, **here)} == open_
    alike = locate.similar_tickets(session, **here, category="0501", since=NOW - timedelta(days=9))
    assert {hit.number for hit in alike} == open_ & {i.number for i in made if i.category_code == "0501"}
    meant = {i.number for i in made if means(i)}
    asked = {"scope": scope, "most": 1000}
    assert set(ticket_words.tickets_by_number(session, "20260101", **asked)) == meant
    assert set(ticket_words.tickets_by_words(session, "占道", **asked)) == meant
    assert set(ticket_words.tickets_of_categories(session, ["0501", "0301"], **asked)) == meant
    for typed in ("20260101-0", "占道", "噪声"):
        hits = {hit.key for hit in search(session, typed, scope=scope) if hit.kind == "ticket"}
        assert hits <= meant
        assert bool(hits) == bool(meant)
    busy = worklist.open_by_unit(session, scope=scope)
    assert sum(busy.values()) == len([i for i in made if means(i) and i.unit_id and i.state != "closed"])


def test_old_words_of_few_are_found_among_those_of_many(session, made, monkeypatch):
    monkeypatch.setattr(ticket_words, "NEWEST", 5)
    made[0].reported_at, made[0].title = NOW - timedelta(days=900), "老槐树倒伏"
    mine, others = (WEST_TOWN, EAST_TOWN) if made[0].town_code == WEST_TOWN else (EAST_TOWN, WEST_TOWN)
    made[0].town_code = mine
    session.flush()
    found = [
        ticket_words.tickets_by_words(session, "槐树", scope=Scope(towns=(town,)), most=6) for town in (mine, others)
    ]
    assert found == [[made[0].number], []]


@pytest.mark.parametrize("each", [c for c in COLLECTIONS if c.id != "tickets"], ids=lambda c: c.id)
def test_other_collections_are_not_touched_by_a_scope_of_tickets(session, made, each):
    shown = [
        (
            b"".join(stream_geojson(session.connection(), each, tickets=tickets)),
            tile(session, each, z=14, x=13717, y=6700, tickets=tickets),
            listing(session, each, box=None, limit=5, tickets=tickets),
        )
        for tickets in (TicketFilter(), NO_TICKETS)
    ]
    assert shown[0] == shown[1]


def test_a_filter_loses_its_conditions_but_never_its_scope():
    narrow = TicketFilter(states=("new",), areas=("x",), since=NOW.date(), scope=Scope(towns=("x",)))
    for name in ("states", "categories", "due", "units", "areas", "since", "until", "within", "period"):
        assert narrow.without(name).scope == narrow.scope
    with pytest.raises(KeyError):
        narrow.without("scope")
    assert not TicketFilter(scope=NOTHING).is_empty
    assert not TicketFilter(states=("new", "work", "check"), scope=Scope(towns=("x",))).is_open


@pytest.mark.parametrize(
    ("scope", "indexes"),
    [
        pytest.param(Scope(towns=(WEST_TOWN,)), {"ix_ticket_town_code"}, id="town"),
        pytest.param(Scope(towns=(), villages=VILLAGES[:1]), {"ix_ticket_village_code"}, id="village"),
        pytest.param(Scope(towns=(), unit_id=5), {"ix_ticket_unit_id"}, id="unit"),
        pytest.param(Scope(towns=(), duty_grids=GRIDS), {"ix_ticket_cell_code"}, id="grids"),
        pytest.param(
            Scope(towns=(), duty_grids=GRIDS, reporter="anna"),
            {"ix_ticket_cell_code", "ix_ticket_reported_by"},
            id="grids and own reports",
        ),
    ],
)
def test_a_scope_can_use_its_index(session, scope, indexes):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_indexonlyscan = off"))
    statement = text(f"EXPLAIN SELECT i.title FROM ticket AS i WHERE {scope.clause()}")
    plan = "\n".join(session.execute(statement, scope.values()).scalars())
    assert all(index in plan for index in indexes), plan


def test_the_poster_counts_open_tickets_of_its_area(session, made):
    told = open_tickets(session, area(session, VILLAGES[0]))
    assert sum(row.number for row in told) == len(
        [i for i in made if i.village_code == VILLAGES[0] and i.state != "closed"]
    )


# -- what an account makes of it -------------------------------------------------------------------

IN_GRIDS = Scope(towns=(WEST_TOWN,), duty_grids=GRIDS, reporter="anna")


@pytest.mark.parametrize(
    ("role", "facts", "scope"),
    [
        pytest.param("viewer", {}, ALL, id="a viewer of the district"),
        pytest.param("viewer", {"area_code": WEST_TOWN}, Scope(towns=(WEST_TOWN,)), id="a viewer of a town"),
        pytest.param(
            "viewer",
            {"area_code": VILLAGES[0]},
            Scope(towns=(WEST_TOWN,), villages=VILLAGES[:1]),
            id="a viewer of a village",
        ),
        pytest.param("town_office", {}, ALL, id="an office without an area has the district"),
        pytest.param("town_office", {"area_code": "310112"}, ALL, id="an office of the district's code"),
        pytest.param("town_office", {"area_code": EAST_TOWN}, Scope(towns=(EAST_TOWN,)), id="a town's office"),
        pytest.param("town_office", {"area_code": "999"}, Scope(towns=("999",)), id="an area that is gone is a limit"),
        pytest.param("officer", {}, ALL, id="an officer of the district"),
        pytest.param(
            "officer", {"area_code": EAST_TOWN}, Scope(towns=(EAST_TOWN,), reporter="anna"), id="an officer of a town"
        ),
        pytest.param("officer", {"grids": GRIDS}, IN_GRIDS, id="an officer of duty grids"),
        pytest.param("officer", {"grids": GRIDS, "area_code": WEST_TOWN}, IN_GRIDS, id="of grids in a town"),
        pytest.param("unit", {"unit_id": 501}, Scope(towns=(), unit_id=501), id="a unit"),
        pytest.param("unit", {}, NOTHING, id="nobody's unit"),
        pytest.param("planner", {"area_code": WEST_TOWN}, ALL, id="a planner"),
        pytest.param("district", {"area_code": WEST_TOWN}, ALL, id="the district"),
        pytest.param("admin", {}, ALL, id="the administrator"),
    ],
)
def test_what_an_account_sees_follows_from_its_role_and_work(session, made, role, facts, scope):
    user = User(
        name="anna",
        role=role,
        password_hash="",
        stamp="",
        **{name: value for name, value in facts.items() if name != "grids"},
    )
    session.add(user)
    session.flush()
    session.add_all(UserDutyGrid(user_id=user.id, duty_grid_id=grid) for grid in facts.get("grids", ()))
    session.flush()
    assert ticket_scope(session, Account.of(user)) == scope


def test_a_visitor_sees_no_ticket(session):
    assert ticket_scope(session, None) == NOTHING


def test_the_table_names_every_role_and_known_reaches():
    for action, row in permissions.table().items():
        assert set(row) == {VISITOR, *ROLES}, action
        assert set(row.values()) <= set(REACHES), action


def test_an_action_that_nobody_has_written_down_is_an_error():
    with pytest.raises(KeyError):
        reach("ticket.burn", "admin")
